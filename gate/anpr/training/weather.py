"""What comes between a plate and its picture: dirt, light and its lack, weather, the lens, the sensor."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.surroundings import Plane

Gray = NDArray[np.uint8]

_FIELD: Final = 640
"""Side of the square fields of noise that pictures take a part of: drawing fresh ones costs too much."""


@lru_cache(maxsize=64)
def _field(kind: str, seed: int) -> Plane:
    """A field of noise of mean 0 and deviation 1, white ("white") or in blotches ("cloud")."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal((_FIELD, _FIELD), dtype=np.float32)
    if kind == "cloud":
        white = np.asarray(
            cv2.GaussianBlur(white, (0, 0), 9) * 12 + cv2.GaussianBlur(white, (0, 0), 3) * 2, dtype=np.float32
        )
        white = (white - white.mean()) / white.std()
    return white


def noise(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Plane:
    """A part of a field of noise, of `shape` (at most half a field's side), mean 0 and deviation about 1."""
    field = _field(kind, int(rng.integers(8)))
    high, wide = shape
    y, x = int(rng.integers(_FIELD - high)), int(rng.integers(_FIELD - wide))
    part = field[y : y + high, x : x + wide]
    return part[:: -1 if rng.random() < 0.5 else 1, :: -1 if rng.random() < 0.5 else 1]


def night(rng: np.random.Generator) -> float:
    """How much of a night it is: 0 for day, near 1 where only the lamp's own light comes back."""
    kind = rng.random()
    return 0.0 if kind < 0.72 else float(rng.uniform(0.3, 1.0))


def soil(plate: Plane, rng: np.random.Generator, severity: int) -> Plane:
    """The plate with wear, dirt, mud or snow on a part of it, the signs still showing through."""
    if rng.random() > (0.15, 0.4, 0.6)[severity]:
        return plate
    high, wide = plate.shape
    colour = float(rng.choice((rng.uniform(40, 110), rng.uniform(90, 160), rng.uniform(200, 245))))
    blotch = cv2.resize(noise("cloud", (48, 160), rng), (wide, high), interpolation=cv2.INTER_LINEAR)
    cover = np.clip(blotch * 0.5 + rng.uniform(-0.6, 0.35), 0, 1) * rng.uniform(
        0.25, (0.5, 0.65, 0.78)[severity]
    )
    if rng.random() < 0.4:
        slope = np.linspace(-0.5, 1, high, dtype=np.float32)[:, None]
        cover = cover * np.clip(slope if rng.random() < 0.6 else slope[::-1], 0, 1)
    return np.asarray(plate + cover * (colour - plate), dtype=np.float32)


def relief(plate: Plane, rng: np.random.Generator) -> Plane:
    """The plate with its signs pressed: one side of every edge lit, the other in shade."""
    if rng.random() < 0.4:
        return plate
    dx, dy = (int(step) for step in rng.integers(-1, 2, 2))
    lit = np.float32(rng.uniform(0.05, 0.4))
    shifted = np.roll(plate, (dy, dx), axis=(0, 1))
    return np.asarray(plate + (plate - shifted) * lit, dtype=np.float32)


def light(
    tile: Plane, corners: NDArray[np.float32], rng: np.random.Generator, severity: int, dark: float
) -> Plane:
    """Daylight or lamps on the scene: gradients, a cast shadow's edge, glare, a hook in front, rain."""
    high, wide = tile.shape
    xs = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
    ys = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    if rng.random() < 0.5:
        tile = tile * (1 + rng.normal(0, 0.12) * xs + rng.normal(0, 0.12) * ys).astype(np.float32)
    if not dark and rng.random() < (0.12, 0.25, 0.3)[severity]:
        tile = tile * _shadow(xs, ys, rng, severity)
    if rng.random() < (0.05, 0.18, 0.3)[severity]:
        tile = _glare(tile, xs, ys, rng, severity)
    if rng.random() < 0.04:
        foot = (corners[2] + corners[3]) / 2
        tall = float(np.linalg.norm(corners[3] - corners[0]))
        radius = max(1, int(tall * rng.uniform(0.12, 0.3)))
        centre = (int(foot[0] + rng.normal(0, 0.1) * wide), int(foot[1] + radius * rng.uniform(0.5, 0.9)))
        tile = np.ascontiguousarray(tile)
        cv2.circle(tile, centre, radius, float(rng.uniform(5, 120)), -1, cv2.LINE_AA)
    if rng.random() < (0.02, 0.08, 0.15)[severity]:
        tile = _rain(tile, rng)
    return tile


def _shadow(xs: Plane, ys: Plane, rng: np.random.Generator, severity: int) -> Plane:
    angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5)
    edge = (xs * np.cos(angle) + ys * np.sin(angle) - offset) * rng.uniform(4, 40)
    deep = rng.uniform(0.2, (0.5, 0.6, 0.72)[severity])
    return np.asarray(1 - deep / (1 + np.exp(-np.clip(edge, -20, 20))), dtype=np.float32)


def _glare(tile: Plane, xs: Plane, ys: Plane, rng: np.random.Generator, severity: int) -> Plane:
    """A veil of light over a part: it hides, rather than adds, so that what was dark stays the darker."""
    x, y = rng.uniform(-1.2, 1.2), rng.uniform(-1.2, 1.2)
    size = rng.uniform(0.2, 0.9)
    spot = np.exp(-((xs - x) ** 2 + ((ys - y) * 0.6) ** 2) / size**2)
    veil = rng.uniform(0.2, (0.5, 0.65, 0.75)[severity]) * spot
    return np.asarray(tile + veil * (rng.uniform(180, 250) - tile), dtype=np.float32)


def _rain(tile: Plane, rng: np.random.Generator) -> Plane:
    """Streaks, all one way, or drops on the lens."""
    high, wide = tile.shape
    veil = np.zeros((high, wide), dtype=np.float32)
    if rng.random() < 0.6:
        lean, length = rng.uniform(-0.4, 0.4), high * rng.uniform(0.1, 0.4)
        for _ in range(int(rng.integers(4, 24))):
            x, y = rng.uniform(0, wide), rng.uniform(-length, high)
            cv2.line(veil, (int(x), int(y)), (int(x + lean * length), int(y + length)), 1.0, 1, cv2.LINE_AA)
        return np.asarray(tile + veil * rng.uniform(10, 45), dtype=np.float32)
    for _ in range(int(rng.integers(1, 5))):
        centre = (int(rng.integers(wide)), int(rng.integers(high)))
        cv2.circle(veil, centre, max(1, int(high * rng.uniform(0.05, 0.16))), 1.0, -1, cv2.LINE_AA)
    veil = np.asarray(cv2.GaussianBlur(veil, (0, 0), max(0.8, high * 0.02)), dtype=np.float32)
    soft = cv2.GaussianBlur(tile, (0, 0), max(0.8, high * 0.03))
    return np.asarray(tile + veil * (soft * rng.uniform(0.85, 1.15) - tile), dtype=np.float32)


def optics(tile: Plane, rng: np.random.Generator, most: float) -> Plane:
    """The lens and the motion: blurred by at most a deviation of `most` pixels, all causes together."""
    total = most * float(np.sqrt(rng.uniform(0.02, 1)))
    moved = rng.random() < 0.35
    share = rng.uniform(0.3, 1.0) if moved else 0.0
    lens = total * float(np.sqrt(1 - share**2))
    if lens > 0.25:
        stretch = rng.uniform(0.8, 1.2)
        tile = np.asarray(
            cv2.GaussianBlur(tile, (0, 0), lens * stretch, sigmaY=lens / stretch), dtype=np.float32
        )
    length = total * share * float(np.sqrt(12))
    if length > 1.2:
        angle = rng.choice((0.0, np.pi / 2, rng.uniform(0, np.pi)), p=(0.45, 0.3, 0.25))
        tile = np.asarray(cv2.filter2D(tile, -1, _path(length, float(angle))), dtype=np.float32)
    return tile


def _path(length: float, angle: float) -> Plane:
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size, size), dtype=np.float32)
    middle, reach = size // 2, length / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * reach
    ends = [np.round((middle + sign * step) * 16).astype(int) for sign in (-1, 1)]
    cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1.0, 1, cv2.LINE_AA, shift=4)
    total = float(kernel.sum())
    if total == 0:
        kernel[middle, middle] = total = 1.0
    return kernel / np.float32(total)


def sensor(
    tile: Plane,
    corners: NDArray[np.float32],
    rng: np.random.Generator,
    severity: int,
    dark: float,
    pitch: float,
) -> Gray:
    """Exposure, fog, noise, sharpening and the codec: what the picture holds in the end.

    `pitch` is the distance between signs in pixels: small ones bear less noise and coarser codecs less.
    """
    tile = _exposed(tile, rng, severity, dark, pitch)
    tile, contrast = _told_apart(tile, corners, (70, 45, 26)[severity])
    strength = rng.uniform(0, (2.5, 7.0, 13.0)[severity]) * (1 + dark) * min(1.0, pitch / 12)
    strength = min(strength, contrast * (0.1 if pitch < 8 else 0.17))
    if strength > 0.6:
        grain = noise("white", tile.shape, rng)
        if rng.random() < 0.4:
            grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.7) * 1.8, dtype=np.float32)
        tile = tile + grain * np.float32(strength)
    if rng.random() < 0.1:
        tile = _resized(tile, rng.uniform(max(0.55, min(0.95, 5 / pitch)), 0.95))
    if rng.random() < 0.4:
        soft = cv2.GaussianBlur(tile, (0, 0), float(rng.uniform(0.7, 1.8)))
        tile = tile + (tile - soft) * np.float32(rng.uniform(0.3, 2.2))
    picture = np.asarray(np.clip(tile, 0, 255), dtype=np.uint8)
    if rng.random() < 0.02:
        picture = picture.copy()
        picture[1::2] = np.roll(picture[1::2], int(rng.integers(1, 2 + int(pitch / 14))), axis=1)
    if rng.random() < 0.6:
        picture = _packed(picture, int(rng.uniform(_coarsest(severity, pitch, contrast), 96)))
    return picture


def _coarsest(severity: int, pitch: float, contrast: float) -> int:
    """The worst quality of JPEG that leaves signs of this size and contrast alone."""
    small = 20 if pitch < 8 else 0
    faint = 15 if contrast < 60 else 0
    return (50, 32, 20)[severity] + small + faint


def _packed(picture: Gray, quality: int) -> Gray:
    packed = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _resized(tile: Plane, scale: float) -> Plane:
    high, wide = tile.shape
    small = cv2.resize(tile, (int(wide * scale), int(high * scale)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (wide, high), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _told_apart(tile: Plane, corners: NDArray[np.float32], least: float) -> tuple[Plane, float]:
    """The tile with at least this contrast between the plate's ground and its signs, and their contrast."""
    left, top = np.maximum(corners.min(axis=0), 0).astype(int)
    right, bottom = corners.max(axis=0).astype(int)
    sample = np.clip(tile[top:bottom:2, left:right:2], 0, 255).ravel()
    rank = sample.size // 24  # a short mark inks little of its plate
    ordered = np.partition(sample, (rank, sample.size - 1 - rank))
    low, high = float(ordered[rank]), float(ordered[-1 - rank])
    if high - low >= least:
        return tile, high - low
    middle, gain = (low + high) / 2, min(least / max(high - low, 1.0), 4.0)
    aim = min(max(middle, least / 2), 255 - least / 2)
    return np.asarray((tile - middle) * gain + aim, dtype=np.float32), least


def _exposed(tile: Plane, rng: np.random.Generator, severity: int, dark: float, pitch: float) -> Plane:
    if dark:
        # Retroreflection under the camera's own lamp: from just right to burnt out, with a halo.
        gain = rng.uniform(0.35, (1.0, 1.25, 1.5)[severity])
        tile = np.asarray(tile * gain + rng.uniform(0, 25), dtype=np.float32)
        if gain > 0.9:
            halo = cv2.GaussianBlur(np.maximum(tile - 190, 0), (0, 0), max(0.6, pitch * 0.12))
            tile = tile + halo * np.float32(rng.uniform(0, 0.5))
        return tile
    gain = float(np.exp(rng.normal(-0.15, (0.2, 0.35, 0.45)[severity])))
    tile = tile * np.float32(gain)
    if rng.random() < (0.2, 0.35, 0.5)[severity]:  # fog, a dirty dome, a bright sky before the lens
        veil = rng.uniform(0.15, (0.5, 0.65, 0.78)[severity])
        tile = tile * np.float32(1 - veil) + np.float32(veil * rng.uniform(60, 230))
    elif gain > 1:
        tile = np.minimum(tile, 255) if rng.random() < 0.5 else 255 * (tile / (tile + 60)) * 1.22
    if rng.random() < 0.4:
        tile = 255 * np.power(np.clip(tile, 0, 255) / 255, rng.uniform(0.6, 1.5))
    return np.asarray(tile, dtype=np.float32)
