"""A camera's picture as a few cells, to compare pictures by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.recogniser import Image

Cells = NDArray[np.float32]
"""Rows x columns, brightness 0 to 255."""


def shrink(picture: Image, grid: tuple[int, int], pixels: int) -> Cells:
    """The picture in `grid` cells (across, down), each the mean of about `pixels` by `pixels` of it.

    So few of a large picture's carry enough, and converting all of them costs ten times more.
    """
    step = max(1, min(picture.shape[0] // (pixels * grid[1]), picture.shape[1] // (pixels * grid[0])))
    few = np.ascontiguousarray(picture[::step, ::step])
    gray = cv2.cvtColor(few, cv2.COLOR_BGR2GRAY) if few.ndim == 3 else few  # noqa: PLR2004 - colour
    return cv2.resize(gray, grid, interpolation=cv2.INTER_AREA).astype(np.float32)
