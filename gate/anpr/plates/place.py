"""A place where a plate may be, cut out as the finder's second net sees it, in training as at the lane."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Corners = NDArray[np.float32]
"""4 x 2: top left, top right, bottom right, bottom left, x and y in pixels (0 is a picture's edge)."""

HEIGHT, WIDTH = 64, 128
"""Of a cut place, in pixels."""
ACROSS, ALONG = 0.5, 0.22
"""Shares of the rough corners' height and width that are kept around them."""


def cut_place(picture: Gray, rough: Corners) -> tuple[Gray, NDArray[np.float64]]:
    """HEIGHT x WIDTH around the `rough` corners; and the homography from the picture to that place.

    Beyond the picture its edge goes on. The corners must be convex and in order.
    """
    across = (rough[[3, 2]] - rough[[0, 1]]) * ACROSS
    along = (rough[[1, 2]] - rough[[0, 3]]) * ALONG
    grown = np.stack([
        rough[0] - across[0] - along[0],
        rough[1] - across[1] + along[0],
        rough[2] + across[1] + along[1],
        rough[3] + across[0] - along[1],
    ]).astype(np.float32)  # fmt: skip
    shrink = min(
        float(np.linalg.norm(grown[1] - grown[0])) / WIDTH,
        float(np.linalg.norm(grown[3] - grown[0])) / HEIGHT,
    )
    offset, scale = np.zeros(2, dtype=np.float32), np.ones(2, dtype=np.float32)
    if shrink >= 2:  # noqa: PLR2004 - without averaging first, strokes would alias away
        picture, offset, scale = _shrunk(picture, grown, int(shrink))
    ends = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float32)
    # Corners count from a picture's edge, OpenCV from its first pixel's middle.
    matrix = cv2.getPerspectiveTransform((grown - offset) * scale - 0.5, ends - np.float32(0.5))
    place = cv2.warpPerspective(
        picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(place, dtype=np.uint8), np.asarray(
        cv2.getPerspectiveTransform(grown, ends), dtype=np.float64
    )


def move(points: NDArray[np.float32], way: NDArray[np.float64], *, back: bool = False) -> Corners:
    """Points (n x 2) through a homography, or back again."""
    matrix = np.linalg.inv(way) if back else way
    return np.asarray(
        cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), matrix)[:, 0], dtype=np.float32
    )


def _shrunk(picture: Gray, corners: Corners, times: int) -> tuple[Gray, Corners, Corners]:
    height, width = picture.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), (left + 1, top + 1), (width, height))
    part = picture[top:bottom, left:right]
    size = (max(1, part.shape[1] // times), max(1, part.shape[0] // times))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    scale = np.array([size[0] / part.shape[1], size[1] / part.shape[0]], dtype=np.float32)
    return np.asarray(small, dtype=np.uint8), np.array([left, top], dtype=np.float32), scale
