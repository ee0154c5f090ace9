"""A serial line (or pseudo-terminal) on the asyncio loop: bytes in by callback, bytes out, loss told once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import serial

from gate.errors import DeviceError

_READ_BYTES = 4096


class SerialLine:
    """One open line, 8N1, held exclusively. Never touches DTR: on a pty that is OSError 25.

    `heard` gets every read; `lost` is called once, with the reason, when the line dies by itself.
    Both run on the loop's thread.
    """

    def __init__(
        self, port: Path, baud: int, heard: Callable[[bytes], None], lost: Callable[[str], None]
    ) -> None:
        """Open the line; DeviceError when it cannot be had."""
        self._port = port
        self._heard = heard
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        try:
            self._serial = serial.Serial(str(port), baud, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise DeviceError(f"cannot open {port}: {_plain(error)}") from error
        self._fd: int | None = self._serial.fileno()
        self._loop.add_reader(self._fd, self._readable)

    async def write(self, data: bytes) -> None:
        """Return when the operating system has taken all of `data`; DeviceError when the line is dead."""
        rest = memoryview(data)
        while rest:
            if self._fd is None:
                raise DeviceError(f"{self._port} is closed")
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._writable(self._fd)
            except OSError as error:
                self._die(error)
                raise DeviceError(f"cannot write to {self._port}: {_plain(error)}") from error

    def close(self) -> None:
        """Give the line back. `lost` is not called."""
        if self._fd is not None:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            self._fd = None
            self._serial.close()

    async def _writable(self, fd: int) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(fd, _settle, ready)
        try:
            await ready
        finally:
            if self._fd == fd:
                self._loop.remove_writer(fd)

    def _readable(self) -> None:
        if self._fd is None:
            return
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._die(error)
            return
        if data:
            self._heard(data)
        else:
            self._die(OSError("the other end hung up"))

    def _die(self, error: OSError) -> None:
        if self._fd is not None:
            self.close()
            self._lost(f"{self._port}: {_plain(error)}")


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error)
