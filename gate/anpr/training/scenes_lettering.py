"""Text that stands about on roads: plates of no state in particular, and lettering that is no plate."""

from __future__ import annotations

import string
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from gate.anpr.training.chance import between, chance
from gate.anpr.training.fonts import Font

Gray = NDArray[np.uint8]

_CAPITALS = string.ascii_uppercase + string.digits * 2
_WORDS: Final = (
    "TRANS", "LOGISTIC", "CARGO", "EXPRESS", "SPEDITION", "GmbH", "OOO", "Euro", "service", "tel", "fax",
    "www", ".com", ".az", ".ge", "Baku", "Tbilisi", "line", "international", "transport", "FH16", "ACTROS",
    "TGX", "Scania", "Volvo", "MAN", "DAF", "KAMAZ", "MAZ", "Mercedes", "Renault", "Ford", "Iveco", "long",
    "vehicle", "STOP", "TAXI", "KRONE", "turbo", "diesel", "GPS", "sale", "market", "auto", "center",
    "24/7", "info", "hot", "fresh",
)  # fmt: skip
_SIZE = 64


class Lettering:
    """Draws text in the Latin ones of these fonts, or in Pillow's own face where there are none."""

    def __init__(self, fonts: list[Font]) -> None:
        self._fonts: list[ImageFont.FreeTypeFont | ImageFont.ImageFont] = []
        self._fonts += [ImageFont.truetype(str(font.path), _SIZE) for font in fonts if font.script == "latin"]
        if not self._fonts:
            self._fonts.append(ImageFont.load_default(_SIZE))

    def ink(self, text: str, rng: np.random.Generator, *, bold: int = 0) -> Gray:
        """Coverage 0..255 of `text`, cropped to it, in a random face; a speck where it has no ink."""
        font = self._fonts[int(rng.integers(len(self._fonts)))]
        box = ImageDraw.Draw(Pillow.new("L", (1, 1))).textbbox((0, 0), text, font=font, stroke_width=bold)
        size = (max(1, int(box[2] - box[0])), max(1, int(box[3] - box[1])))
        canvas = Pillow.new("L", size, 0)
        ImageDraw.Draw(canvas).text((-box[0], -box[1]), text, font=font, fill=255, stroke_width=bold)
        return np.asarray(canvas, dtype=np.uint8)

    def decoy(self, rng: np.random.Generator) -> tuple[Gray, Gray]:
        """Lettering that is no plate, and how much it covers what it stands on (both 0..255)."""
        if chance(rng, 0.15):
            return self._sign(rng)
        kind = rng.random()
        if kind < 0.35:
            lines = [
                "".join(rng.choice(list(string.digits), 3)) + " " + _digits(rng, int(rng.integers(6, 10)))
            ]
        elif kind < 0.8:
            lines = [" ".join(rng.choice(_WORDS, int(rng.integers(1, 4))))]
        else:
            lines = [" ".join(rng.choice(_WORDS, 3)) for _ in range(int(rng.integers(3, 6)))]
        rows = [self.ink(line, rng, bold=int(rng.integers(0, 3))) for line in lines]
        width = max(row.shape[1] for row in rows)
        ink = np.vstack([
            cv2.copyMakeBorder(row, 4, 8, 4, width - row.shape[1] + 4, cv2.BORDER_CONSTANT) for row in rows
        ])  # fmt: skip
        tone = int(rng.integers(0, 256))
        face = np.full(ink.shape, tone, dtype=np.uint8)
        long = ink.shape[1] > 7 * ink.shape[0] or len(rows) > 2
        if long and chance(rng, 0.4):
            # On a panel of its own; only where its shape cannot be a plate's.
            panel = float(rng.integers(0, 256))
            share = ink.astype(np.float32) / 255
            face = np.clip(share * tone + (1 - share) * panel, 0, 255).astype(np.uint8)
            return face, np.full_like(face, 255)
        return face, np.asarray(ink, dtype=np.uint8)

    def _sign(self, rng: np.random.Generator) -> tuple[Gray, Gray]:
        """A round road sign: a ring, a number."""
        face, cover = np.zeros((96, 96), dtype=np.uint8), np.zeros((96, 96), dtype=np.uint8)
        light, dark = between(rng, 120, 255), between(rng, 0, 110)
        cv2.circle(cover, (48, 48), 47, 255.0, -1, cv2.LINE_AA)
        face[:] = int(light)
        cv2.circle(face, (48, 48), 43, dark, int(rng.integers(3, 12)), cv2.LINE_AA)
        ink = self.ink(
            str(rng.choice(["20", "30", "40", "50", "60", "70", "90", "110", "3,5", "STOP"])), rng, bold=1
        )
        share = np.asarray(cv2.resize(ink, (48, 36), interpolation=cv2.INTER_AREA)).astype(np.float32) / 255
        cell = face[30:66, 24:72]
        cell[:] = (share * dark + (1 - share) * cell).astype(np.uint8)
        return face, cover

    def plate(self, rng: np.random.Generator) -> Gray:
        """A plate of no state in particular: any shape from 1.2 to 5, dark on light or light on dark."""
        aspect = float(rng.choice([1.35, 1.55, 2.0, 2.0, 2.0, 3.1, 3.3, 4.0, 4.6])) * float(
            rng.uniform(0.92, 1.08)
        )
        height = 112
        width = round(height * aspect)
        light, dark = between(rng, 150, 255), between(rng, 0, 90)
        if chance(rng, 0.22):
            light, dark = dark, light
        face = np.full((height, width), light, dtype=np.float32)
        if chance(rng, 0.45):
            _decorate(face, rng)
        lines = 2 if aspect < 1.7 or (aspect < 2.2 and chance(rng, 0.3)) else 1
        small_top, small_bottom = chance(rng, 0.5), chance(rng, 0.4)
        top = 0.26 if small_top and aspect < 3.5 and lines == 1 else 0.1
        bottom = 0.78 if small_bottom and aspect < 3.5 and lines == 1 else 0.9
        if top > 0.2:
            self._put(face, _word(rng), (0.2, 0.04, 0.8, 0.21), dark, rng)
        if bottom < 0.8:
            self._put(face, _word(rng), (0.15, 0.82, 0.85, 0.95), dark, rng)
        gap = (bottom - top) / lines
        for line in range(lines):
            signs = int(rng.integers(2, 6)) if lines == 2 else int(rng.integers(4, 9))
            text = "".join(rng.choice(list(_CAPITALS), signs))
            if signs > 4 and chance(rng, 0.6):
                cut = int(rng.integers(2, signs - 1))
                text = text[:cut] + str(rng.choice([" ", "-", "·"])) + text[cut:]
            left, right = between(rng, 0.05, 0.14), 1 - between(rng, 0.05, 0.12)
            box = (left, top + line * gap + 0.02, right, top + (line + 1) * gap - 0.02)
            self._put(face, text, box, dark, rng, bold=int(rng.integers(0, 4)))
        if chance(rng, 0.6):
            inset = int(rng.integers(0, 4))
            cv2.rectangle(
                face, (inset, inset), (width - 1 - inset, height - 1 - inset), dark, int(rng.integers(1, 5))
            )
        if chance(rng, 0.4):
            for x in (0.15, 0.85):
                for y in (0.1, 0.9) if chance(rng, 0.5) else (0.1,):
                    cv2.circle(face, (round(x * width), round(y * height)), 4, between(rng, 60, 200), -1)
        return np.clip(face, 0, 255).astype(np.uint8)

    def _put(self, face: NDArray[np.float32], text: str, box: tuple[float, float, float, float], tone: float,
             rng: np.random.Generator, bold: int = 1) -> None:  # fmt: skip
        height, width = face.shape
        left, top, right, bottom = box
        high, wide = max(3, round((bottom - top) * height)), max(4, round((right - left) * width))
        ink = self.ink(text, rng, bold=bold)
        natural = max(4, round(high * ink.shape[1] / ink.shape[0] * between(rng, 0.6, 1.0)))
        wide_now = min(wide, natural)
        ink = np.asarray(cv2.resize(ink, (wide_now, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        x, y = round(left * width) + (wide - wide_now) // 2, round(top * height)
        share = ink.astype(np.float32)[: height - y, : width - x] / 255
        cell = face[y : y + high, x : x + wide_now]
        cell += share * (tone - cell)


def _digits(rng: np.random.Generator, count: int) -> str:
    text = "".join(rng.choice(list(string.digits), count))
    return "-".join(text[start : start + 3] for start in range(0, count, 3))


def _word(rng: np.random.Generator) -> str:
    word = "".join(rng.choice(list(string.ascii_letters), int(rng.integers(5, 14))))
    return word if chance(rng, 0.5) else word.upper()


def _decorate(face: NDArray[np.float32], rng: np.random.Generator) -> None:
    height, width = face.shape
    if chance(rng, 0.5):
        face += np.linspace(0, between(rng, -90, 60), height, dtype=np.float32)[:, None]
    if chance(rng, 0.5):
        coarse = cv2.resize(
            rng.normal(0, 1, (4, 8)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        face += coarse * between(rng, 5, 30)
    if chance(rng, 0.4):
        edge = int(width * rng.uniform(0.06, 0.14))
        if chance(rng, 0.5):
            face[:, :edge] = between(rng, 20, 140)
        else:
            face[: max(4, edge // 2)] = between(rng, 20, 140)
    np.clip(face, 0, 255, out=face)
