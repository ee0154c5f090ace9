"""gate-keypad/1 as bytes: a line protocol between the gate and a keypad terminal. Pure, no transport.

8N1, ASCII, one frame a line::

    $ kind , seq [, fields] * crc LF          e.g.  $K,017,5*6A1D<LF>

`seq` is three decimal digits, 000 to 999 and round again, counted by the sender over all its frames;
after a start it begins anywhere. `crc` is four upper-case hex digits: CRC-16 (polynomial 1021, start
FFFF) over everything between `$` and `*`. CR before LF is ignored; a frame has at most 64 bytes.

    terminal -> gate
    K key       a key went down: 0 to 9, C (clear), E (enter), H (help), L (language). Once a press.
    B shown     alive, once a second: `shown` is the seq of the screen it shows, or --- for its own
    gate -> terminal
    S beep,text show 2 x 20 characters (text is exactly 40, 20 to 7E without $ and *) and sound beep:
                0 none, 1 one short, 2 two long. Sounded for a new seq only.
    P           alive, once a second

Nothing is acknowledged by itself. A screen the terminal did not take is missed in its next B, and sent
again under its old seq. A lost key is a digit the driver does not see, and presses again. A terminal
that hears no P or S for three seconds shows a text of its own and takes no keys; a gate that hears no
B or K for three seconds counts the terminal as away. Frames that are damaged or not understood are
dropped by both sides.
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from dataclasses import dataclass
from typing import Literal

from gate.kiosk.ports import KEYPAD_COLUMNS, Beep, Key, Screen

MAX_FRAME_BYTES = 64
SEQUENCE = 1000
HEARTBEAT_SECONDS = 1.0
SILENCE_SECONDS = 3.0
_TEXT = 2 * KEYPAD_COLUMNS


@dataclass(frozen=True, slots=True)
class Pressed:
    """K: a key went down."""

    seq: int
    key: Key


@dataclass(frozen=True, slots=True)
class Alive:
    """B: the terminal lives; `shown` is the seq of its screen, None for a text of its own."""

    seq: int
    shown: int | None


@dataclass(frozen=True, slots=True)
class Show:
    """S: a screen for the terminal."""

    seq: int
    screen: Screen


@dataclass(frozen=True, slots=True)
class GateAlive:
    """P: the gate lives."""

    seq: int


@dataclass(frozen=True, slots=True)
class Bad:
    """Bytes that are no frame, and which kind of wrong."""

    reason: Literal["damaged", "too-long", "unknown-key"]


Frame = Pressed | Alive | Show | GateAlive


def build(frame: Frame) -> bytes:
    """The frame as it travels. Characters a screen cannot show are sent as spaces."""
    match frame:
        case Pressed(seq, key):
            inner = f"K,{seq:03d},{key.value}"
        case Alive(seq, shown):
            inner = f"B,{seq:03d},{'---' if shown is None else f'{shown:03d}'}"
        case Show(seq, screen):
            text = "".join(line[:KEYPAD_COLUMNS].ljust(KEYPAD_COLUMNS) for line in screen.lines)
            inner = f"S,{seq:03d},{screen.beep.value},{_UNSHOWABLE.sub(' ', text)}"
        case GateAlive(seq):
            inner = f"P,{seq:03d}"
    body = inner.encode("ascii")
    return b"$" + body + b"*" + _crc(body) + b"\n"


class FrameParser:
    """Cuts a byte stream into frames. Never raises; memory is bounded by one frame."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._flooded = False

    def feed(self, data: bytes) -> list[Frame | Bad]:
        """What `data` completed, in order. Noise counts once a line."""
        heard: list[Frame | Bad] = []
        for byte in data:
            if byte == _LF:
                if self._line and not self._flooded:
                    heard.append(parse(bytes(self._line)))
                self._line.clear()
                self._flooded = False
            elif byte == _DOLLAR and self._line and not self._flooded:
                heard.append(Bad("damaged"))  # a frame broken off; this is the next one's beginning
                self._line[:] = b"$"
            elif byte == _DOLLAR:
                self._line[:] = b"$"
                self._flooded = False
            elif not self._flooded:
                self._line.append(byte)
                if len(self._line) > MAX_FRAME_BYTES:
                    heard.append(Bad("too-long"))
                    self._line.clear()
                    self._flooded = True
        return heard


def parse(line: bytes) -> Frame | Bad:
    """One line without its LF."""
    found = _LINE.fullmatch(line)
    if found is None or _crc(found["body"]) != found["crc"]:
        return Bad("damaged")
    seq, rest = int(found["seq"]), found["rest"]
    match found["kind"]:
        case b"K":
            key = _KEYS.get((rest or b",")[1:])
            return Bad("unknown-key") if key is None else Pressed(seq, key)
        case b"B" if rest is not None and _SHOWN.fullmatch(rest):
            return Alive(seq, None if rest == b",---" else int(rest[1:]))
        case b"S" if rest is not None and (show := _SHOW.fullmatch(rest)):
            text = show["text"].decode("ascii")
            lines = (text[:KEYPAD_COLUMNS].rstrip(), text[KEYPAD_COLUMNS:].rstrip())
            return Show(seq, Screen(lines, Beep(show["beep"].decode("ascii"))))
        case b"P" if rest is None:
            return GateAlive(seq)
        case _:
            return Bad("damaged")


def _crc(body: bytes) -> bytes:
    return f"{crc_hqx(body, 0xFFFF):04X}".encode("ascii")


_LF, _DOLLAR = 0x0A, 0x24
_LINE = re.compile(
    rb"\$(?P<body>(?P<kind>[KBSP]),(?P<seq>[0-9]{3})(?P<rest>,[ -#%-)+-~]*)?)\*(?P<crc>[0-9A-F]{4})\r?"
)
_SHOWN = re.compile(rb",(?:---|[0-9]{3})")
_SHOW = re.compile(rb",(?P<beep>[012]),(?P<text>.{%d})" % _TEXT)
_UNSHOWABLE = re.compile(r"[^ -#%-)+-~]")
_KEYS = {key.value.encode("ascii"): key for key in Key}
