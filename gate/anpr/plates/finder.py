"""Finds plates' corners in a picture: a look over all of it, then a closer one at each place found."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.nets import open_net
from gate.anpr.plates.gray import to_gray
from gate.anpr.plates.place import HEIGHT, WIDTH, Corners, Gray, cut_place, move
from gate.errors import DeviceError

WEIGHTS: Final = Path(__file__).parent / "weights"

_FINDER, _CORNERS = "finder.onnx", "corners.onnx"
_LONGEST_SIDES: Final = (640, 160)
"""A look costs by the pixel. Plates wider than a third of the picture show in the small copy alone."""
_STRIDE, _DEEPEST = 8, 32
_PAD = 112
"""Gray beyond the picture, as in training."""
_FAINT = 0.2
"""Heat from which a place is worth a closer look, which costs 0.3 ms."""
_MOST_PLACES = 8
_SURE = 0.5
_SAME = 0.25
"""Overlap (intersection over union) from which two finds are one plate."""
_MOST_PIXELS = 70_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A plate in a picture.

    `corners` (4 x 2, float32): top left, top right, bottom right, bottom left of its face, x and y in the
    picture's pixels (0 is its edge; a plate cut off by the edge has corners a little beyond). `score`: 0..1.
    """

    corners: Corners
    score: float


class PlateFinder:
    """The nets in `weights` (finder.onnx, corners.onnx), on at most `threads` processor threads.

    One thread at a time may use it. Raises DeviceError where the weights are missing.
    """

    def __init__(self, weights: Path, threads: int) -> None:
        missing = [name for name in (_FINDER, _CORNERS) if not (weights / name).is_file()]
        if missing:
            raise DeviceError(
                f"plate reading: {weights} lacks {', '.join(missing)}; install the gate package again, "
                "or make the weights with: python -m gate.anpr.training"
            )
        self._finder = open_net(weights / _FINDER, threads)
        self._corners = open_net(weights / _CORNERS, threads)

    def find(self, picture: NDArray[np.uint8]) -> list[Found]:
        """The plates in a gray (H, W) or BGR (H, W, 3) picture, the likeliest first, at most eight.

        Never raises for what a picture shows: one too small, too large (70 megapixels) or of other channels
        holds no plate.
        """
        gray = to_gray(picture) if prod(picture.shape[:2]) <= _MOST_PIXELS else None
        if gray is None:
            return []
        return _distinct(self._look_closely(gray, self.look_over(gray)))

    def look_over(self, gray: Gray) -> list[Found]:
        """The places worth a closer look, with rough corners: many are no plates."""
        height, width = gray.shape
        rough: list[Found] = []
        small = gray
        for longest in _LONGEST_SIDES:
            # Each copy is made from the one before: shrinking the whole frame twice would cost as much again.
            small = _shrunk(small, longest)
            scale = np.array([width / small.shape[1], height / small.shape[0]], dtype=np.float32)
            rough += [Found(found.corners * scale, found.score) for found in self._look_at(small)]
        return _distinct(rough)[:_MOST_PLACES]

    def _look_at(self, small: Gray) -> list[Found]:
        height, width = small.shape
        rows, columns = -(-height // _DEEPEST) * _DEEPEST, -(-width // _DEEPEST) * _DEEPEST
        canvas = np.full((1, 1, rows, columns), _PAD, dtype=np.uint8)
        canvas[0, 0, :height, :width] = small
        heat, corners = self._finder.run(None, {"picture": canvas})
        return _peaks(heat[0, 0], corners[0])

    def _look_closely(self, gray: Gray, rough: list[Found]) -> list[Found]:
        if not rough:
            return []
        places = np.empty((len(rough), 1, HEIGHT, WIDTH), dtype=np.uint8)
        ways = []
        for row, found in enumerate(rough):
            places[row, 0], way = cut_place(gray, found.corners)
            ways.append(way)
        looks = self._corners.run(None, {"picture": places})[0]
        finds = []
        for found, way, look in zip(rough, ways, looks, strict=True):
            if look[0] < _SURE:
                continue
            in_place = look[1:].reshape(4, 2) * np.array([WIDTH, HEIGHT], dtype=np.float32)
            corners = move(in_place, way, back=True)
            if _is_plate_shaped(corners):
                finds.append(Found(corners, float(np.sqrt(found.score * look[0]))))
        return finds


def _shrunk(gray: Gray, longest: int) -> Gray:
    height, width = gray.shape
    ratio = longest / max(height, width)
    if ratio >= 1:
        return gray
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _peaks(heat: NDArray[np.float32], offsets: NDArray[np.float32]) -> list[Found]:
    """Cells hotter than their neighbours, the hottest first, with the corners that they point at."""
    around = cv2.dilate(heat, np.ones((3, 3), dtype=np.uint8))
    rows, columns = np.nonzero((heat >= around) & (heat > _FAINT))
    hottest = np.argsort(-heat[rows, columns], kind="stable")[: 2 * _MOST_PLACES]
    found = []
    for row, column in zip(rows[hottest], columns[hottest], strict=True):
        middle = (np.array([column, row], dtype=np.float32) + np.float32(0.5)) * _STRIDE
        corners = offsets[:, row, column].reshape(4, 2) + middle
        if _is_plate_shaped(corners):
            found.append(Found(corners, float(heat[row, column])))
    return found


def _is_plate_shaped(corners: Corners) -> bool:
    """Convex, in order, and neither a speck nor a line."""
    if not np.isfinite(corners).all() or not cv2.isContourConvex(corners):
        return False
    area = float(cv2.contourArea(corners, oriented=True))
    width = float(np.linalg.norm(corners[1] - corners[0]))
    return area > 8 and 0.08 * width * width < area < 4 * width * width  # noqa: PLR2004 - shapes no plate has


def _distinct(found: list[Found]) -> list[Found]:
    """The likeliest of each set that overlaps, the likeliest first."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda each: -each.score):
        if not any(overlap(one.corners, other.corners) > _SAME for other in kept):
            kept.append(one)
    return kept


def overlap(one: Corners, two: Corners) -> float:
    """How far two convex quadrangles lie over each other: intersection over union, 0 to 1."""
    if (np.maximum(one.min(axis=0), two.min(axis=0)) >= np.minimum(one.max(axis=0), two.max(axis=0))).any():
        return 0.0
    both = float(cv2.intersectConvexConvex(one, two)[0])
    either = float(cv2.contourArea(one)) + float(cv2.contourArea(two)) - both
    return both / either if either > 0 else 0.0
