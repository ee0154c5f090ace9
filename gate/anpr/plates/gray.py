"""A picture as the nets see it, in gray."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.place import Gray

_SMALLEST: Final = 16
_LONGEST_SIDE: Final = 30_000
"""OpenCV warps no picture whose sides want more than 15 bits."""


def to_gray(picture: NDArray[np.uint8]) -> Gray | None:
    """A gray (H, W) or BGR (H, W, 3) picture in gray; None for what cannot be looked at.

    That is another shape or type, a side under 16 pixels, or one over 30 000.
    """
    if picture.dtype != np.uint8 or picture.ndim not in {2, 3}:
        return None
    if min(picture.shape[:2]) < _SMALLEST or max(picture.shape[:2]) > _LONGEST_SIDE:
        return None
    if picture.ndim == 2:  # noqa: PLR2004 - gray already
        return np.ascontiguousarray(picture)
    if picture.shape[2] != 3:  # noqa: PLR2004 - BGR
        return None
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
