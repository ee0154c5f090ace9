"""Typefaces for drawn plates: strokes as plates draw them, and a hundred font files beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from gate.anpr.plates.alphabet import PERSIAN_DIGITS, PERSIAN_LETTERS, SIGNS
from gate.anpr.training.fonts import Font, FontsMissingError
from gate.anpr.training.strokes import FORMS, SLENDER, Mask, stroke_glyph

STYLES: Final = ("din", "fe", "narrow", "wide", "gost", "iran", "us", "any")
_MASTER: Final = 96
"""Height in pixels at which a font's glyph is kept; cells are scaled from it."""
_BREADTH: Final = 10
"""Pixels by which the breadths differ at which a drawn sign is kept; the next one is scaled."""
_PENS: Final = (0.1, 0.115, 0.13, 0.145, 0.16, 0.18)
_ROUND: Final = (0.4, 0.7, 1.0)
"""Few values of both, for what is drawn once is kept; what is left of variety comes from the camera."""
_SHAPES: Final = 3
"""Weights and leanings in which each font file is used."""
_PERSIAN: Final = frozenset(PERSIAN_DIGITS) | frozenset(PERSIAN_LETTERS)
_SPELT: Final = {
    "\u0627\u0644\u0641": ("\u0627", "\ufed2\ufedf\u0627"),
    "\u0647": ("\ufeeb", "\ufeeb", "\ufeeb", "\u0647"),
    "\u06cc": ("\u06cc", "\ufeef"),
}
"""Letters with more than one look on plates: alone or spelt out (in drawing order), mostly joined or not."""


class _Drawing(Protocol):
    def glyph(self, sign: str, height: int, width: int) -> Mask: ...

    def width(self, sign: str, height: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Face:
    """One plate's lettering: every sign drawn with it looks alike."""

    latin: _Drawing
    persian: _Drawing

    def glyph(self, sign: str, height: int, width: int) -> Mask:
        """Coverage 0..255 of one entry of SIGNS, as high as the cell; slender signs stand in its middle.

        Raises FontsMissingError for a Persian letter if there are no fonts, KeyError for what no plate has.
        """
        return self._for(sign).glyph(sign, max(4, height), max(2, width))

    def width(self, sign: str, height: int) -> int:
        """The width of `sign`'s cell that suits `height`, in pixels."""
        return max(2, self._for(sign).width(sign, max(4, height)))

    def text(self, text: str, height: int) -> Mask:
        """Small print, of variable width; what is neither letter nor digit becomes a space."""
        gap = max(1, round(height * 0.14))
        cells = [
            self.glyph(sign, height, self.width(sign, height))
            if sign in FORMS or sign in _PERSIAN
            else np.zeros((max(4, height), max(2, height // 3)), dtype=np.uint8)
            for sign in text.upper()
        ]
        space = np.zeros((max(4, height), gap), dtype=np.uint8)
        parts = [part for cell in cells for part in (cell, space)][:-1]
        return np.hstack(parts) if parts else space

    def _for(self, sign: str) -> _Drawing:
        return self.persian if sign in _PERSIAN else self.latin


@dataclass(frozen=True, slots=True)
class Pen:
    """Strokes: a pen's share of the height, how round, how wide a cell, and which form of each sign."""

    pen: float
    roundness: float
    proportion: float
    seed: int
    zeros: tuple[int, ...]

    def glyph(self, sign: str, height: int, width: int) -> Mask:
        """See Face.glyph."""
        natural = self.width(sign, height)
        if sign in SLENDER and width > natural:
            return _centred(self.glyph(sign, height, natural), width)
        # Drawn once at one height and a few breadths, then scaled: strokes cost far more than scaling does.
        master = max(_BREADTH, _BREADTH * round(_MASTER * width / height / _BREADTH))
        drawn = stroke_glyph(sign, self._form(sign), _MASTER, master, self.pen, self.roundness)
        return np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def width(self, sign: str, height: int) -> int:
        """See Face.width."""
        if sign == "I":
            share = self.pen * 1.02 if self._form(sign) == 0 else self.proportion * 0.62
            return max(1, round(height * share))
        shares = {
            "1": 0.72,
            "J": 0.86,
            "M": 1.14,
            "W": 1.18,
            "L": 0.92,
            PERSIAN_DIGITS[1]: 0.5,
            "Q": 1.06,
            "O": 1.06,
        }
        return round(height * self.proportion * shares.get(sign, 1.0))

    def _form(self, sign: str) -> int:
        forms = len(FORMS[sign])
        if sign == "0":
            return self.zeros[self.seed % len(self.zeros)]
        # Half of all faces write the commonest form, the first.
        pick = (self.seed * 2654435761 + ord(sign) * 40503) >> 4
        return 0 if pick % 2 else (pick >> 1) % forms


@dataclass(frozen=True, slots=True)
class Type:
    """A font file's glyphs, made heavier or lighter, leaning a little."""

    font: str
    weight: int
    lean: float
    variant: int

    def glyph(self, sign: str, height: int, width: int) -> Mask:
        """See Face.glyph."""
        if sign == PERSIAN_DIGITS[0]:
            return self._zero(height, width)
        master = _leaning(self.font, self._spelling(sign), self.weight, round(self.lean, 2))
        natural = max(2, round(master.shape[1] * height / master.shape[0]))
        limit = round(natural * (1.1 if sign in SLENDER else 1.5))
        shown = min(width, max(2, limit))
        scaled = cv2.resize(master, (shown, height), interpolation=cv2.INTER_AREA)
        mask = np.asarray(scaled, dtype=np.uint8)
        return mask if shown == width else _centred(mask, width)

    def width(self, sign: str, height: int) -> int:
        """See Face.width."""
        if sign == PERSIAN_DIGITS[0]:
            return round(height * 0.45)
        high, wide = _leaning(self.font, self._spelling(sign), self.weight, round(self.lean, 2)).shape
        return round(int(wide) * height / int(high))

    def _zero(self, height: int, width: int) -> Mask:
        """The Persian zero: a dot or a small ring at mid height."""
        master = _leaning(self.font, PERSIAN_DIGITS[0], self.weight, 0.0)
        high = max(2, round(height * (0.3 + 0.035 * self.variant)))
        wide = max(2, min(width, round(master.shape[1] * high / master.shape[0])))
        whole = np.zeros((height, width), dtype=np.uint8)
        top, left = (height - high) // 2, (width - wide) // 2
        whole[top : top + high, left : left + wide] = cv2.resize(
            master, (wide, high), interpolation=cv2.INTER_AREA
        )
        return whole

    def _spelling(self, sign: str) -> str:
        ways = [way for way in _SPELT.get(sign, (sign,)) if _writes(self.font, way)]
        return ways[self.variant % len(ways)]


class _NoFonts:
    """Stands for the Persian letters where no font has them."""

    def glyph(self, sign: str, height: int, width: int) -> Mask:
        del height, width
        raise FontsMissingError(
            f"No font here can write the Persian letter {sign}. Let fetch_fonts of gate.anpr.training.fonts "
            "gather them, which the training command does first."
        )

    def width(self, sign: str, height: int) -> int:
        self.glyph(sign, height, height)
        return height


@dataclass(frozen=True, slots=True)
class _PersianPen:
    digits: _Drawing
    letters: _Drawing

    def glyph(self, sign: str, height: int, width: int) -> Mask:
        return (self.digits if sign in PERSIAN_DIGITS else self.letters).glyph(sign, height, width)

    def width(self, sign: str, height: int) -> int:
        return (self.digits if sign in PERSIAN_DIGITS else self.letters).width(sign, height)


@dataclass(frozen=True, slots=True)
class _Style:
    proportion: tuple[float, float]
    pen: tuple[float, float]
    roundness: tuple[float, float]
    zeros: tuple[int, ...]
    fonts: float
    """Share of plates lettered from a font file."""


_STYLES: Final[dict[str, _Style]] = {
    "din": _Style((0.5, 0.62), (0.12, 0.165), (0.7, 1.0), (0, 0, 0, 0, 0, 0, 1, 3), 0.45),
    "fe": _Style((0.56, 0.66), (0.12, 0.155), (0.5, 0.9), (0, 0, 3, 3), 0.25),
    "narrow": _Style((0.36, 0.5), (0.11, 0.16), (0.6, 1.0), (0, 0, 0, 0, 1), 0.55),
    "wide": _Style((0.6, 0.85), (0.13, 0.19), (0.5, 1.0), (0, 0, 0, 1, 2), 0.5),
    "gost": _Style((0.5, 0.68), (0.12, 0.16), (0.8, 1.0), (0,), 0.35),
    "iran": _Style((0.5, 0.75), (0.12, 0.18), (0.6, 1.0), (0,), 0.55),
    "us": _Style((0.42, 0.58), (0.11, 0.15), (0.45, 1.0), (0, 0, 0, 0, 1), 0.5),
    "any": _Style((0.38, 0.8), (0.1, 0.19), (0.3, 1.0), (0, 0, 0, 0, 1, 2, 3), 0.6),
}


class Faces:
    """Typefaces to letter plates with; without `fonts` drawn strokes alone (Persian letters then fail)."""

    def __init__(self, fonts: list[Font]) -> None:
        persian = [*PERSIAN_DIGITS, *PERSIAN_LETTERS]
        self._latin = _writing(fonts, "latin", [sign for sign in SIGNS[1:] if sign.isascii()])
        self._arabic = _writing(fonts, "arabic", persian)

    def draw(self, style: str, rng: np.random.Generator) -> Face:
        """A face in `style` (one of STYLES), a little different at each call. Raises KeyError for others."""
        wish = _STYLES[style]
        drawn = Pen(
            pen=_nearest(_PENS, float(rng.uniform(*wish.pen))),
            roundness=_nearest(_ROUND, float(rng.uniform(*wish.roundness))),
            proportion=float(rng.uniform(*wish.proportion)),
            seed=int(rng.integers(32)),
            zeros=wish.zeros,
        )
        latin = self._type(self._latin, rng) if self._latin and rng.random() < wish.fonts else drawn
        if not self._arabic:
            return Face(latin, _PersianPen(drawn, _NoFonts()))
        arabic = self._type(self._arabic, rng)
        return Face(latin, _PersianPen(arabic if rng.random() < 0.8 else drawn, arabic))

    @staticmethod
    def _type(fonts: list[Font], rng: np.random.Generator) -> Type:
        number = int(rng.integers(len(fonts)))
        weight, lean = _shape(number, int(rng.integers(_SHAPES)))
        return Type(str(fonts[number].path), weight, lean, variant=int(rng.integers(4)))


@lru_cache(maxsize=2048)
def _shape(font: int, shape: int) -> tuple[int, float]:
    """The weight and the leaning of a font file's `shape`th use."""
    rng = np.random.default_rng((font, shape))
    return int(rng.integers(-1, 3)), float(rng.choice((0.0, 0.0, 0.0, -0.04, 0.04, 0.08)))


def _nearest(steps: tuple[float, ...], value: float) -> float:
    return min(steps, key=lambda step: abs(step - value))


def _writing(fonts: list[Font], script: str, signs: list[str]) -> list[Font]:
    """Those of `fonts` for `script` that have all the signs: a subset may lack some."""
    return [
        font
        for font in fonts
        if font.script == script and all(_writes(str(font.path), sign) for sign in signs)
    ]


def _centred(mask: Mask, width: int) -> Mask:
    whole = np.zeros((mask.shape[0], width), dtype=np.uint8)
    left = (width - mask.shape[1]) // 2
    whole[:, left : left + mask.shape[1]] = mask
    return whole


@lru_cache(maxsize=256)
def _loaded(font: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, _MASTER + 40, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def _writes(font: str, text: str) -> bool:
    """Whether the font has every character of `text`, rather than the box it shows for what it lacks."""
    loaded = _loaded(font)
    lacking = bytes(loaded.getmask("\uffff"))
    return all(any(shown) and shown != lacking for shown in (bytes(loaded.getmask(one)) for one in text))


@lru_cache(maxsize=24000)
def _leaning(font: str, text: str, weight: int, lean: float) -> Mask:
    """`text` cut to its ink, _MASTER pixels high (Persian letters: as high as their line), shared."""
    loaded = _loaded(font)
    left, top, right, bottom = (int(value) for value in loaded.getbbox(text))
    margin = 8
    size = (max(1, right - left) + 2 * margin, max(1, bottom - top) + 2 * margin)
    page = Image.new("L", size)
    ImageDraw.Draw(page).text((margin - left, margin - top), text, fill=255, font=loaded)
    mask: NDArray[np.uint8] = np.asarray(page, dtype=np.uint8)
    if weight:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(weight) + 1,) * 2)
        other = np.asarray((cv2.dilate if weight > 0 else cv2.erode)(mask, kernel), dtype=np.uint8)
        # A light face has nothing to give away.
        mask = other if other.sum() > mask.sum() * 0.6 else mask
    if lean:
        high = mask.shape[0]
        shear = np.array([[1, -lean, lean * high / 2 + abs(lean) * high / 2], [0, 1, 0]])
        mask = np.asarray(
            cv2.warpAffine(mask, shear, (mask.shape[1] + int(abs(lean) * high), high)), dtype=np.uint8
        )
    # An edge's faintest pixels are no part of the letter.
    left, top, wide, high = cv2.boundingRect(np.asarray(mask > 40, dtype=np.uint8))
    mask = mask[top : top + high, left : left + wide]
    width = max(2, round(mask.shape[1] * _MASTER / mask.shape[0]))
    mask = np.asarray(cv2.resize(mask, (width, _MASTER), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask.flags.writeable = False
    return mask
