"""Setting flat faces into a picture: plates with their holders, shadows and dirt, and lettering."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.chance import around, between, chance
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_vehicles import Drawing, Gray, Plane, Quad, fill

LONG_PLATE: Final = 0.52
"""Metres: of a European plate, the measure of a scene's other things."""
_SHORT = 2.7
"""Aspect of plates that are narrower than the places they hang in."""
_SPECK = 20
"""Square pixels, below which nothing of a face is to be seen."""
_WHITE = 140.0
"""A face whose brightest part is darker is a dark plate and stays one, however it is lit."""


def is_convex(quad: Quad) -> bool:
    """A quad that a face can be seen in: from its front, not edge on."""
    return (
        bool(np.isfinite(quad).all())
        and bool(cv2.isContourConvex(quad))
        and float(cv2.contourArea(quad, oriented=True)) > _SPECK
    )


def are_near(one: Quad, two: Quad) -> bool:
    """Their boxes overlap, or nearly."""
    low = np.maximum(one.min(axis=0), two.min(axis=0)) - 4
    high = np.minimum(one.max(axis=0), two.max(axis=0)) + 4
    return bool((low < high).all())


def mount(
    drawing: Drawing,
    plane: Plane,
    face: Gray,
    bright: float | None,
    lettering: Lettering,
    rng: np.random.Generator,
) -> None:
    """Set a plate into the picture at the plane's middle, unless it would cover another one.

    `bright` is what its white comes out as (0..255); None for a guess from what is around it.
    """
    aspect = face.shape[1] / face.shape[0]
    # A two-line plate is about as large a sign as a long one, not as wide.
    half = LONG_PLATE / 2 * min(1.0, max(0.55, aspect / 3.6))
    tall = half / aspect
    x, y = rng.normal(0, 0.01, 2)
    quad = plane.quad(x - half, y - tall, x + half, y + tall)
    if not is_convex(quad) or any(are_near(quad, other) for other in drawing.plates):
        return
    if bright is None:
        bright = _guess(drawing.picture, quad, rng)
    if chance(rng, 0.45 if aspect < _SHORT else 0.15):
        _recess(drawing.picture, plane, (x, y, half, tall), bright, rng)
    if chance(rng, 0.6):
        _hold(drawing.picture, plane, (x, y, half, tall), bright, lettering, rng)
    set_in(drawing.picture, _lit(face, bright, rng), None, quad)
    drawing.plates.append(quad)


def letter(drawing: Drawing, plane: Plane, lettering: Lettering, rng: np.random.Generator) -> None:
    """Lettering somewhere about the plane, clear of its middle and of the plates that are there."""
    face, cover = lettering.decoy(rng)
    high = around(rng, 0.05, 0.35)
    wide = high * face.shape[1] / face.shape[0]
    x = between(rng, -1.0, 1.0)
    y = -between(rng, 0.25, 1.4) - high / 2 if chance(rng, 0.75) else between(rng, 0.2, 0.5) + high / 2
    quad = plane.quad(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    if is_convex(quad) and not any(are_near(quad, other) for other in drawing.plates):
        set_in(drawing.picture, face, cover, quad)
        drawing.decoys.append(quad)


def _guess(picture: Gray, quad: Quad, rng: np.random.Generator) -> float:
    if chance(rng, 0.7):
        return between(rng, 110, 255)
    x, y = np.clip(quad.mean(axis=0).astype(int), 0, (picture.shape[1] - 1, picture.shape[0] - 1))
    return float(np.clip(picture[y, x] * between(rng, 0.6, 2.2) + between(rng, 20, 80), 60, 255))


def _recess(
    picture: Gray,
    plane: Plane,
    place: tuple[float, float, float, float],
    bright: float,
    rng: np.random.Generator,
) -> None:
    """The hollow or panel made for another state's plates: a short plate hangs in a wide one."""
    x, y, half, tall = place
    wide, high = half * between(rng, 1.1, 2.4), tall * between(rng, 0.9, 1.7)
    x, y = x + between(rng, -0.1, 0.1) * half, y + between(rng, -0.25, 0.25) * tall
    tone = bright * between(rng, 0.2, 1.15)
    fill(picture, plane.quad(x - wide, y - high, x + wide, y + high), tone)
    if chance(rng, 0.5):
        edge = between(rng, 0.02, 0.12) * tall
        fill(
            picture, plane.quad(x - wide, y - high, x + wide, y - high + edge), tone * between(rng, 0.3, 1.4)
        )
        fill(
            picture, plane.quad(x - wide, y + high - edge, x + wide, y + high), tone * between(rng, 0.3, 1.4)
        )
    if chance(rng, 0.3):
        for side in (-1, 1):
            lamp = x + side * wide * between(rng, 0.3, 0.8)
            fill(picture, plane.quad(lamp - 0.02, y - high, lamp + 0.02, y - high + 0.02), 255)


def _hold(
    picture: Gray,
    plane: Plane,
    place: tuple[float, float, float, float],
    bright: float,
    lettering: Lettering,
    rng: np.random.Generator,
) -> None:
    """A holder's rim, a dealer's name on it, or the shadow that a recess throws."""
    x, y, half, tall = place
    left, top, right, bottom = (float(part) for part in tall * rng.uniform(0.02, 0.35, 4))
    tone = between(rng, 0, 90) if chance(rng, 0.75) else bright * between(rng, 0.5, 1.1)
    fill(picture, plane.quad(x - half - left, y - tall - top, x + half + right, y + tall + bottom), tone)
    if bottom > 0.15 * tall and chance(rng, 0.6):
        ink = lettering.ink("".join(rng.choice(list("AUTOHAUSmotorsdealer.com "), 14)), rng)
        strip = plane.quad(
            x - half * 0.7, y + tall + bottom * 0.2, x + half * 0.7, y + tall + bottom * 0.8
        )  # fmt: skip
        if is_convex(strip):
            set_in(picture, np.full_like(ink, 200), ink, strip)


def _lit(face: Gray, bright: float, rng: np.random.Generator) -> Gray:
    """The face in the light of its place: brighter above, half in shadow, muddy."""
    height, width = face.shape
    lit = face.astype(np.float32) * (bright / max(_WHITE, float(np.percentile(face, 85))))
    if chance(rng, 0.5):
        ramp = np.linspace(1.0, between(rng, 0.6, 1.1), height, dtype=np.float32)
        lit *= ramp[:, None] if chance(rng, 0.7) else ramp[::-1, None]
    if chance(rng, 0.25):
        above, below = (float(part) for part in rng.uniform(-0.2, 1.2, 2) * width)
        edge = np.array([(above, 0), (2 * width, 0), (2 * width, height), (below, height)], dtype=np.float32)
        shade = np.zeros_like(face)
        fill(shade, edge, 255)
        lit *= 1 - shade.astype(np.float32) / 255 * between(rng, 0.2, 0.65)
    if chance(rng, 0.3):
        film = cv2.resize(
            rng.random((4, 14), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        cover = np.clip((film - 0.6) * 3, 0, 0.9)
        lit = lit * (1 - cover) + between(rng, 40, 130) * cover
    return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)


def set_in(picture: Gray, face: Gray, cover: Gray | None, quad: Quad) -> None:
    """Warp a flat face into `quad`; where `cover` is given it tells how much of the picture it hides."""
    height, width = picture.shape
    left, top = np.clip(np.floor(quad.min(axis=0)).astype(int) - 2, 0, (width, height))
    right, bottom = np.clip(np.ceil(quad.max(axis=0)).astype(int) + 2, 0, (width, height))
    if left >= right or top >= bottom:
        return
    target = (quad - (left, top)).astype(np.float32)
    solid = np.full_like(face, 255) if cover is None else cover
    across = max(_length(target, 0, 1), _length(target, 3, 2), 4.0)
    down = max(_length(target, 0, 3), _length(target, 1, 2), 3.0)
    size = (min(face.shape[1], int(across * 1.3) + 1), min(face.shape[0], int(down * 1.3) + 1))
    # Shrinking by area first: warping alone would make strokes sparkle as no lens does.
    small, hides = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (face, solid))
    source = np.array([(0, 0), (size[0], 0), size, (0, size[1])], dtype=np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(source, target - np.float32(0.5))
    window = (int(right - left), int(bottom - top))
    warped = cv2.warpPerspective(
        small, matrix, window, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    share = cv2.warpPerspective(hides, matrix, window, flags=cv2.INTER_LINEAR).astype(np.uint16)
    area = picture[top:bottom, left:right]
    area[:] = ((area * (255 - share) + warped * share) // 255).astype(np.uint8)


def _length(quad: NDArray[np.float32], start: int, end: int) -> float:
    return float(np.linalg.norm(quad[end] - quad[start]))
