"""PP-OCR on onnxruntime, with the weights that travel in the `rapidocr` wheel. No torch, no network.

The two nets are driven directly: rapidocr's own pipeline reads every text in the picture at full
size, logs, and can download; a gate wants the few lines that may be a plate, soon.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from gate.anpr.choosing import (
    completes,
    could_be_plate,
    extend,
    join_pieces,
    may_lack_region,
    rank,
    size_of,
    to_candidate,
    whole_plate,
)
from gate.anpr.recogniser import Image
from gate.anpr.stages import stage
from gate.anpr.text_detection import Quad, TextDetector
from gate.anpr.text_recognition import TextRecogniser
from gate.errors import DeviceError
from gate.model import PlateCandidate

_DETECTION, _RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_LONGEST_SIDE = 640
"""Detection costs by the pixel: 70 ms at 640 x 352 on one thread, 165 ms at 960 x 544."""
_MOST_LINES = 4
"""Reading costs about 15 ms a line; a cab covered in lettering must not hold up the lane."""
_SMALLEST = 16
_MOST_PIXELS = 50_000_000


class PpOcr:
    """PP-OCRv6-small: text detection on the shrunken frame, recognition on the full-size strip."""

    def __init__(self, threads: int) -> None:
        folder = _weights_folder()
        self._detector = TextDetector(folder / _DETECTION, threads, _LONGEST_SIDE)
        self._recogniser = TextRecogniser(folder / _RECOGNITION, threads)

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """What looks like a plate, the likeliest first."""
        if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < _SMALLEST:  # noqa: PLR2004 - BGR
            return ()
        height, width = image.shape[:2]
        if height * width > _MOST_PIXELS:
            return ()
        with stage("finding"):
            pieces = [quad for quad in self._detector.find(image) if could_be_plate(quad)]
            lines = _worth_reading(pieces)
        found: list[PlateCandidate] = []
        for quad in lines:
            candidate = self._candidate(image, quad)
            if candidate is None:
                continue
            if may_lack_region(candidate):
                # A stem reads at full confidence: without this look a mark is cut short, surely.
                longer = self._candidate(image, extend(quad))
                if longer is not None and completes(longer, candidate):
                    candidate = longer
            found.append(candidate)
        return rank(found)

    def _candidate(self, image: Image, quad: Quad) -> PlateCandidate | None:
        with stage("reading"):
            line = self._recogniser.read(image, quad)
        with stage("decoding"):
            return to_candidate(line, (image.shape[1], image.shape[0]))


def _worth_reading(pieces: list[Quad]) -> list[Quad]:
    """Whole lines and joined pieces, the largest first: the nearest vehicle is the one that waits."""
    lines = [quad for quad in pieces if whole_plate(quad)] + join_pieces(pieces)
    lines.sort(key=lambda quad: float(np.prod(size_of(quad))), reverse=True)
    return lines[:_MOST_LINES]


def _weights_folder() -> Path:
    # find_spec runs no code of rapidocr's: importing it brings OmegaConf, requests and log handlers.
    spec = find_spec("rapidocr")
    folder = Path(spec.origin).parent / "models" if spec is not None and spec.origin else None
    missing = (
        [name for name in (_DETECTION, _RECOGNITION) if not (folder / name).is_file()]
        if folder is not None
        else ["the package itself"]
    )
    if folder is None or missing:
        raise DeviceError(
            f"plate reading: rapidocr 3.10.0 lacks {', '.join(missing)}; "
            "install it again with: pip install --force-reinstall --no-deps rapidocr==3.10.0"
        )
    return folder
