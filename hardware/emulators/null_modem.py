"""A line that spoils what passes: two wires between a gate and a device, on a pseudo-terminal or on TCP.

Both ways, each read is a piece: pieces are delayed (never overtaking each other), lost, changed,
doubled, or swallowed for good as by a far side that has vanished without a word.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.emulators.pty_port import PtyPort
from hardware.emulators.relay_board import HeldAnswers
from hardware.emulators.tcp_port import TcpConnection, TcpPort
from hardware.links.serial import SerialLine

Spoiling = Callable[[bytes], list[bytes]]
"""What becomes of one piece."""


def lost(_piece: bytes) -> list[bytes]:
    """Nothing arrives."""
    return []


def doubled(piece: bytes) -> list[bytes]:
    """It arrives twice."""
    return [piece, piece]


def truncated(piece: bytes) -> list[bytes]:
    """Its end is missing."""
    return [piece[: len(piece) // 2]]


def corrupted(piece: bytes) -> list[bytes]:
    """One bit of its last byte but two has flipped."""
    at = max(0, len(piece) - 3)
    return [piece[:at] + bytes([piece[at] ^ 0x10]) + piece[at + 1 :]]


def passed(piece: bytes) -> list[bytes]:
    """As it was."""
    return [piece]


class OneWay:
    """One direction. `script` spoils the next pieces, one each; `always` the others."""

    def __init__(self) -> None:
        self.held = HeldAnswers()
        self.script: deque[Spoiling] = deque()
        self.always: Spoiling = passed
        self.vanished = False
        self.pieces = 0

    def carry(self, piece: bytes, deliver: Callable[[bytes], None]) -> None:
        """Take a piece in at this end; what is left of it comes out at the other."""
        self.pieces += 1
        if self.vanished:
            return
        spoil = self.script.popleft() if self.script else self.always
        for rest in spoil(piece):
            self.held.put(lambda rest=rest: None if self.vanished else deliver(rest))  # type: ignore[misc]  # bound per piece


class _NullModem:
    def __init__(self) -> None:
        self.to_device = OneWay()
        self.to_gate = OneWay()

    def vanish(self) -> None:
        """The far side is gone without a word: no end of the connection is told, nothing passes."""
        self.to_device.vanished = self.to_gate.vanished = True

    def come_back(self) -> None:
        """The far side is back."""
        self.to_device.vanished = self.to_gate.vanished = False

    async def start(self) -> None:
        """Connect both ends."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Take it out."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()


class SerialNullModem(_NullModem):
    """The gate opens `gate_end`; the device's own pseudo-terminal is at `device_end`, and open already."""

    def __init__(self, gate_end: Path, device_end: Path, *, baud: int = 115200) -> None:
        super().__init__()
        self._device_end = device_end
        self._baud = baud
        self._gate = PtyPort(gate_end, self._from_gate)
        self._device: SerialLine | None = None
        self._writing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect both ends."""
        self._device = SerialLine(self._device_end, self._baud, self._from_device, lambda _why: None)
        self._gate.open()

    async def stop(self) -> None:
        """Take it out."""
        self.to_device.held.drop()
        self.to_gate.held.drop()
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        if self._device is not None:
            self._device.close()
        self._gate.close()

    def _from_gate(self, piece: bytes) -> None:
        self.to_device.carry(piece, self._write_device)

    def _from_device(self, piece: bytes) -> None:
        self.to_gate.carry(piece, self._gate.write)

    def _write_device(self, piece: bytes) -> None:
        if self._device is not None:
            task = asyncio.create_task(self._device.write(piece))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)


class TcpNullModem(_NullModem):
    """The gate connects to `host`:`port`; each of its connections is one to the device."""

    def __init__(self, device_host: str, device_port: int, *, host: str = "127.0.0.1") -> None:
        super().__init__()
        self._target = (device_host, device_port)
        self._port = TcpPort(host, 0, self._from_gate)
        self._pairs: dict[TcpConnection, asyncio.Queue[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where the gate connects."""
        return self._port.port

    async def start(self) -> None:
        """Listen."""
        self._port.open()

    async def stop(self) -> None:
        """Take it out."""
        self.to_device.held.drop()
        self.to_gate.held.drop()
        self._port.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _from_gate(self, connection: TcpConnection, piece: bytes) -> None:
        waiting = self._pairs.get(connection)
        if waiting is None:
            waiting = self._pairs[connection] = asyncio.Queue()
            task = asyncio.create_task(self._reach_device(connection, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.to_device.carry(piece, waiting.put_nowait)

    async def _reach_device(self, connection: TcpConnection, waiting: asyncio.Queue[bytes]) -> None:
        reader, writer = await asyncio.open_connection(*self._target)
        back = asyncio.create_task(self._bring_back(connection, reader))
        try:
            while True:
                writer.write(await waiting.get())
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self._pairs.pop(connection, None)

    async def _bring_back(self, connection: TcpConnection, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(4096):
            self.to_gate.carry(piece, connection.write)
