"""Debouncing of bare contacts, leaning to the safe side."""

from __future__ import annotations

from gate.lanes.events import Occupancy


class ClearDelay:
    """Occupied counts at once; clear counts only after it has held for `seconds`.

    A lorry's drawbar leaves a loop for a moment between two axles: a barrier lowered there hits
    the trailer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._clear_since: float | None = None
        self._state = Occupancy.UNKNOWN

    def sample(self, occupied: bool, now: float) -> Occupancy:
        """The debounced state after one more sample at monotonic `now`."""
        if occupied:
            self._clear_since = None
            self._state = Occupancy.OCCUPIED
            return self._state
        if self._clear_since is None:
            self._clear_since = now
        if now - self._clear_since >= self._seconds:
            self._state = Occupancy.CLEAR
        return self._state

    def forget(self) -> None:
        """The contact was out of sight: it is unknown until it has held again."""
        self._clear_since = None
        self._state = Occupancy.UNKNOWN
