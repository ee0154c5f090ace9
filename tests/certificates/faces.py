"""A web face over real TLS in this process, and clients that trust what a test lets them trust."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from starlette.types import ASGIApp

from gate.app.web import serve
from gate.certificates.making import Pair, Today, make_authority, make_face
from gate.settings import Face, Listen
from hardware.emulators.broker import free_port

NOW = datetime.now(UTC).replace(microsecond=0)
"""This machine's own time: whoever verifies over a real socket goes by it."""
TODAY = Today(NOW, sure=True)
NAMES = ("127.0.0.1", "localhost")


def face(**keys: object) -> Face:
    """A face's settings."""
    return Face.model_validate({"port": 8441, **keys})


def later(days: float) -> Today:
    """So many days from now, and the time is known."""
    return Today(NOW + timedelta(days=days), sure=True)


def brought(folder: Path, today: Today = TODAY, names: Sequence[str] = NAMES) -> tuple[Path, Path, Pair]:
    """A certificate as a service brings one, of an authority that is not the site's; and that authority."""
    authority = make_authority("the-service", today)
    made = make_face(authority, "console", names, today)
    certificate, key = folder / "brought.pem", folder / "brought.key"
    certificate.write_bytes(made.certificate_pem)
    key.write_bytes(made.key_pem)
    key.chmod(0o600)
    return certificate, key, authority


@asynccontextmanager
async def served_over_tls(app: ASGIApp, context: ssl.SSLContext, name: str = "console") -> AsyncIterator[str]:
    """Serve as the daemon does; yields the address once somebody listens there."""
    port = free_port()
    serving = asyncio.create_task(serve(app, Listen(port=port), name, context))
    try:
        async with asyncio.timeout(20):
            while not await _listens(port):
                assert not serving.done(), "it was not served"
                await asyncio.sleep(0.01)
        yield f"https://127.0.0.1:{port}"
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


def trusting(*authorities: Pair, showing: Path | None = None) -> ssl.SSLContext:
    """A client's context: it trusts these and no other, and may show a certificate (with its key)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in authorities:
        context.load_verify_locations(cadata=authority.certificate_pem.decode("ascii"))
    if showing is not None:
        context.load_cert_chain(showing)
    return context


def shake_hands(address: str, trust: ssl.SSLContext) -> str | None:
    """The TLS version agreed on, by OpenSSL's own blocking client; it sends its alerts before it gives up."""
    place = httpx2.URL(address)
    with (
        socket.create_connection((place.host, place.port or 0), timeout=10) as line,
        trust.wrap_socket(line, server_hostname=place.host) as wrapped,
    ):
        return wrapped.version()


def client_of(base: str, trust: ssl.SSLContext) -> httpx2.AsyncClient:
    """A client that verifies."""
    return httpx2.AsyncClient(base_url=base, verify=trust, trust_env=False, timeout=10)
