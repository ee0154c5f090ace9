"""A sensor's noise: without it an emulated camera would look frozen, as it should."""

from __future__ import annotations

import cv2
import numpy as np

from hardware.cameras.port import Image

VARIANTS = 3
"""Not two: looks once a second at eight frames a second would meet the same one every time."""
_GREATEST = 3
_SEED = 4


def noisy(image: Image) -> tuple[Image, ...]:
    """The picture as a sensor sees it at VARIANTS moments."""
    source = np.random.default_rng(_SEED)
    return tuple(
        np.asarray(cv2.add(image, source.integers(0, _GREATEST, image.shape, dtype=np.uint8)), dtype=np.uint8)
        for _ in range(VARIANTS)
    )
