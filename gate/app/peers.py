"""Whose certificate a connection showed, for the application behind it: uvicorn does not say."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

PEER_SERIAL: Final = "peer_certificate_serial"
"""In a request's `state`: the serial of the certificate that was verified, in hexadecimal, or None."""


class PeerProtocol(H11Protocol):
    """HTTP/1.1 that tells each request who is at the other end. No header has a say in it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read it once, when the handshake is over; each request gets a copy of `app_state`."""
        super().connection_made(cast("asyncio.Transport", transport))
        told = transport.get_extra_info("peercert")
        serial = told.get("serialNumber") if told else None
        # The list has serials without leading zeros.
        self.app_state = {**self.app_state, PEER_SERIAL: f"{int(serial, 16):x}" if serial else None}


def serial_of(scope: Scope) -> str | None:
    """The serial of the certificate that the request's sender showed and that was verified."""
    found: str | None = scope.get("state", {}).get(PEER_SERIAL)
    return found
