"""Where a plate lies in a picture, and how two places lie to each other."""

from __future__ import annotations

from math import hypot

Box = tuple[int, int, int, int]
"""x, y, w, h in pixels."""
_Place = tuple[float, float, float, float]
"""The same, of labels too, which may lie between pixels."""


def apart(one: Box, other: Box) -> float:
    """Between the middles of two boxes, in heights of the higher."""
    across = one[0] + one[2] / 2 - other[0] - other[2] / 2
    down = one[1] + one[3] / 2 - other[1] - other[3] / 2
    return hypot(across, down) / max(1, one[3], other[3])


def overlap(one: _Place, other: _Place) -> float:
    """Intersection over union, 0 to 1."""
    both = _both(one, other)
    return both / (one[2] * one[3] + other[2] * other[3] - both) if both else 0.0


def cover(one: _Place, other: _Place) -> float:
    """Intersection over the smaller of the two, 0 to 1: how much of it the other hides."""
    both = _both(one, other)
    return both / min(one[2] * one[3], other[2] * other[3]) if both else 0.0


def _both(one: _Place, other: _Place) -> float:
    """The area that both have."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)
