"""A bad line: TCP between a client and a server, with everything that befalls it on purpose.

Real sockets on both sides, on loopback; the two ends know nothing of each other. Faults are set
while it runs and hold for connections old and new.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_CHUNK = 65536


@dataclass(eq=False, slots=True)
class _Connection:
    """One client, its connection to the server, and the tasks between them."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def abort(self) -> None:
        """Both ends find the connection reset."""
        for writer in (self.near, self.far):
            if writer is not None:
                writer.transport.abort()


class RoughTcp:
    """`async with RoughTcp(host, port) as line:` - connect to `line.port` instead.

    `delay`       seconds every byte is late, each way, in order
    `half_open`   bytes and ends of connections are swallowed: nobody is told anything (no FIN, no RST)
    `duplicating` every piece is sent twice
    `corrupting`  pieces from the client, counted down, that arrive spoilt
    `spoil`       what is done to them; unless told otherwise one bit of theirs is turned over
    """

    def __init__(self, host: str, port: int, *, seed: int = 1) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self._target = (host, port)
        self._chance = random.Random(seed)  # noqa: S311  repeatable trouble, not a secret
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._moved = asyncio.Event()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.delay = 0.0
        self.half_open = False
        self.duplicating = False
        self.corrupting = 0
        self.spoil: Callable[[bytes], bytes] = self._turn_a_bit
        self.accepted: list[float] = []
        """When each connection was accepted, by the loop's clock."""

    def stall(self) -> None:
        """Hold everything back from now on, both ways, without losing any of it."""
        self._flowing.clear()

    def flow(self) -> None:
        """Give out at once what was held back, in order."""
        self._flowing.set()

    async def cut(self) -> None:
        """Reset every connection there is; what was under way is lost."""
        for connection in list(self._connections):
            await self._end(connection)

    async def wait_accepted(self, count: int) -> None:
        """Return once `count` connections were accepted in all."""
        while len(self.accepted) < count:
            self._moved.clear()
            await self._moved.wait()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        await self.cut()

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        connection = _Connection(near)
        self._connections.add(connection)
        self.accepted.append(asyncio.get_running_loop().time())
        self._moved.set()
        try:
            far_reader, far = await asyncio.open_connection(*self._target)
        except OSError:
            self._connections.discard(connection)
            connection.abort()
            return
        connection.far = far
        if connection not in self._connections:  # cut meanwhile
            connection.abort()
            return
        connection.tasks += self._pump(connection, reader, far)
        connection.tasks += self._pump(connection, far_reader, near)

    def _pump(
        self, connection: _Connection, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> list[asyncio.Task[None]]:
        """One direction: a task that reads and one that sends when it is time."""
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        return [
            asyncio.create_task(self._take(source, line), name="rough tcp takes"),
            asyncio.create_task(self._give(connection, line, sink), name="rough tcp gives"),
        ]

    async def _take(self, source: asyncio.StreamReader, line: asyncio.Queue[tuple[float, bytes]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                piece = await source.read(_CHUNK)
            except OSError:
                piece = b""
            line.put_nowait((loop.time() + self.delay, piece))
            if not piece:
                return

    async def _give(
        self,
        connection: _Connection,
        line: asyncio.Queue[tuple[float, bytes]],
        sink: asyncio.StreamWriter,
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await line.get()
            await asyncio.sleep(due - loop.time())
            await self._flowing.wait()
            if self.half_open:
                continue
            if not piece:
                break
            if self.corrupting > 0 and sink is connection.far:
                self.corrupting -= 1
                piece = self.spoil(piece)
            sink.write(piece * 2 if self.duplicating else piece)
            with suppress(OSError):  # reset under us: the other direction finds the end
                await sink.drain()
        self._connections.discard(connection)
        connection.abort()
        for task in connection.tasks:
            if task is not asyncio.current_task():
                task.cancel()

    def _turn_a_bit(self, piece: bytes) -> bytes:
        spoilt = bytearray(piece)
        spoilt[self._chance.randrange(len(spoilt))] ^= 1 << self._chance.randrange(8)
        return bytes(spoilt)

    async def _end(self, connection: _Connection) -> None:
        self._connections.discard(connection)
        connection.abort()
        for task in connection.tasks:
            task.cancel()
        await asyncio.gather(*connection.tasks, return_exceptions=True)
