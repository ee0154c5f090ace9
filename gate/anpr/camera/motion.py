"""Whether a vehicle may be moving before a camera: what changes its picture, and is not light or a shake."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

from gate.anpr.camera.cells import Cells, shrink
from gate.anpr.recogniser import Image

_GRID, _PIXELS = (64, 36), 4
"""The part that is read, shrunk: rain, noise and a swaying twig are less than a cell."""
_AROUND = (7, 7)
"""Cells. What is as wide as this (a cloud's shade, a lamp's glow) is taken away with the mean around."""
_LEVELS = 10.0
"""Of 255, beyond what any neighbouring cell showed: a camera that shakes by a cell moves nothing."""
_BEHIND_SECONDS = 0.4
"""A frame is compared with one so much older: at walking pace a vehicle has moved by half a metre."""
_BEGINS, _GOES_ON = 0.07, 0.015
"""Shares of the cells. A vehicle that rolls in changes 20 to 30 in 100, a shaken pole or a walker 5."""
_FRAMES, _FOR_SECONDS = 3, 0.5
"""Motion begins once so many frames in a row, over at least so long, have shown it.

Longer than `_BEHIND_SECONDS`: a lamp, or a camera's change to its night picture, is seen for that long.
"""


class Motion:
    """One camera's region, frame by frame. Motion is hard to begin and easy to keep up."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, Cells]] = deque()
        self._rising: list[float] = []
        """When each of the frames in a row was captured that showed enough to begin."""
        self.moved = float("-inf")
        """When the newest frame that showed motion was captured (monotonic seconds)."""
        self.moving = False

    def see(self, picture: Image, captured: float) -> bool:
        """Take the next frame's part that is read; whether motion is going on."""
        cells = _local(shrink(picture, _GRID, _PIXELS))
        while len(self._kept) > 1 and self._kept[1][0] <= captured - _BEHIND_SECONDS:
            self._kept.popleft()
        share = _changed(self._kept[0][1], cells) if self._kept else 0.0
        self._kept.append((captured, cells))
        self._judge(share, captured)
        return self.moving

    def _judge(self, share: float, captured: float) -> None:
        if self.moving:
            self.moving = share >= _GOES_ON
            self._rising.clear()
        elif share >= _BEGINS:
            self._rising.append(captured)
            self.moving = len(self._rising) >= _FRAMES and captured - self._rising[0] >= _FOR_SECONDS
        else:
            self._rising.clear()
        if self.moving:
            self.moved = captured


def _local(cells: Cells) -> Cells:
    """What is narrower than a cloud's shade or a lamp's glow."""
    return np.asarray(cells - cv2.blur(cells, _AROUND), dtype=np.float32)


def _changed(before: Cells, now: Cells) -> float:
    """The share of cells that show what no cell beside them showed before."""
    around = np.ones((3, 3), dtype=np.uint8)
    above, below = cv2.dilate(before, around), cv2.erode(before, around)
    return float(np.mean((now > above + _LEVELS) | (now < below - _LEVELS)))
