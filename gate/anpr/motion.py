"""Whether anything stirs before a camera: what has not changed need not be read again."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.recogniser import Image

_GRID = (160, 90)
"""Cells the picture is shrunk to: one is about as wide as a stroke of a plate."""
_LEVELS = 9
"""Of 255. A cell is the mean of at least four pixels: a sensor's noise stays well below."""
_LEAST_CELLS = 6
"""A plate that moves by half its height changes twice as many; a fly does not."""


class Motion:
    """Compares pictures of one camera with the one that was kept last, cheaply.

    A cloud or a lamp that changes all of the picture alike is no motion.
    """

    def __init__(self) -> None:
        self._kept: NDArray[np.float32] | None = None
        self._newest: NDArray[np.float32] | None = None
        self.dark = self.clipped = 0.0
        """Of the newest picture's cells, the share that is nearly black, and nearly white."""

    def stirs(self, picture: Image) -> bool:
        """Whether the picture (or the part of it that is read) differs from the one kept; true at first."""
        cells = _shrunk(picture)
        self._newest = cells
        self.dark = float(np.mean(cells <= _BLACK))
        self.clipped = float(np.mean(cells >= _WHITE))
        if self._kept is None:
            return True
        difference = cells - self._kept
        difference -= np.median(difference)
        return int(np.count_nonzero(np.abs(difference) > _LEVELS)) >= _LEAST_CELLS

    def keep(self) -> None:
        """The newest picture is what later ones are compared with."""
        self._kept = self._newest


_BLACK, _WHITE = 16, 250


def _shrunk(picture: Image) -> NDArray[np.float32]:
    # Every fourth pixel of every fourth row carries enough, and a full-size conversion costs ten times more.
    step = max(1, min(picture.shape[0] // (2 * _GRID[1]), picture.shape[1] // (2 * _GRID[0])))
    few = np.ascontiguousarray(picture[::step, ::step])
    gray = cv2.cvtColor(few, cv2.COLOR_BGR2GRAY) if few.ndim == 3 else few  # noqa: PLR2004 - colour
    return cv2.resize(gray, _GRID, interpolation=cv2.INTER_AREA).astype(np.float32)
