"""What a camera does to a scene: lens, movement, light, sensor and JPEG."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.chance import around, between, chance
from gate.anpr.training.scenes_vehicles import Gray, add_halo

_SLACK = 64


def spoil(picture: Gray, rng: np.random.Generator) -> Gray:
    """The picture (square) as a camera delivers it, better or worse."""
    side = picture.shape[0]
    picture = _exposed(_smeared(picture, rng), rng)
    if chance(rng, 0.08):
        x, y = (float(part) for part in rng.uniform(0, side, 2))
        add_halo(picture, (x, y), int(rng.integers(40, 300)), between(rng, 0.2, 0.9))
    if chance(rng, 0.6):
        x, y = (int(part) for part in rng.integers(0, _SLACK, 2))
        noisy = picture + _grain(side)[y : y + side, x : x + side] * around(rng, 1.0, 14)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
    if chance(rng, 0.6):
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return picture


def _smeared(picture: Gray, rng: np.random.Generator) -> Gray:
    """Out of focus, moved, or of fewer pixels than it seems; a third of the time none of these."""
    kind = int(rng.choice(4, p=(0.35, 0.15, 0.15, 0.35)))
    side = picture.shape[0]
    if kind == 0:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), between(rng, 0.4, 2.2)), dtype=np.uint8)
    if kind == 1:
        length = int(rng.integers(3, 10))
        kernel = np.zeros((length, length), dtype=np.float32)
        angle, middle = between(rng, 0, np.pi), (length - 1) / 2
        reach = np.array([np.cos(angle), np.sin(angle)]) * middle
        start, end = np.round(middle - reach).astype(int), np.round(middle + reach).astype(int)
        cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0)
        return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), dtype=np.uint8)
    if kind == 2:
        fewer = int(side * between(rng, 0.3, 0.8))
        small = cv2.resize(picture, (fewer, fewer), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return picture


def _exposed(picture: Gray, rng: np.random.Generator) -> Gray:
    steps = np.arange(256, dtype=np.float32) / 255
    gamma, gain = float(np.exp(rng.normal(0, 0.35))), float(np.exp(rng.normal(0, 0.22)))
    if chance(rng, 0.08):
        gain *= between(rng, 0.2, 0.6)
    curve = np.clip((steps**gamma * gain + rng.normal(0, 0.06)) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, curve), dtype=np.uint8)


@cache
def _grain(side: int) -> NDArray[np.float32]:
    """A sensor's noise, larger than the picture so that every picture cuts another piece."""
    return np.random.default_rng(5).normal(0, 1, (side + _SLACK, side + _SLACK)).astype(np.float32)
