"""A plate of any state, drawn: its face flat and evenly lit, a little worn."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np

from gate.anpr.training import states_americas, states_border, states_europe
from gate.anpr.training.drawn import DrawnPlate, Image
from gate.anpr.training.faces import Face, Faces
from gate.anpr.training.look import BLACK, WHITE, Band, Colour, Look
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
    )  # noqa: PLR2004 - makers differ


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
    if look.left is not None and rng.random() < 0.12:  # noqa: PLR2004 - older plates, and stickers over it
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
    left = _bands(plate, look, face, rng)
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


def _bands(plate: Image, look: Look, face: Face, rng: np.random.Generator) -> int:
    """Paint the bands; how far the left one reaches."""
    height, width = plate.shape[:2]
    left = 0
    if look.left is not None:
        left = round(look.left.share * width * rng.uniform(0.85, 1.15))
        _band(plate[:, :left], look.left, face, rng)
    if look.right is not None:
        start = width - round(look.right.share * width)
        _band(plate[:, start:], look.right, face, rng)
    if look.top is not None:
        band = plate[: round(look.top.share * height), left:]
        band[:] = look.top.colour
        text = (
            look.top.text
            if rng.random() < 0.4
            else "".join(rng.choice(list("ABCDEIJLMNOPRSTU"), int(rng.integers(5, 14))))
        )  # noqa: PLR2004 - towns
        _print(band, text, round(band.shape[0] * rng.uniform(0.4, 0.7)), look.top.ink, face, (0.5, 0.5))
    return left


def _band(area: Image, band: Band, face: Face, rng: np.random.Generator) -> None:
    height, width = area.shape[:2]
    if min(height, width) < 6:  # noqa: PLR2004 - nothing to see
        return
    area[:] = band.colour
    high = rng.random() < 0.85  # noqa: PLR2004 - the emblem is above the letters nearly always
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
    if band.text:
        tall = min(round(height * 0.22), round(width * 0.62 / max(1, len(band.text)) * 1.6))
        _print(area, band.text, tall, band.ink, face, (0.5, 0.78 if high else 0.3))


def _print(area: Image, text: str, tall: int, ink: Colour, face: Face, at: tuple[float, float]) -> None:
    """Small print with its middle at `at` (shares of the area), cut off where it does not fit."""
    if tall < 4:  # noqa: PLR2004 - not even a grey line
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
        tracking if one.kind == "sign" and two.kind == "sign" else tracking * 0.6 for one, two in zip(row, row[1:], strict=False)
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
            if min(rest.shape[:2]) > 8:  # noqa: PLR2004 - room for small print
                _print(rest, look.beneath, round(rest.shape[0] * 0.75), BLACK, face, (0.35, 0.5))


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
        case "crest" | "emblem":
            _crest(
                plate,
                (x + wide // 2, y + size // 2),
                wide,
                rng,
                two=piece.kind == "crest" and rng.random() < 0.45,
            )  # noqa: PLR2004 - as many carry two
        case "gap":
            pass


def _crest(plate: Image, at: tuple[int, int], wide: int, rng: np.random.Generator, *, two: bool) -> None:
    """An emblem: a coat of arms, or inspection stickers one above the other."""
    spots = [(0, -round(0.42 * wide)), (0, round(0.42 * wide))] if two else [(0, int(rng.integers(-4, 5)))]
    for _, down in spots:
        colour = tuple(int(value) for value in rng.integers(20, 235, 3))
        centre, radius = (
            (at[0], at[1] + down),
            max(2, round(wide * (0.36 if two else rng.uniform(0.35, 0.48)))),
        )
        if rng.random() < 0.6:  # noqa: PLR2004 - round ones are commoner
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
            cv2.circle(plate, spot, max(1, radius // 3), inner, -1 if rng.random() < 0.5 else 1, cv2.LINE_AA)  # noqa: PLR2004 - either
