"""A pseudo-terminal as a device's serial socket: the gate opens a symlink, the device holds the master."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_READ_BYTES = 4096


class PtyPort:
    """Open and close it as often as a plug is pulled; `heard` gets what the gate writes."""

    def __init__(self, path: Path, heard: Callable[[bytes], None]) -> None:
        self._path = path
        self._heard = heard
        self._master: int | None = None
        self._slave: int | None = None

    @property
    def is_open(self) -> bool:
        """The plug is in."""
        return self._master is not None

    def open(self) -> None:
        """Make the pair and put its symlink in place, replacing an older one in one step."""
        if self._master is not None:
            return
        self._master, self._slave = os.openpty()
        # Raw, or the terminal would echo and translate the bytes. We keep the slave open:
        # without any holder every read of the master fails until the gate has opened it.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._path)
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def close(self) -> None:
        """Pull the plug: the gate's end hangs up, the symlink goes."""
        if self._master is None or self._slave is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        name = os.ttyname(self._slave)
        # First of all: once closed, the pair's name may be anybody's, and a gate that tries again would
        # open and hold that one.
        with suppress(OSError):  # someone else's link, or none: not ours to remove
            if str(self._path.readlink()) == name:
                self._path.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None

    def write(self, data: bytes) -> None:
        """Send to the gate. Bytes nobody reads are lost, as on a wire."""
        if self._master is not None:
            with suppress(BlockingIOError):
                os.write(self._master, data)

    def _readable(self) -> None:
        if self._master is None:
            return
        try:
            data = os.read(self._master, _READ_BYTES)
        except OSError:
            return
        if data:
            self._heard(data)
