"""Drawn plates as a lane's camera shows them: set into a vehicle, in perspective, spoilt, then cut out.

What no human could read must not be trained on: every blur is bounded by the size of the mark's signs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.strip import straighten_plate
from gate.anpr.training import weather
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.surroundings import Plane, set_into

Gray = NDArray[np.uint8]

NARROWEST, WIDEST = 35.0, 400.0
"""Width of a plate in the picture, in pixels."""
_ENOUGH: Final = 230.0
"""Wider plates are rendered this wide: a strip of 192 pixels shows no difference, but the work grows."""
_TALL: Final = 130.0
"""The same for their height, which nearly square plates reach first."""
_LEGIBLE: Final = 4.6
"""The least pixels from one sign to the next at which a human reads a mark."""
_MILD, _MEDIUM = 0.55, 0.82
"""Cumulated shares of photographs that are hardly spoilt, and spoilt somewhat; the rest is hard."""
_BLUR: Final = (0.055, 0.1, 0.155)
"""The most blur (standard deviation) as a share of the distance between signs, by severity."""


_BARE: Final = 0.35
"""Of the ink in an ordinary part of a plate, what a part without a sign has at most."""
_GRAIN: Final = 8.0
"""Pixels a sign's pitch is shrunk to before legibility is judged: finer noise does not stop a human."""
TOLD: Final = 0.74
"""The least legibility that is trained on: below, humans guess."""


@dataclass(frozen=True, slots=True)
class View:
    """From where a plate is seen: its corners in the rendered tile, and the tile's size."""

    corners: NDArray[np.float32]
    size: tuple[int, int]
    """Width, height."""
    pitch: float
    """Pixels from sign to sign, or a share of a sign's height if that is less."""


def photograph(drawn: DrawnPlate, rng: np.random.Generator) -> Gray:
    """HEIGHT x WIDTH of gate.anpr.plates.strip: `drawn` as a lane's camera and finder would hand it on."""
    picture, view, _ = taken(drawn, rng)
    return straighten_plate(picture, boxed(view.corners, rng))


def taken(drawn: DrawnPlate, rng: np.random.Generator) -> tuple[Gray, View, Plane]:
    """A picture of the plate and what is around it, from where it was taken, and the plate itself in gray."""
    chance = rng.random()
    severity = 0 if chance < _MILD else 1 if chance < _MEDIUM else 2
    while True:
        flat = _gray(drawn.image, rng)
        view = _look(drawn, flat.shape, rng)
        picture = _picture(flat, view, severity, rng)
        if severity == 0 or legibility(picture, flat, view) > TOLD:
            return picture, view, flat
        # What was asked too much of is taken again in better conditions.
        severity -= 1


def _picture(flat: Plane, view: View, severity: int, rng: np.random.Generator) -> Gray:
    night = weather.night(rng)
    over = 2 if view.pitch < 14 else 1
    flat = _reduced(flat, _apart(view.corners, 1, 0) * over)
    flat = weather.soil(weather.relief(flat, rng), rng, severity)
    board, (left, top) = set_into(flat, rng, night)
    tile = _project(board, (left, top), flat.shape, view, over)
    tile = weather.light(tile, view.corners, rng, severity, night)
    tile = weather.optics(tile, rng, _BLUR[severity] * view.pitch)
    return weather.sensor(tile, view.corners, rng, severity, night, view.pitch)


def legibility(picture: Gray, flat: Plane, view: View) -> float:
    """How much of the plate's own drawing is left in the picture, -1 to 1: that of its worst third.

    The correlation of both, straightened, between the scale of a sign and that of its strokes; so neither
    brightness nor contrast count, but noise, blur and what hides a part do.
    """
    pair = _compared(picture, flat, view)
    return min(_alike(*(each[:, part] for each in pair)) for part in _parts(pair[0].shape[1], 3))


def legibility_of_signs(picture: Gray, flat: Plane, view: View, signs: int) -> float:
    """The same of the worst sign, roughly: of as many parts as a line has `signs`, and one more."""
    pair = _compared(picture, flat, view)
    along = _parts(pair[0].shape[1], signs + 1)
    inks = [float(pair[1][:, part].std()) for part in along]
    # A gap between signs has nothing to tell, and noise in it hides nothing.
    told = _BARE * sorted(inks)[len(inks) // 2]
    return min(
        _alike(*(each[:, part] for each in pair))
        for part, ink in zip(along, inks, strict=True)
        if ink >= told
    )


def _compared(picture: Gray, flat: Plane, view: View) -> list[Plane]:
    """The plate in the picture, straightened, and its drawing, as `legibility` compares them."""
    across = _apart(view.corners, 1, 0)
    down = _apart(view.corners, 3, 0)
    size = (max(9, round(across)), max(4, round(down)))
    ends = np.array([(0, 0), (size[0], 0), size, (0, size[1])], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform((view.corners - 0.5).astype(np.float32), ends - np.float32(0.5))
    seen = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR)
    scale = min(1.0, _GRAIN / view.pitch)
    small = (max(9, round(size[0] * scale)), max(4, round(size[1] * scale)))
    rim_y, rim_x = small[1] // 8, small[0] // 24
    # Without the rim: its border is plain to see when no sign is.
    return [
        _between(np.asarray(each, dtype=np.float32), small)[
            rim_y : small[1] - rim_y, rim_x : small[0] - rim_x
        ]
        for each in (seen, flat)
    ]


def _between(plane: Plane, size: tuple[int, int]) -> Plane:
    """Shrunk to where a sign is _GRAIN pixels wide, less what is larger than a sign."""
    small = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    wide = int(_GRAIN) | 1
    return small - np.asarray(cv2.blur(small, (wide, wide)), dtype=np.float32)


def _parts(width: int, parts: int) -> list[slice]:
    return [slice(width * part // parts, width * (part + 1) // parts) for part in range(parts)]


def _alike(one: Plane, other: Plane) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / size if size else 0.0


def _gray(image: NDArray[np.uint8], rng: np.random.Generator) -> Plane:
    """One channel out of three: the sensor's own mix, often far from the eye's (infra-red, filters)."""
    if rng.random() < 0.6:
        return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    share = rng.dirichlet((1.2, 2.0, 1.6)).astype(np.float32)
    return np.asarray(cv2.transform(image, share[None, :]), dtype=np.float32).reshape(image.shape[:2])


def _look(drawn: DrawnPlate, shape: tuple[int, ...], rng: np.random.Generator) -> View:
    """A pinhole camera in front of the plate: yaw to 45 degrees, from a little below to well above."""
    high, wide = shape[0] / shape[1], 1.0
    yaw, pitch, roll = _turned(rng)
    turn = _rotation(yaw, pitch, roll)
    half = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) / 2
    away = rng.uniform(5, 22)  # in widths of the plate
    seen = half @ turn[:, :2].T
    seen[:, 2] += away
    flat = seen[:, :2] / seen[:, 2:] * away
    across = float(np.ptp(flat[:, 0]))
    signs = max(1.0, len(drawn.signs) / drawn.lines)
    width = float(np.exp(rng.triangular(np.log(NARROWEST), np.log(100), np.log(WIDEST))))
    tall = _apart(flat, 3, 0)
    apart = min(_apart(flat, 1, 0) * 0.8 / signs, tall / drawn.lines * 0.75) / across
    width = min(max(width, _LEGIBLE / apart), _ENOUGH, _TALL * across / float(np.ptp(flat[:, 1])))
    points, tall, apart = flat * (width / across), tall * width / across, apart * width
    margin_x, margin_y = 0.14 * width + 4, 0.3 * tall + 4
    start = points.min(axis=0) - (margin_x, margin_y) - rng.uniform(0, 1, 2)
    end = points.max(axis=0) + np.array([margin_x, margin_y])
    size = (int(np.ceil(end[0] - start[0])), int(np.ceil(end[1] - start[1])))
    return View((points - start).astype(np.float32), size, apart)


def _turned(rng: np.random.Generator) -> tuple[float, float, float]:
    """Yaw, pitch and roll in radians: mostly a lane's camera nearly in front, at times a steep one."""
    kind = rng.random()
    yaw = rng.normal(0, 9) if kind < 0.6 else rng.uniform(-45, 45)
    pitch = rng.triangular(-10, 8, 35)
    roll = rng.normal(0, 1.6) if kind < 0.75 else rng.uniform(-8, 8)
    return (
        math.radians(min(max(yaw, -45.0), 45.0)),
        math.radians(pitch),
        math.radians(min(max(roll, -8.0), 8.0)),
    )


def _rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (math.cos, math.sin))
    around_y = np.array([(cy, 0, sy), (0, 1, 0), (-sy, 0, cy)])
    around_x = np.array([(1, 0, 0), (0, cp, -sp), (0, sp, cp)])
    around_z = np.array([(cr, -sr, 0), (sr, cr, 0), (0, 0, 1)])
    return np.asarray(around_z @ around_x @ around_y)


def _apart(points: NDArray[np.floating[Any]], one: int, other: int) -> float:
    (x, y), (to_x, to_y) = points[one].tolist(), points[other].tolist()
    return math.hypot(to_x - x, to_y - y)


def _reduced(flat: Plane, width: float) -> Plane:
    """`flat` at about the width it will be projected to: warping a larger one would alias."""
    scale = width / flat.shape[1]
    if scale > 0.9:
        return flat
    size = (max(8, round(width)), max(4, round(flat.shape[0] * scale)))
    return np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _project(board: Plane, corner: tuple[int, int], shape: tuple[int, ...], view: View, over: int) -> Plane:
    (left, top), (high, wide) = corner, shape
    plate = np.array(
        [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)], dtype=np.float32
    )
    matrix = cv2.getPerspectiveTransform(plate - 0.5, (view.corners * over - 0.5).astype(np.float32))
    large = cv2.warpPerspective(
        board, matrix, (view.size[0] * over, view.size[1] * over),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    if over > 1:
        large = cv2.resize(large, view.size, interpolation=cv2.INTER_AREA)
    return np.asarray(large, dtype=np.float32)


def boxed(corners: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The corners as a finder would give them: mostly near, at times loose, at times an upright box."""
    kind = rng.random()
    if kind < 0.2:
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float32)
    wide = _apart(corners, 1, 0)
    tall = _apart(corners, 3, 0)
    spread = 0.025 if rng.random() < 0.75 else 0.05
    moved = corners + rng.normal(0, spread, (4, 2)) * (min(wide * 0.5, 1.2 * tall), min(tall, wide * 0.4))
    # The box as a whole is rather loose than tight: a finder is punished for cutting signs off.
    grow = rng.normal(0.01, 0.02) if rng.random() < 0.8 else rng.uniform(-0.02, 0.13)
    centre = moved.mean(axis=0)
    return np.asarray(centre + (moved - centre) * (1 + 2 * grow), dtype=np.float32)
