"""The contact sheet as one picture (PNG), for where no browser is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from gate.anpr.bench.failing import WIDTH, Failed, Sign
from gate.anpr.bench.sheet import legible
from gate.anpr.recogniser import Image

MOST = 160
"""Failures on one picture: beyond it the HTML sheet is the one to look at."""
_ACROSS = 4
_PAD, _LINE, _SIGN = 10, 18, 22
_CROP_HEIGHT = 200
_TILE = (WIDTH + 2 * _PAD, _CROP_HEIGHT + 3 * _PAD + 3 * _SIGN + 2 * _LINE)
_PAPER, _CARD, _INK, _SOFT, _BAD = (
    (233, 236, 234),
    (255, 255, 255),
    (22, 33, 31),
    (91, 105, 102),
    (179, 38, 30),
)
_WORDS = {
    "accepted and wrong": (179, 38, 30),
    "misread": (156, 86, 0),
    "refused": (45, 90, 160),
    "not found": (91, 60, 130),
}
_TEXT_WIDTH = 56
"""Signs of small print in a tile's width."""


def write_png(path: Path, failures: Iterable[Failed], most: int = MOST) -> None:
    """Write the first `most` failures as a montage. Raises OSError where the file cannot be written."""
    rest = iter(failures)
    shown = list(islice(rest, most))
    more = sum(1 for _ in rest)
    rows = max(1, -(-len(shown) // _ACROSS))
    head = 2 * _LINE + 2 * _PAD
    width, height = _TILE
    sheet = Pillow.new("RGB", (_ACROSS * (width + _PAD) + _PAD, head + rows * (height + _PAD)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    told = f"{len(shown) + more} failures" if shown else "Nothing failed"
    draw.text((_PAD, _PAD), f"Plate reading: {told}", _INK, _font(18))
    note = "boxes: green the label's, orange the read's; under each sign its confidence in percent"
    if more:
        note += f"; {more} more are not shown: write an HTML sheet"
    draw.text((_PAD, _PAD + _LINE + 6), note, _SOFT, _font(13))
    for index, failed in enumerate(shown):
        at = (_PAD + index % _ACROSS * (width + _PAD), head + index // _ACROSS * (height + _PAD))
        _tile(sheet, draw, at, failed)
    sheet.save(path, "PNG", optimize=True)


def _tile(sheet: Pillow.Image, draw: ImageDraw.ImageDraw, at: tuple[int, int], failed: Failed) -> None:
    left, top = at
    draw.rectangle((left, top, left + _TILE[0], top + _TILE[1]), fill=_CARD)
    picture = Pillow.fromarray(cv2.cvtColor(_pictures(failed), cv2.COLOR_BGR2RGB))
    picture.thumbnail((WIDTH, _CROP_HEIGHT))
    middle = (_CROP_HEIGHT - picture.height) // 2
    sheet.paste(picture, (left + (_TILE[0] - picture.width) // 2, top + _PAD + middle))
    left, top = left + _PAD, top + 2 * _PAD + _CROP_HEIGHT
    read = failed.case.read
    if failed.signs:
        for number, sign in enumerate(failed.signs):
            _sign(draw, (left + number * _SIGN, top), sign)
    else:
        label = "no plate" if failed.case.plate is None else failed.case.mark or "text unknown"
        draw.text((left, top), f"label  {label}", _INK, _font(15))
        draw.text((left, top + _SIGN), f"read  {_short(read.mark) if read else 'nothing'}", _INK, _font(15))
    top += 3 * _SIGN - 2
    sure = f"  {read.confidence:.3f}" if read else ""
    draw.text((left, top), failed.failure + sure, _WORDS[failed.failure], _font(14))
    if read is not None and read.alternatives:
        draw.text((left + 190, top), _short("or " + ", ".join(read.alternatives), 22), _SOFT, _font(13))
    name = f"{failed.engine}  {failed.folder}/{failed.case.photograph.path.name}"
    draw.text((left, top + _LINE), _short(name), _SOFT, _font(12))


def _sign(draw: ImageDraw.ImageDraw, at: tuple[int, int], sign: Sign) -> None:
    left, top = at
    if sign.differs:
        draw.rectangle((left - 2, top, left + _SIGN - 4, top + 2 * _SIGN - 4), fill=(251, 227, 225))
    draw.text((left + 8, top + 10), sign.label or "·", _INK, _font(16), anchor="mm")
    colour = _BAD if sign.differs else _INK
    draw.text((left + 8, top + _SIGN + 8), sign.read or "·", colour, _font(16), anchor="mm")
    if sign.confidence is not None:
        draw.text((left + 8, top + 2 * _SIGN), f"{100 * sign.confidence:.0f}", _SOFT, _font(10), anchor="mt")


def _pictures(failed: Failed) -> Image:
    """The crop, and under it where the read came from when that was elsewhere."""
    if failed.read_crop is None:
        return failed.crop
    crops = (failed.crop, failed.read_crop)
    width = max(crop.shape[1] for crop in crops)
    padded = [
        cv2.copyMakeBorder(crop, 0, 4, 0, width - crop.shape[1], cv2.BORDER_CONSTANT, value=_CARD)
        for crop in crops
    ]
    return np.asarray(np.vstack(padded), dtype=np.uint8)


def _short(text: str, width: int = _TEXT_WIDTH) -> str:
    """In the signs that Pillow's own font has, cut to a tile's width."""
    plain = legible(text).encode("latin-1", "backslashreplace").decode("latin-1")
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
