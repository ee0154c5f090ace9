"""Each plate spoilt anew on its way into the net, so that a rendered plate is never seen twice alike."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.strip import HEIGHT, WIDTH

Strips = NDArray[np.uint8]
"""N x HEIGHT x WIDTH."""

_CORNERS = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float32)
_ALONG, _ACROSS = 0.035 * WIDTH, 0.06 * HEIGHT
"""How far a corner strays, of its own, and with the other three."""
_LOUDEST = 14.0
"""Standard deviation of the strongest noise, in grey levels, on a plate of ordinary contrast."""
_ORDINARY = 60.0
_CLOD = 11
"""Side of the largest clod of dirt, in pixels: smaller than a sign, which would else be guesswork."""
_BANK = 1 << 17


class Spoiler:
    """Moves, bends, blurs, dirties and adds noise; the same for the same generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        # Drawing fresh noise would cost more than all the rest together.
        self._noise = rng.standard_normal(_BANK + HEIGHT * WIDTH).astype(np.float32)

    def __call__(self, strips: Strips) -> Strips:
        """A spoilt copy of each strip."""
        return np.stack([self._spoil(strip) for strip in strips])

    def _spoil(self, strip: Strips) -> Strips:
        rng = self._rng
        reach = np.array((_ALONG, _ACROSS))
        strayed = _CORNERS + rng.uniform(-1, 1, (4, 2)) * reach * 0.7 + rng.uniform(-1, 1, 2) * reach
        matrix = cv2.getPerspectiveTransform(strayed.astype(np.float32), _CORNERS)
        plate = cv2.warpPerspective(
            strip, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        chance = rng.random(4)
        if chance[0] < 0.35:
            wide, high = rng.uniform(0.1, 1.6, 2)
            plate = cv2.GaussianBlur(plate, (0, 0), sigmaX=wide, sigmaY=high)
        if chance[1] < 0.3:
            top, left = int(rng.integers(HEIGHT)), int(rng.integers(WIDTH))
            tall, broad = rng.integers(2, _CLOD, 2, endpoint=True)
            plate[top : top + tall, left : left + broad] = rng.integers(256)
        # The net evens out gain by itself: what gain changes is how much of the picture is noise.
        if chance[2] < 0.6:
            loud = rng.uniform(0, _LOUDEST) * float(plate.std()) / _ORDINARY
            start = int(rng.integers(_BANK))
            noise = self._noise[start : start + HEIGHT * WIDTH].reshape(HEIGHT, WIDTH)
            plate = cv2.addWeighted(plate, 1.0, noise, loud, 0.0, dtype=cv2.CV_8U)
        if chance[3] < 0.5:
            levels = 255.0 * np.linspace(0, 1, 256) ** np.exp(rng.uniform(-0.45, 0.45))
            plate = cv2.LUT(plate, levels.astype(np.uint8))
        return np.asarray(plate, dtype=np.uint8)
