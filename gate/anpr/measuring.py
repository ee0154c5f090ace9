"""Measuring how a frame shows its plate."""

from __future__ import annotations

import cv2
import numpy as np

from gate.anpr.frame_quality import WANTED_WIDTH, measure_exposure, sharpness
from gate.anpr.looks import Box
from gate.anpr.quality import Quality
from gate.anpr.recogniser import Image


def measure(image: Image, box: Box | None, dark: float, clipped: float) -> Quality:
    """Of one frame; `box` is its plate's, in pixels."""
    part = _part(image, box) if box is not None else None
    if part is None or box is None:
        return Quality(None, None, None, dark, clipped)
    light = measure_exposure(part)
    # As if the plate were large enough: a small one wants another lens, and not another focus.
    return Quality(
        sharpness(part, max(box[2], WANTED_WIDTH)), light.contrast / 255, light.bright_share, dark, clipped
    )


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
