"""How good a picture a camera gives: exposure, sharpness and slant. Pure functions over gray pixels."""

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
_STROKE = 1 / 50
"""Of the plate's width: the thin strokes of a 520 mm plate are about 10 mm wide."""
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
    return 0.0 if smear is None else plate_width * _STROKE / max(smear.across, smear.down)


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
    """How a plate stands in the picture, in degrees."""

    roll: float
    """Of its long sides against the horizontal; positive is clockwise."""
    slant: float
    """Of its upright sides against the perpendicular of the long ones: what looking from the side and from
    above at once does; positive leans right."""


def measure_tilt(corners: Corners) -> Tilt:
    """From the middle lines of the four-sided figure."""
    along = corners[[1, 2]].sum(axis=0) - corners[[0, 3]].sum(axis=0)
    up = corners[[0, 1]].sum(axis=0) - corners[[3, 2]].sum(axis=0)
    roll = math.degrees(math.atan2(float(along[1]), float(along[0])))
    upright = math.degrees(math.atan2(float(up[0]), float(-up[1])))
    return Tilt(roll=roll, slant=upright - roll)
