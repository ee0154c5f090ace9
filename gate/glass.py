"""What both faces people see (console, kiosk) share: response headers and a bound on request bodies.

Plain ASGI, because Starlette's BaseHTTPMiddleware would buffer and break event streams.
"""

from __future__ import annotations

import structlog
from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

REFUSED_BODIES = Counter(
    "gate_glass_bodies_refused_total", "Requests refused for the size of their body", ["face"]
)

# No inline script or style, nothing from anywhere else, no framing: a text that slipped past
# escaping still could not run.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


_HTTPS_FOR = "max-age=31536000"
"""Seconds: a browser that has once met this host over TLS speaks nothing else with it for a year."""


class SafeHeaders:
    """Adds the security headers to every response; nothing may be stored unless it says so itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _HTTPS_FOR
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class BoundedBody:
    """Refuses with 413 a request whose body is longer than `limit` bytes, told or not."""

    def __init__(self, app: ASGIApp, *, face: str, limit: int) -> None:
        self._app = app
        self._face = face
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. The body is read here, so that no handler meets half of one."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "0")
        if not (told.isascii() and told.isdigit()) or int(told[:12]) > self._limit:
            await self._refuse(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                await self._refuse(scope, receive, send)
                return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        REFUSED_BODIES.labels(self._face).inc()
        client = scope.get("client")
        log.warning(
            "glass.body_refused", face=self._face, source=client[0] if client else None, limit=self._limit
        )
        answer = JSONResponse(
            {"error": f"the request is longer than {self._limit} bytes"}, 413, {"Connection": "close"}
        )
        await answer(scope, receive, send)
