"""How long to wait before trying a lost link again."""

from __future__ import annotations

_STEPS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class Backoff:
    """Waits grow from a tenth of a second, for a plug pulled and pushed back, to five seconds."""

    def __init__(self) -> None:
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        seconds = _STEPS[min(self._failures, len(_STEPS) - 1)]
        self._failures += 1
        return seconds

    def reset(self) -> None:
        """The link works: the next failure is a first one again."""
        self._failures = 0
