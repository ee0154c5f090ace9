"""Camera set-up as one picture: the frame with boxes, the plate enlarged, the figures, what to change."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from gate.anpr.recogniser import Image
from gate.anpr.region import Region
from gate.anpr.tune_advice import Advice, Figure
from gate.model import PlateCandidate

_WIDTH: Final = 1280
"""Of the picture: the frame is brought to it, so that the texts are as large whatever the camera."""
_TALLEST: Final = 960
"""Of the frame in it: a camera on its side must not push the words away."""
_MARGIN, _LINE, _TEXT, _HEAD = 24, 28, 19, 24
_NAME, _FOUND, _WANTED = 0, 205, 530
"""Where the columns of the table begin, in pixels from its left."""
_ADVICE = 720
_ADVICE_LETTERS = 58
_PLATE = (512, 128)
"""The enlarged plate fits in here."""
_CALIBRE = 3
Colour = tuple[int, int, int]
"""Red, green, blue."""
_PAPER: Colour = (250, 250, 248)
_INK: Colour = (28, 28, 30)
_PALE: Colour = (110, 112, 116)
_GOOD: Colour = (18, 122, 52)
_BAD: Colour = (186, 28, 28)
_OTHER: Colour = (240, 170, 0)
_REGION: Colour = (40, 120, 235)


def draw_tuning(
    frame: Image,
    candidates: Sequence[PlateCandidate],
    title: str,
    figures: Sequence[Figure],
    advice: Sequence[Advice],
    region: Region,
) -> NDArray[np.uint8]:
    """The whole picture (BGR), _WIDTH wide. `candidates` were read in `frame`, the likeliest first."""
    scale = min(_WIDTH / frame.shape[1], _TALLEST / frame.shape[0])
    seen = _boxed(frame, candidates, scale, good=not advice)
    if region != Region():
        edge = region.outline or _corners_of(region)
        line = [(across * seen.width, down * seen.height) for across, down in (*edge, edge[0])]
        ImageDraw.Draw(seen).line(line, _REGION, _CALIBRE, joint="curve")
    said = [textwrap.wrap(str(one), _ADVICE_LETTERS) for one in advice]
    plate = _enlarged(frame, candidates[0]) if candidates else None
    beside = sum(len(lines) * _LINE + 8 for lines in said) or 2 * _LINE
    beside += plate.height + _MARGIN if plate is not None else 0
    height = seen.height + _HEAD + 3 * _MARGIN + max((len(figures) + 1) * _LINE, beside + _LINE)
    sheet = Pillow.new("RGB", (_WIDTH, height), _PAPER)
    sheet.paste(seen, (0, 0))
    pen = ImageDraw.Draw(sheet)
    top = seen.height + _MARGIN
    pen.text((_MARGIN, top), title, _INK, _font(_HEAD))
    top += _HEAD + _MARGIN
    _draw_table(pen, top, figures)
    _draw_advice(pen, top, said)
    if plate is not None:
        sheet.paste(plate, (_ADVICE, height - plate.height - _MARGIN))
    return np.asarray(cv2.cvtColor(np.asarray(sheet), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _corners_of(region: Region) -> tuple[tuple[float, float], ...]:
    right, bottom = region.x + region.w, region.y + region.h
    return (region.x, region.y), (right, region.y), (right, bottom), (region.x, bottom)


def _boxed(frame: Image, candidates: Sequence[PlateCandidate], scale: float, *, good: bool) -> Pillow.Image:
    picture = _shown(frame, (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))))
    pen = ImageDraw.Draw(picture)
    font = _font(_TEXT)
    for index, candidate in enumerate(candidates):
        colour = _OTHER if index else _GOOD if good else _BAD
        x, y, w, h = candidate.box
        corners = candidate.corners or ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
        outline = [(across * scale, down * scale) for across, down in corners]
        pen.line([*outline, outline[0]], colour, _CALIBRE, joint="curve")
        label = f"{candidate.mark}  {candidate.confidence:.2f}"
        low = max(down for _, down in outline) + 6
        at = (min(across for across, _ in outline), low)
        left, top, right, bottom = pen.textbbox(at, label, font)
        over = (min(0.0, picture.width - right - 8), min(0.0, picture.height - bottom - 8))
        moved = (at[0] + over[0], at[1] + over[1])
        pen.rectangle(
            (left + over[0] - 5, top + over[1] - 4, right + over[0] + 5, bottom + over[1] + 4), colour
        )
        pen.text(moved, label, (255, 255, 255), font)
    return picture


def _enlarged(frame: Image, candidate: PlateCandidate) -> Pillow.Image:
    """The plate with a little around it, pixel by pixel: what the reader had to go by."""
    x, y, w, h = candidate.box
    edge = max(2, h // 4)
    part = frame[max(0, y - edge) : y + h + edge, max(0, x - edge) : x + w + edge]
    times = min(_PLATE[0] / part.shape[1], _PLATE[1] / part.shape[0])
    return _shown(
        part, (max(1, round(part.shape[1] * times)), max(1, round(part.shape[0] * times))), cv2.INTER_NEAREST
    )


def _shown(image: Image, size: tuple[int, int], way: int = cv2.INTER_AREA) -> Pillow.Image:
    sized = cv2.resize(image, size, interpolation=way)
    return Pillow.fromarray(cv2.cvtColor(sized, cv2.COLOR_BGR2RGB))


def _draw_table(pen: ImageDraw.ImageDraw, top: int, figures: Sequence[Figure]) -> None:
    font = _font(_TEXT)
    for column, head in ((_NAME, "measured"), (_FOUND, "found"), (_WANTED, "wanted")):
        pen.text((_MARGIN + column, top), head, _PALE, font)
    for row, figure in enumerate(figures, start=1):
        down = top + row * _LINE
        colour = _INK if figure.good is None else _GOOD if figure.good else _BAD
        pen.text((_MARGIN + _NAME, down), figure.name, _INK, font)
        # Not by colour alone: one man in twelve cannot tell these two.
        found = f"! {figure.found}" if figure.good is False else figure.found
        pen.text((_MARGIN + _FOUND, down), found, colour, font)
        pen.text((_MARGIN + _WANTED, down), figure.wanted, _PALE, font)


def _draw_advice(pen: ImageDraw.ImageDraw, top: int, said: Sequence[Sequence[str]]) -> None:
    font = _font(_TEXT)
    pen.text((_ADVICE, top), "what to change", _PALE, font)
    if not said:
        pen.text((_ADVICE, top + _LINE), "Nothing: this camera reads plates as it stands.", _GOOD, font)
    down = top + _LINE
    for lines in said:
        for index, line in enumerate(lines):
            pen.text((_ADVICE if index == 0 else _ADVICE + 14, down), line, _BAD, font)
            down += _LINE
        down += 8


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one that travels with Pillow: a machine in a booth has no fonts."""
    return ImageFont.load_default(size)
