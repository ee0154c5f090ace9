"""A kiosk sees and speaks for its own point only: its certificate says which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import structlog
from prometheus_client import Counter
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gate.clock import Clock

log = structlog.get_logger()

REFUSED = Counter(
    "gate_kiosk_credentials_refused_total", "Requests of kiosks that showed no good certificate", ["reason"]
)

Reason = Literal["none", "not-known", "other-point"]

_SAYS: Final[dict[Reason, str]] = {
    "none": "This kiosk shows no certificate. A technician can give it one: docs/tls.md, gate tls kiosk.",
    "not-known": "This kiosk's certificate is not good any more. A technician can give it a new one.",
    "other-point": "This kiosk belongs to another place.",
}
_SHARED: Final = ("static",)
"""What every kiosk's pages are made of."""
_LOG_SECONDS: Final = 10.0


class OnlyItsPoint:
    """Refuses with 403 whatever is not of the point that the kiosk's certificate names.

    `serial_of` reads the verified certificate's serial out of a request's scope; `point_of` knows whose
    that is, or None. A path belongs to the point it begins with, or has behind `/api`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        serial_of: Callable[[Scope], str | None],
        point_of: Callable[[str], str | None],
        clock: Clock,
    ) -> None:
        self._app = app
        self._serial_of = serial_of
        self._point_of = point_of
        self._clock = clock
        self._logged: dict[Reason, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reason = self._against(scope)
        if reason is None:
            await self._app(scope, receive, send)
            return
        self._count(reason, scope)
        answer = PlainTextResponse(_SAYS[reason] + "\n", 403, {"Cache-Control": "no-store"})
        await answer(scope, receive, send)

    def _against(self, scope: Scope) -> Reason | None:
        serial = self._serial_of(scope)
        if serial is None:
            return "none"
        point = self._point_of(serial)
        if point is None:
            return "not-known"
        first, *rest = scope["path"].removeprefix("/").split("/")
        owner = rest[0] if first == "api" and rest else first
        return None if owner == point or first in _SHARED else "other-point"

    def _count(self, reason: Reason, scope: Scope) -> None:
        REFUSED.labels(reason).inc()
        now = self._clock.now().mono
        last = self._logged.get(reason)
        if last is not None and now - last < _LOG_SECONDS:
            return
        self._logged[reason] = now
        client = scope.get("client")
        log.warning("kiosk.credentials_refused", reason=reason, source=client[0] if client else None)
