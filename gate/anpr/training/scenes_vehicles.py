"""Roads and vehicles drawn from nothing, with all that is easily taken for a plate."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.chance import around, between, chance

Gray = NDArray[np.uint8]
Quad = NDArray[np.float32]
"""4 x 2 pixels: top left, top right, bottom right, bottom left."""

_FINE = 4


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat face before the camera, in metres around its middle (x right, y down), and where it is seen."""

    matrix: NDArray[np.float64]

    def project(self, points: NDArray[np.float64] | list[tuple[float, float]]) -> NDArray[np.float32]:
        """Pixels (n x 2) of points on the face."""
        flat = np.asarray(points, dtype=np.float64)
        seen = np.column_stack([flat, np.ones(len(flat))]) @ self.matrix.T
        return (seen[:, :2] / np.maximum(seen[:, 2:], 1e-3)).astype(np.float32)

    def quad(self, left: float, top: float, right: float, bottom: float) -> Quad:
        """Corners of a rectangle on the face."""
        return self.project([(left, top), (right, top), (right, bottom), (left, bottom)])


def stand(rng: np.random.Generator, centre: tuple[float, float], scale: float, hard: float = 1.0) -> Plane:
    """A face seen at `scale` pixels a metre around `centre`: turned, tilted, rolled, near or far.

    `hard` 0 looks straight at it, 1 takes every angle a lane's camera may have.
    """
    yaw = np.radians(rng.uniform(-1, 1) ** 3 * 50 * hard if chance(rng, 0.6) else rng.uniform(-45, 45) * hard)
    pitch = np.radians(rng.uniform(-28, 12) * hard)
    roll = np.radians(float(np.clip(rng.normal(0, 5), -16, 16)) * hard)
    distance = around(rng, 2.5, 16)
    turn = _about_y(yaw) @ _about_x(pitch)
    cos, sin = np.cos(roll), np.sin(roll)
    focal = scale * distance
    lens = np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1.0]])
    spin = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    # The face is z = 0 of its own frame, so its third axis drops out and what is left is a homography.
    face = spin @ np.column_stack([turn[:, 0], turn[:, 1], (0.0, 0.0, distance)])
    return Plane(lens @ face)


def _about_y(angle: float) -> NDArray[np.float64]:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])


def _about_x(angle: float) -> NDArray[np.float64]:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])


@dataclass(slots=True)
class Drawing:
    """A picture under way, its plates, the places on it that look like plates and are none, and its lamps."""

    picture: Gray
    plates: list[Quad] = field(default_factory=list)
    decoys: list[Quad] = field(default_factory=list)
    lamps: list[tuple[float, float]] = field(default_factory=list)


def fill(picture: Gray, points: NDArray[np.float32], tone: float) -> None:
    """Fill a polygon, smoothly to a fraction of a pixel."""
    fixed = np.round(np.clip(points, -9000, 9000) * 2**_FINE).astype(np.int32)
    cv2.fillPoly(picture, [fixed], float(np.clip(tone, 0, 255)), cv2.LINE_AA, _FINE)


def draw_ground(size: int, rng: np.random.Generator) -> Gray:
    """Sky, walls, road or nothing much: shades, edges and grain."""
    picture = np.full((size, size), between(rng, 20, 220), dtype=np.float32)
    horizon = int(size * rng.uniform(-0.1, 0.7))
    if horizon > 0:
        picture[:horizon] = np.linspace(rng.uniform(80, 255), rng.uniform(80, 255), horizon)[:, None]
    for octave, strength in ((5, 26.0), (24, 14.0), (110, 10.0)):
        cells = rng.normal(0, strength * rng.uniform(0.1, 1.0), (octave, octave)).astype(np.float32)
        picture += cv2.resize(cells, (size, size), interpolation=cv2.INTER_LINEAR)
    drawn = np.clip(picture, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 14))):
        corner = rng.uniform(-0.1, 1.1, 2) * size
        reach = np.exp(rng.uniform(np.log(0.03), np.log(0.6), 2)) * size
        slant = rng.uniform(-0.2, 0.2) * reach[0]
        quad = np.array([(0, 0), (reach[0], slant), (reach[0], reach[1] + slant), (0, reach[1])]) + corner
        fill(drawn, quad.astype(np.float32), between(rng, 0, 256))
    return drawn


def draw_vehicle(drawing: Drawing, plane: Plane, rng: np.random.Generator) -> None:
    """A front or a rear around the plate's place (the plane's middle): car, lorry or trailer doors."""
    kind = rng.random()
    picture = drawing.picture
    paint = float(rng.choice([20, 40, 70, 110, 150, 200, 235])) * between(rng, 0.85, 1.1)
    high = 0.9 if kind < 0.5 else 2.4
    half = between(rng, 0.75, 0.95) if kind < 0.5 else 1.25
    drop = between(rng, 0.1, 0.5)
    off = between(rng, -0.15, 0.15) if chance(rng, 0.7) else between(rng, -0.8, 0.8)
    fill(picture, plane.project([
        (off - half, drop), (off + half, drop), (off + half * rng.uniform(0.8, 1), -high),
        (off - half * rng.uniform(0.8, 1), -high)]), paint)  # fmt: skip
    if chance(rng, 0.8):
        bumper = paint * between(rng, 0.3, 1.1)
        fill(picture, plane.quad(off - half, -rng.uniform(0.1, 0.3), off + half, drop), bumper)
    if kind < 0.8:
        _draw_front(drawing, plane, rng, off, half, paint)
    else:
        _draw_doors(picture, plane, rng, off, half, high)
    for side in (-1, 1):
        lamp_y, wide = -between(rng, 0.1, 0.45), between(rng, 0.08, 0.22)
        x = off + side * half * between(rng, 0.72, 0.9)
        quad = plane.quad(x - wide, lamp_y - 0.08, x + wide, lamp_y + 0.08)
        fill(picture, quad, between(rng, 30, 120))
        fill(
            picture,
            plane.quad(x - wide * 0.8, lamp_y - 0.06, x + wide * 0.8, lamp_y + 0.06),
            between(rng, 100, 255),
        )
        drawing.decoys.append(quad)
        middle = quad.mean(axis=0)
        drawing.lamps.append((float(middle[0]), float(middle[1])))
    # The plate's place is often a recess or a holder of another shade.
    if chance(rng, 0.6):
        fill(picture, plane.quad(-0.34, -0.12, 0.34, 0.12), between(rng, 0, 256))


def _draw_front(drawing: Drawing, plane: Plane, rng: np.random.Generator, off: float, half: float,
                paint: float) -> None:  # fmt: skip
    picture = drawing.picture
    low = -between(rng, 0.1, 0.3)
    top = low - between(rng, 0.1, 0.5)
    wide = half * between(rng, 0.3, 0.75)
    fill(picture, plane.quad(off - wide, top, off + wide, low), paint * between(rng, 0.2, 0.8))
    slats = int(rng.integers(2, 12))
    tone = between(rng, 0, 256)
    upright = chance(rng, 0.4)
    for slat in range(slats):
        near, far = (slat + 0.2) / slats, (slat + 0.7) / slats
        if upright:
            span = plane.quad(off - wide + 2 * wide * near, top, off - wide + 2 * wide * far, low)
        else:
            span = plane.quad(off - wide, top + (low - top) * near, off + wide, top + (low - top) * far)
        fill(picture, span, tone)
    drawing.decoys.append(plane.quad(off - wide, top, off + wide, low))
    second = plane.quad(off - wide * 0.6, 0.14, off + wide * 0.6, 0.28)
    if chance(rng, 0.5):
        fill(picture, second, paint * 0.4)
        drawing.decoys.append(second)
    badge = plane.quad(off - 0.07, top - 0.1, off + 0.07, top + 0.02)
    centre = badge.mean(axis=0)
    radius = max(2, int(np.linalg.norm(badge[1] - badge[0]) / 2))
    cv2.circle(
        picture,
        (int(centre[0]), int(centre[1])),
        radius,
        between(rng, 120, 255),
        max(1, radius // 4),
        cv2.LINE_AA,
    )
    drawing.decoys.append(badge)
    if chance(rng, 0.7):
        glass = top - between(rng, 0.15, 0.4)
        fill(picture, plane.project([
            (off - half * 0.9, glass), (off + half * 0.9, glass), (off + half * 0.7, glass - 0.6),
            (off - half * 0.7, glass - 0.6)]), between(rng, 20, 120))  # fmt: skip


def _draw_doors(picture: Gray, plane: Plane, rng: np.random.Generator, off: float, half: float,
                high: float) -> None:  # fmt: skip
    for share in rng.uniform(-0.9, 0.9, int(rng.integers(1, 5))):
        x = off + half * float(share)
        fill(picture, plane.quad(x - 0.02, -high, x + 0.02, -0.2), between(rng, 0, 256))
    for _ in range(int(rng.integers(1, 4))):
        y = -between(rng, 0.3, high)
        fill(picture, plane.quad(off - half, y - 0.03, off + half, y + 0.03), between(rng, 0, 256))
    # Conspicuity tape: bright blocks in a row, much like a plate seen from afar.
    if chance(rng, 0.5):
        y = between(rng, -0.2, 0.2)
        for step in range(int(rng.integers(4, 12))):
            x = off - half + 0.25 * step
            fill(picture, plane.quad(x, y - 0.03, x + 0.15, y + 0.03), between(rng, 150, 255))


@lru_cache(maxsize=16)
def _halo(radius: int) -> NDArray[np.float32]:
    axis = np.linspace(-1, 1, 2 * radius, dtype=np.float32)
    distance = np.hypot(axis[:, None], axis[None, :])
    light = 255 * np.exp(-((distance / 0.16) ** 2)) + 130 * np.exp(-((distance / 0.4) ** 2))
    return np.asarray(light * np.clip(1 - distance, 0, 1), dtype=np.float32)


def add_halo(picture: Gray, centre: tuple[float, float], radius: int, strength: float) -> None:
    """A lamp's glare on the picture."""
    radius = max(4, radius // 8 * 8)
    x, y = round(centre[0]) - radius, round(centre[1]) - radius
    height, width = picture.shape
    left, top, right, bottom = max(0, x), max(0, y), min(width, x + 2 * radius), min(height, y + 2 * radius)
    if left < right and top < bottom:
        part = _halo(radius)[top - y : bottom - y, left - x : right - x] * strength
        area = picture[top:bottom, left:right]
        area[:] = np.clip(area + part, 0, 255).astype(np.uint8)
