"""How often a kiosk may be asked: generous for fingers, useless for guessing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

TRIES = 10
WINDOW_SECONDS = 10.0
LONGEST_BACK_OFF_SECONDS = 60.0
_FIRST_BACK_OFF_SECONDS = 2.0
_FORGIVEN_AFTER_SECONDS = 120.0


@dataclass(slots=True)
class _Record:
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=TRIES))
    back_off: float = 0.0
    blocked_until: float = float("-inf")


class Tries:
    """At most TRIES in WINDOW_SECONDS per key; who goes on waits, each time twice as long."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def ask(self, key: str, now: float) -> float:
        """Seconds to wait before the next try, or 0: this one counts. `now` is monotonic."""
        record = self._records.setdefault(key, _Record())
        if now < record.blocked_until:
            return record.blocked_until - now
        if now - record.blocked_until > _FORGIVEN_AFTER_SECONDS:
            record.back_off = 0.0
        if len(record.recent) == TRIES and now - record.recent[0] < WINDOW_SECONDS:
            record.back_off = min(max(record.back_off * 2, _FIRST_BACK_OFF_SECONDS), LONGEST_BACK_OFF_SECONDS)
            record.blocked_until = now + record.back_off
            return record.back_off
        record.recent.append(now)
        return 0.0
