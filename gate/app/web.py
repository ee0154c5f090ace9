"""Serving a web face inside the daemon's own loop."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from gate.app.peers import PeerProtocol
from gate.settings import Listen

log = structlog.get_logger()


class _Server(uvicorn.Server):
    """Leaves signals to the daemon, which has lanes to look after first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: ASGIApp, listen: Listen, face: str, tls: ssl.SSLContext | None = None) -> None:
    """Serve until cancelled, over TLS where a context is given.

    An address that is taken costs this face, never the lanes.
    """
    config = uvicorn.Config(
        app,
        host=listen.host,
        port=listen.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        server_header=False,
        http=PeerProtocol,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    server = _Server(config)
    try:
        await server.serve()
    except SystemExit as error:
        log.error(
            "web.not_served",
            face=face,
            address=f"{listen.host}:{listen.port}",
            why=f"the address could not be taken (exit {error.code})",
        )
    finally:
        # Cancelled, uvicorn leaves its sockets listening: callers would be taken and never answered.
        for listening in getattr(server, "servers", ()):
            listening.close()
