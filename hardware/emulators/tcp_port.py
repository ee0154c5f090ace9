"""A device's network socket: listens while it is plugged in, and cuts everyone off when it is not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

_READ_BYTES = 4096
_BACKLOG = 8


class TcpConnection:
    """One client. `buffer` is the device's, for what it has not understood yet."""

    def __init__(self, link: socket.socket, heard: Callable[[TcpConnection, bytes], None]) -> None:
        self.buffer = bytearray()
        self._link: socket.socket | None = link
        self._heard = heard
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asyncio.get_running_loop().add_reader(link, self._readable)

    @property
    def is_open(self) -> bool:
        """Neither side has ended it."""
        return self._link is not None

    def write(self, data: bytes) -> None:
        """Send; what a client does not read, or has left, is lost."""
        if self._link is not None:
            with suppress(OSError):
                self._link.send(data)

    def close(self) -> None:
        """End it."""
        link, self._link = self._link, None
        if link is not None:
            asyncio.get_running_loop().remove_reader(link)
            link.close()

    def _readable(self) -> None:
        if self._link is None:
            return
        try:
            data = self._link.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._heard(self, data)
        else:
            self.close()


class TcpPort:
    """Open and close it as often as a plug is pulled; the port number stays the device's."""

    def __init__(self, host: str, port: int, heard: Callable[[TcpConnection, bytes], None]) -> None:
        """`port` 0: a free one, known from the start."""
        self.host = host
        self._heard = heard
        self._connections: list[TcpConnection] = []
        self._listening: socket.socket | None = None
        self._bound = _bound(host, port)
        self.port: int = self._bound.getsockname()[1]

    @property
    def is_open(self) -> bool:
        """It listens."""
        return self._listening is not None

    @property
    def connections(self) -> list[TcpConnection]:
        """Those that live."""
        self._connections = [one for one in self._connections if one.is_open]
        return self._connections

    def open(self) -> None:
        """Plug in."""
        if self._listening is not None:
            return
        link = self._bound if self._bound.fileno() >= 0 else _bound(self.host, self.port)
        link.listen(_BACKLOG)
        self._bound = self._listening = link
        asyncio.get_running_loop().add_reader(link, self._acceptable)

    def close(self) -> None:
        """Unplug: nobody listens, and every connection ends."""
        link, self._listening = self._listening, None
        if link is not None:
            asyncio.get_running_loop().remove_reader(link)
        self._bound.close()
        for connection in self.connections:
            connection.close()

    def _acceptable(self) -> None:
        if self._listening is not None:
            with suppress(OSError):  # it left again before it was let in
                link, _ = self._listening.accept()
                self._connections.append(TcpConnection(link, self._heard))


def _bound(host: str, port: int) -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link.setblocking(False)
    link.bind((host, port))
    return link
