"""MULTI, the mark-up in which NTCIP 1203 signs take their texts: tags in brackets between letters. Pure.

A letter is a byte, a character of the sign's font; brackets themselves are written twice. Of the tags
we write few - page and line justification, foreground colour, new line, and characters by number for
arrows - and read all, so that a text of somebody else's is known for what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from gate.lanes.signage import ARROW_SIGNS, Arrow
from hardware.signboards import letters

_NAMES = (
    "cb|cf|cr|/fl|flt|flo|fl|fo|f|g|hc|jl|jp|ms|mv|nl|np|pb|pt|/sc|sc|tr"  # longer before their beginnings
)
_PIECE = re.compile(
    rb"(?P<text>(?:[^\[\]]|\[\[|\]\])+)|\[(?P<name>" + _NAMES.encode() + rb")(?P<value>[^\[\]]*)\]",
    re.IGNORECASE,
)
_TEXT_CHARACTER = re.compile(rb"\[\[|\]\]|[^\[\]]")
_LAYOUT = ("jp", "jl", "fo", "pt")
"""Where and in which type a text stands says nothing about what it says: a sign may add or drop these."""
_COLOUR = re.compile(r"[0-9]")
_CHARACTER = re.compile(r"[0-9a-f]{1,4}", re.IGNORECASE)


class Colour(IntEnum):
    """The colours of the classic scheme that a text of ours may have."""

    RED = 1
    YELLOW = 2
    GREEN = 3
    BLUE = 5
    AMBER = 9


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag, its name in lower case."""

    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One page of plain text; no lines is a dark sign. `colour` None is the sign's default."""

    lines: tuple[str, ...]
    colour: int | None = None


DARK = Text(())


@dataclass(frozen=True, slots=True)
class Font:
    """What the sign's font has: an 8-bit code page (of ASCII's first half), and arrows by number."""

    code_page: str
    arrows: Mapping[Arrow, int]

    def fold(self, text: str) -> str:
        """`text` in letters and arrows the sign has."""
        return letters.fold(text, self._has)

    def _has(self, letter: str) -> bool:
        if letter in _ARROWS_BACK:
            return True
        try:
            return letter.isprintable() and len(letter.encode(self.code_page)) == 1
        except UnicodeEncodeError:
            return False


_ARROWS_BACK = {glyph: arrow for arrow, glyph in ARROW_SIGNS.items()}


def parse(data: bytes) -> tuple[bytes | Tag, ...] | None:
    """`data` as runs of letters and tags; None where it is not MULTI."""
    found: list[bytes | Tag] = []
    at = 0
    while at < len(data):
        piece = _PIECE.match(data, at)
        if piece is None:
            return None
        if piece["text"] is not None:
            run = b"".join(one[:1] for one in _TEXT_CHARACTER.findall(piece["text"]))
            if min(run) < ord(" "):  # a control character is no letter
                return None
            found.append(run)
        else:
            found.append(Tag(piece["name"].decode().lower(), piece["value"].decode("latin-1")))
        at = piece.end()
    return tuple(found)


def render(pieces: tuple[bytes | Tag, ...]) -> bytes:
    """As it travels."""
    return b"".join(
        f"[{piece.name}{piece.value}]".encode("latin-1")
        if isinstance(piece, Tag)
        else piece.replace(b"[", b"[[").replace(b"]", b"]]")
        for piece in pieces
    )


def write(text: Text, font: Font) -> bytes:
    """`text` centred on the page, standing still, in the font's letters."""
    pieces: list[bytes | Tag] = [Tag("jp", "3"), Tag("jl", "3")]
    if text.colour is not None:
        pieces.append(Tag("cf", str(text.colour)))
    for number, line in enumerate(text.lines):
        if number:
            pieces.append(Tag("nl"))
        for letter in font.fold(line):
            arrow = _ARROWS_BACK.get(letter)
            pieces.append(
                letter.encode(font.code_page) if arrow is None else Tag("hc", f"{font.arrows[arrow]:x}")
            )
    return render(tuple(pieces))


def read(data: bytes, font: Font) -> Text | None:
    """The plain text in `data`; None when it is anything we would not write."""
    pieces = parse(data)
    if pieces is None:
        return None
    arrows = {number: ARROW_SIGNS[arrow] for arrow, number in font.arrows.items()}
    lines = [""]
    colour: int | None = None
    for piece in pieces:
        match piece:
            case bytes():
                lines[-1] += piece.decode(font.code_page, errors="replace")
            case Tag("nl", ""):
                lines.append("")
            case Tag("cf", value) if colour is None and lines == [""] and _COLOUR.fullmatch(value):
                colour = int(value)
            case Tag("hc", value) if _CHARACTER.fullmatch(value) and int(value, 16) in arrows:
                lines[-1] += arrows[int(value, 16)]
            case Tag(name) if name in _LAYOUT:
                continue
            case _:
                return None
    return Text(tuple(lines), colour) if any(lines) else DARK
