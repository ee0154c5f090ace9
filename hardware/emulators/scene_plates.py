"""Registration plates drawn flat, laid out as each state lays them out, and random marks to put on them.

They are lettered in pen strokes, as plates are: a reader that knows plates doubts those in a text's typeface.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.strokes import stroke_glyph

Image = NDArray[np.uint8]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
CYRILLIC_TWINS = "ABEKMHOPCTYX"
"""The twelve letters Russian plates use: those that look alike in both alphabets."""
_NO_Q = "ABCDEFGHJKLMNPRSTUVXYZ"

PLATE_HEIGHT = 112
"""One pixel a millimetre: 520 x 112 is the European one-line plate."""
_WIDTH = 520
_GLYPH = 76
_PEN, _ROUNDNESS = 0.14, 1.0
"""A seventh of the height, as DIN 1451 draws, and half circles for corners."""
_INK = (24, 22, 20)
_BLUE = (153, 51, 0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a state writes its plates. `groups` are patterns of L and D, parted by `separator`.

    `alphabet` is what an L may be; `strip` the text of the coloured field at the left;
    `region` puts the last group into a small box of its own at the right.
    """

    groups: tuple[str, ...]
    separator: str = " "
    alphabet: str = LETTERS
    strip: str = ""
    strip_colour: tuple[int, int, int] = _BLUE
    region: Literal["none", "boxed", "small"] = "none"
    first: tuple[int, int] | None = None
    """Bounds of the leading (or, with a region, the last) all-digit group."""
    letters: float = 1.0
    """How high letters are beside digits: lower ones cannot be taken for them."""


LAYOUTS: dict[str, Layout] = {
    "AZ": Layout(("DD", "LL", "DDD"), "-", _NO_Q, "AZ", (150, 140, 40), first=(1, 99)),
    "GE": Layout(("LL", "DDD", "LL"), "-", LETTERS, "GE"),
    "TR": Layout(("DD", "LLL", "DDD"), " ", "ABCDEFGHIJKLMNOPRSTUVYZ", "TR", first=(1, 81)),
    "RU": Layout(("L", "DDD", "LL", "DD"), "", CYRILLIC_TWINS, region="small", first=(10, 99), letters=0.76),
    "KZ": Layout(("DDD", "LLL", "DD"), " ", _NO_Q, "KZ", (170, 150, 0), region="boxed", first=(1, 20)),
    "IR": Layout(("DD", "L", "DDD", "DD"), " ", "ABCDEHJLMNSTVY", "IR", region="boxed", first=(11, 99)),
    "UA": Layout(("LL", "DDDD", "LL"), " ", "ABCEHIKMOPTX", "UA"),
    "BY": Layout(("DDDD", "LL", "D"), " ", "ABEIKMHOPCTX", "BY", (40, 40, 190), first=(1000, 9999)),
    "RO": Layout(("LL", "DD", "LLL"), " ", _NO_Q, "RO"),
    "PL": Layout(("LLL", "DDDDD"), " ", _NO_Q, "PL"),
    "UZ": Layout(("DD", "L", "DDD", "LL"), " ", "ABCDEFGHJKLMNOPQRSTUVXYZ", "UZ", first=(1, 95)),
}
COUNTRIES: tuple[str, ...] = tuple(LAYOUTS)


def random_mark(country: str, rng: random.Random) -> str:
    """A mark in `country`'s syntax, upper case, letters and digits only.

    Raises KeyError for a state without a layout.
    """
    layout = LAYOUTS[country]
    bounded = len(layout.groups) - 1 if layout.region != "none" else 0
    parts: list[str] = []
    for index, group in enumerate(layout.groups):
        if layout.first is not None and index == bounded:
            parts.append(str(rng.randint(*layout.first)).zfill(len(group)))
        elif set(group) == {"D"}:
            # No state issues an all-zero serial.
            parts.append(str(rng.randint(1, 10 ** len(group) - 1)).zfill(len(group)))
        else:
            parts.append("".join(rng.choice(layout.alphabet if kind == "L" else DIGITS) for kind in group))
    return "".join(parts)


def split_mark(mark: str, country: str) -> tuple[list[str], Layout]:
    """`mark` in its groups. A mark outside the state's syntax is parted where letters meet digits."""
    bare = re.sub(r"[^A-Z0-9]", "", mark.upper())
    layout = LAYOUTS.get(country, Layout((), strip=country[:3]))
    pattern = "".join(f"({group.replace('L', '[A-Z]').replace('D', '[0-9]')})" for group in layout.groups)
    found = re.fullmatch(pattern, bare) if pattern else None
    if found is not None:
        return list(found.groups()), layout
    loose = Layout((), layout.separator, LETTERS, layout.strip or country[:3], layout.strip_colour)
    return re.findall(r"[A-Z]+|[0-9]+", bare), loose


def _cell(char: str, height: int) -> int:
    share = {"1": 0.34, "I": 0.16, "J": 0.46, "M": 0.72, "W": 0.78, "O": 0.68, "Q": 0.68, "0": 0.54}
    return max(3, round(height * share.get(char, 0.56)))


def _text_width(text: str, height: int) -> int:
    return sum(_cell(char, height) for char in text) + (len(text) - 1) * round(height * 0.13)


def _draw_text(plate: Image, text: str, x: int, y: int, height: int, ink: tuple[int, int, int]) -> int:
    for char in text:
        width = _cell(char, height)
        mask = stroke_glyph(char, 0, height, width, _PEN, _ROUNDNESS).astype(np.uint16)[..., None]
        cell = plate[y : y + height, x : x + width]
        tone = np.array(ink, dtype=np.uint16)
        cell[:] = ((cell * (255 - mask) + tone * mask) // 255).astype(np.uint8)
        x += width + round(height * 0.13)
    return x


def draw_plate(mark: str, country: str) -> Image:
    """The plate seen from straight ahead in flat light, 112 pixels high."""
    groups, layout = split_mark(mark, country)
    region = groups.pop() if layout.region != "none" and len(groups) > 1 else ""
    strip = 44 if layout.strip else 0
    gap = 30 if layout.separator == "-" else 24
    gap = 14 if layout.separator == "" else gap
    highs = [round(_GLYPH * (layout.letters if group.isalpha() else 1)) for group in groups]
    main = sum(map(_text_width, groups, highs)) + gap * max(0, len(groups) - 1)
    box = 118 if region else 0
    width = max(_WIDTH, strip + main + box + 48)
    plate: Image = np.full((PLATE_HEIGHT, width, 3), (238, 240, 240), dtype=np.uint8)
    if strip:
        cv2.rectangle(plate, (0, 0), (strip, PLATE_HEIGHT), layout.strip_colour, -1)
        height = 22
        _draw_text(plate, layout.strip, max(4, (strip - _text_width(layout.strip, height)) // 2), 78, height,
                   (245, 245, 245))  # fmt: skip
        cv2.circle(plate, (strip // 2, 34), 11, (60, 200, 220), 2, cv2.LINE_AA)
    x = strip + max(14, (width - strip - box - main) // 2)
    top = (PLATE_HEIGHT - _GLYPH) // 2
    for index, (group, high) in enumerate(zip(groups, highs, strict=True)):
        if index:
            if layout.separator == "-":
                dash = x + (gap - 14) // 2
                cv2.rectangle(plate, (dash, 52), (dash + 14, 60), _INK, -1)
            x += gap
        x = _draw_text(plate, group, x, top + _GLYPH - high, high, _INK) - round(_GLYPH * 0.13)
    if region:
        left = width - box
        cv2.line(plate, (left, 4), (left, PLATE_HEIGHT - 5), _INK, 3)
        high = 60 if layout.region == "small" else 66
        offset = left + (box - _text_width(region, high)) // 2
        _draw_text(plate, region, offset, 12 if layout.region == "small" else 22, high, _INK)
        if layout.region == "small":
            _draw_text(plate, "RUS", left + 22, 80, 18, _INK)
            cv2.rectangle(plate, (left + 76, 80), (left + 104, 98), (180, 60, 30), -1)
    cv2.rectangle(plate, (1, 1), (width - 2, PLATE_HEIGHT - 2), _INK, 3)
    return plate
