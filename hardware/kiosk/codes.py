"""Barcodes and QR codes in a picture, by OpenCV's detectors.

Foreign pictures: read them in a process that may crash or hang (camera_worker.py). OpenCV's own finder of
several codes at once, and contrast stretched beforehand, took minutes over a dim picture full of noise;
the finder by markers takes a fraction of a second over anything, and so does the plain one for one code.
Of bars OpenCV reads EAN and UPC only.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_PIXELS = 1280
"""Across. A code that fills a fifth of the picture has seven pixels a module then."""
MOST_CODES = 4
"""In one picture: who holds up more is not giving his number."""

Grey = NDArray[np.uint8]


class CodeReader:
    """One camera's. Not for two threads."""

    def __init__(self) -> None:
        self._by_markers = cv2.QRCodeDetectorAruco()
        self._plain = cv2.QRCodeDetector()
        self._bars = cv2.barcode.BarcodeDetector()

    def read(self, image: NDArray[np.uint8]) -> list[bytes]:
        """What the picture's codes hold, each once; a code that is seen and cannot be read is none."""
        grey = _grey(image)
        for find in (self._several, self._one, self._lines):
            try:
                found = find(grey)
            except cv2.error:
                continue  # a shape that only looked like a code
            if found:
                return list(dict.fromkeys(found))[:MOST_CODES]
        return []

    def _several(self, grey: Grey) -> list[bytes]:
        _, texts, _, _ = self._by_markers.detectAndDecodeBytesMulti(grey)
        return [bytes(text) for text in texts if text]

    def _one(self, grey: Grey) -> list[bytes]:
        text, _, _ = self._plain.detectAndDecodeBytes(cv2.GaussianBlur(grey, (5, 5), 0))
        return [bytes(text)] if text else []

    def _lines(self, grey: Grey) -> list[bytes]:
        _, texts, _, _ = self._bars.detectAndDecodeWithType(grey)
        return [text.encode() for text in texts if text]


def _grey(image: NDArray[np.uint8]) -> Grey:
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)  # noqa: PLR2004 - no colours
    across = grey.shape[1]
    if across > MOST_PIXELS:
        scale = MOST_PIXELS / across
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.uint8)
