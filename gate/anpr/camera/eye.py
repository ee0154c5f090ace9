"""One camera as the reader sees it: which of its frames are worth reading, and how good they are."""

from __future__ import annotations

from dataclasses import dataclass

from gate.anpr.boxes import Box
from gate.anpr.camera.measuring import measure
from gate.anpr.camera.quality import Qualities, Quality
from gate.anpr.camera.region import Region
from gate.anpr.camera.view import View
from gate.anpr.recogniser import Image, Recogniser
from gate.model import PlateCandidate

AGAIN_SECONDS = 0.5
"""A picture that does not change is read again this often: light changes too slowly to be seen as motion."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the frame that was read last showed. `captured` is monotonic seconds."""

    captured: float
    candidates: tuple[PlateCandidate, ...]


@dataclass(slots=True)
class Counts:
    """Frames since the start."""

    read: int = 0
    unchanged: int = 0
    """Passed over, for they showed what had been read already."""
    old: int = 0
    """Passed over, for it was too late to say who stands there."""


class Eye:
    """Knows its region, what was read of the present view, and its camera's quality.

    `views` is how often an unchanged view is read before its frames are passed over.
    """

    def __init__(self, region: Region, views: int, old_seconds: float) -> None:
        self._region = region
        self._views = views
        self._old = old_seconds
        self._view = View()
        self._of_this_view = 0
        self._read_at = float("-inf")
        self.counts = Counts()
        self.shown: Shown | None = None
        self.qualities = Qualities()

    def begin(self) -> None:
        """A passage begins: what was read for the one before says nothing of this one."""
        self._of_this_view = 0

    def is_worth_reading(self, image: Image, captured: float, now: float) -> bool:
        """Whether this frame may tell anything new; counted where it may not."""
        if now - captured > self._old:
            self.counts.old += 1
            return False
        part, _, _ = self._region.cut(image)
        if self._view.changed(part):
            self._of_this_view = 0
            return True
        if self._of_this_view >= self._views and captured - self._read_at < AGAIN_SECONDS:
            self.counts.unchanged += 1
            return False
        return True

    def read(self, recogniser: Recogniser, image: Image, captured: float) -> tuple[PlateCandidate, ...]:
        """What stands in the region, in the whole picture's pixels. Raises what the recogniser raises."""
        self.counts.read += 1
        self._of_this_view += 1
        self._read_at = captured
        self._view.keep()
        part, left, top = self._region.cut(image)
        height, width = image.shape[:2]
        placed = self._region.place(recogniser.read(part), (left, top), (width, height))
        self.shown = Shown(captured, placed)
        return placed

    def quality(self, image: Image, box: Box | None) -> Quality:
        """Of the frame that was read last, whose plate is `box`."""
        return measure(image, box, self._view.dark, self._view.clipped)
