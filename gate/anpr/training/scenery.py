"""What American states print around their marks: pictures, the state's name, a slogan, stickers."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.bands import print_small
from gate.anpr.training.drawn import Image
from gate.anpr.training.faces import Face
from gate.anpr.training.look import Colour

_STATES: Final = (
    "ALABAMA", "ALASKA", "ARIZONA", "ARKANSAS", "CALIFORNIA", "COLORADO", "CONNECTICUT", "DELAWARE",
    "FLORIDA", "GEORGIA", "HAWAII", "IDAHO", "ILLINOIS", "INDIANA", "IOWA", "KANSAS", "KENTUCKY",
    "LOUISIANA", "MAINE", "MARYLAND", "MASSACHUSETTS", "MICHIGAN", "MINNESOTA", "MISSISSIPPI",
    "MISSOURI", "MONTANA", "NEBRASKA", "NEVADA", "NEW HAMPSHIRE", "NEW JERSEY", "NEW MEXICO",
    "NEW YORK", "NORTH CAROLINA", "NORTH DAKOTA", "OHIO", "OKLAHOMA", "OREGON", "PENNSYLVANIA",
    "RHODE ISLAND", "SOUTH CAROLINA", "SOUTH DAKOTA", "TENNESSEE", "TEXAS", "UTAH", "VERMONT",
    "VIRGINIA", "WASHINGTON", "WEST VIRGINIA", "WISCONSIN", "WYOMING",
)  # fmt: skip
_SLOGANS: Final = (
    "SUNSHINE STATE", "LONE STAR STATE", "GARDEN STATE", "EMPIRE STATE", "GREAT LAKES",
    "FAMOUS POTATOES", "GRAND CANYON STATE", "LAND OF LINCOLN", "10000 LAKES", "AMERICAS DAIRYLAND",
    "SHOW ME STATE", "VACATIONLAND", "FIRST IN FLIGHT", "LIVE FREE OR DIE", "PEACH STATE",
    "EVERGREEN STATE", "SWEET HOME", "GREATEST SNOW ON EARTH", "BIG SKY COUNTRY", "OCEAN STATE",
    "THE FIRST STATE", "BIRTHPLACE OF AVIATION", "DMV CA GOV", "BLUEGRASS STATE", "IN GOD WE TRUST",
    "CENTENNIAL", "WILD WONDERFUL", "NATIVE AMERICA", "PURE MICHIGAN", "VISIT FLORIDA COM",
)  # fmt: skip
MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_PENMANSHIP: Final = (
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_DUPLEX,
)  # fmt: skip
_CORNERS: Final = ((0.03, 0.04), (0.85, 0.04), (0.03, 0.84), (0.85, 0.84))
_WRITTEN: Final = 0.4
"""Plates that have the state's name in a lettering of its own."""


def decorate(plate: Image, face: Face, ink: Colour, rng: np.random.Generator) -> None:
    """A picture in the ground, the state's name above, a slogan beneath, stickers in the corners."""
    _picture(plate, rng)
    stickers = tuple(corner for corner in _CORNERS if rng.random() < 0.3)  # month, year
    if rng.random() < 0.92:  # nearly all
        _name(plate, face, _other(ink, rng), rng)
    if rng.random() < 0.65:  # many
        slogan, share = str(_SLOGANS[int(rng.integers(len(_SLOGANS)))]), rng.uniform(0.07, 0.12)
        _line(plate, face, slogan, (share, 0.91), _other(ink, rng))
    height, width = plate.shape[:2]
    for across, down in stickers:
        left, top = round(across * width), round(down * height)
        area = plate[top : top + round(0.13 * height), left : left + round(0.12 * width)]
        area[:] = rng.integers(30, 250, 3)
        text = (
            f"{int(rng.integers(8, 27)):02d}" if rng.random() < 0.6 else MONTHS[int(rng.integers(12))]
        )  # either
        paint = (20, 20, 20) if area.mean() > 128 else (235, 235, 235)
        print_small(area, text, round(0.1 * height), paint, face, (0.5, 0.5))
    if rng.random() < 0.3:  # America's dealers leave theirs on
        _framed(plate, face, rng)


def _picture(plate: Image, rng: np.random.Generator) -> None:
    height, width = plate.shape[:2]
    cast = rng.integers(60, 255, 3).astype(np.float32)
    kind = rng.random()
    if kind < 0.28:  # colour fading from above or beneath
        fade = np.clip(np.linspace(1.2, -0.6, height), 0, 1)[:: int(rng.choice((-1, 1)))]
        _tint(plate, (fade * rng.uniform(0.3, 0.9))[:, None, None], cast)
    elif kind < 0.4:  # from both
        fade = np.abs(np.linspace(-1, 1, height)) ** rng.uniform(1, 4)
        _tint(plate, (fade * rng.uniform(0.4, 1.0))[:, None, None], cast)
    elif kind < 0.5:  # bars above and beneath
        for rows in (slice(0, round(0.22 * height)), slice(round(0.85 * height), height)):
            plate[rows] = cast
    elif kind < 0.68:  # hills, skylines
        line = np.cumsum(rng.normal(0, 1, width)) * rng.uniform(0.3, 1.6)
        line = height * rng.uniform(0.4, 0.8) + line - line.mean()
        below = np.arange(height)[:, None] > line[None, :]
        plate[below] = (plate[below] * 0.5 + cast * 0.5).astype(np.uint8)
    elif kind < 0.8:  # a picture in the middle
        for _ in range(int(rng.integers(2, 6))):
            at = (int(rng.integers(width)), int(rng.integers(height // 4, height)))
            tone = tuple(int(value) for value in rng.integers(110, 245, 3))
            cv2.circle(plate, at, int(rng.integers(8, 40)), tone, -1, cv2.LINE_AA)
        plate[:] = cv2.GaussianBlur(plate, (0, 0), 2)


def _tint(plate: Image, share: NDArray[np.float64], colour: NDArray[np.float32]) -> None:
    plate[:] = (plate * (1 - share) + colour * share).astype(np.uint8)


def _name(plate: Image, face: Face, ink: Colour, rng: np.random.Generator) -> None:
    name, share = _STATES[int(rng.integers(len(_STATES)))], rng.uniform(0.12, 0.19)
    if rng.random() >= _WRITTEN:
        _line(plate, face, name, (share, 0.11), ink)
        return
    font, thick = _PENMANSHIP[int(rng.integers(len(_PENMANSHIP)))], int(rng.integers(1, 3))
    height, width = plate.shape[:2]
    (wide, high), below = cv2.getTextSize(name.title(), font, 1.0, thick)
    scale = min(share * 1.25 * height / high, 0.66 * width / wide)
    at = (round((width - wide * scale) / 2), round(0.12 * height + (high - below * 0.3) * scale / 2))
    cv2.putText(plate, name.title(), at, font, scale, ink, thick, cv2.LINE_AA)


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
        _line(part, face, name, (rng.uniform(0.6, 0.85), 0.5), ink)


def _line(plate: Image, face: Face, text: str, share_at: tuple[float, float], ink: Colour) -> None:
    height, width = plate.shape[:2]
    share, at = share_at
    middle = plate[:, round(0.17 * width) : round(0.83 * width)]
    print_small(middle, text, max(5, round(share * height)), ink, face, (0.5, at))


def _other(ink: Colour, rng: np.random.Generator) -> Colour:
    if rng.random() < 0.6:  # the same paint as the mark, or another
        return ink
    blue, green, red = (int(value) for value in rng.integers(0, 200, 3))
    return blue, green, red
