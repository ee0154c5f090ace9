"""The contact sheet as one HTML file that needs nothing beside it: no script, pictures inside."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

import cv2
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gate.anpr.bench.cases import Failure
from gate.anpr.bench.failing import Failed
from gate.anpr.bench.scoring import Score
from gate.anpr.recogniser import Image

_QUALITY = 85
MEANING: dict[Failure, str] = {
    "accepted and wrong": "believed, and not the plate: such a read may open a lane",
    "misread": "found and read wrongly, but not believed: the vehicle is held",
    "refused": "read rightly and not believed: the vehicle is held",
    "not found": "nothing was read where the plate is",
}


def write_html(path: Path, failures: Iterable[Failed], scores: Sequence[Score]) -> None:
    """Write the sheet. Raises OSError where the file cannot be written."""
    shown = list(failures)
    counts = Counter(failed.failure for failed in shown)
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(legible=legible, picture=_data_uri)
    page = pages.get_template("sheet.html").render(
        groups=[(name, [one for one in shown if one.failure == name]) for name in get_args(Failure)],
        counts=counts,
        meaning=MEANING,
        scores=scores,
        engines=len({score.engine for score in scores}),
    )
    path.write_text(page, encoding="utf-8")


def legible(text: str) -> str:
    """The text with whatever cannot be seen or written down (controls, lone surrogates) spelt out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _data_uri(image: Image) -> str:
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
