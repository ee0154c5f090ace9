"""A plate of any state, drawn: its face flat and evenly lit, a little worn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training import states_americas, states_border, states_europe
from gate.anpr.training.bands import paint_bands
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.faces import Face, Faces
from gate.anpr.training.look import BLACK, WHITE, Colour, Look
from gate.anpr.training.marks import Piece, draw_rows, strange_rows
from gate.anpr.training.scenery import decorate
from gate.anpr.training.setting import Sheet, set_row
from gate.anpr.training.states_americas import STRANGE
from gate.anpr.training.wear import sheet_of, worn

Part = Literal["border", "europe", "americas", "strange"]
_PARTS: Final[dict[Part, tuple[Look, ...]]] = {
    "border": states_border.LOOKS,
    "europe": states_europe.LOOKS,
    "americas": states_americas.LOOKS,
    "strange": (STRANGE,),
}
LOOKS: Final = tuple(look for looks in _PARTS.values() for look in looks if look.state)
"""Every kind of plate that is drawn, those of no state apart."""
_SHARES: Final[dict[Part, float]] = {"border": 0.5, "europe": 0.25, "americas": 0.14, "strange": 0.11}
"""Of all plates drawn when no state is asked for."""
_PARTS_BY_SHARE: Final[tuple[Part, ...]] = tuple(_SHARES)
_PARTS_BEFORE: Final = np.cumsum(list(_SHARES.values()))[:-1]
_ON_TWO_LINES: Final[dict[Part, float]] = {"border": 0.2, "europe": 0.2, "americas": 0.08, "strange": 0.0}
"""Of each part's plates: lorries and trailers, which come here oftener than elsewhere. Strings of no state
are laid out when they are drawn."""
_CONTRAST: Final = 90
_HIGH, _HIGH_OF_TWO = 84, 116
"""Pixels: more than a strip shows, so that what a camera loses is lost by the camera."""
_SHAPES: Final = ((520, 112), (520, 112), (440, 120), (305, 152), (340, 110), (280, 200), (400, 130))
_STRANGE_SQUARE: Final = (280, 200)
_WITHOUT_STRIP: Final = 0.1
"""Older plates, and strips that stickers cover."""
_OTHER_FACE: Final = 0.15
"""Plates that somebody else made than those whom the state asks to."""
_Choice = tuple[tuple[Look, ...], NDArray[np.float64]]


def draw_plate(faces: Faces, rng: np.random.Generator, state: str | None = None) -> DrawnPlate:
    """A plate of `state` (an entry of alphabet.STATES), or of any; raises KeyError for an unknown state."""
    look = draw_look(rng, state)
    if look.left is not None and rng.random() < _WITHOUT_STRIP:
        look = replace(look, left=None)
    face = faces.draw("any" if rng.random() < _OTHER_FACE else look.style, rng)
    return _draw(look, draw_rows(look, rng), face, rng)


def draw_look(rng: np.random.Generator, state: str | None = None) -> Look:
    """A kind of plate in the shares in which they come; `state` as for draw_plate."""
    looks, cumulated = _of_any(float(rng.random())) if state is None else _of_state(state)
    look = looks[int(np.searchsorted(cumulated, rng.random()))]
    return _strange(rng) if look is STRANGE else look


def _of_any(chance: float) -> _Choice:
    return _of_part(_PARTS_BY_SHARE[int(np.searchsorted(_PARTS_BEFORE, chance))])


@cache
def _of_state(state: str) -> _Choice:
    looks = tuple(look for look in LOOKS if look.state == state) if state else (STRANGE,)
    if not looks:
        raise KeyError(state)
    return looks, _cumulated(np.array([look.weight for look in looks]))


@cache
def _of_part(part: Part) -> _Choice:
    looks, share = _PARTS[part], _ON_TWO_LINES[part]
    weights = np.array([look.weight for look in looks])
    two = np.array([len(look.rows) > 1 for look in looks])
    for chosen, wanted in ((two, share), (~two, 1 - share)):
        weights[chosen] *= wanted / max(float(weights[chosen].sum()), 1e-9)
    return looks, _cumulated(weights)


def _cumulated(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.cumsum(weights / weights.sum()) - 1e-9


def _strange(rng: np.random.Generator) -> Look:
    rows = strange_rows(rng)
    size = _SHAPES[int(rng.integers(len(_SHAPES)))] if len(rows) == 1 else _STRANGE_SQUARE
    return replace(STRANGE, rows=rows, size=size)


def _draw(look: Look, rows: list[list[Piece]], face: Face, rng: np.random.Generator) -> DrawnPlate:
    scale = (_HIGH if len(rows) == 1 else _HIGH_OF_TWO) / look.size[1]
    width, height = (round(side * scale) for side in look.size)
    ground = look.ground[int(rng.integers(len(look.ground)))]
    ink = _readable(look.ink[int(rng.integers(len(look.ink)))], ground)
    # No two sheets of one colour are alike.
    blue, green, red = np.clip(np.array(ground) + rng.normal(0, 8, 3) - rng.integers(0, 25), 0, 255)
    plate = sheet_of((float(blue), float(green), float(red)), (height, width))
    sheet = Sheet(plate, *np.zeros((2, height, width), dtype=np.uint8))
    inner = paint_bands(sheet.plate, look, face, rng)
    if look.decorated:
        decorate(sheet.plate, face, ink, rng)
    left, top, right, bottom = inner
    each = (bottom - top) // len(rows)
    share = float(rng.uniform(*look.high)) if len(rows) == 1 else float(rng.uniform(0.72, 0.86))
    for number, row in enumerate(rows):
        area = (left + 3, top + number * each, right - 3, top + (number + 1) * each)
        set_row(sheet, look, row, area, share, face, rng)
    if rng.random() < look.border:
        line, inset = max(1, round(rng.uniform(0.01, 0.03) * height)), int(rng.integers(0, 4))
        cv2.rectangle(sheet.other, (inset, inset), (width - 1 - inset, height - 1 - inset), 255, line)
    image = worn(sheet.plate, sheet.signs, sheet.other, ink, rng, square=len(rows) > 1 or look.decorated)
    text = tuple(piece.sign for row in rows for piece in row if piece.kind == "sign")
    return DrawnPlate(image, text, look.state, len(rows))


def _readable(ink: Colour, ground: Colour) -> Colour:
    if abs(sum(ink) - sum(ground)) / 3 >= _CONTRAST:
        return ink
    return BLACK if sum(ground) > 3 * 128 else WHITE
