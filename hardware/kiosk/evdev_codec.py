"""Linux input events as bytes, and a keyboard-wedge scanner's key strokes as text. Pure.

The kernel's `struct input_event` (linux/input.h): two native longs of time, type, code (16 bits each),
value (32 bits, signed). Key codes are the kernel's, laid out as a US keyboard, which is what scanners
type as delivered; docs/wiring/kiosk.md says how to set one back to it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from gate.kiosk.ports import SCAN_MAX
from hardware.kiosk.scan_lines import CUT_OFF_SECONDS, BadScan, Scan, read_scan

EVENT = struct.Struct("@llHHi")
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
UP, DOWN, REPEATED = 0, 1, 2
ENTER = frozenset({28, 96})
"""Of the main block and of the number block."""
SHIFT = frozenset({42, 54})
SILENT = frozenset({29, 97, 56, 100, 125, 126, 58, 69, 70})
"""Control, Alt, Meta and the locks: some scanners press them around a scan."""
_REPEATS_STUCK = 40
"""The kernel repeats a key that stays down; scanners let go within milliseconds."""


def _plain() -> dict[int, tuple[str, str]]:
    """Key code -> (character, character with shift)."""
    rows = (
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
        (57, " ", " "),
    )
    table = {
        first + at: (plain[at], shifted[at]) for first, plain, shifted in rows for at in range(len(plain))
    }
    pad = {71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+", 79: "1", 80: "2"}
    pad |= {81: "3", 82: "0", 83: ".", 55: "*", 98: "/"}
    return table | {code: (character, character) for code, character in pad.items()}


KEYS = _plain()


@dataclass(frozen=True, slots=True)
class InputEvent:
    """One event, without its time: scanners type faster than time matters."""

    type: int
    code: int
    value: int


class EventParser:
    """Cuts a byte stream into events; a rest waits for its other half."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[InputEvent]:
        """The events that `data` completed."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        return [
            InputEvent(type_, code, value) for _, _, type_, code, value in EVENT.iter_unpack(data[:whole])
        ]


class KeyStrokes:
    """Key events to scans. Never raises; memory is bounded by one scan."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._shifts: set[int] = set()
        self._bad: BadScan | None = None
        self._lost = False
        self._repeats = 0
        self._last = 0.0

    def feed(self, event: InputEvent, now: float) -> Scan | BadScan | None:
        """What this event completed, if anything."""
        if event.type == EV_SYN:
            return self._synchronised(event)
        if self._lost or event.type != EV_KEY:
            return None
        if event.code in SHIFT:
            (self._shifts.discard if event.value == UP else self._shifts.add)(event.code)
            return None
        if event.value == REPEATED:
            return self._repeated()
        if event.value != DOWN:
            self._repeats = 0
            return None
        return self._down(event.code, now)

    def _down(self, code: int, now: float) -> Scan | BadScan | None:
        cut_off = None
        if (self._text or self._bad) and now - self._last >= CUT_OFF_SECONDS:
            cut_off = self._bad or BadScan("cut-off")
            self._text, self._bad = [], None
        self._last, self._repeats = now, 0
        if code in ENTER:
            return cut_off or self._end()
        if code in SILENT:
            return cut_off
        pair = KEYS.get(code)
        if pair is None:
            self._bad = self._bad or BadScan("unknown-key")
        elif len(self._text) >= SCAN_MAX:
            self._bad = self._bad or BadScan("too-long")
        else:
            self._text.append(pair[1 if self._shifts else 0])
        return cut_off

    def _end(self) -> Scan | BadScan | None:
        text, bad = "".join(self._text), self._bad
        self._text, self._bad = [], None
        return bad or (read_scan(text.encode()) if text else None)

    def _repeated(self) -> BadScan | None:
        # A key held down types one character, as a scanner never holds one; told once in a while.
        self._repeats += 1
        if self._repeats % _REPEATS_STUCK:
            return None
        self._text, self._bad = [], None
        return BadScan("stuck-key")

    def _synchronised(self, event: InputEvent) -> BadScan | None:
        if event.code == SYN_DROPPED:
            # The kernel's buffer ran over: up to the next report nothing holds together.
            self._lost, self._text, self._bad = True, [], None
            self._shifts.clear()
            return BadScan("overrun")
        if event.code == SYN_REPORT:
            self._lost = False
        return None
