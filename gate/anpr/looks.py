"""One plate in one frame, and which frames are looks of their own.

Frames of a vehicle that stands still are one picture taken many times: the mud, the shadow and the angle
are the same in each, and so is the mistake. Only a look that differs is another witness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import hypot, sqrt

from gate.model import PlateCandidate

Box = tuple[int, int, int, int]
"""x, y, w, h in pixels."""

_MOVED = 0.5
"""In plate heights: then another part of the lens, another reflection, another grid of pixels."""
_GREW = 1.1
_SHARPER = 1.5


@dataclass(frozen=True)
class Look:
    """What one frame showed of one plate. `captured` is monotonic seconds, `sharpness` > 0."""

    sequence: int
    captured: float
    sharpness: float
    candidate: PlateCandidate

    @cached_property
    def characters(self) -> tuple[float, ...]:
        """How sure each sign is; the whole mark's confidence where the engine cannot tell them apart."""
        mark, characters = self.candidate.mark, self.candidate.characters
        if len(characters) == len(mark):
            return characters
        return (self.candidate.confidence,) * len(mark)

    @cached_property
    def weight(self) -> float:
        """How much it counts beside others: a frame twice as sharp is not twice as right, hence the root."""
        return sqrt(self.sharpness) * max(self.candidate.confidence, 0.01)

    @property
    def height(self) -> int:
        """Of its box, at least 1."""
        return max(1, self.candidate.box[3])


def apart(one: Box, other: Box) -> float:
    """Between the middles of two boxes, in heights of the higher."""
    across = one[0] + one[2] / 2 - other[0] - other[2] / 2
    down = one[1] + one[3] / 2 - other[1] - other[3] / 2
    return hypot(across, down) / max(1, one[3], other[3])


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def ratio(one: float, other: float) -> float:
    """The greater by the lesser."""
    return max(one, other) / max(min(one, other), 1e-9)


def views(looks: Iterable[Look]) -> list[list[Look]]:
    """The looks sorted into those that show the same: each list is one witness, its best look first.

    Whatever order the looks come in, the views are the same.
    """
    found: list[list[Look]] = []
    for look in sorted(looks, key=lambda look: (-look.weight, look.sequence)):
        home = next((view for view in found if not _differ(view[0], look)), None)
        if home is None:
            found.append([look])
        else:
            home.append(look)
    return found


def _differ(one: Look, other: Look) -> bool:
    return (
        apart(one.candidate.box, other.candidate.box) >= _MOVED
        or ratio(one.height, other.height) >= _GREW
        or ratio(one.sharpness, other.sharpness) >= _SHARPER
    )
