"""A serial line (or pseudo-terminal) on the asyncio loop: bytes in by callback, bytes out, loss told once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import serial

from hardware.links.character_device import CharacterDevice


class SerialLine(CharacterDevice):
    """One open line, 8N1, held exclusively. Never touches DTR: on a pty that is OSError 25.

    `heard` gets every read; `lost` is called once, with the reason, when the line dies by itself.
    Both run on the loop's thread.
    """

    def __init__(
        self, port: Path, baud: int, heard: Callable[[bytes], None], lost: Callable[[str], None]
    ) -> None:
        """Open the line; DeviceError when it cannot be had."""
        self._baud = baud
        super().__init__(port, heard, lost, opened=self._open)

    def _open(self, port: Path) -> int:
        self._serial = serial.Serial(str(port), self._baud, timeout=0, write_timeout=0, exclusive=True)
        fd: int = self._serial.fileno()
        return fd

    def _give_back(self, fd: int) -> None:
        del fd  # pyserial's own
        self._serial.close()
