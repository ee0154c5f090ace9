"""An ESC/POS slip printer at the far end of a pseudo-terminal, with its roll, its cover and its buffer.

It reads the command set with a parser of its own, so that a mistake in the driver's codec shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hardware.emulators.faults import Faults
from hardware.emulators.pty_port import PtyPort

_PAGES = {0: "cp437", 13: "cp857", 17: "cp866"}
_REALTIME = re.compile(rb"\x10\x04([\x01-\x04])|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", re.DOTALL)
_COMMAND = re.compile(
    rb"\x1b@|\x1bt(?P<page>.)|\x1ba.|\x1d!(?P<size>.)|\x1bd.|\x1dV[\x41\x42].|\x1dr.|(?P<line>[^\x1b\x1d\n]*)\n",
    re.DOTALL,
)
_PICTURE = b"\x1dv0"
_PICTURE_HEAD = 8
_LINE_DOTS = 24
_LOW = 10


class SlipPrinterDevice(Faults):
    """`async with SlipPrinterDevice(path):` serves until the end of the block."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._port = PtyPort(path, self._heard)
        self._serving = False
        self._buffer = b""
        self._page = 0
        self._large = False
        self._lines: list[str] = []
        self.slips: list[list[str]] = []
        """What it has cut off, oldest first; a line in large letters begins with "# "."""
        self.pictures: list[NDArray[np.uint8]] = []
        """What it has drawn, oldest first: grey, 0 where it blackened the paper."""
        self.paper = 1000
        """Lines left on the roll."""
        self.cover_open = False
        self.offline = False
        self.unknown: list[bytes] = []
        """Bytes it did not understand."""
        self.taken = 0
        """Bytes to print so far, printed or not."""
        self.asked = 0
        """Status questions so far."""
        self.between: Callable[[], None] | None = None
        """Done once, right after the next answer to DLE EOT 1: the world changes between two answers."""
        self.on_change(self._world_changed)

    @property
    def torn(self) -> list[str]:
        """Lines printed and not cut off."""
        return list(self._lines)

    def load(self, lines: int = 1000) -> None:
        """Put a roll in; it goes on with what it has not printed yet."""
        self.paper = lines
        self.changed()

    def open_cover(self) -> None:
        """Somebody opens it."""
        self.cover_open = True
        self.changed()

    def close_cover(self) -> None:
        """And closes it."""
        self.cover_open = False
        self.changed()

    def send(self, data: bytes) -> None:
        """Put bytes on the line as they are."""
        self._port.write(data)

    async def __aenter__(self) -> Self:
        self._serving = True
        self._world_changed()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._serving = False
        self._port.close()

    def _world_changed(self) -> None:
        if self._serving and self.plugged:
            self._port.open()
        else:
            self._port.close()
        self._print()

    @property
    def _stopped(self) -> bool:
        return self.cover_open or self.offline or self.paper <= 0

    def _heard(self, data: bytes) -> None:
        if self.muted:
            return
        at = 0
        for found in _REALTIME.finditer(data):
            self._take(data[at : found.start()])
            at = found.end()
            self._print()
            if found[1] is None:
                self._buffer, self._lines = b"", []
            else:
                self.asked += 1
                self._port.write(bytes([self._status(found[1][0])]))
                if found[1] == b"\x01" and self.between is not None:
                    between, self.between = self.between, None
                    between()
        self._take(data[at:])
        self._print()

    def _take(self, data: bytes) -> None:
        self._buffer += data
        self.taken += len(data)

    def _status(self, question: int) -> int:
        match question:
            case 1:
                return 0x12 | (0x08 if self._stopped else 0)
            case 2:
                return 0x12 | (0x04 if self.cover_open else 0) | (0x20 if self.paper <= 0 else 0)
            case 4:
                return 0x12 | (0x0C if self.paper <= _LOW else 0) | (0x60 if self.paper <= 0 else 0)
            case _:
                return 0x12

    def _print(self) -> None:
        """Go on with the buffer as far as paper and cover allow."""
        while self._buffer and not self._stopped:
            if self._buffer.startswith(_PICTURE):
                if not self._draw():
                    return  # its rest is on the way
                continue
            found = _COMMAND.match(self._buffer)
            if found is None:
                # Half a command waits for its rest; what can never be one is dropped, and told.
                if len(self._buffer) > 4 and self._buffer[:1] in b"\x1b\x1d":  # noqa: PLR2004
                    self.unknown.append(self._buffer[:1])
                    self._buffer = self._buffer[1:]
                    continue
                return
            self._buffer = self._buffer[found.end() :]
            self._do(found)

    def _draw(self) -> bool:
        """Print a picture, once all of it has come."""
        across = int.from_bytes(self._buffer[4:6], "little")
        down = int.from_bytes(self._buffer[6:_PICTURE_HEAD], "little")
        end = _PICTURE_HEAD + across * down
        if len(self._buffer) < max(end, _PICTURE_HEAD):
            return False
        dots = np.frombuffer(self._buffer[_PICTURE_HEAD:end], dtype=np.uint8).reshape(down, across)
        double = 1 + (self._buffer[3] & 1), 1 + (self._buffer[3] >> 1 & 1)
        light = np.unpackbits(~dots, axis=1) * np.uint8(255)
        self.pictures.append(light.repeat(double[0], axis=1).repeat(double[1], axis=0))
        self._buffer = self._buffer[end:]
        self._spend(-(-down * double[1] // _LINE_DOTS))
        return True

    def _spend(self, lines: int) -> None:
        self.paper -= lines
        if self.paper <= 0:
            self.changed()

    def _do(self, found: re.Match[bytes]) -> None:
        command = found[0][:2]
        if found["line"] is not None:
            text = found["line"].decode(_PAGES.get(self._page, "ascii"), errors="replace")
            self._lines.append(f"# {text}" if self._large else text)
            self._spend(1)
        elif command == b"\x1b@":
            self._page, self._large = 0, False
        elif command == b"\x1bt":
            self._page = found["page"][0]
        elif command == b"\x1d!":
            self._large = found["size"] != b"\x00"
        elif command == b"\x1dV":
            self.slips.append(self._lines)
            self._lines = []
            self.changed()
        elif command == b"\x1dr":
            self._port.write(b"\x0c" if self.paper <= _LOW else b"\x00")
