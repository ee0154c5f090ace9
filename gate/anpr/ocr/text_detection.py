"""PP-OCR's text detector: a differentiable-binarisation map turned into rotated boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.nets import open_net
from gate.anpr.recogniser import Image

Quad = NDArray[np.float32]
"""Four corners: top left, top right, bottom right, bottom left."""

_STRIDE = 32
_INK = 0.3
_SURE = 0.5
_UNCLIP = 1.6
_MIN_SIDE = 3.0
_MOST_BOXES = 200


class TextDetector:
    """Boxes around lines of text, in the picture's own pixels."""

    def __init__(self, weights: Path, threads: int, longest_side: int) -> None:
        self._net = open_net(weights, threads)
        self._input = self._net.get_inputs()[0].name
        self._longest = longest_side

    def find(self, image: Image) -> list[Quad]:
        """Every line of text found, in no order."""
        height, width = image.shape[:2]
        ratio = min(1.0, self._longest / max(height, width))
        small_h = max(_STRIDE, round(height * ratio / _STRIDE) * _STRIDE)
        small_w = max(_STRIDE, round(width * ratio / _STRIDE) * _STRIDE)
        shrink = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
        small = cv2.resize(image, (small_w, small_h), interpolation=shrink)
        blob = cv2.dnn.blobFromImage(small, 1 / 127.5, mean=(127.5, 127.5, 127.5))
        ink = self._net.run(None, {self._input: blob})[0][0, 0]
        scale = np.array([width / small_w, height / small_h], dtype=np.float32)
        return [quad * scale for quad in _boxes(ink)]


def _boxes(ink: NDArray[np.float32]) -> list[Quad]:
    mask = cv2.dilate((ink > _INK).astype(np.uint8), np.ones((2, 2), dtype=np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    quads: list[Quad] = []
    for contour in contours[:_MOST_BOXES]:
        centre, (box_w, box_h), angle = cv2.minAreaRect(contour)
        if min(box_w, box_h) < _MIN_SIDE or _score(ink, contour) < _SURE:
            continue
        # The net is trained on shrunken boxes; growing them by area over girth gives the text back.
        grow = 2 * _UNCLIP * box_w * box_h / (2 * (box_w + box_h))
        quads.append(_upright(cv2.boxPoints((centre, (box_w + grow, box_h + grow), angle))))
    return quads


def _score(ink: NDArray[np.float32], contour: Any) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(inside, [contour - np.array([x, y])], 1)
    return float(cv2.mean(ink[y : y + height, x : x + width], inside)[0])


def _upright(corners: Any) -> Quad:
    """The corners in reading order, whatever angle OpenCV turned the box by."""
    points = np.asarray(corners, dtype=np.float32)
    points = points[np.argsort(points[:, 0], kind="stable")]
    left, right = points[:2], points[2:]
    left, right = left[np.argsort(left[:, 1])], right[np.argsort(right[:, 1])]
    return np.stack([left[0], right[0], right[1], left[1]])
