"""A plate seen from straight ahead: what the recogniser is shown, in training as at the lane."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 64, 192
"""Of a strip, in pixels, whatever the plate's own shape: two-line plates come out stretched."""
ACROSS, ALONG = 0.12, 0.04
"""Margin kept around the corners, as a share of the plate's height and width: corners are never exact."""

Corners = NDArray[np.float32]
"""4 x 2: top left, top right, bottom right, bottom left of the plate's face, x and y in pixels."""
Gray = NDArray[np.uint8]
"""Height x width."""


def straighten_plate(picture: Gray, corners: Corners) -> Gray:
    """HEIGHT x WIDTH of the plate inside `corners`, with margins; beyond the picture its edge goes on."""
    across = (corners[[3, 2]] - corners[[0, 1]]) * ACROSS
    along = (corners[[1, 2]] - corners[[0, 3]]) * ALONG
    grown = np.stack([
        corners[0] - across[0] - along[0],
        corners[1] - across[1] + along[0],
        corners[2] + across[1] + along[1],
        corners[3] + across[0] - along[1],
    ]).astype(np.float32)  # fmt: skip
    # A large plate shrinks by more than two: without averaging first, its strokes would alias away.
    shrink = min(
        float(np.linalg.norm(grown[1] - grown[0])) / WIDTH,
        float(np.linalg.norm(grown[3] - grown[0])) / HEIGHT,
    )
    if shrink >= 2:  # noqa: PLR2004 - see above
        picture, grown = _shrunk(picture, grown, int(shrink))
    ends = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(grown, ends)
    flat = cv2.warpPerspective(
        picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, dtype=np.uint8)


def _shrunk(picture: Gray, corners: Corners, times: int) -> tuple[Gray, Corners]:
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), (left + 1, top + 1), (width, height))
    part = picture[top:bottom, left:right]
    small = cv2.resize(
        part, (max(1, part.shape[1] // times), max(1, part.shape[0] // times)), interpolation=cv2.INTER_AREA
    )
    scale = np.array([small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]], dtype=np.float32)
    return np.asarray(small, dtype=np.uint8), (corners - np.array([left, top], dtype=np.float32)) * scale
