"""A character device (serial line, input device, USB printer) on the asyncio loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from gate.errors import DeviceError

_READ_BYTES = 4096


class CharacterDevice:
    """One open device: bytes in by callback, bytes out, loss told once.

    `opened` gives a non-blocking file descriptor or raises OSError. `heard` gets every read; `lost` is
    called once, with the reason, when the device goes by itself. Both run on the loop's thread.
    """

    def __init__(
        self,
        path: Path,
        heard: Callable[[bytes], None],
        lost: Callable[[str], None],
        *,
        opened: Callable[[Path], int],
    ) -> None:
        """Open it; DeviceError when it cannot be had."""
        self._path = path
        self._heard = heard
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        try:
            self._fd: int | None = opened(path)
        except (OSError, ValueError) as error:  # ValueError: a baud rate the port does not have
            raise DeviceError(f"cannot open {path}: {_plain(error)}") from error
        try:
            self._loop.add_reader(self._fd, self._readable)
        except OSError as error:  # a plain file cannot be waited for
            self._give_back(self._fd)
            self._fd = None
            raise DeviceError(f"{path} is no device: {_plain(error)}") from error

    async def write(self, data: bytes) -> None:
        """Return when the operating system has taken all of `data`; DeviceError when the device is gone."""
        rest = memoryview(data)
        while rest:
            if self._fd is None:
                raise DeviceError(f"{self._path} is closed")
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._writable(self._fd)
            except OSError as error:
                self._die(error)
                raise DeviceError(f"cannot write to {self._path}: {_plain(error)}") from error

    def close(self) -> None:
        """Give the device back. `lost` is not called."""
        fd = self._fd
        if fd is not None:
            self._loop.remove_reader(fd)
            self._loop.remove_writer(fd)
            self._fd = None
            self._give_back(fd)

    def _give_back(self, fd: int) -> None:
        """Close what `opened` opened."""
        os.close(fd)

    async def _writable(self, fd: int) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(fd, lambda: None if ready.done() else ready.set_result(None))
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
            self._lost(f"{self._path}: {_plain(error)}")


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error)
