"""EasyOCR with the gate's own reader as its recognition network. Needs torch: heavy, and a second run-time.

The weights are those of gate.anpr.plates, taken from their one file: what onnxruntime reads, torch reads.
Plates are found by the gate's own finder: EasyOCR's CRAFT takes seconds a frame and knows no corners.
"""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import to_mark
from gate.anpr.plates.finder import Found, PlateFinder
from gate.anpr.plates.gray import to_gray
from gate.anpr.plates.reader import READER, WEIGHTS
from gate.anpr.plates.strip import HEIGHT, WIDTH, straighten_plate
from gate.anpr.ranking import LONGEST, SHORTEST, rank
from gate.anpr.recogniser import Image
from gate.errors import DeviceError
from gate.model import PlateCandidate, RegistrationMark
from gate.model.syntax import parse

NETWORK: Final = "gate_plates"
_NETWORKS: Final = Path(__file__).parent / "easyocr_network"
_MOST_PLATES: Final = 4
_STEPS_A_SIGN: Final = 3
"""Of the net's steps, at most, on which it tells one sign."""
_ALEF: Final = "\u0627"
"""EasyOCR has one letter for each class; this one stands for the spelt-out name."""
_ADVICE: Final = "install the easyocr extra: pip install 'gate[easyocr]'"

_operators: list[Any] = []


class EasyOcr:
    """EasyOCR on the processor, offline. `confidence` is a lower bound of the least sure character.

    Raises DeviceError where the extra or the weights are not installed.
    """

    def __init__(self, threads: int) -> None:
        try:
            import torch

            _declare_operators(torch)
            import easyocr

            from gate.anpr.training.exporting import read_weights
        except ImportError as error:
            raise DeviceError(f"plate reading: engine easyocr needs {error.name}; {_ADVICE}") from error
        self._finder = PlateFinder(WEIGHTS, threads)
        trained = WEIGHTS / READER
        if not trained.is_file():
            raise DeviceError(f"plate reading: {trained} is missing; install gate again")
        torch.set_num_threads(threads)
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

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """What looks like a plate, the likeliest first."""
        gray = to_gray(image)
        if gray is None:
            return ()
        candidates = [
            _candidate(found, *self.read_strip(straighten_plate(gray, found.corners)), gray.shape)
            for found in self._finder.find(gray)[:_MOST_PLATES]
        ]
        return rank([candidate for candidate in candidates if candidate is not None])

    def read_strip(self, strip: NDArray[np.uint8]) -> tuple[str, float]:
        """The signs on a plate straightened to 64 x 192, one letter each, and how sure the least one is."""
        with _quiet():
            whole = [[0, WIDTH, 0, HEIGHT]]
            # No second try at more contrast: the net evens that out, and both run-times must agree.
            ((_, raw, score),) = self._reader.recognize(
                strip, horizontal_list=whole, free_list=[], contrast_ths=0.0
            )
        # EasyOCR tells product ** (2 / sqrt(n)) over the n steps that are not blank; undone, the product
        # remains, which is never above the least of its factors.
        least = float(score) ** max(1.0, math.sqrt(_STEPS_A_SIGN * len(raw)) / 2) if raw else 0.0
        return str(raw), least


def mark_of(raw: str) -> str:
    """The mark that EasyOCR's letters write."""
    return to_mark(tuple("الف" if letter == _ALEF else letter for letter in raw))


def _candidate(found: Found, raw: str, least: float, shape: tuple[int, ...]) -> PlateCandidate | None:
    parsed = parse(mark_of(raw))
    if not SHORTEST <= len(parsed.mark) <= LONGEST or not any(char.isdigit() for char in parsed.mark):
        return None
    height, width = shape[:2]
    low, high = np.floor(found.corners.min(axis=0)), np.ceil(found.corners.max(axis=0))
    left, top = np.clip(low, 0, (width - 1, height - 1)).astype(int).tolist()
    right, bottom = np.clip(high, 1, (width, height)).astype(int).tolist()
    return PlateCandidate(
        mark=RegistrationMark(parsed.mark),
        country=parsed.country,
        confidence=round(min(1.0, least * found.score), 4),
        box=(left, top, max(1, right - left), max(1, bottom - top)),
        raw=raw,
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in found.corners),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Hush: torch tells of its own plans and of accelerators, nothing a gate's operator can act on."""
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
