"""What a camera has in view, and whether it has changed: what has not need not be read again."""

from __future__ import annotations

import numpy as np

from gate.anpr.camera.cells import Cells, shrink
from gate.anpr.recogniser import Image

_GRID, _PIXELS = (160, 90), 2
"""Cells the picture is shrunk to: one is about as wide as a stroke of a plate."""
_LEVELS = 9
"""Of 255. A cell is the mean of four pixels or more: a sensor's noise stays well below."""
_BLACK, _WHITE = 16, 250
_LEAST_CELLS = 6
"""A plate that moves by half its height changes twice as many; a fly does not."""


class View:
    """Compares pictures of one camera with the one that was kept last, cheaply.

    A cloud or a lamp that changes all of the picture alike changes nothing.
    """

    def __init__(self) -> None:
        self._kept: Cells | None = None
        self._newest: Cells | None = None
        self.dark = self.clipped = 0.0
        """Of the newest picture's cells, the share that is nearly black, and nearly white."""

    def changed(self, picture: Image) -> bool:
        """Whether the picture (or the part of it that is read) differs from the one kept; true at first."""
        cells = shrink(picture, _GRID, _PIXELS)
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
