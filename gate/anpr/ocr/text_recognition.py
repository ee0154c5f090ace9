"""PP-OCR's line recogniser: a straightened strip of picture in, characters with their probabilities out."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.nets import open_net
from gate.anpr.ocr.text_detection import Quad
from gate.anpr.recogniser import Image

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIDE = 48
_NARROWEST, _WIDEST = 96, 480
_TWINS = dict(zip("АВЕКМНОРСТУХІЅЈ", "ABEKMHOPCTYXISJ", strict=True))  # noqa: RUF001 - Cyrillic on purpose
_SEPARATORS = frozenset(" -.·•:–—_'`,°|/")  # noqa: RUF001 - what crests, bolts and dashes are read as
_SMALL = ("<sub>", "<super>", "<circle>")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text. `text` is in the plate alphabet, `raw` as the net wrote it.

    `confidences` are one a character of `text`; `alien` is the highest probability of a sign that
    is neither in the alphabet nor a separator: something was there that no plate carries.
    """

    quad: Quad
    text: str
    confidences: tuple[float, ...]
    raw: str
    alien: float


def fold(char: str) -> str | None:
    """The plate alphabet's character for `char`, "" for a separator, None for anything else."""
    if char in _SEPARATORS:
        return ""
    if unicodedata.decomposition(char).startswith(_SMALL):
        # Crests and inspection stickers come out as little digits; a mark's own are full size.
        return ""
    plain = unicodedata.normalize("NFKC", char).upper()
    plain = _TWINS.get(plain, plain)
    return plain if len(plain) == 1 and plain in ALPHABET else None


def straighten(image: Image, quad: Quad, height: int, width: int) -> Image:
    """The part of `image` inside `quad`, seen from straight ahead."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    flat = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, dtype=np.uint8)


class TextRecogniser:
    """Reads one line of text."""

    def __init__(self, weights: Path, threads: int) -> None:
        self._net = open_net(weights, threads)
        self._input = self._net.get_inputs()[0].name
        meta = self._net.get_modelmeta().custom_metadata_map
        # Class 0 is CTC's blank, the last one the blank between words.
        self._signs = ["", *meta["character"].splitlines(), " "]
        self._folded = [None if index == 0 else fold(sign) for index, sign in enumerate(self._signs)]

    def read(self, image: Image, quad: Quad) -> TextLine:
        """The text inside `quad`."""
        width_px = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
        height_px = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
        width = int(np.clip(round(_SIDE * width_px / max(height_px, 1.0)), _NARROWEST, _WIDEST))
        strip = straighten(image, quad, _SIDE, width)
        blob = cv2.dnn.blobFromImage(strip, 1 / 127.5, mean=(127.5, 127.5, 127.5))
        steps = self._net.run(None, {self._input: blob})[0][0]
        return self._decode(quad, steps)

    def _decode(self, quad: Quad, steps: NDArray[np.float32]) -> TextLine:
        best = steps.argmax(axis=1)
        text: list[str] = []
        confidences: list[float] = []
        raw: list[str] = []
        alien = 0.0
        before = 0
        for step, index in enumerate(best.tolist()):
            repeated, before = index == before, index
            if index == 0:
                continue
            probability = float(steps[step, index])
            folded = self._folded[index]
            if repeated:
                # CTC spreads one character over several steps: its best step tells how sure it is.
                if folded:
                    confidences[-1] = max(confidences[-1], probability)
                continue
            raw.append(self._signs[index])
            if folded is None:
                alien = max(alien, probability)
            elif folded:
                text.append(folded)
                confidences.append(min(1.0, probability))
        return TextLine(quad, "".join(text), tuple(confidences), "".join(raw), alien)
