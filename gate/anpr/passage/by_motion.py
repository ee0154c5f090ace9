"""Readings that motion starts, where no detector does: they tell who comes, and nothing waits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gate.anpr.camera.motion import Motion
from gate.anpr.camera.region import Region
from gate.anpr.passage.pairing import Pairing
from gate.anpr.passage.standing import Standing
from gate.anpr.passage.watch import Source
from gate.model import PlateRead
from gate.settings import AnprSettings

_STILL_SECONDS = 1.5
"""A picture that has been still for so long ends its reading."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 10.0
"""After a reading that told nobody new: doubled each time, so that a night of rain costs little.

What moved meanwhile is read once it is over: a vehicle that came in a pause is late, not lost.
"""

OnSeen = Callable[[str, PlateRead, PlateRead | None], None]
"""(point, read, the rear camera's): a vehicle that was not told of yet."""


@dataclass(slots=True)
class _Scene:
    motion: Motion = field(default_factory=Motion)
    standing: Standing = field(default_factory=Standing)
    sequence: int = 0
    newest: float = float("-inf")
    looked: float = float("-inf")
    passage: str | None = None
    began: float = float("-inf")
    still_looks: int = 0
    owed: bool = False
    """Something moved in the pause."""
    again: float = float("-inf")
    """The pause is over then."""
    pause: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)


class ByMotion:
    """Watches the frames of these cameras; starts and ends their readings. Time is that of the frames.

    `regions` names the cameras (points) and the part of each that counts. A reading ends with a sure read,
    with a still picture, or when its time is over. Only a read of a vehicle not told of yet is told; what
    came to nothing is counted.
    """

    def __init__(
        self,
        settings: AnprSettings,
        regions: Mapping[str, Region],
        sources: Mapping[str, Source],
        pairing: Pairing,
        seen: OnSeen,
    ) -> None:
        self._settings = settings
        self._regions = dict(regions)
        self._sources = sources
        self._pairing = pairing
        self._seen = seen
        self._scenes = {point: _Scene() for point in regions}
        self._number = 0

    @property
    def points(self) -> frozenset[str]:
        """The points read by motion."""
        return frozenset(self._scenes)

    def counts_of(self, point: str) -> dict[str, int]:
        """What came of this point's readings since the start: sure, unsure, again, empty."""
        scene = self._scenes.get(point)
        return dict(scene.outcomes) if scene is not None else {}

    def look(self, now: float) -> None:
        """Take the newest frame of each of these cameras."""
        for point, scene in self._scenes.items():
            frame = self._sources[point].latest(scene.sequence)
            if frame is None:
                continue
            scene.sequence = frame.sequence
            if now - frame.captured > self._settings.frame_seconds:
                continue
            part, _, _ = self._regions[point].cut(frame.image)
            moving = scene.motion.see(part, frame.captured)
            scene.newest = frame.captured
            if scene.passage is None:
                self._wait(point, scene, moving=moving)
            else:
                self._go_on(point, scene, scene.passage)

    def answered(self, point: str, read: PlateRead | None, trailer: PlateRead | None) -> None:
        """The answer to a reading started here."""
        scene = self._scenes[point]
        self._note_shown(point, scene)
        scene.passage = None
        outcome = "empty"
        if read is not None:
            new = scene.standing.is_new(read, scene.newest)
            outcome = ("sure" if read.sure else "unsure") if new else "again"
        scene.outcomes[outcome] += 1
        longer = min(_LONGEST_PAUSE_SECONDS, max(_FIRST_PAUSE_SECONDS, 2 * scene.pause))
        scene.pause = 0.0 if outcome == "sure" else longer
        scene.again = scene.newest + scene.pause
        if read is not None and outcome in ("sure", "unsure"):
            self._seen(point, read, trailer)

    def _wait(self, point: str, scene: _Scene, *, moving: bool) -> None:
        scene.owed = scene.owed or moving
        if not scene.owed or scene.newest < scene.again:
            return
        scene.owed = False
        self._number += 1
        scene.passage, scene.began, scene.still_looks = f"motion-{self._number}", scene.newest, 0
        scene.standing.begin()
        self._pairing.start(point, scene.passage, scene.newest, self._settings.give_up_seconds)

    def _go_on(self, point: str, scene: _Scene, passage: str) -> None:
        looked = self._note_shown(point, scene)
        since = max(scene.motion.moved, scene.began)
        if scene.motion.moving:
            scene.still_looks = 0
        elif looked:
            scene.still_looks += 1
        # A busy reader has not looked at the still picture yet, which shows the plate best.
        enough = scene.still_looks > self._settings.frames
        if enough and scene.newest - since >= _STILL_SECONDS:
            self._pairing.give_up(point, passage)

    def _note_shown(self, point: str, scene: _Scene) -> bool:
        shown = self._pairing.watch.shown_at(point)
        if shown is None or shown.captured <= max(scene.looked, scene.began):
            return False
        scene.looked = shown.captured
        scene.standing.look(shown)
        return True
