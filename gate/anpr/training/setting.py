"""Setting a row: how wide its pieces are, where they stand, and how each is put on the plate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.bands import Box, paint_crest, paint_emblem, paint_flag, persian_name, print_small
from gate.anpr.training.drawn import Image
from gate.anpr.training.faces import Face
from gate.anpr.training.look import BLACK, Look
from gate.anpr.training.marks import Piece
from gate.anpr.training.wear import Mask

_FILLED: Final = 0.94
"""Of a row's width, at most."""
_BREADTHS: Final = {"dash": 0.3, "dot": 0.14, "line": 0.14, "crest": 0.55, "emblem": 0.75, "flag": 0.62}
"""Of the signs' height."""
Cell = tuple[int, int, int, int]
"""Left, top, width, height."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plate being made: its ground, and the coverage of its signs and of its lines."""

    plate: Image
    signs: Mask
    other: Mask


def set_row(sheet: Sheet, look: Look, row: list[Piece], area: Box, share: float, face: Face,
            rng: np.random.Generator) -> None:  # fmt: skip
    """Put `row` into `area` of the sheet, signs `share` as high as it; squeezed where it is too long."""
    left, top, right, bottom = area
    deep = bottom - top
    tall = round(deep * share)
    heights = [round(tall * look.small) if piece.small else tall for piece in row]
    widths, gaps = _spread(row, heights, tall, right - left, face, rng)
    x = left + ((right - left) - float(widths.sum() + gaps.sum())) * rng.uniform(0.35, 0.65)
    middle = (top + bottom) / 2 + rng.normal(0, 0.015) * deep
    after_line = False
    last_line = max((number for number, piece in enumerate(row) if piece.kind == "line"), default=-1)
    for number, piece in enumerate(row):
        size = heights[number]
        y = round(middle - size / 2)
        if after_line and look.beneath:
            y, size = round(top + deep * 0.1), round(deep * 0.55)
        elif after_line and look.over:
            y, size = round(top + deep * 0.34), round(deep * 0.56)
        elif piece.small and look.footed:
            y = round(middle + tall / 2 - size)
        cell = (round(x), y, max(2, round(float(widths[number]))), size)
        _set_piece(sheet, look, piece, cell, (top, bottom), face, rng)
        x += float(widths[number]) + (float(gaps[number]) if number < len(gaps) else 0)
        if number == last_line:
            after_line = True
            _print_field(sheet.plate, look, (round(x), top, right, bottom), face)


def _spread(
    row: list[Piece], heights: list[int], tall: int, width: int, face: Face, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How wide each piece is, and the gaps between them."""
    tracking, space = rng.uniform(0.08, 0.2) * tall, rng.uniform(0.22, 0.55) * tall
    widths = np.array([
        _breadth(piece, face, high, tall, space) for piece, high in zip(row, heights, strict=True)
    ])  # fmt: skip
    gaps = np.array([
        tracking * (1.0 if one.kind == two.kind == "sign" else 0.6) for one, two in pairwise(row)
    ])  # fmt: skip
    room = width * _FILLED
    whole = float(widths.sum() + gaps.sum())
    squeeze = min(1.0, room / whole)
    widths, gaps = widths * squeeze, gaps * squeeze
    # Makers spread signs over the plate's width, more or less.
    spare = room - min(room, whole)
    stretch = min(rng.uniform(0, 0.8) * spare / max(1, len(gaps)), 0.35 * tall)
    return widths, gaps + stretch


def _breadth(piece: Piece, face: Face, size: int, tall: int, space: float) -> float:
    match piece.kind:
        case "sign":
            return float(face.width(piece.sign, size))
        case "gap":
            return space * (2.2 if piece.wide else 1.0)
        case kind:
            return _BREADTHS[kind] * tall


def _print_field(plate: Image, look: Look, field: Box, face: Face) -> None:
    """The small print of the field at the end of a row."""
    left, top, right, bottom = field
    deep = bottom - top
    if look.beneath:
        rest = plate[round(top + deep * 0.7) : bottom - 3, left : right - 2]
        if min(rest.shape[:2]) > 8:  # room for small print
            print_small(rest, look.beneath, round(rest.shape[0] * 0.75), BLACK, face, (0.35, 0.5))
            if look.flag and rest.shape[1] > 24:  # and for the flag beside it
                wide = rest.shape[1] // 4
                paint_flag(rest[2:-2, -wide - 3 : -3], look.flag)
    elif look.over:
        rest = plate[round(top + deep * 0.07) : round(top + deep * 0.32), left : right - 2]
        if min(rest.shape[:2]) > 8:  # as above
            persian_name(rest, face)


def _set_piece(
    sheet: Sheet, look: Look, piece: Piece, cell: Cell, rows: tuple[int, int], face: Face,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Put a piece into its cell."""
    x, y, wide, size = cell
    middle = (x + wide // 2, y + size // 2)
    match piece.kind:
        case "sign":
            y = max(0, y)
            part = sheet.signs[y : y + size, max(0, x) : x + wide]
            mask = face.glyph(piece.sign, size, wide)[: part.shape[0], : part.shape[1]]
            np.maximum(part, mask, out=part)
        case "dash":
            thick = max(1, round(size * 0.06))
            ends = (x + wide // 8, middle[1] - thick), (x + wide - wide // 8, middle[1] + thick)
            cv2.rectangle(sheet.signs, *ends, 255, -1)
        case "dot":
            cv2.circle(sheet.signs, middle, max(2, round(size * 0.06)), 255, -1)
        case "line":
            thick = max(1, round(size * 0.03))
            cv2.line(sheet.other, (middle[0], rows[0]), (middle[0], rows[1]), 255, thick)
        case "flag":
            high = size // 3
            paint_flag(sheet.plate[middle[1] - high : middle[1], x : x + wide], look.flag)
            letters = sheet.plate[middle[1] + 2 : middle[1] + high + 2, x : x + wide]
            print_small(letters, look.state, round(high * 0.9), BLACK, face, (0.5, 0.5))
        case "emblem" if rng.random() < 0.6:
            paint_emblem(sheet.plate, middle, wide, face, rng)
        case "crest" | "emblem":
            two = piece.kind == "crest" and rng.random() < 0.45
            paint_crest(sheet.plate, middle, wide, rng, two=two)
        case "gap":
            pass
