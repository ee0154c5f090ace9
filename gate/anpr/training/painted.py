"""What stands on vehicles and is no plate: firms, telephone numbers, dates, model names, danger boards.

A mark painted on a body is not among it: where lorries bear one, it is their own.
"""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.strip import straighten_plate
from gate.anpr.training.camera import Gray, boxed, taken
from gate.anpr.training.chance import between, chance
from gate.anpr.training.drawn import DrawnPlate, Image
from gate.anpr.training.look import Colour
from gate.anpr.training.scenery import MONTHS
from gate.anpr.training.scenes_lettering import Lettering

_WORDS: Final = (
    "TRANS", "LOGISTICS", "CARGO", "EXPRESS", "SPEDITION", "SERVICE", "INTERNATIONAL", "TRANSPORT",
    "LINES", "FREIGHT", "GRUP", "NAKLIYAT", "ULUSLARARASI", "BAKI", "TBILISI", "ISTANBUL", "POTI", "ALAT",
    "KAZAN", "GROUP", "COOL", "FRUIT", "LONG VEHICLE", "KEEP DISTANCE", "STOP", "TAXI", "TIR", "ABS",
    "KRONE", "SCHMITZ", "KOGEL", "SCANIA", "VOLVO", "MAN", "DAF", "KAMAZ", "MERCEDES", "RENAULT", "FORD",
    "IVECO", "TOYOTA", "HYUNDAI", "ACTROS", "TURBO", "DIESEL", "EURO", "FRESH",
)  # fmt: skip
_MODELS: Final = (
    "FH DDD", "FH16 DDD", "XF DDD", "XF DDD.DDD", "TGX DD.DDD", "ACTROS DDDD", "R DDD", "S DDDS", "T DDD",
    "AXOR DDDD", "STRALIS DDD", "CF DDD", "F-MAX DDD", "KAMAZ DDDD", "DDD HP", "VD TURBO", "D.D TDI",
    "DxD",
)  # fmt: skip
_FIGURES: Final = (
    "MAX DD", "DD T", "DD DDD KG", "TARE DDDD", "MGW DD DDD", "NET DD DDD KG", "CU.M. DD.D", "D,D BAR",
    "DD", "DDD", "N DDD", "NO DD", "DDL", "LLLU DDDDDD D", "LLLU DDD DDD", "DDGD", "DDRD",
)  # fmt: skip
_TELEPHONES: Final = (
    "+DDD DD DDD DD DD", "DDD DDD DD DD", "DDD-DD-DD", "D DDD DDD-DD-DD", "(DDD) DDD DD DD",
    "DDDD DDD DDDD", "TEL DDD DD DD", "TEL: DDDDDD", "*DDDD", "DDDDDDD", "DD DD DD", "DDDDDD",
    "GSM DDD DDDDDDD",
)  # fmt: skip
_DATES: Final = (
    "DD.DD.DDDD", "DD/DD/DDDD", "DDDD-DD-DD", "DD.DD.DD", "DD:DD", "DD:DD:DD", "DD-DD-DDDD DD:DD",
    "MM DD DDDD",
)  # fmt: skip
_SITES: Final = ("WWW.{}.COM", "{}.AZ", "WWW.{}.COM.TR", "{}.RU", "INFO@{}.GE", "{}.EU", "@{}")
_ORANGE: Final = (20, 120, 245)
_APART: Final = 60
"""Grey levels between a ground and what is seen on it."""
_INK_HIGH: Final = 60
"""Pixels of a line's letters as drawn; about what a plate's are."""


class PaintedLettering:
    """Draws lettering on a body or on a board, and photographs it as plates are."""

    def __init__(self, lettering: Lettering) -> None:
        self._lettering = lettering

    def __call__(self, rng: np.random.Generator) -> tuple[DrawnPlate, Gray]:
        """Something that is no plate (it has no signs), and the strip that a finder would cut of it."""
        posed, inner = self.posed(rng)
        picture, view, _ = taken(posed, rng)
        strip = straighten_plate(picture, boxed(_inside(view.corners, inner), rng))
        return replace(posed, signs=(), lines=1), strip

    def posed(self, rng: np.random.Generator) -> tuple[DrawnPlate, NDArray[np.float32]]:
        """Lettering drawn as if it were a plate, for `taken`; and where on it the lettering itself is.

        That is left and top, right and bottom, in shares of its width and height.
        """
        board = chance(rng, 0.45)
        if board and chance(rng, 0.12):
            lines, ground, ink = _danger(rng), _ORANGE, (0, 0, 0)
        else:
            lines = _lines(rng)
            ground, ink = _colours(rng)
        # Read by nobody: their number alone says how far such a picture may be blurred.
        signs = ("0",) * max(1, sum(len(line.replace(" ", "")) for line in lines))
        face, inner = self._face(lines, ground, ink, rng, board=board)
        return DrawnPlate(face, signs, "", min(2, len(lines))), inner

    def _face(
        self,
        lines: list[str],
        ground: Colour,
        ink: Colour,
        rng: np.random.Generator,
        *,
        board: bool,
    ) -> tuple[Image, NDArray[np.float32]]:
        """The lettering on its ground, and the shares of width and height between which it would be found."""
        bold = int(rng.integers(0, 4))
        rows = [self._row(line, bold, rng) for line in lines]
        gap = int(_INK_HIGH * between(rng, 0.15, 0.4))
        wide = max(row.shape[1] for row in rows)
        high = sum(row.shape[0] for row in rows) + gap * (len(rows) - 1)
        # A body goes on around its lettering; a board ends, as a plate does.
        beside, above = (between(rng, 0.03, 0.2), between(rng, 0.1, 0.4)) if board else (0.45, 0.9)
        left, top = int(beside * wide) + 2, int(above * high / len(rows)) + 2
        cover = np.zeros((high + 2 * top, wide + 2 * left), dtype=np.float32)
        y = top
        for row in rows:
            x = left + (wide - row.shape[1]) // 2
            cover[y : y + row.shape[0], x : x + row.shape[1]] = row.astype(np.float32) / 255
            y += row.shape[0] + gap
        face = np.full((*cover.shape, 3), ground, dtype=np.float32)
        face += cover[..., None] * (np.array(ink, dtype=np.float32) - face)
        if board:
            if chance(rng, 0.3):
                cv2.rectangle(
                    face, (3, 3), (face.shape[1] - 4, face.shape[0] - 4), ink, int(rng.integers(1, 5))
                )
            return face.astype(np.uint8), np.array([(0, 0), (1, 1)], dtype=np.float32)
        loose_x, loose_y = between(rng, 0.0, 0.12) * wide, between(rng, 0.05, 0.4) * _INK_HIGH
        low = np.array([(left - loose_x) / face.shape[1], (top - loose_y) / face.shape[0]])
        return face.astype(np.uint8), np.array([low, 1 - low], dtype=np.float32)

    def _row(self, line: str, bold: int, rng: np.random.Generator) -> Gray:
        ink = self._lettering.ink(line, rng, bold=bold)
        squeezed = between(rng, 0.65, 1.1)
        size = (max(4, round(_INK_HIGH * ink.shape[1] / ink.shape[0] * squeezed)), _INK_HIGH)
        return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _lines(rng: np.random.Generator) -> list[str]:
    """One line as a rule, two at times, none of them longer than a plate could look."""
    lines = [_text(rng)[:16].strip()]
    if chance(rng, 0.18):
        lines.append(_text(rng)[:10].strip())
    return lines


def _text(rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.36:
        words = rng.choice(_WORDS, 1 if chance(rng, 0.7) else 2)
        text = " ".join(words)
        return text if chance(rng, 0.75) else text.title()
    if kind < 0.45:
        return str(rng.choice(_SITES)).format(str(rng.choice(_WORDS)).replace(" ", "").lower())
    if kind < 0.65:
        return filled(str(rng.choice(_TELEPHONES)), rng)
    if kind < 0.78:
        return filled(str(rng.choice(_DATES)).replace("MM", str(rng.choice(MONTHS))), rng)
    if kind < 0.9:
        return filled(str(rng.choice(_MODELS)), rng)
    return filled(str(rng.choice(_FIGURES)), rng)


def filled(pattern: str, rng: np.random.Generator) -> str:
    """`pattern` with a digit for each lone D and a letter for each lone L: those in words stay."""
    parts = []
    for word in pattern.split(" "):
        figures = set(word) <= set("DLU.,-:/()+*xRGVS")
        parts.append("".join(_drawn(sign, rng) if figures else sign for sign in word))
    return " ".join(parts)


def _drawn(sign: str, rng: np.random.Generator) -> str:
    choices = {"D": string.digits, "L": string.ascii_uppercase}.get(sign, sign)
    return str(rng.choice(list(choices)))


def _danger(rng: np.random.Generator) -> list[str]:
    """An orange board of dangerous goods: the hazard above the substance (ADR 5.3.2.2)."""
    hazard = str(rng.choice(["30", "33", "80", "60", "X423", "268", "99", "40", "23", "20"]))
    return [hazard, f"{int(rng.integers(1000, 3550))}"]


def _colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Ground and ink, far enough apart in brightness to be seen."""
    while True:
        ground, ink = _colour(rng), _colour(rng)
        if abs(sum(ground) - sum(ink)) > 3 * _APART:
            return ground, ink


def _colour(rng: np.random.Generator) -> Colour:
    """Any, oftener grey than chance would have it."""
    blue, green, red = (int(value) for value in rng.integers(0, 256, 3))
    return (blue, green, red) if chance(rng, 0.6) else (blue, blue, blue)


def _inside(corners: NDArray[np.float32], inner: NDArray[np.float32]) -> NDArray[np.float32]:
    """Corners of the part between the shares `inner` of a face whose own corners are given."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(unit, corners)
    (left, top), (right, bottom) = inner.tolist()
    part = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], dtype=np.float32)
    return np.asarray(cv2.perspectiveTransform(part, matrix)[0], dtype=np.float32)
