"""Is the picture alive? A sensor's noise never stands still; a frozen encoder's picture does."""

from __future__ import annotations

import numpy as np

from hardware.cameras.pictures import Sketch

CHANGED_PART = 0.02
"""Of the sketch. Less is the clock that many cameras write over a picture, frozen or not."""
_LOOKS = 8
_MOST_SECONDS_BETWEEN = 1.0


class Stillness:
    """Looks at a picture now and then, and tells when all looks within `limit` seconds were alike.

    Alike means equal but for CHANGED_PART of the sketch, compared with the first of them, so that a
    slow change counts too. A limit of 0 never tells anything. Time is the caller's, in seconds.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._between = min(_MOST_SECONDS_BETWEEN, limit / _LOOKS)
        self._first: Sketch | None = None
        self._since = 0.0
        self._looked: float | None = None
        self.frozen = False

    def due(self, now: float) -> bool:
        """Whether it is time for a look."""
        return self._limit > 0 and (self._looked is None or now - self._looked >= self._between)

    def look(self, sketch: Sketch, now: float) -> None:
        """Take a look; `frozen` is true afterwards or not."""
        # A gap, as after a lost link, proves nothing: what stood between is not known.
        gap = self._looked is not None and now - self._looked > self._limit
        self._looked = now
        if self._first is None or gap or _differ(self._first, sketch):
            self._first, self._since, self.frozen = sketch, now, False
        elif now - self._since >= self._limit:
            self.frozen = True


def _differ(one: Sketch, other: Sketch) -> bool:
    return one.shape != other.shape or int(np.count_nonzero(one != other)) > CHANGED_PART * one.size
