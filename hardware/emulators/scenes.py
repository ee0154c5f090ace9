"""Camera scenes for the demo and the tests: a road, a vehicle's front, a plate in perspective, weather.

The same arguments give the same picture.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.emulators.scene_camera import Image, PinHole, add_glow, expose, smear, soil
from hardware.emulators.scene_plates import COUNTRIES, draw_plate, random_mark

__all__ = ["COUNTRIES", "empty_road", "random_mark", "render_scene"]

Colour = tuple[int, int, int]
Corner = tuple[float, float, float]

_PAINTS: tuple[Colour, ...] = (
    (225, 226, 228), (40, 38, 36), (140, 142, 145), (40, 40, 160), (140, 70, 25), (60, 95, 35),
    (30, 140, 215), (95, 90, 85),
)  # fmt: skip
_SUBPIXEL = 4
_NIGHT_LIGHT = 0.3
_PLATE_WIDTH = 0.52
_PLATE_BORDER = 0.018


def render_scene(
    mark: str,
    *,
    country: str,
    seed: int,
    night: bool = False,
    dirt: float = 0.0,
    blur: float = 0.0,
    size: tuple[int, int] = (1280, 720),
) -> Image:
    """One frame (BGR) of a vehicle bearing `mark`, standing before the camera.

    `country` lays the plate out (scene_plates.LAYOUTS; any other state gets a plain European one).
    `dirt` and `blur` go from 0 (none) to 1 (hardly legible); `size` is width, height.
    """
    rng = np.random.default_rng(seed)
    pick = random.Random(seed)  # noqa: S311 - scenery, not secrets
    lorry = pick.random() < 0.6  # noqa: PLR2004 - most goods come by lorry
    camera = _stand(pick, size, lorry=lorry)
    picture = _road(size).copy()
    _mark_lanes(picture, camera)
    lamps = _draw_lorry(picture, camera, pick) if lorry else _draw_car(picture, camera, pick)
    if night:
        picture = np.asarray(cv2.convertScaleAbs(picture, alpha=_NIGHT_LIGHT, beta=0), dtype=np.uint8)
    _mount_plate(picture, camera, _soiled_plate(mark, country, dirt, rng), pick, lorry=lorry, night=night)
    if night:
        for lamp in lamps:
            add_glow(picture, lamp, round(camera.focal * pick.uniform(0.09, 0.14)))
    return expose(smear(picture, blur, rng), night, rng)


def empty_road(*, seed: int, night: bool = False, size: tuple[int, int] = (1280, 720)) -> Image:
    """The same camera with nobody before it."""
    rng = np.random.default_rng(seed)
    picture = _road(size).copy()
    _mark_lanes(picture, _stand(random.Random(seed), size, lorry=True))  # noqa: S311 - scenery
    if night:
        picture = np.asarray(cv2.convertScaleAbs(picture, alpha=_NIGHT_LIGHT, beta=0), dtype=np.uint8)
    return expose(picture, night, rng)


def _stand(pick: random.Random, size: tuple[int, int], *, lorry: bool) -> PinHole:
    """A pole beside the lane, each site's a little different."""
    side = pick.uniform(0.5, 1.7) * pick.choice((-1, 1))
    distance = pick.uniform(5.0, 7.0)
    return PinHole(
        position=(side, pick.uniform(1.7, 2.8), -distance),
        target=(pick.uniform(-0.35, 0.35), pick.uniform(0.75, 1.1) if lorry else pick.uniform(0.6, 0.9), 0.0),
        focal=size[0] * pick.uniform(1.6, 2.0),
        roll=pick.uniform(-0.035, 0.035),
        size=size,
    )


@lru_cache(maxsize=2)
def _road(size: tuple[int, int]) -> Image:
    """Worn asphalt."""
    width, height = size
    rng = np.random.default_rng(3)
    coarse = cv2.resize(rng.normal(0, 7, (height // 24 + 1, width // 40 + 1)), (width, height))
    fine = cv2.resize(rng.normal(0, 6, (height // 2, width // 2)), (width, height))
    shade = np.linspace(120, 92, height)[:, None] + coarse + fine
    tinted = shade[..., None] * np.array([1.0, 0.99, 0.96])
    return np.asarray(np.clip(tinted, 0, 255), dtype=np.uint8)


def _fill(picture: Image, camera: PinHole, corners: Iterable[Corner], colour: Colour) -> NDArray[np.float64]:
    """Fill a polygon of world points; returns its pixels."""
    pixels = camera.project(np.array(list(corners), dtype=np.float64))
    fixed = np.round(pixels * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(picture, [fixed], colour, cv2.LINE_AA, _SUBPIXEL)
    return pixels


def _face(left: float, right: float, low: float, high: float, depth: float = 0.0) -> tuple[Corner, ...]:
    return ((left, low, depth), (right, low, depth), (right, high, depth), (left, high, depth))


def _shaded(colour: Colour, light: float) -> Colour:
    blue, green, red = (min(255, max(0, round(part * light))) for part in colour)
    return blue, green, red


def _mark_lanes(picture: Image, camera: PinHole) -> None:
    for left, right in ((-2.0, -1.86), (1.86, 2.0)):
        _fill(picture, camera, ((left, 0, -3), (right, 0, -3), (right, 0, 30), (left, 0, 30)),
              (190, 196, 198))  # fmt: skip
    _fill(picture, camera, ((2.3, 0, -3), (3.4, 0, -3), (3.4, 0, 30), (2.3, 0, 30)), (132, 136, 138))
    _fill(
        picture, camera, ((-1.7, 0, -1.3), (1.7, 0, -1.3), (1.7, 0, -1.0), (-1.7, 0, -1.0)), (200, 204, 206)
    )


def _lamp(
    picture: Image, camera: PinHole, at: tuple[float, float], half: float, depth: float
) -> tuple[float, float]:
    x, y = at
    _fill(picture, camera, _face(x - half, x + half, y - 0.1, y + 0.1, depth), (70, 70, 72))
    pixels = _fill(
        picture, camera, _face(x - half * 0.8, x + half * 0.8, y - 0.075, y + 0.075, depth), (228, 228, 218)
    )
    centre = pixels.mean(axis=0)
    return float(centre[0]), float(centre[1])


def _draw_lorry(picture: Image, camera: PinHole, pick: random.Random) -> list[tuple[float, float]]:
    paint = pick.choice(_PAINTS)
    _fill(picture, camera, ((-1.35, 0, -0.3), (1.35, 0, -0.3), (1.4, 0, 9), (-1.4, 0, 9)), (48, 48, 50))
    for x in (-1.05, 1.05):
        _fill(picture, camera, _face(x - 0.17, x + 0.17, 0.0, 0.7, 0.5), (26, 26, 28))
    # The side that the camera sees, then the cab's front over it.
    side = 1.25 if camera.position[0] > 0 else -1.25
    _fill(picture, camera, ((side, 0.45, 0), (side, 0.45, 6), (side, 3.6, 6), (side, 3.6, 0)),
          _shaded(paint, 0.62))  # fmt: skip
    _fill(picture, camera, _face(-1.25, 1.25, 0.42, 3.6), paint)
    _fill(picture, camera, _face(-1.15, 1.15, 1.95, 2.95), (58, 52, 46))
    _fill(picture, camera, ((-1.1, 2.0, 0), (-0.2, 2.0, 0), (0.2, 2.9, 0), (-1.0, 2.9, 0)), (84, 76, 68))
    for index in range(5):
        low = 1.02 + index * 0.16
        _fill(picture, camera, _face(-0.8, 0.8, low, low + 0.1), _shaded(paint, 0.35))
    _fill(picture, camera, _face(-0.16, 0.16, 1.74, 1.86), (190, 190, 192))
    bumper = _shaded(paint, 0.8) if pick.random() < 0.5 else (62, 62, 64)  # noqa: PLR2004 - an even draw
    _fill(picture, camera, _face(-1.27, 1.27, 0.36, 0.92, -0.05), bumper)
    _fill(picture, camera, _face(-0.6, 0.6, 0.7, 0.86, -0.06), _shaded(bumper, 0.6))
    for x in (-1.5, 1.5):
        _fill(picture, camera, _face(x - 0.12, x + 0.12, 2.1, 2.75, -0.1), (30, 30, 32))
    return [_lamp(picture, camera, (x, 0.72), 0.2, -0.06) for x in (-0.98, 0.98)]


def _draw_car(picture: Image, camera: PinHole, pick: random.Random) -> list[tuple[float, float]]:
    paint = pick.choice(_PAINTS)
    _fill(picture, camera, ((-1.0, 0, -0.25), (1.0, 0, -0.25), (1.05, 0, 4.5), (-1.05, 0, 4.5)), (50, 50, 52))
    for x in (-0.75, 0.75):
        _fill(picture, camera, _face(x - 0.12, x + 0.12, 0.0, 0.6, 0.6), (26, 26, 28))
    _fill(picture, camera, ((-0.72, 1.5, 2.3), (0.72, 1.5, 2.3), (0.68, 1.52, 3.6), (-0.68, 1.52, 3.6)),
          _shaded(paint, 1.05))  # fmt: skip
    _fill(picture, camera, ((-0.85, 0.98, 1.2), (0.85, 0.98, 1.2), (0.72, 1.5, 2.3), (-0.72, 1.5, 2.3)),
          (66, 58, 50))  # fmt: skip
    _fill(picture, camera, ((-0.88, 0.82, 0.08), (0.88, 0.82, 0.08), (0.86, 0.99, 1.25), (-0.86, 0.99, 1.25)),
          _shaded(paint, 1.12))  # fmt: skip
    _fill(picture, camera, _face(-0.9, 0.9, 0.22, 0.84), paint)
    _fill(picture, camera, _face(-0.55, 0.55, 0.6, 0.78, -0.02), (36, 36, 38))
    _fill(picture, camera, _face(-0.92, 0.92, 0.2, 0.57, -0.06), _shaded(paint, 0.88))
    _fill(picture, camera, _face(-0.5, 0.5, 0.22, 0.32, -0.07), (34, 34, 36))
    return [_lamp(picture, camera, (x, 0.68), 0.17, -0.03) for x in (-0.7, 0.7)]


def _soiled_plate(mark: str, country: str, dirt: float, rng: np.random.Generator) -> Image:
    plate = draw_plate(mark, country)
    soil(plate, dirt, rng)
    return plate


def _mount_plate(
    picture: Image, camera: PinHole, plate: Image, pick: random.Random, *, lorry: bool, night: bool
) -> None:
    """Warp `plate` onto its holder on the bumper."""
    height, width = plate.shape[:2]
    half_width = _PLATE_WIDTH / 520 * width / 2
    half_height = _PLATE_WIDTH / 520 * height / 2
    x = pick.uniform(-0.12, 0.12)
    y = pick.uniform(0.5, 0.58) if lorry else pick.uniform(0.42, 0.47)
    tilt = pick.uniform(-0.012, 0.012)
    frame = _PLATE_BORDER
    _fill(picture, camera,
          _face(x - half_width - frame, x + half_width + frame, y - half_height - frame,
                y + half_height + frame, -0.08), (28, 28, 30))  # fmt: skip
    corners = np.array(
        [
            (x - half_width, y + half_height - tilt, -0.085),
            (x + half_width, y + half_height + tilt, -0.085),
            (x + half_width, y - half_height + tilt, -0.085),
            (x - half_width, y - half_height - tilt, -0.085),
        ]
    )
    target = camera.project(corners).astype(np.float32)
    # Retro-reflective foil throws the lamp of the camera back: at night the plate is the brightest thing.
    light = pick.uniform(0.7, 0.92) if night else pick.uniform(0.72, 1.0)
    lit = cv2.convertScaleAbs(plate, alpha=light, beta=0)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    left, top = np.floor(target.min(axis=0)).astype(int) - 2
    right, bottom = np.ceil(target.max(axis=0)).astype(int) + 2
    left, top = max(0, left), max(0, top)
    right, bottom = min(picture.shape[1], right), min(picture.shape[0], bottom)
    if left >= right or top >= bottom:
        return
    # Shrinking without averaging first would make letters sparkle as no lens does.
    shrink = max(1.0, width / float(np.linalg.norm(target[1] - target[0])))
    if shrink > 1.2:  # noqa: PLR2004 - below that interpolation is enough
        lit = cv2.GaussianBlur(lit, (0, 0), 0.42 * shrink)
    matrix = cv2.getPerspectiveTransform(source, target - np.array([left, top], dtype=np.float32))
    window = (int(right - left), int(bottom - top))
    warped = cv2.warpPerspective(lit, matrix, window, flags=cv2.INTER_LINEAR)
    solid = np.full((height, width), 255, dtype=np.uint8)
    cover = cv2.warpPerspective(solid, matrix, window, flags=cv2.INTER_LINEAR)[..., None].astype(np.uint16)
    area = picture[top:bottom, left:right]
    area[:] = ((area * (255 - cover) + warped * cover) // 255).astype(np.uint8)
