"""Letters and digits as plates draw them: pen strokes in a cell, whose thickness no squeezing changes."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import PERSIAN_DIGITS

Mask = NDArray[np.uint8]
"""Height x width, coverage 0 to 255."""

SCALE: Final = 3
"""Drawn this many times larger, then averaged: cv2's own anti-aliasing is coarse."""

NOTHING: Final = 1e-6
"""Corners nearer than this, in pixels, have met: a cell hardly wider than the pen."""

PERSIAN_FORMS: Final[tuple[tuple[str, ...], ...]] = (
    ("26,36o 74,36o 74,66o 26,66o z", "50,30 80,50 50,70 20,50 z"),
    ("44,-15 56,30 56,120", "36,-12 56,26 56,120"),
    ("10,-15 24,34 24,120 / 18,12 26,36o 98,36o 98,-15", "14,-20 20,120 / 16,32 96,32o 96,-15"),
    (
        "8,-15 20,34 20,120 / 14,12 20,34o 56,34o 56,-15 / 56,8 58,34o 98,34o 98,-15",
        "8,-15 16,120 / 12,30 54,30o 54,-10 / 54,30 98,30o 98,-15",
    ),
    (
        "10,-15 24,42 24,120 / 104,2 58,0o 56,42o 112,42 / 58,42 24,44",
        "14,-15 22,40 22,120 / 100,4 56,0o 54,38o 110,40 / 20,36 60,40",
    ),
    (
        "50,-4 100,50o 100,100o 62,98 50,76 / 50,76 38,98 0,100o 0,50o 50,-4",
        "50,2 100,44o 100,100o 50,100 / 50,100 0,100o 0,44o 50,2",
    ),
    ("92,6 34,0o 20,46o 104,44 / 96,44 20,120", "88,0 30,0o 30,42o 100,42 / 92,42 30,86o 20,120"),
    ("-2,-14 50,108 102,-14",),
    ("-2,114 50,-8 102,114",),
    ("84,2o 14,2o 14,46o 84,46o z / 84,24 84,60 90,120", "80,0o 10,0o 10,42o 80,42o z / 80,20 80,120"),
)
"""Of the Persian digits from 0 on, as in FORMS."""

FORMS: Final[dict[str, tuple[str, ...]]] = {
    "0": (
        "0,0o 100,0o 100,100o 0,100o z",
        "0,0o 100,0o 100,100o 0,100o z / 22,80 78,20",
        "0,0o 100,0o 100,100o 0,100o z / 50,42 50,58",
        "100,22 100,100o 0,100o 0,0o 76,0",
    ),
    "1": (
        "5,26 62,-4 / 62,-20 62,120",
        "0,34 70,-6 / 70,-20 70,120",
        "10,22 50,0 50,100 / -20,100 120,100",
        "-20,0 55,0 / 55,-20 55,120",
    ),
    "2": (
        "0,28 0,0o 100,0o 100,44o 0,100 130,100",
        "0,24 0,0o 100,0o 100,52o 0,56o 0,100 130,100",
        "2,30 2,0o 98,0o 98,38o 2,97 / -20,100 130,100",
    ),
    "3": (
        "0,22 0,0o 98,0o 98,47o 42,47 / 42,47 100,47o 100,100o 0,100o 0,78",
        "-20,0 94,0 40,42 100,42o 100,100o 0,100o 0,76",
        "-20,0 100,0 48,38 / 44,40 100,40o 100,100o 0,100o 0,80",
    ),
    "4": (
        "72,120 72,-4 0,72 130,72",
        "42,-20 0,70 130,70 / 74,42 74,120",
        "0,-20 0,62 130,62 / 76,24 76,120",
        "76,-20 76,120 / 70,-4 0,66 0,70 130,70",
        "55,-14 4,70 130,70 / 76,36 76,120",
    ),
    "5": (
        "115,0 6,0 2,42 100,40o 100,100o 0,100o 0,78",
        "115,0 4,0 4,46 / 4,48 100,38o 100,100o 0,100o 0,80",
        "115,0 0,0 0,46 100,46o 100,100o 0,100o 0,80",
    ),
    "6": (
        "76,-20 0,54o 0,100o 100,100o 100,42o 20,42",
        "100,22 100,0o 0,0o 0,100o 100,100o 100,43o 0,43",
        "88,0 0,4o 0,100o 100,100o 100,42o 2,46",
    ),
    "7": (
        "-20,0 100,0 36,125",
        "0,20 0,0 100,0 44,125",
        "-20,0 100,0 100,22o 44,64o 44,120",
        "-20,0 98,0 36,125 / 22,52 92,52",
    ),
    "8": (
        "5,0o 95,0o 95,47o 5,47o z / 0,47o 100,47o 100,100o 0,100o z",
        "0,0o 100,0o 100,48o 0,48o z / 0,48o 100,48o 100,100o 0,100o z",
    ),
    "9": (
        "24,120 100,46o 100,0o 0,0o 0,58o 80,58",
        "0,78 0,100o 100,100o 100,0o 0,0o 0,57o 100,57",
        "12,100 100,96o 100,0o 0,0o 0,58o 98,54",
    ),
    "A": (
        "-2,118 50,-10 102,118 / 20,66 80,66",
        "-4,118 40,-10 60,-10 104,118 / 18,68 82,68",
        "0,120 0,30 34,0 66,0 100,30 100,120 / 0,62 100,62",
    ),
    "B": (
        "0,-20 0,120 / -20,0 94,0o 94,47o 0,47 / 0,47 100,47o 100,100o -20,100",
        "0,-20 0,120 / -20,0 100,0o 100,48o 0,48 / 0,48 100,48o 100,100o -20,100",
    ),
    "C": ("100,25 100,0o 0,0o 0,100o 100,100o 100,75", "100,30 100,0o 0,0o 0,100o 100,100o 100,70"),
    "D": ("0,-20 0,120 / -20,0 100,0o 100,100o -20,100", "0,0 100,0o 100,100o 0,100 z"),
    "E": ("120,0 0,0 0,100 120,100 / 0,48 88,48", "120,0 0,0 0,100 120,100 / 0,50 120,50"),
    "F": ("120,0 0,0 0,120 / 0,48 86,48", "120,0 0,0 0,120 / 0,52 110,52"),
    "G": (
        "100,25 100,0o 0,0o 0,100o 100,100o 100,54 48,54",
        "98,24 98,0o 0,0o 0,100o 98,100o 98,60 / 98,56 98,120 / 104,54 52,54",
        "100,22 100,0o 0,0o 0,100o 100,100 100,50 60,50",
    ),
    "H": ("0,-20 0,120 / 100,-20 100,120 / 0,48 100,48",),
    "I": ("50,-20 50,120", "-20,0 120,0 / -20,100 120,100 / 50,0 50,100"),
    "J": ("100,-20 100,100o 0,100o 0,72", "10,0 100,0 100,100o 0,100o 0,74"),
    "K": ("0,-20 0,120 / 102,-12 2,66 / 34,40 104,114", "0,-20 0,120 / 104,-14 4,52 104,114"),
    "L": ("0,-20 0,100 130,100",),
    "M": (
        "0,-20 0,120 / 100,-20 100,120 / 2,-4 50,64 98,-4",
        "0,-20 0,120 / 100,-20 100,120 / 2,-4 50,102 98,-4",
        "0,-20 0,120 / 100,-20 100,120 / 2,0 50,44 98,0",
        "-2,120 14,-14 50,92 86,-14 102,120",
    ),
    "N": ("0,-20 0,120 / 100,-20 100,120 / 0,-4 100,104",),
    "O": ("0,0o 100,0o 100,100o 0,100o z",),
    "P": ("0,-20 0,120 / -20,0 100,0o 100,54o 0,54", "0,-20 0,120 / -20,0 100,0o 100,48o 0,48"),
    "Q": (
        "0,0o 100,0o 100,100o 0,100o z / 56,66 108,110",
        "0,0o 100,0o 100,92o 0,92o z / 54,78 92,116",
        "0,0o 100,0o 100,100o 0,100o z / 50,72 100,100",
    ),
    "R": (
        "0,-20 0,120 / -20,0 100,0o 100,52o 0,52 / 46,52 102,120",
        "0,-20 0,120 / -20,0 98,0o 98,50o 0,50 / 40,50 100,50o 100,120",
        "0,-20 0,120 / -20,0 100,0o 100,54o 0,54 / 24,54 102,120",
    ),
    "S": (
        "100,22 100,0o 0,0o 0,46o 100,50o 100,100o 0,100o 0,78",
        "96,20 96,0o 2,0o 2,42o 100,56o 100,100o 0,100o 0,80",
    ),
    "T": ("-20,0 120,0 / 50,0 50,120",),
    "U": ("0,-20 0,100o 100,100o 100,-20",),
    "V": ("-3,-15 50,108 103,-15", "-3,-15 42,106 58,106 103,-15"),
    "W": (
        "0,-20 0,104 50,36 100,104 100,-20",
        "-2,-18 24,106 50,4 76,106 102,-18",
        "0,-20 14,106 50,20 86,106 100,-20",
        "0,-20 0,100o 50,100o 50,20 / 50,100 50,100o 100,100o 100,-20",
    ),
    "X": ("-2,-12 102,112 / 102,-12 -2,112",),
    "Y": ("-2,-12 50,54 102,-12 / 50,52 50,120", "0,-20 0,30 50,56 100,30 100,-20 / 50,52 50,120"),
    "Z": ("-20,0 97,0 3,100 120,100",),
    **dict(zip(PERSIAN_DIGITS, PERSIAN_FORMS, strict=True)),
}
"""Ways to write each sign: strokes parted by "/", points x,y in percent of the cell less the pen's width.

"o" rounds the corner, "z" closes the stroke; what lies beyond the cell is cut off, which is how a stroke
gets its flat end.
"""

SLENDER: Final = frozenset({"I", "1", "J", *PERSIAN_DIGITS[:2]})
"""Not spread over a cell wider than they need."""

_ROOM: Final = (
    dict.fromkeys("MW", 0.2) | dict.fromkeys("NKX", 0.26) | {"I": 1.0, "1": 0.5, PERSIAN_DIGITS[1]: 0.7}
)
"""The pen's largest share of a cell's width: in narrow cells makers thin the strokes to keep signs open."""


@lru_cache(maxsize=20000)
def stroke_glyph(sign: str, form: int, height: int, width: int, pen: float, roundness: float) -> Mask:
    """`sign` (a key of FORMS) in its `form`th way, filling height x width; `pen` is a share of height.

    `roundness` 0 to 1: from square corners to half circles. The mask is shared: not to be written to.
    """
    forms = FORMS[sign]
    canvas = np.zeros((height * SCALE, width * SCALE), dtype=np.uint8)
    thick = min(pen * height, width * _ROOM.get(sign, 0.29)) * SCALE
    for stroke in forms[form % len(forms)].split("/"):
        _draw(canvas, stroke.split(), thick, roundness)
    mask = np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask.flags.writeable = False
    return mask


def _draw(canvas: Mask, words: list[str], thick: float, roundness: float) -> None:
    closed = words[-1] == "z"
    words = words[:-1] if closed else words
    height, width = canvas.shape
    inner = np.array([width - thick, height - thick])
    points = [
        np.array([float(value) for value in word.rstrip("o").split(",")]) / 100 * inner + thick / 2
        for word in words
    ]
    rounded = [word.endswith("o") for word in words]
    line = _filleted(points, rounded, closed, roundness * float(inner.min()) * 0.5)
    for start, end in pairwise(line):
        _segment(canvas, start, end, thick)
    for joint in line[:-1] if closed else line[1:-1]:
        _disc(canvas, joint, thick)


def _filleted(
    points: list[NDArray[np.float64]], rounded: list[bool], closed: bool, radius: float
) -> list[NDArray[np.float64]]:
    """The points with each rounded corner replaced by a curve of about `radius`."""
    count = len(points)
    line: list[NDArray[np.float64]] = []
    for index, point in enumerate(points):
        ends = not closed and index in {0, count - 1}
        if not rounded[index] or ends:
            line.append(point)
            continue
        before, after = points[index - 1] - point, points[(index + 1) % count] - point
        long_before, long_after = float(np.hypot(*before)), float(np.hypot(*after))
        if min(long_before, long_after) < NOTHING:
            line.append(point)
            continue
        reach = min(max(radius, 1.0), long_before / 2, long_after / 2)
        first, last = point + before / long_before * reach, point + after / long_after * reach
        for share in np.linspace(0, 1, 9):
            # A rational curve: with this weight it is the circle's quarter at a right corner.
            a, b, c = (1 - share) ** 2, 2 * share * (1 - share) * 0.7071, share**2
            line.append((a * first + b * point + c * last) / (a + b + c))
    if closed:
        line.append(line[0])
    return line


def _segment(canvas: Mask, start: NDArray[np.float64], end: NDArray[np.float64], thick: float) -> None:
    along = end - start
    length = float(np.hypot(*along))
    if length < NOTHING:
        return
    side = np.array([-along[1], along[0]]) / length * thick / 2
    quad = np.stack([start + side, end + side, end - side, start - side])
    cv2.fillConvexPoly(canvas, np.round(quad * 16).astype(np.int32), 255, lineType=cv2.LINE_AA, shift=4)


def _disc(canvas: Mask, centre: NDArray[np.float64], thick: float) -> None:
    x, y = (round(float(value) * 16) for value in centre)
    cv2.circle(canvas, (x, y), round(thick * 8), 255, -1, lineType=cv2.LINE_AA, shift=4)
