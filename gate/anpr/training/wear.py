"""What years do to a plate, and what America prints behind its marks."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.drawn import Image
from gate.anpr.training.faces import Face
from gate.anpr.training.look import Colour

Mask = NDArray[np.uint8]
"""Height x width, coverage 0..255."""

_STATES: Final = (
    "CALIFORNIA", "TEXAS", "FLORIDA", "NEW YORK", "OHIO", "NEVADA", "UTAH", "OREGON", "IDAHO", "MAINE",
    "IOWA", "ARIZONA", "ILLINOIS", "GEORGIA", "MICHIGAN", "VIRGINIA", "ALABAMA", "KANSAS", "MISSOURI",
    "COLORADO", "MONTANA", "NEBRASKA", "WYOMING", "TENNESSEE", "KENTUCKY", "INDIANA", "WISCONSIN",
    "MINNESOTA", "PENNSYLVANIA", "NEW JERSEY",
)  # fmt: skip


def decorate(plate: Image, face: Face, ink: Colour, rng: np.random.Generator) -> None:
    """A picture in the ground, the state's name above, a slogan beneath, stickers in the corners."""
    height, width = plate.shape[:2]
    kind = rng.random()
    if kind < 0.35:  # a band of colour fading from above or beneath
        cast = rng.integers(60, 255, 3)
        fade = np.clip(np.linspace(1.2, -0.6, height), 0, 1)[:: int(rng.choice((-1, 1)))]
        fade = (fade * rng.uniform(0.3, 0.9))[:, None, None]
        plate[:] = (plate * (1 - fade) + cast * fade).astype(np.uint8)
    elif kind < 0.6:  # hills, skylines
        line = np.cumsum(rng.normal(0, 1, width)) * rng.uniform(0.3, 1.6)
        line = height * rng.uniform(0.4, 0.8) + line - line.mean()
        land = rng.integers(90, 230, 3)
        below = np.arange(height)[:, None] > line[None, :]
        plate[below] = (plate[below] * 0.5 + land * 0.5).astype(np.uint8)
    elif kind < 0.75:  # a picture in the middle
        for _ in range(int(rng.integers(2, 6))):
            at = (int(rng.integers(width)), int(rng.integers(height // 4, height)))
            tone = tuple(int(value) for value in rng.integers(110, 245, 3))
            cv2.circle(plate, at, int(rng.integers(8, 40)), tone, -1, cv2.LINE_AA)
        plate[:] = cv2.GaussianBlur(plate, (0, 0), 2)
    if rng.random() < 0.9:  # nearly all
        _line(plate, str(rng.choice(_STATES)), rng.uniform(0.13, 0.21), 0.12, _other(ink, rng), face)
    if rng.random() < 0.6:  # many
        slogan = "".join(rng.choice(list("AEINORSTLD  "), int(rng.integers(8, 20))))
        _line(plate, slogan, rng.uniform(0.08, 0.13), 0.9, _other(ink, rng), face)
    for x, y in ((0.03, 0.04), (0.86, 0.04), (0.03, 0.84), (0.86, 0.84)):
        if rng.random() < 0.35:  # month, year
            left, top = round(x * width), round(y * height)
            tone = tuple(int(value) for value in rng.integers(30, 250, 3))
            right, bottom = left + round(0.11 * width), top + round(0.13 * height)
            cv2.rectangle(plate, (left, top), (right, bottom), tone, -1)
            if rng.random() < 0.6:
                text = "".join(rng.choice(list("JANFEBMRPYULGSOCTDV0123456789"), int(rng.integers(2, 4))))
                ink_on = (20, 20, 20) if sum(tone) > 3 * 128 else (235, 235, 235)
                _line(plate[top:bottom, left:right], text, 0.7, 0.5, ink_on, face)
    if rng.random() < 0.3:
        _framed(plate, face, rng)


def worn(plate: Image, signs: Mask, other: Mask, ink: Colour, rng: np.random.Generator) -> Image:
    """Ink set on the ground, pressed up from the sheet, faded, peeling, screwed on."""
    height, width = signs.shape
    cover = np.maximum(signs, (other * rng.uniform(0.6, 1.0)).astype(np.uint8)).astype(np.float32) / 255
    if rng.random() < 0.3:  # paint wears in patches
        rough = cv2.resize(
            rng.normal(0, 1, (height // 8 + 2, width // 8 + 2)).astype(np.float32), (width, height)
        )
        cover = cover * np.clip(1 - np.clip(rough - rng.uniform(0.4, 1.6), 0, 1) * 0.8, 0.15, 1)
    if rng.random() < 0.25:  # faded as a whole
        cover = cover * rng.uniform(0.6, 0.95)
    if rng.random() < 0.5:  # a sheet that is not quite even
        sheen = np.linspace(rng.uniform(0.8, 1.1), rng.uniform(0.8, 1.1), width, dtype=np.float32)
        plate = np.asarray(cv2.convertScaleAbs(plate * sheen[None, :, None]), dtype=np.uint8)
    ink_sheet = np.empty_like(plate)
    ink_sheet[:] = ink
    image: Image = np.asarray(cv2.blendLinear(ink_sheet, plate, cover, 1 - cover), dtype=np.uint8)
    if rng.random() < 0.55:  # light from one side on pressed signs
        depth, angle = rng.uniform(10, 55), rng.uniform(0, 2 * np.pi)
        move = np.array([[1, 0, np.cos(angle) * 1.3], [0, 1, np.sin(angle) * 1.3]], dtype=np.float32)
        soft = cv2.GaussianBlur(signs, (0, 0), 0.9)
        edge = cv2.subtract(cv2.warpAffine(soft, move, (width, height)), soft, dtype=cv2.CV_16S) * (
            depth / 255
        )
        image = np.asarray(cv2.add(image, cv2.merge([edge] * 3), dtype=cv2.CV_8U), dtype=np.uint8)
    for _ in range(int(rng.choice((0, 0, 1, 2, 2, 4)))):
        at = (int(rng.integers(width)), int(height * rng.choice((0.1, 0.5, 0.9)) + rng.normal(0, 4)))
        grey = float(rng.uniform(20, 230))
        cv2.circle(image, at, int(rng.integers(3, 7)), (grey, grey, grey), -1, cv2.LINE_AA)
    return image


def _framed(plate: Image, face: Face, rng: np.random.Generator) -> None:
    """A dealer's frame over the plate's edges, its name beneath, at times above as well."""
    height, width = plate.shape[:2]
    tone = rng.choice((rng.uniform(5, 45), rng.uniform(140, 230)))
    edge = round(width * rng.uniform(0.01, 0.03))
    foot, head = round(height * rng.uniform(0.1, 0.2)), round(height * rng.uniform(0.03, 0.14))
    plate[:, :edge], plate[:, width - edge :] = tone, tone
    plate[:head], plate[height - foot :] = tone, tone
    ink = (235, 235, 235) if tone < 128 else (20, 20, 20)
    for part in (plate[height - foot :], *([plate[:head]] if head > height * 0.08 else [])):
        name = "".join(rng.choice(list("AEINORSTLDCMVWK "), int(rng.integers(5, 16))))
        _line(part, name, rng.uniform(0.6, 0.85), 0.5, ink, face)


def _other(ink: Colour, rng: np.random.Generator) -> Colour:
    if rng.random() < 0.6:  # the same paint as the mark, or another
        return ink
    blue, green, red = (int(value) for value in rng.integers(0, 200, 3))
    return blue, green, red


def _line(plate: Image, text: str, share: float, at: float, ink: Colour, face: Face) -> None:
    height, width = plate.shape[:2]
    mask = face.text(text, max(5, round(share * height)))
    most = round(width * 0.8)
    if mask.shape[1] > most:
        mask = np.asarray(
            cv2.resize(mask, (most, mask.shape[0]), interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
    y = int(np.clip(round(at * height - mask.shape[0] / 2), 0, height - mask.shape[0]))
    x = (width - mask.shape[1]) // 2
    part = plate[y : y + mask.shape[0], x : x + mask.shape[1]]
    cover = mask[..., None].astype(np.float32) / 255
    part[:] = (part * (1 - cover) + np.array(ink, dtype=np.float32) * cover).astype(np.uint8)
