"""A TCP connection on the asyncio loop: bytes in by callback, bytes out, loss told once.

It always ends by a reset. An ordinary close would leave what the kernel has not yet sent to be
delivered later, and a pulse that nobody waits for any more must not reach a barrier.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable

from gate.errors import DeviceError

CONNECT_SECONDS = 1.0


class TcpWire(asyncio.Protocol):
    """One open connection. `heard` gets every read; `lost` is called once when it ends by itself."""

    def __init__(self, where: str, heard: Callable[[bytes], None], lost: Callable[[str], None]) -> None:
        self._where = where
        self._heard = heard
        self._lost = lost
        self._transport: asyncio.Transport | None = None

    async def write(self, data: bytes) -> None:
        """Hand `data` to the system; DeviceError when the connection is gone."""
        if self._transport is None or self._transport.is_closing():
            raise DeviceError(f"{self._where} is closed")
        self._transport.write(data)

    def close(self) -> None:
        """Reset the connection. `lost` is not called."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the socket up: no waiting for company, and a reset at the end."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a TCP connection has a byte transport")
        link: socket.socket = transport.get_extra_info("socket")
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Pass on what came."""
        if self._transport is not None:
            self._heard(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell it, unless it was us who closed."""
        if self._transport is not None:
            self._transport = None
            self._lost(f"{self._where}: {_plain(exc) if exc else 'the other end hung up'}")


async def open_tcp(
    host: str, port: int, heard: Callable[[bytes], None], lost: Callable[[str], None]
) -> TcpWire:
    """Connect; DeviceError when nobody answers."""
    where = f"{host}:{port}"
    wire = TcpWire(where, heard, lost)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().create_connection(lambda: wire, host, port)
    except TimeoutError:
        wire.close()
        raise DeviceError(f"cannot connect to {where}: no answer") from None
    except OSError as error:
        raise DeviceError(f"cannot connect to {where}: {_plain(error)}") from error
    return wire


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
