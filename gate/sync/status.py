"""Whether the other end is there, in words, and how long to wait before asking again."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from prometheus_client import Gauge

log = structlog.get_logger()

CONNECTED = Gauge("gate_central_connected", "1 while central answers this direction", ["direction"])

_LONGEST_WAIT = 10.0


class LinkStatus:
    """One direction's link. Logs when it changes, not while it lasts."""

    def __init__(self, direction: str, since: datetime) -> None:
        self._direction = direction
        self._away_since: datetime | None = since
        self._reason = "not reached yet"
        self._failures = 0
        self._note: str | None = None
        CONNECTED.labels(direction).set(0)

    @property
    def text(self) -> str:
        """`connected` (with what is odd about it, if anything), or `away since <utc>: <reason>`."""
        if self._away_since is None:
            return "connected" if self._note is None else f"connected: {self._note}"
        since = self._away_since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return f"away since {since}: {self._reason}"

    @property
    def is_away(self) -> bool:
        """The last attempt failed, or there was none."""
        return self._away_since is not None

    def answered(self, note: str | None = None) -> None:
        """The other end answered as it should; `note` says what is odd about it all the same."""
        if self._away_since is not None:
            log.info("sync.connected", direction=self._direction)
        self._away_since, self._failures, self._note = None, 0, note
        CONNECTED.labels(self._direction).set(1)

    def failed(self, reason: str, at: datetime) -> None:
        """The other end did not answer, or answered wrongly."""
        if self._away_since is None:
            self._away_since = at
        if reason != self._reason or not self._failures:
            log.warning("sync.away", direction=self._direction, reason=reason)
        self._reason = reason
        self._failures += 1
        CONNECTED.labels(self._direction).set(0)

    def wait(self, usual: float) -> float:
        """Seconds until the next attempt: the usual pause, doubled with each failure up to a limit."""
        doubled: float = usual * 2 ** min(self._failures, 16)
        return max(usual, min(doubled, _LONGEST_WAIT)) if self._failures else usual
