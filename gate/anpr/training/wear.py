"""What years do to a plate."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.drawn import Image
from gate.anpr.training.look import Colour

Mask = NDArray[np.uint8]
"""Height x width, coverage 0..255."""


def worn(
    plate: Image, signs: Mask, other: Mask, ink: Colour, rng: np.random.Generator, *, square: bool
) -> Image:
    """Ink set on the ground, pressed up from the sheet, faded, peeling, screwed on.

    `square` plates have their screws above and beneath the mark, others anywhere.
    """
    height, width = signs.shape
    cover = np.maximum(signs, (other * rng.uniform(0.6, 1.0)).astype(np.uint8)).astype(np.float32) / 255
    if rng.random() < 0.3:  # paint wears in patches
        rough = cv2.resize(
            rng.normal(0, 1, (height // 8 + 2, width // 8 + 2)).astype(np.float32), (width, height)
        )
        cover = cover * np.clip(1 - np.clip(rough - rng.uniform(0.4, 1.6), 0, 1) * 0.8, 0.15, 1)
    if rng.random() < 0.25:  # faded as a whole
        cover = cover * rng.uniform(0.6, 0.95)
    if rng.random() < 0.5:  # a sheet that is not quite even
        sheen = np.linspace(rng.uniform(0.8, 1.1), rng.uniform(0.8, 1.1), width, dtype=np.float32)
        plate = np.asarray(cv2.convertScaleAbs(plate * sheen[None, :, None]), dtype=np.uint8)
    painted = sheet_of(ink, (height, width))
    image: Image = np.asarray(cv2.blendLinear(painted, plate, cover, 1 - cover), dtype=np.uint8)
    if rng.random() < 0.55:  # light from one side on pressed signs
        depth, angle = rng.uniform(10, 55), rng.uniform(0, 2 * np.pi)
        move = np.array([[1, 0, np.cos(angle) * 1.3], [0, 1, np.sin(angle) * 1.3]], dtype=np.float32)
        soft = cv2.GaussianBlur(signs, (0, 0), 0.9)
        moved = cv2.warpAffine(soft, move, (width, height))
        bright = cv2.convertScaleAbs(cv2.subtract(moved, soft), alpha=depth / 255)
        dark = cv2.convertScaleAbs(cv2.subtract(soft, moved), alpha=depth / 255)
        lit = cv2.add(image, cv2.cvtColor(bright, cv2.COLOR_GRAY2BGR))
        image = np.asarray(cv2.subtract(lit, cv2.cvtColor(dark, cv2.COLOR_GRAY2BGR)), dtype=np.uint8)
    for _ in range(int(rng.choice((0, 0, 1, 2, 2, 4)))):
        down = (0.07, 0.93, 0.5)[int(rng.integers(2 if square else 3))]
        across = rng.choice((0.2, 0.8)) if square else rng.random()
        at = (int(width * across + rng.normal(0, 4)), int(height * down + rng.normal(0, 3)))
        grey = float(rng.uniform(20, 230))
        cv2.circle(image, at, int(rng.integers(3, 7)), (grey, grey, grey), -1, cv2.LINE_AA)
    return image


def sheet_of(colour: tuple[float, float, float], shape: tuple[int, int]) -> Image:
    """A sheet, height and width as in `shape`, all of one colour."""
    sheet: Image = np.empty((*shape, 3), dtype=np.uint8)
    cv2.rectangle(sheet, (0, 0), (shape[1], shape[0]), colour, -1)  # several times as fast as assigning
    return sheet
