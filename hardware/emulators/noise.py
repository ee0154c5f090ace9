"""A sensor's noise: without it an emulated camera would look frozen, as it should."""

from __future__ import annotations

import cv2
import numpy as np

from hardware.cameras.port import Image

VARIANTS = 3
"""Not two: looks once a second at eight frames a second would meet the same one every time."""
_SPREAD = 2.0
"""Standard deviation, of 255: a small sensor by day. At night it is more."""
_SEED = 4


def noisy(image: Image) -> tuple[Image, ...]:
    """The picture as a sensor sees it at VARIANTS moments."""
    source = np.random.default_rng(_SEED)
    seen = []
    for _ in range(VARIANTS):
        # In light, not in colour: the same in all three channels.
        noise = np.abs(source.normal(0, _SPREAD, image.shape[:2])).astype(np.uint8)
        seen.append(np.asarray(cv2.add(image, cv2.merge([noise] * 3)), dtype=np.uint8))
    return tuple(seen)
