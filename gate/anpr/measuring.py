"""Measuring how a frame shows its plate."""

from __future__ import annotations

import cv2
import numpy as np

from gate.anpr.looks import Box
from gate.anpr.quality import Quality
from gate.anpr.recogniser import Image

_HEIGHT, _WIDTH = 32, 144
"""Plates are measured at one size, so that a near one and a far one can be compared."""
_WHITE = 250
_NOISE_LEVELS = 8.0
"""Below it there is nothing but noise, and noise is sharp."""


def measure(image: Image, box: Box | None, dark: float, clipped: float) -> Quality:
    """Of one frame; `box` is its plate's, in pixels."""
    part = _part(image, box) if box is not None else None
    if part is None:
        return Quality(None, None, None, dark, clipped)
    burnt = float(np.mean(part >= _WHITE))
    low, high = (float(level) for level in np.percentile(part, (5, 95)))
    shrunk = cv2.resize(part, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    edges = float(cv2.Laplacian(shrunk, cv2.CV_32F).std())
    sharpness = edges / (2 * max(high - low, _NOISE_LEVELS))
    return Quality(sharpness, (high - low) / 255, burnt, dark, clipped)


def sharpness_of(image: Image, box: Box | None) -> float:
    """Variance of the Laplacian over a plate, or the picture's lower middle; at least 1.

    For comparing frames of one vehicle: it grows with contrast and with the plate.
    """
    height, width = image.shape[:2]
    part = _part(image, box or (width // 4, height // 2, width // 2, height // 4))
    return max(1.0, float(cv2.Laplacian(part, cv2.CV_32F).var())) if part is not None else 1.0


def _part(image: Image, box: Box) -> Image | None:
    x, y, w, h = box
    part = image[max(0, y) : max(0, y + max(h, 3)), max(0, x) : max(0, x + max(w, 3))]
    if part.size == 0:
        return None
    gray = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY) if part.ndim == 3 else part  # noqa: PLR2004 - colour
    return np.asarray(gray, dtype=np.uint8)
