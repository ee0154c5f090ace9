"""Which read belongs to which labelled plate."""

from __future__ import annotations

from collections.abc import Sequence

from gate.anpr.bench.labels import Box
from gate.model import PlateCandidate

FOUND = 0.5
"""Intersection over union of a plate that counts as found: an engine that finds plates."""
TOUCHED = 0.25
"""The same for engines that find text: a line of text is tighter than the plate around it, and a little
more than a quarter of a plate with a strip, a frame and a dealer's name is its mark."""


def overlap(one: Box, two: Box) -> float:
    """Intersection over union, 0 to 1."""
    across = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    down = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (one[2] * one[3] + two[2] * two[3] - both)


def best_overlap(box: Box, reads: Sequence[PlateCandidate]) -> float:
    """How well any read covers the box."""
    return max((overlap(box, read.box) for read in reads), default=0.0)


def read_of_each(boxes: Sequence[Box], reads: Sequence[PlateCandidate]) -> list[PlateCandidate | None]:
    """For each box the read that lies on it, none for two boxes; the best covered pair first."""
    pairs = sorted(
        (
            (overlap(box, read.box), -at, -which)
            for at, box in enumerate(boxes)
            for which, read in enumerate(reads)
        ),
        reverse=True,
    )
    taken: dict[int, int] = {}
    for covered, at, which in pairs:
        if covered >= TOUCHED and -at not in taken and -which not in taken.values():
            taken[-at] = -which
    return [reads[taken[at]] if at in taken else None for at in range(len(boxes))]
