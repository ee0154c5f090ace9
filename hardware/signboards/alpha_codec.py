"""The Alpha sign protocol as bytes: frames, checksums, text files. Pure, apart from any transport.

A frame is NUL x 5 (the sign measures the baud rate on them), SOH, type code, address, STX, body,
ETX, four hex digits of checksum, EOT. The checksum is the 16-bit sum of STX to ETX. The sign answers
ACK or NAK, and answers a read with a frame of its own.

Text files carry position, mode, colour and text. The sign's character set has no Azerbaijani
letters but Ç, Ö and Ü: Ə is written E, and Ğ I İ Ş lose their marks (G I I S), as on a telegram.
Its arrows are characters too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from gate.lanes.signage import ARROW_SIGNS, Arrow
from hardware.signboards import letters

NUL, SOH, STX, ETX, EOT = b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"
ACK, NAK, ESC, LINE, COLOUR = b"\x06", b"\x15", b"\x1b", b"\x0d", b"\x1c"
SYNC = NUL * 5
ALL_SIGNS = b"Z"
BROADCAST = b"00"
WRITE_TEXT, READ_TEXT = b"A", b"B"
FILE = b"A"
MIDDLE, HOLD = b" ", b"b"
MAX_FRAME_BYTES = 1024
_HEADER = 3
_CHECK = 4

_NATIVE = {
    "Ç": 0x80,
    "ü": 0x81,
    "ç": 0x87,
    "ö": 0x94,
    "Ö": 0x99,
    "Ü": 0x9A,
    ARROW_SIGNS[Arrow.AHEAD]: 0xC4,
    ARROW_SIGNS[Arrow.LEFT]: 0xC6,
    ARROW_SIGNS[Arrow.RIGHT]: 0xC7,
}
_NATIVE_BACK = {code: letter for letter, code in _NATIVE.items()}
_HEX4 = re.compile(rb"[0-9A-F]{4}")


class Colour(StrEnum):
    """What a text may be coloured. BLUE needs a full-colour (Alpha 3.0) sign."""

    RED = "1"
    GREEN = "2"
    AMBER = "3"
    YELLOW = "8"
    BLUE = "Z0000FF"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame to or from a sign. `body` is a command code and its data, free of framing bytes."""

    body: bytes
    type_code: bytes = ALL_SIGNS
    address: bytes = BROADCAST


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The sign took the frame (`ok`), or found its checksum wrong."""

    ok: bool


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that were meant to be a frame, with what is wrong."""

    reason: str


Heard = Frame | Acknowledged | Damaged


@dataclass(frozen=True, slots=True)
class Text:
    """The content of a text file."""

    lines: tuple[str, ...]
    colour: Colour


def checksum(body: bytes) -> bytes:
    """Four hex digits over STX, body and ETX."""
    return f"{(sum(body) + STX[0] + ETX[0]) & 0xFFFF:04X}".encode()


def build_frame(frame: Frame) -> bytes:
    """The frame as it travels."""
    return b"".join(
        (SYNC, SOH, frame.type_code, frame.address, STX, frame.body, ETX, checksum(frame.body), EOT)
    )


def fold(text: str) -> str:
    """`text` in the letters the sign has; what cannot be folded becomes "?"."""
    return letters.fold(text, lambda letter: letter in _NATIVE or (letter.isascii() and letter.isprintable()))


def write_text(text: Text) -> bytes:
    """The body that shows `text`, standing still, centred."""
    lines = LINE.join(
        bytes(_NATIVE[letter] if letter in _NATIVE else ord(letter) for letter in fold(line))
        for line in text.lines
    )
    return WRITE_TEXT + FILE + ESC + MIDDLE + HOLD + COLOUR + text.colour.value.encode() + lines


def read_text() -> bytes:
    """The body that asks what the text file holds; the answer is a write_text body."""
    return READ_TEXT + FILE


_TEXT_BODY = re.compile(
    re.escape(WRITE_TEXT + FILE)
    + rb"\x1b.[a-z]\x1c(?P<colour>Z[0-9A-F]{6}|[0-9A-C])(?P<text>[\x0d\x20-\xff]*)",
    re.DOTALL,
)


def parse_text(body: bytes) -> Text | None:
    """The text in a write_text body, or None when it is something else."""
    found = _TEXT_BODY.fullmatch(body)
    if found is None:
        return None
    try:
        colour = Colour(found["colour"].decode())
    except ValueError:
        return None
    lines = tuple(
        "".join(_NATIVE_BACK.get(byte) or (chr(byte) if chr(byte).isascii() else "?") for byte in line)
        for line in found["text"].split(LINE)
    )
    return Text(lines, colour)


class FrameParser:
    """Cuts a byte stream into frames and acknowledgements. Never raises; memory is bounded."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Heard]:
        """What `data` completed, in order."""
        heard: list[Heard] = []
        for byte in data:
            one = bytes([byte])
            if one == SOH:
                if self._buffer:
                    heard.append(Damaged("a frame broken off"))
                self._buffer = bytearray(one)
            elif not self._buffer:
                if one in (ACK, NAK):
                    heard.append(Acknowledged(one == ACK))
                # Anything else between frames is line noise, or the NULs before a frame.
            elif one == EOT:
                heard.append(_parse(bytes(self._buffer[1:])))
                self._buffer.clear()
            else:
                self._buffer.append(byte)
                if len(self._buffer) > MAX_FRAME_BYTES:
                    heard.append(Damaged("too long"))
                    self._buffer.clear()
        return heard


def _parse(inner: bytes) -> Frame | Damaged:
    """`inner` is what stood between SOH and EOT."""
    if len(inner) <= _HEADER or inner[_HEADER : _HEADER + 1] != STX:
        return Damaged("no header")
    rest = inner[_HEADER + 1 :]
    body, check = rest[: -_CHECK - 1], rest[-_CHECK:]
    if rest[-_CHECK - 1 : -_CHECK] != ETX or not _HEX4.fullmatch(check):
        return Damaged("no checksum")
    if checksum(body) != check:
        return Damaged("wrong checksum")
    return Frame(body, inner[:1], inner[1:_HEADER])
