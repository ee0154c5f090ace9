"""Scans out of a serial scanner's bytes: one line, one scan. Pure; time goes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gate.kiosk.ports import SCAN_MAX

CUT_OFF_SECONDS = 1.0
"""A scanner sends a scan in one go: what pauses in the middle has lost its end."""

_CR, _LF = 0x0D, 0x0A
_SEPARATORS = "\t\x1d"
"""Tab, and the group separator of GS1 codes."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan's text. It may hold a number: not in the repr, which ends up in logs."""

    text: str

    def __repr__(self) -> str:
        return f"Scan({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class BadScan:
    """A line that is no scan, and why."""

    reason: Literal["too-long", "not-text", "cut-off", "unknown-key", "overrun", "stuck-key"]


class ScanLines:
    """Cuts a byte stream at its terminator. Never raises; memory is bounded by one scan."""

    def __init__(self, terminator: Literal["cr", "lf"]) -> None:
        self._end, self._other = (_CR, _LF) if terminator == "cr" else (_LF, _CR)
        self._line = bytearray()
        self._flooded = False
        self._last = 0.0

    def feed(self, data: bytes, now: float) -> list[Scan | BadScan]:
        """What `data` completed, in order. Empty lines are nothing."""
        scans: list[Scan | BadScan] = []
        if self._line and now - self._last >= CUT_OFF_SECONDS:
            if not self._flooded:
                scans.append(BadScan("cut-off"))
            self._line.clear()
            self._flooded = False
        self._last = now
        for byte in data:
            if byte == self._end:
                if self._line and not self._flooded:
                    scans.append(read_scan(bytes(self._line)))
                self._line.clear()
                self._flooded = False
            elif self._flooded or byte == self._other:
                continue
            else:
                self._line.append(byte)
                if len(self._line) > SCAN_MAX:
                    scans.append(BadScan("too-long"))
                    self._flooded = True  # what follows up to the terminator is the same flood
        return scans


def read_scan(line: bytes) -> Scan | BadScan:
    """One line as text: UTF-8, printable, tabs and group separators as spaces."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return BadScan("not-text")
    for separator in _SEPARATORS:
        text = text.replace(separator, " ")
    return Scan(text) if text.isprintable() else BadScan("not-text")
