"""What stands between a scene and its picture: the pin-hole, dirt, glare, blur, sensor noise, JPEG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PinHole:
    """A camera on a pole, looking at a vehicle's front (the plane z = 0; x right, y up, metres)."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    focal: float
    roll: float
    size: tuple[int, int]

    def project(self, points: NDArray[np.float64]) -> Points:
        """Pixels of world `points` (n x 3)."""
        eye = np.array(self.position)
        forward = np.array(self.target) - eye
        forward /= np.linalg.norm(forward)
        # x grows to the right in the picture for a camera at negative z looking towards positive z.
        right = np.cross(np.array([0.0, 1.0, 0.0]), forward)
        right /= np.linalg.norm(right)
        up = np.cross(forward, right)
        cos, sin = math.cos(self.roll), math.sin(self.roll)
        right, up = cos * right + sin * up, cos * up - sin * right
        seen = (points - eye) @ np.stack([right, up, forward]).T
        depth = np.maximum(seen[:, 2], 0.2)
        width, height = self.size
        return np.stack(
            [width / 2 + self.focal * seen[:, 0] / depth, height / 2 - self.focal * seen[:, 1] / depth],
            axis=1,
        )


@lru_cache(maxsize=2)
def _grain(size: tuple[int, int]) -> Image:
    """Sensor noise centred on 128, larger than the picture so that every frame cuts another piece."""
    width, height = size
    rng = np.random.default_rng(20)
    noise = rng.normal(128.0, 32.0, (height + 64, width + 64, 1)) + rng.normal(
        0.0, 12.0, (height + 64, width + 64, 3)
    )
    return np.asarray(np.clip(noise, 0, 255), dtype=np.uint8)


@lru_cache(maxsize=8)
def _glow(radius: int) -> Image:
    """A headlight's halo: a small hot core in a wide faint skirt."""
    axis = np.linspace(-1, 1, 2 * radius)
    distance = np.hypot(axis[:, None], axis[None, :])
    light = 255 * np.exp(-((distance / 0.13) ** 2)) + 120 * np.exp(-((distance / 0.38) ** 2))
    light *= np.clip(1 - distance, 0, 1)
    # Tungsten and LED lamps alike look a little warm beside the lit plate.
    tinted = light[..., None] * np.array([0.86, 0.95, 1.0])
    return np.asarray(np.clip(tinted, 0, 255), dtype=np.uint8)


def add_glow(picture: Image, centre: tuple[float, float], radius: int) -> None:
    """Add a headlight's halo at `centre`, cut off at the picture's edge."""
    halo = _glow(radius)
    x, y = round(centre[0]) - radius, round(centre[1]) - radius
    height, width = picture.shape[:2]
    left, top = max(0, x), max(0, y)
    right, bottom = min(width, x + 2 * radius), min(height, y + 2 * radius)
    if left < right and top < bottom:
        area = picture[top:bottom, left:right]
        area[:] = cv2.add(area, halo[top - y : bottom - y, left - x : right - x])


def soil(surface: Image, amount: float, rng: np.random.Generator) -> None:
    """Dust and mud over a flat `surface`, 0 clean .. 1 hardly legible; thicker towards the bottom."""
    if amount <= 0:
        return
    height, width = surface.shape[:2]
    coarse = cv2.resize(rng.random((5, 18), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.random((28, 110), dtype=np.float32), (width, height))
    depth = np.linspace(-0.15, 0.2, height, dtype=np.float32)[:, None]
    film = 0.35 * amount + np.clip((0.65 * coarse + 0.35 * fine + depth - 1.0 + 0.62 * amount) * 3.2, 0, 0.92)
    cover = np.clip(film, 0, 0.94)[..., None]
    mud = np.array([62, 82, 98], dtype=np.float32)
    surface[:] = (surface * (1 - cover) + mud * cover).astype(np.uint8)


def smear(picture: Image, amount: float, rng: np.random.Generator) -> Image:
    """Motion along the vehicle's way and a lens out of focus, 0 sharp .. 1 hardly legible."""
    if amount <= 0:
        return picture
    length = 1 + 2 * round(5 * amount)
    kernel = np.zeros((length, length), dtype=np.float32)
    slant = float(rng.uniform(-0.5, 0.5))
    for step in np.linspace(-1, 1, 4 * length):
        row = round((step + 1) / 2 * (length - 1))
        column = round((length - 1) / 2 * (1 + slant * float(step)))
        kernel[row, column] += 1
    moved = cv2.filter2D(picture, -1, kernel / kernel.sum())
    sigma = 0.3 + 1.9 * amount
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), sigma), dtype=np.uint8)


def expose(picture: Image, night: bool, rng: np.random.Generator) -> Image:
    """Sensor noise, then the camera's own JPEG with its blocks."""
    height, width = picture.shape[:2]
    grain = _grain((width, height))
    dx, dy = (int(n) for n in rng.integers(0, 64, 2))
    strength = 0.34 if night else 0.12
    noisy = cv2.addWeighted(
        picture, 1.0, grain[dy : dy + height, dx : dx + width], strength, -128.0 * strength
    )
    quality = int(rng.integers(62, 88))
    done, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"OpenCV cannot encode a {width} x {height} picture as JPEG")
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.asarray(decoded, dtype=np.uint8)
