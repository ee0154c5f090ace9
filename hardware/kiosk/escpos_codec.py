"""ESC/POS as bytes: a slip to print, and the status bytes that come back. Pure, no transport.

Written to the command set all makers share: ESC @, ESC t, ESC a, GS !, ESC d, GS V, GS v 0, GS r and the
real-time DLE EOT and DLE DC4. A QR code goes as a picture (GS v 0): many printers have no code of their own
(GS ( k), and those that have differ. Letters are those of two code pages: 857 (Turkish; it has every
Azerbaijani letter but the schwa, written E as on a telegram) and 866 (Cyrillic). Georgian is written in
Latin letters. A printer's number for a code page differs by maker and is a setting.
"""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass

from gate.kiosk.lettering import in_ascii, in_latin
from gate.kiosk.ports import PrinterState, Slip, SlipLine

COLUMNS = 32
"""Of the narrow (58 mm) roll; a wider one leaves a margin."""
_LARGE_COLUMNS = COLUMNS // 4
_ROWS = 4
"""Of dots to a module, before the printer doubles them."""
_MOST_MODULES = 48
"""384 dots: the narrow roll's."""
_CYRILLIC = ("\u0400", "\u04ff")

INITIALISE = b"\x1b@"
CENTRED = b"\x1ba\x01"
LARGE, NORMAL = b"\x1d!\x33", b"\x1d!\x00"
"""Four times as wide and high."""
FEED_AND_CUT = b"\x1dVB\x03"
"""Feed to the cutter and three lines more, and cut; printers without a cutter feed only."""
PICTURE = b"\x1dv0\x03"
"""GS v 0, each dot twice as wide and high: bytes across, dots down (low byte first), dots follow."""
ASK_PRINTED = b"\x1dr\x01"
"""GS r 1: answered when everything before it has been printed."""
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8: forget what is not printed yet."""
ASK_PRINTER, ASK_CAUSE, ASK_PAPER = b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04"
"""DLE EOT 1, 2, 4: answered at once, whatever the printer is busy with."""


_REALTIME_FIXED, _REALTIME = 0b1001_0011, 0b0001_0010
_PRINTED_FIXED = 0b1001_0000
"""Bits that are the same in every answer of a kind: they tell the kinds, and line noise, apart."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The printer's numbers for the two code pages."""

    turkish: int
    cyrillic: int


def build_slip(slip: Slip, pages: Pages) -> bytes:
    """The slip as it travels, with the question whether it is printed at its end."""
    above, below = _written(slip.lines, pages), _written(slip.below, pages)
    return INITIALISE + CENTRED + above + draw(slip.code) + below + FEED_AND_CUT + ASK_PRINTED


def draw(code: tuple[tuple[bool, ...], ...]) -> bytes:
    """A QR code as a picture; nothing for none.

    Two modules are one byte, and the printer doubles each dot: a module is eight dots wide and high, and
    the picture travels in a second or two. Every byte of it is 00, 0F, F0 or FF, so that nothing in it can
    be taken for a real-time command, which printers obey wherever it stands. At most 48 modules fit the
    narrow roll; where less than all of the quiet zone fits, the paper itself is one.
    """
    if not code:
        return b""
    spare = max(0, (len(code) - _MOST_MODULES + 1) // 2)
    rows = [(*row[spare : len(row) - spare], False)[: len(row) - 2 * spare + len(row) % 2] for row in code]
    rows = rows[spare : len(rows) - spare]
    across, down = len(rows[0]) // 2, len(rows) * _ROWS
    dots = b"".join(
        bytes(0xF0 * left | 0x0F * right for left, right in zip(row[::2], row[1::2], strict=True)) * _ROWS
        for row in rows
    )
    return PICTURE + across.to_bytes(2, "little") + down.to_bytes(2, "little") + dots + b"\n"


def _written(lines: tuple[SlipLine, ...], pages: Pages) -> bytes:
    out = bytearray()
    page = None
    for line in lines:
        width = _LARGE_COLUMNS if line.large else COLUMNS
        for part in textwrap.wrap(line.text, width) or [""]:
            letters, wanted = encode(part, pages)
            if wanted != page:
                out += b"\x1bt" + bytes([wanted])
                page = wanted
            out += LARGE + letters + b"\n" + NORMAL if line.large else letters + b"\n"
    return bytes(out)


def encode(text: str, pages: Pages) -> tuple[bytes, int]:
    """`text` in the printer's letters, and the page they are on. Holds no control byte."""
    clean = "".join(" " if unicodedata.category(letter).startswith(("C", "Z")) else letter for letter in text)
    clean = unicodedata.normalize("NFC", clean)
    if any(_CYRILLIC[0] <= letter <= _CYRILLIC[1] for letter in clean):
        return _on_page(clean, "cp866"), pages.cyrillic
    return _on_page(in_latin(clean).replace("Ə", "E").replace("ə", "e"), "cp857"), pages.turkish


def _on_page(text: str, codec: str) -> bytes:
    out = bytearray()
    for letter in text:
        try:
            out += letter.encode(codec)
        except UnicodeEncodeError:
            out += in_ascii(letter).encode("ascii")
    return bytes(out)


# --- what comes back ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Realtime:
    """An answer to DLE EOT. What its bits mean depends on the question."""

    bits: int


@dataclass(frozen=True, slots=True)
class Printed:
    """An answer to GS r 1: what was sent before it is on paper."""


def hear(byte: int) -> Realtime | Printed | None:
    """One byte from the printer; None when it is none of its answers."""
    if byte & _REALTIME_FIXED == _REALTIME:
        return Realtime(byte)
    if byte & _PRINTED_FIXED == 0:
        return Printed()
    return None


def state_of(printer: Realtime, cause: Realtime, paper: Realtime) -> PrinterState:
    """What the three answers say together, the one a person must see to first."""
    if cause.bits & 0x04:
        return PrinterState.COVER_OPEN
    if cause.bits & 0x20 or paper.bits & 0x60:
        return PrinterState.PAPER_OUT
    if printer.bits & 0x08 or cause.bits & 0x40:
        return PrinterState.OFFLINE
    return PrinterState.PAPER_LOW if paper.bits & 0x0C else PrinterState.READY
