"""Who may ask a web face: requests for this host, from its own pages, of a sane size.

A page elsewhere can make a browser inside the checkpoint send requests here; a name of its own that it lets
point here (DNS rebinding) even makes them look like their own. So the face answers for the names it is known
by and no others, and a request that changes something must come from a page of the face itself.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger()

ASTRAY = Counter("gate_glass_astray_total", "Requests a web face does not answer", ["face", "why"])

MOST_HEADER_BYTES = 16 * 1024
_READING = ("GET", "HEAD", "OPTIONS")


def own_names() -> frozenset[str]:
    """What this machine is called, beside its addresses."""
    return frozenset({"localhost", socket.gethostname().lower(), socket.getfqdn().lower()} - {""})


class KnownHere:
    """Answers 421 to another name, 403 to another page's change, 431 to endless headers."""

    def __init__(self, app: ASGIApp, *, face: str, names: Iterable[str] = ()) -> None:
        self._app = app
        self._face = face
        self._names = own_names() | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, why, said = self._look(scope)
        if not status:
            await self._app(scope, receive, send)
            return
        ASTRAY.labels(self._face, why).inc()
        client = scope.get("client")
        # What it asked for stays out of the log: somebody else wrote it.
        log.warning("glass.astray", face=self._face, source=client[0] if client else None, why=why)
        await JSONResponse({"error": said}, status, {"Connection": "close"})(scope, receive, send)

    def _look(self, scope: Scope) -> tuple[int, str, str]:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
            return 431, "headers", "The request's headers are too long."
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return (
                421,
                "host",
                "The gate is not known by this name. Ask by its address, or add the name to logins.names.",
            )
        if scope["method"] in _READING:
            return 0, "", ""
        # The browser's own word, where it gives one, is the better one: under some referrer policies it
        # sends a page's own form with the origin "null".
        site = headers.get("sec-fetch-site")
        named = all(_same(origin, hosts[0]) for origin in headers.getlist("origin"))
        if not (site == "same-origin" or (site in (None, "none") and named)):
            return 403, "origin", "This was sent by a page that is not the gate's."
        return 0, "", ""

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        try:
            # Nobody else's page is found at a bare address: rebinding needs a name.
            ipaddress.ip_address(name)
        except ValueError:
            return name.rstrip(".") in self._names
        return True


def _same(origin: str, host: str) -> bool:
    # The scheme is left out: behind a TLS proxy on this machine the browser's is not ours.
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
