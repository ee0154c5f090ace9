"""How good a picture a camera gives: exposure, sharpness, size and tilt. Pure functions over gray pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""Height x width."""
Corners = NDArray[np.float32]
"""4 x 2: top left, top right, bottom right, bottom left of the plate's face, x and y in pixels."""

DARK, BRIGHT = 20, 250
"""Gray levels at and beyond which nothing is told apart any more: noise below, clipped above."""
_LOW, _HIGH = 0.05, 0.95
"""Shares of the pixels between which contrast is taken: a lamp or a screw is not the plate's contrast."""
_EDGE = 0.98
"""Share of the pixels whose slope is below that of an edge: about one in twenty lies on a stroke's side."""
_MOVING = 1.5
STROKE = 1 / 50
"""Of a plate's width is a thin stroke's: about 10 mm of 520."""
WANTED_WIDTH = 110
"""Pixels across a plate, from which readers are sure (docs/plate-reading.md)."""
_LONG_PLATE, _SHORT_PLATE = (520.0, 110.0), (305.0, 155.0)
"""Millimetres."""
_SQUARISH = 2.6
"""Width over height below which a plate is taken for a short one."""
_LEAST_SIDE = 4
"""Pixels; a smaller part has no edges to measure."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """The light in a picture or a part of one."""

    mean: float
    """Gray levels, 0..255."""
    dark_share: float
    """Of the pixels at DARK or below, 0..1."""
    bright_share: float
    """Of the pixels at BRIGHT or above, 0..1."""
    contrast: float
    """Gray levels between the darkest and the brightest twentieth, 0..255."""


def measure_exposure(gray: Gray) -> Exposure:
    """The light in `gray`. ValueError when it holds no pixel."""
    if gray.size == 0:
        raise ValueError("no pixels to measure")
    counts = cv2.calcHist([np.ascontiguousarray(gray)], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    shares = counts / counts.sum()
    below = np.cumsum(shares)
    low, high = np.searchsorted(below, (_LOW, _HIGH))
    return Exposure(
        mean=float(shares @ np.arange(256)),
        dark_share=float(below[DARK]),
        bright_share=float(shares[BRIGHT:].sum()),
        contrast=float(high - low),
    )


@dataclass(frozen=True, slots=True)
class Smear:
    """Over how many pixels an edge goes from dark to bright: about 1 at the sharpest."""

    across: float
    """Left to right: what a vehicle passing by smears."""
    down: float
    """Top to bottom."""

    @property
    def moving(self) -> bool:
        """Much wider across than down: movement, and not a lens out of focus."""
        return self.across > _MOVING * self.down


def measure_smear(part: Gray) -> Smear | None:
    """How far the edges in `part` are smeared. None where there is none: too small, or all of one gray."""
    if min(part.shape[:2]) < _LEAST_SIDE:
        return None
    contrast = measure_exposure(part).contrast
    levels = part.astype(np.float32)
    # Slopes are averaged along the edge they stand on: noise goes, the edge stays.
    slopes = [
        float(np.quantile(np.abs(cv2.blur(np.diff(levels, axis=axis), kernel)), _EDGE))
        for axis, kernel in ((1, (1, 3)), (0, (3, 1)))
    ]
    if contrast < 1 or min(slopes) <= 0:
        return None
    return Smear(across=max(1.0, contrast / slopes[0]), down=max(1.0, contrast / slopes[1]))


def sharpness(part: Gray, plate_width: float) -> float:
    """A thin stroke's width over the smear of the edges in `part`, the plate's own pixels; 0 without any.

    From about 1 a stroke keeps its full contrast; below about 0.5 neighbouring strokes run together. Being
    relative to `plate_width` (pixels), it says the same of a far plate and a near one, and a small plate is
    never sharp.
    """
    smear = measure_smear(part)
    return 0.0 if smear is None else plate_width * STROKE / max(smear.across, smear.down)


@dataclass(frozen=True, slots=True)
class PlateSize:
    """Of a plate's face in the picture, in pixels, along its own sides."""

    width: float
    height: float


def plate_size(corners: Corners) -> PlateSize:
    """The mean of the two long sides and of the two upright ones."""
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return PlateSize(width=float(top + bottom) / 2, height=float(right + left) / 2)


@dataclass(frozen=True, slots=True)
class Tilt:
    """How the camera looks at a plate, in degrees."""

    roll: float
    """Of the plate's long sides against the horizontal of the picture; positive is clockwise."""
    aside: float
    """From how far to the side it is looked at, 0..90. Which side is not told."""
    above: float
    """From how far above (or below)."""


def measure_tilt(corners: Corners) -> Tilt:
    """By what it does to a plate of 520 x 110 mm, or 305 x 155 mm where it looks much less long than that.

    A long plate seen from more than about 57 degrees aside looks like a short one, and is taken for it. A
    pixel of error at a corner of a small plate may be ten degrees near the straight view, few beyond 40.
    """
    size = plate_size(corners)
    long = size.width >= _SQUARISH * size.height
    width, height = _LONG_PLATE if long else _SHORT_PLATE
    along = (corners[[1, 2]].sum(axis=0) - corners[[0, 3]].sum(axis=0)) / (2 * width)
    down = (corners[[3, 2]].sum(axis=0) - corners[[0, 1]].sum(axis=0)) / (2 * height)
    # A flat thing from afar: both are columns of a rotation, cut to two rows, times one scale. Columns of a
    # rotation have length one and stand upright on each other, which settles scale and the third row.
    a, b, c = float(along @ along), float(down @ down), float(along @ down)
    scale = (a + b + math.hypot(a - b, 2 * c)) / 2
    if scale <= 0:
        return Tilt(0.0, 0.0, 0.0)
    aside, above = (math.degrees(math.asin(math.sqrt(max(0.0, 1 - part / scale)))) for part in (a, b))
    return Tilt(math.degrees(math.atan2(float(along[1]), float(along[0]))), aside, above)
