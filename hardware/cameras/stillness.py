"""Is the picture alive? A sensor's noise never stands still; a frozen encoder's picture does."""

from __future__ import annotations

import cv2
import numpy as np

from hardware.cameras.pictures import Grey

CHANGED_PART = 0.02
"""Of the picture's blocks. Less is the clock that many cameras write over a picture, frozen or not."""
_BLOCK = 8
"""Pixels a side, as encoders have them: the least noise changes one coefficient, and so many pixels."""
_LOOKS = 8
_SECONDS_BETWEEN_WHEN_FROZEN = 1.0


class Stillness:
    """Looks at a picture now and then, and tells when all looks within `limit` seconds were alike.

    Alike means equal to the last bit but for CHANGED_PART of the blocks, compared with the first of
    them, so that a slow change counts too. A limit of 0 never tells anything. Time is the caller's,
    in seconds.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._first: Grey | None = None
        self._since = 0.0
        self._looked: float | None = None
        self.frozen = False

    def due(self, now: float) -> bool:
        """Whether it is time for a look, which costs the decoding of a picture."""
        between = self._limit / _LOOKS
        if self.frozen:
            between = min(between, _SECONDS_BETWEEN_WHEN_FROZEN)
        return self._limit > 0 and (self._looked is None or now - self._looked >= between)

    def forget(self) -> None:
        """No frames came for a while: what stood meanwhile is not known, so nothing is proved yet."""
        self._first, self._looked, self.frozen = None, None, False

    def look(self, grey: Grey, now: float) -> None:
        """Take a look; `frozen` is true afterwards or not."""
        self._looked = now
        if self._first is None or changed_part(self._first, grey) > CHANGED_PART:
            self._first, self._since, self.frozen = grey, now, False
        elif now - self._since >= self._limit:
            self.frozen = True


def changed_part(one: Grey, other: Grey) -> float:
    """The part of the blocks in which anything differs, 0 to 1; 1 when the sizes differ."""
    if one.shape != other.shape:
        return 1.0
    height, width = (side // _BLOCK * _BLOCK for side in one.shape)
    apart = np.ascontiguousarray(cv2.absdiff(one, other)[:height, :width])
    # Eight pixels of a row at a time, as one number.
    rows = apart.view(np.uint64) != 0
    return float(rows.reshape(height // _BLOCK, _BLOCK, width // _BLOCK).any(axis=1).mean())
