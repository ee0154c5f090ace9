"""How often a source may send: its bucket refills steadily, and few requests are in hand at a time."""

from __future__ import annotations

BURST = 20
PER_SECOND = 4.0
"""A vehicle is one read, a Digest log-in twice the requests, a recorder several lanes."""
IN_HAND = 4
"""Bodies of one source in memory at a time."""


class Pace:
    """One source's allowance. `now` is monotonic."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._at: float | None = None
        self._in_hand = 0

    def enter(self, now: float) -> bool:
        """Whether one more may come in now; if so, call `leave` when it is done."""
        if self._at is not None:
            self._left = min(float(BURST), self._left + (now - self._at) * PER_SECOND)
        self._at = now
        if self._left < 1 or self._in_hand >= IN_HAND:
            return False
        self._left -= 1
        self._in_hand += 1
        return True

    def leave(self) -> None:
        """One that came in is done."""
        self._in_hand -= 1
