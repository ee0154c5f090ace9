"""What stands on a plate beside its mark: coloured fields, small print, coats of arms and stickers."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gate.anpr.training.drawn import Image
from gate.anpr.training.faces import Face
from gate.anpr.training.look import Band, Colour, Look

_TOWNS: Final = (
    "SAO ", "PAULO", "RIO ", "BELO ", "HORI", "ZONTE", "CURI", "TIBA", "PORTO ", "ALEGRE", "SANTA ", "MARIA",
    "CAMPO", " GRANDE", "RECIFE", "MA", "NAUS", "JOIN", "VILLE", "LON", "DRINA", "GOI", "ANIA",
)  # fmt: skip
"""Of which the names of Brazilian towns are put together."""
_DARK: Final = 110
"""Grey level below which ink is white."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def paint_bands(plate: Image, look: Look, face: Face, rng: np.random.Generator) -> Box:
    """Paint the bands; the box that they leave to the mark."""
    height, width = plate.shape[:2]
    left, top, right = 0, 0, width
    if look.left is not None:
        left = round(look.left.share * width * rng.uniform(0.85, 1.15))
        _band(plate[:, :left], look.left, face, rng)
    if look.right is not None:
        right = width - round(look.right.share * width)
        _band(plate[:, right:], look.right, face, rng)
    if look.top is not None:
        top = round(look.top.share * height)
        _heading(plate[:top, left:], look.top, face, rng)
        if look.top.code:  # a code in the square above it, letters beneath: Mercosul's
            _corner(plate[top:, :], face, look.top, rng)
            left += round(0.05 * width)
    return left, top, right, height


def _heading(area: Image, band: Band, face: Face, rng: np.random.Generator) -> None:
    area[:] = band.colour
    tall = round(area.shape[0] * rng.uniform(0.4, 0.7))
    if band.fixed:
        print_small(area, band.text, tall, band.ink, face, (0.5, 0.5))
        high = max(4, area.shape[0] - 6)
        paint_flag(area[3 : 3 + high, -2 * high - 4 : -4], band.stripes)
        return
    town = "".join(_TOWNS[int(pick)] for pick in rng.integers(len(_TOWNS), size=int(rng.integers(2, 5))))
    print_small(area, f"{band.text} {town}", tall, band.ink, face, (0.5, 0.5))


def _corner(area: Image, face: Face, band: Band, rng: np.random.Generator) -> None:
    height, width = area.shape[:2]
    side = round(0.055 * width)
    if side < 6:  # nothing to see
        return
    if rng.random() < 0.7:  # early ones have none
        dots = (rng.integers(0, 2, (7, 7)) * 200 + 30).astype(np.uint8)
        code = np.asarray(cv2.resize(dots, (side, side), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
        area[3 : 3 + side, 4 : 4 + side] = code[: height - 3, :, None]
    print_small(
        area[-round(0.3 * height) :, 3 : 5 + side], band.code, side // 2, (30, 30, 30), face, (0.5, 0.4)
    )


def paint_flag(area: Image, stripes: tuple[Colour, ...]) -> None:
    """A flag that fills the area, its stripes from the top."""
    if not stripes or min(area.shape[:2]) < len(stripes):  # nothing to see
        return
    for number, colour in enumerate(stripes):
        area[number * area.shape[0] // len(stripes) :] = colour


def persian_name(area: Image, face: Face) -> None:
    """The name of Iran over the region of its plates: seldom more than a smear to a camera."""
    height, width = area.shape[:2]
    nun, ye = (face.glyph(sign, height, max(3, height)) for sign in ("\u0646", "\u06cc"))
    bar = np.zeros((height, max(3, height // 2)), dtype=np.uint8)
    bar[:, bar.shape[1] // 2 : bar.shape[1] // 2 + max(1, height // 7)] = 255
    word = np.hstack([nun, bar, ye, bar])
    if word.shape[1] > width:
        word = np.asarray(cv2.resize(word, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    x = (width - word.shape[1]) // 2
    part = area[:, x : x + word.shape[1]]
    ink = 20 if float(area.mean()) > _DARK else 240
    cover = word[..., None] / np.float32(300)
    part[:] = (part * (1 - cover) + ink * cover).astype(np.uint8)


def _band(area: Image, band: Band, face: Face, rng: np.random.Generator) -> None:
    height, width = area.shape[:2]
    if min(height, width) < 6:  # nothing to see
        return
    area[:] = band.colour
    high = rng.random() < 0.85  # the emblem is above the letters nearly always
    middle = (width // 2, round(height * (0.3 if high else 0.68)))
    if band.stripes:
        tall, deep = round(width * 0.4), round(width * 0.35)
        for number, colour in enumerate(band.stripes):
            step = max(1, 2 * deep // len(band.stripes))
            y = middle[1] - deep + number * step
            cv2.rectangle(area, (middle[0] - tall, y), (middle[0] + tall, y + step - 1), colour, -1)
    elif band.stars:
        for angle in np.arange(0, 2 * np.pi, np.pi / 6):
            at = (
                round(middle[0] + np.cos(angle) * width * 0.28),
                round(middle[1] + np.sin(angle) * width * 0.28),
            )
            cv2.circle(area, at, max(1, width // 18), (60, 210, 250), -1)
    elif band.crest:
        paint_crest(area, middle, round(width * rng.uniform(0.7, 1.0)), rng, two=False)
    lines = band.text.split("/") if band.text else []
    longest = max(map(len, lines), default=1)
    tall = min(round(height * 0.22), round(width * 0.62 / longest * 1.6))
    for number, line in enumerate(lines):
        down = (0.78 if high else 0.3) + (number - (len(lines) - 1) / 2) * 1.25 * tall / height
        print_small(area, line, tall, band.ink, face, (0.5, down))


def print_small(area: Image, text: str, tall: int, ink: Colour, face: Face, at: tuple[float, float]) -> None:
    """Small print with its middle at `at` (shares of the area), cut off where it does not fit."""
    if tall < 6:  # less than a grey line to a camera, and strokes thinner than a pixel
        return
    mask = face.text(text, tall)
    if mask.shape[1] > area.shape[1]:
        mask = np.asarray(
            cv2.resize(mask, (area.shape[1], tall), interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
    y = int(np.clip(round(area.shape[0] * at[1] - tall / 2), 0, max(0, area.shape[0] - tall)))
    x = int(np.clip(round(area.shape[1] * at[0] - mask.shape[1] / 2), 0, area.shape[1] - mask.shape[1]))
    part = area[y : y + tall, x : x + mask.shape[1]]
    cover = mask[: part.shape[0], :, None].astype(np.float32) / 255
    part[:] = (part * (1 - cover) + np.array(ink, dtype=np.float32) * cover).astype(np.uint8)


def paint_crest(plate: Image, at: tuple[int, int], wide: int, rng: np.random.Generator, *, two: bool) -> None:
    """An emblem: a coat of arms, or inspection stickers one above the other."""
    spots = [(0, -round(0.42 * wide)), (0, round(0.42 * wide))] if two else [(0, int(rng.integers(-4, 5)))]
    for _, down in spots:
        colour = tuple(int(value) for value in rng.integers(20, 235, 3))
        centre, radius = (
            (at[0], at[1] + down),
            max(2, round(wide * (0.36 if two else rng.uniform(0.35, 0.48)))),
        )
        if rng.random() < 0.6:  # round ones are commoner
            cv2.circle(plate, centre, radius, colour, -1, cv2.LINE_AA)
        else:
            shield = np.array([(-1, -1), (1, -1), (1, 0.3), (0, 1.2), (-1, 0.3)]) * radius * 0.85 + centre
            cv2.fillPoly(plate, [shield.astype(np.int32)], colour, cv2.LINE_AA)
        inner = tuple(int(value) for value in rng.integers(20, 235, 3))
        for _ in range(int(rng.integers(1, 4))):
            spot = (
                centre[0] + int(rng.integers(-radius, radius + 1)) // 2,
                centre[1] + int(rng.integers(-radius, radius + 1)) // 2,
            )
            cv2.circle(
                plate, spot, max(1, radius // 3), inner, -1 if rng.random() < 0.5 else 1, cv2.LINE_AA
            )  # either


def paint_emblem(plate: Image, at: tuple[int, int], wide: int, face: Face, rng: np.random.Generator) -> None:
    """What American plates have among their signs: a seal, a state's outline, a star, letters in a stack."""
    tall = round(wide * rng.uniform(0.8, 1.5))
    top, left = max(0, at[1] - tall // 2), max(0, at[0] - wide // 2)
    area = plate[top : top + tall, left : left + wide]
    if min(area.shape[:2]) < 8:  # nothing to see
        return
    tone = tuple(int(value) for value in rng.integers(10, 240, 3))
    kind = rng.random()
    if kind < 0.3:  # small letters above one another
        lines = int(rng.integers(2, 4))
        for number in range(lines):
            text = "".join(rng.choice(list("ABDEHMNOPRSTV0123456789"), int(rng.integers(1, 4))))
            print_small(
                area, text, round(0.8 * tall / lines), (25, 25, 25), face, (0.5, (number + 0.5) / lines)
            )
        return
    turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 12))))
    reach = rng.uniform(0.5, 1.0, len(turns))
    if kind < 0.5:  # a star
        turns = np.arange(10) * np.pi / 5 - np.pi / 2
        reach = np.where(np.arange(10) % 2 == 0, 1.0, rng.uniform(0.35, 0.5))
    middle = np.array((area.shape[1], area.shape[0])) / 2
    shape = (np.stack([np.cos(turns), np.sin(turns)], 1) * reach[:, None] * middle * 0.95 + middle).astype(
        np.int32
    )
    part = np.ascontiguousarray(area)
    if rng.random() < 0.35:
        cv2.polylines(part, [shape], True, tone, max(1, wide // 14), cv2.LINE_AA)
    else:
        cv2.fillPoly(part, [shape], tone, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 6))):  # what a seal is made of
        one, two = rng.uniform(0.2, 0.8, (2, 2)) * middle * 2
        ink = tuple(int(value) for value in rng.integers(10, 240, 3))
        cv2.line(
            part, (int(one[0]), int(one[1])), (int(two[0]), int(two[1])), ink, max(1, wide // 16), cv2.LINE_AA
        )
    area[:] = part
