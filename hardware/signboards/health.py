"""Whether a board is well, told once a change; and what it said that could not be used, counted."""

from __future__ import annotations

import structlog
from prometheus_client import Counter

from gate.clock import Clock
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post

log = structlog.get_logger()

REFUSED = Counter("gate_board_refused_total", "Answers of signboards refused, by reason", ["reason"])

_LOG_SECONDS = 10.0


class BoardHealth:
    """One fault until it recovers, however often it fails in between."""

    def __init__(self, point: str, clock: Clock) -> None:
        self._point = point
        self._clock = clock
        self._post: Post | None = None
        self._logged: dict[str, float] = {}
        self.reason: str | None = None
        """Why the board is at fault; None while it is well."""

    def attend(self, post: Post) -> None:
        """A new run of the driver: nothing is known of the board."""
        self._post = post
        self.reason = None

    def fault(self, reason: str) -> None:
        """Something is wrong."""
        if self.reason is None and self._post is not None:
            self.reason = reason
            log.warning("board.faulted", point=self._point, reason=reason)
            self._post(DeviceFaulted(at=self._clock.now(), device=DeviceRole.BOARD, reason=reason))

    def well(self) -> None:
        """The board shows what it should."""
        if self.reason is not None and self._post is not None:
            self.reason = None
            log.info("board.recovered", point=self._point)
            self._post(DeviceRecovered(at=self._clock.now(), device=DeviceRole.BOARD))

    def refuse(self, reason: str, detail: str = "") -> None:
        """Count an answer that cannot be used; `reason` is one of few words.

        Logged at most every ten seconds per reason.
        """
        REFUSED.labels(reason).inc()
        now = self._clock.now().mono
        if now - self._logged.get(reason, -_LOG_SECONDS) >= _LOG_SECONDS:
            self._logged[reason] = now
            log.warning("board.answer_refused", point=self._point, reason=reason, detail=detail)
