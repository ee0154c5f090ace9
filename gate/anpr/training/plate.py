"""A plate of any state, drawn: its face flat and evenly lit, a little worn."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from gate.anpr.training import states_americas, states_border, states_europe
from gate.anpr.training.bands import paint_bands, paint_crest, paint_emblem, print_small
from gate.anpr.training.drawn import DrawnPlate, Image
from gate.anpr.training.faces import Face, Faces
from gate.anpr.training.look import BLACK, WHITE, Colour, Look
from gate.anpr.training.marks import Piece, draw_rows, strange_rows
from gate.anpr.training.wear import Mask, decorate, worn

_LOOKS: Final = (*states_border.LOOKS, *states_europe.LOOKS, *states_americas.LOOKS)
_SHARES: Final = {"border": 0.52, "europe": 0.25, "americas": 0.12, "strange": 0.11}
"""Of all plates drawn when no state is asked for."""
_CONTRAST: Final = 90
_HIGH, _HIGH_OF_TWO = 84, 116
"""Pixels: more than a strip shows, so that what a camera loses is lost by the camera."""
_SHAPES: Final = ((520, 112), (520, 112), (440, 120), (305, 152), (340, 110), (280, 200), (400, 130))


def draw_plate(faces: Faces, rng: np.random.Generator, state: str | None = None) -> DrawnPlate:
    """A plate of `state` (an entry of alphabet.STATES), or of any; raises KeyError for an unknown state."""
    look = _look(rng, state)
    strange = look is states_americas.STRANGE
    rows = strange_rows(rng) if strange else look.rows
    look = _varied(look, rows, rng, strange=strange)
    return _draw(
        look, draw_rows(look, rng), faces.draw(look.style if rng.random() < 0.85 else "any", rng), rng
    )


def _look(rng: np.random.Generator, state: str | None) -> Look:
    if state is not None:
        looks, cumulated = _of_state(state)
    else:
        kind = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
        if kind == "strange":
            return states_americas.STRANGE
        looks, cumulated = _of_kind(kind)
    return looks[int(np.searchsorted(cumulated, rng.random()))]


@cache
def _of_state(state: str) -> tuple[tuple[Look, ...], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    looks = tuple(look for look in _LOOKS if look.state == state) or (
        (states_americas.STRANGE,) if not state else ()
    )
    if not looks:
        raise KeyError(state)
    return looks, _cumulated(looks)


@cache
def _of_kind(kind: str) -> tuple[tuple[Look, ...], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    looks = {"border": states_border, "europe": states_europe, "americas": states_americas}[kind].LOOKS
    return looks, _cumulated(looks)


def _cumulated(looks: tuple[Look, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    weights = np.array([look.weight for look in looks])
    return np.cumsum(weights / weights.sum()) - 1e-9


def _varied(look: Look, rows: tuple[str, ...], rng: np.random.Generator, *, strange: bool) -> Look:
    """`look` as one maker makes it: strips are missing, spacing differs, colours fade."""
    changes: dict[str, object] = {"rows": rows}
    if strange:
        changes["size"] = _SHAPES[int(rng.integers(len(_SHAPES)))] if len(rows) == 1 else (280, 200)
        changes["border"] = 0.5
    if look.left is not None and rng.random() < 0.12:  # older plates, and stickers over it
        changes["left"] = None
    return Look(**{**{name: getattr(look, name) for name in look.__slots__}, **changes})


def _draw(look: Look, rows: list[list[Piece]], face: Face, rng: np.random.Generator) -> DrawnPlate:
    wide, high = look.size
    scale = (_HIGH if len(rows) == 1 else _HIGH_OF_TWO) / high
    width, height = round(wide * scale), round(high * scale)
    ground = look.ground[int(rng.integers(len(look.ground)))]
    ink = _readable(look.ink[int(rng.integers(len(look.ink)))], ground)
    plate: Image = np.empty((height, width, 3), dtype=np.uint8)
    plate[:] = np.clip(np.array(ground) + rng.normal(0, 8, 3) - rng.integers(0, 25), 0, 255).astype(np.uint8)
    left = paint_bands(plate, look, face, rng)
    right = width - (round(look.right.share * width) if look.right else 0)
    top = round(look.top.share * height) if look.top else 0
    if look.decorated:
        decorate(plate, face, ink, rng)
    signs: Mask = np.zeros((height, width), dtype=np.uint8)
    other: Mask = np.zeros((height, width), dtype=np.uint8)
    each = (height - top) // len(rows)
    share = float(rng.uniform(*look.high)) if len(rows) == 1 else float(rng.uniform(0.72, 0.86))
    for number, row in enumerate(rows):
        area = (left + 3, top + number * each, right - 3, top + (number + 1) * each)
        _set_row(signs, other, plate, look, row, area, share, face, rng)
    if rng.random() < look.border:
        line = max(1, round(rng.uniform(0.01, 0.03) * height))
        inset = int(rng.integers(0, 4))
        cv2.rectangle(other, (inset, inset), (width - 1 - inset, height - 1 - inset), 255, line)
    image = worn(plate, signs, other, ink, rng)
    text = tuple(piece.sign for row in rows for piece in row if piece.kind == "sign")
    return DrawnPlate(image, text, look.state, len(rows))


def _readable(ink: Colour, ground: Colour) -> Colour:
    if abs(sum(ink) - sum(ground)) / 3 >= _CONTRAST:
        return ink
    return BLACK if sum(ground) > 3 * 128 else WHITE


def _set_row(
    signs: Mask, other: Mask, plate: Image, look: Look, row: list[Piece], area: tuple[int, int, int, int],
    share: float, face: Face, rng: np.random.Generator,
) -> None:  # fmt: skip
    left, top, right, bottom = area
    tall = round((bottom - top) * share)
    small = round(tall * look.small)
    tracking, space = rng.uniform(0.08, 0.2) * tall, rng.uniform(0.22, 0.55) * tall
    widths = np.array([_width(piece, face, small if piece.small else tall, tall, space) for piece in row])
    gaps = np.array([
        tracking * (1.0 if one.kind == two.kind == "sign" else 0.6) for one, two in pairwise(row)
    ])  # fmt: skip
    room = (right - left) * 0.94
    whole = float(widths.sum() + gaps.sum())
    squeeze = min(1.0, room / whole)
    widths, gaps = widths * squeeze, gaps * squeeze
    spare = room - min(room, whole)
    # Makers spread signs over the plate's width, more or less.
    stretch = rng.uniform(0, 0.8) * spare / max(1, len(gaps))
    gaps = gaps + min(stretch, 0.35 * tall)
    x = left + ((right - left) - float(widths.sum() + gaps.sum())) * rng.uniform(0.35, 0.65)
    middle = (top + bottom) / 2 + rng.normal(0, 0.015) * (bottom - top)
    after_line = False
    for number, piece in enumerate(row):
        size = small if piece.small else tall
        wide = max(2, round(widths[number]))
        y = round(middle - size / 2)
        if piece.small and look.state == "RU" and not after_line:
            y = round(middle + tall / 2 - size)
        if after_line and (look.beneath or look.state == "IR"):
            y = round(top + (bottom - top) * (0.1 if look.beneath else 0.32))
            size = round((bottom - top) * (0.55 if look.beneath else 0.58))
        _set_piece(signs, other, plate, piece, (round(x), y, wide, size), (top, bottom), face, rng)
        after_line = after_line or piece.kind == "line"
        x += float(widths[number]) + (float(gaps[number]) if number < len(gaps) else 0)
        if after_line and piece.kind == "line" and look.beneath:
            rest = plate[round(top + (bottom - top) * 0.7) : bottom - 3, round(x) : right - 2]
            if min(rest.shape[:2]) > 8:  # room for small print
                print_small(rest, look.beneath, round(rest.shape[0] * 0.75), BLACK, face, (0.35, 0.5))


def _width(piece: Piece, face: Face, size: int, tall: int, space: float) -> float:
    match piece.kind:
        case "sign":
            return float(face.width(piece.sign, size))
        case "gap":
            return space * (2.2 if piece.wide else 1.0)
        case "dash":
            return 0.3 * tall
        case "dot" | "line":
            return 0.14 * tall
        case "crest":
            return 0.55 * tall
        case "emblem":
            return 0.75 * tall


def _set_piece(
    signs: Mask, other: Mask, plate: Image, piece: Piece, cell: tuple[int, int, int, int],
    rows: tuple[int, int], face: Face, rng: np.random.Generator,
) -> None:  # fmt: skip
    x, y, wide, size = cell
    match piece.kind:
        case "sign":
            y = max(0, y)
            part = signs[y : y + size, max(0, x) : x + wide]
            mask = face.glyph(piece.sign, size, wide)[: part.shape[0], : part.shape[1]]
            np.maximum(part, mask, out=part)
        case "dash":
            middle, thick = y + size // 2, max(1, round(size * 0.06))
            cv2.rectangle(
                signs, (x + wide // 8, middle - thick), (x + wide - wide // 8, middle + thick), 255, -1
            )
        case "dot":
            cv2.circle(signs, (x + wide // 2, y + size // 2), max(2, round(size * 0.06)), 255, -1)
        case "line":
            cv2.line(
                other, (x + wide // 2, rows[0]), (x + wide // 2, rows[1]), 255, max(1, round(size * 0.03))
            )
        case "emblem" if rng.random() < 0.6:
            paint_emblem(plate, (x + wide // 2, y + size // 2), wide, face, rng)
        case "crest" | "emblem":
            paint_crest(
                plate,
                (x + wide // 2, y + size // 2),
                wide,
                rng,
                two=piece.kind == "crest" and rng.random() < 0.45,
            )
        case "gap":
            pass
