"""Scanners at the far end of their links: one on a pseudo-terminal, one behind a named pipe.

The pipe stands where the kernel's /dev/input/eventN would: the gate reads real `input_event` structs
from it. What it cannot do is be grabbed; that takes a kernel with uinput.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.emulators.faults import Faults
from hardware.emulators.pty_port import PtyPort
from hardware.kiosk.evdev_codec import (
    DOWN,
    EV_KEY,
    EV_SYN,
    EVENT,
    KEYS,
    REPEATED,
    SYN_DROPPED,
    SYN_REPORT,
    UP,
)

_EV_MSC, _MSC_SCAN = 4, 4
_LEFT_SHIFT, _ENTER = 42, 28
_PIPE_BYTES = 1 << 20
"""Room for a whole flood: one character is six events of 24 bytes."""


class _Plugged(Faults):
    """What both scanners have: they serve inside `async with`, plugged in or not."""

    def __init__(self) -> None:
        super().__init__()
        self._serving = False
        self.on_change(self._plug_changed)

    async def __aenter__(self) -> Self:
        self._serving = True
        self._plug_changed()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._serving = False
        self._plug_changed()

    def _plug_changed(self) -> None:
        if self._serving and self.plugged:
            self._open()
        else:
            self._close()

    def _open(self) -> None: ...

    def _close(self) -> None: ...


class SerialScannerDevice(_Plugged):
    """A scanner on a pseudo-terminal."""

    def __init__(self, path: Path, terminator: bytes = b"\r") -> None:
        super().__init__()
        self._port = PtyPort(path, lambda _: None)
        self.terminator = terminator

    def scan(self, text: str) -> None:
        """Read one code."""
        self.send(text.encode() + self.terminator)

    def send(self, data: bytes) -> None:
        """Put bytes on the line as they are."""
        self._port.write(data)

    def _open(self) -> None:
        self._port.open()

    def _close(self) -> None:
        self._port.close()


class KeyboardScannerDevice(_Plugged):
    """A scanner that types, behind a named pipe."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._pipe: int | None = None

    def scan(self, text: str) -> None:
        """Type one code and Enter; every character must be on a US keyboard."""
        self.send(b"".join(stroke(character) for character in text) + key(_ENTER))

    def hold(self, code: int, repeats: int) -> None:
        """A key goes down and stays: the kernel repeats it."""
        self.send(_event(EV_KEY, code, DOWN) + _event(EV_KEY, code, REPEATED) * repeats)

    def overrun(self) -> None:
        """The kernel's buffer runs over: what follows up to the next report is lost."""
        self.send(_event(EV_SYN, SYN_DROPPED, 0))

    def send(self, data: bytes) -> None:
        """Put bytes into the pipe as they are. What nobody reads in time is lost."""
        if self._pipe is not None:
            with suppress(BlockingIOError):
                os.write(self._pipe, data)

    def _open(self) -> None:
        if self._pipe is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.mkfifo(self._path)
            # For both ways, so that it opens before the gate has.
            self._pipe = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def _close(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
            self._path.unlink()


def stroke(character: str) -> bytes:
    """The key strokes that type one character."""
    for code, (plain, shifted) in KEYS.items():
        if character == plain:
            return key(code)
        if character == shifted:
            down, up = _event(EV_KEY, _LEFT_SHIFT, DOWN), _event(EV_KEY, _LEFT_SHIFT, UP)
            return down + key(code) + up
    raise ValueError(f"{character!r} is on no key")


def key(code: int) -> bytes:
    """One key down and up, as the kernel reports it: scan code, key, report."""
    seen = _event(_EV_MSC, _MSC_SCAN, 0x70000 + code)
    report = _event(EV_SYN, SYN_REPORT, 0)
    return seen + _event(EV_KEY, code, DOWN) + report + seen + _event(EV_KEY, code, UP) + report


def _event(type_: int, code: int, value: int) -> bytes:
    now = time.time_ns() // 1000
    return EVENT.pack(now // 1_000_000, now % 1_000_000, type_, code, value)
