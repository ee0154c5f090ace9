"""What a plate sits in: bumper, grille, dealer's frame with its lettering, screws, shadows; flat, in gray."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.faces import Face, Faces
from gate.anpr.training.strokes import Mask

Plane = NDArray[np.float32]
"""Height x width, brightness 0 to 255 (and beyond, until the camera cuts it)."""

ABOVE: Final = 0.75
"""Surroundings shown above and below a plate, in heights of it (or shares of its width, if less)."""
BESIDE: Final = 0.2
"""And beside it, in widths."""
_WORDS: Final = (
    "AUTOHAUS", "CITROEN", "WWW.AUTO.COM", "TEL 555 0142", "SKODA", "MOTORS", "RENAULT", "AUTO CENTER",
    "TOYOTA", "OTOMOTIV", "LADA", "SALON 24", "GARAGE", "DIESEL", "TURBO", "HYUNDAI", "KIA", "SERVICE",
    "BAKU", "TBILISI", "LEASING", "4X4", "TDI", "1.6 HDI", "XDRIVE", "SEDAN", "S 500", "ASTRA", "TRUCK",
)  # fmt: skip


def set_into(plate: Plane, rng: np.random.Generator, night: float) -> tuple[Plane, tuple[int, int]]:
    """The plate on a vehicle's body, and where its top left corner is (x, y).

    `night` 0 to 1 darkens all but the plate, which throws a lamp's light back where paint does not.
    """
    high, wide = plate.shape
    side = int(wide * BESIDE) + 2
    over = int(min(high * ABOVE, wide * 0.3)) + 2
    board = _body(high + 2 * over, wide + 2 * side, over, high, rng)
    if rng.random() < 0.3:
        _lettering(board, over, high, side, rng)
    _mounting(board, (side, over), plate, rng)
    if night:
        board *= np.float32(1 - night * rng.uniform(0.5, 0.97))
    place = board[over : over + high, side : side + wide]
    if rng.random() < 0.75:
        place += _rounded(high, wide, int(high * rng.uniform(0.03, 0.14))) * (plate - place)
    else:
        place[:] = plate
    _screws(board, (side, over), plate.shape, rng)
    _clip(board, (side, over), plate.shape, rng)
    return board, (side, over)


@lru_cache(maxsize=2048)
def _rounded(high: int, wide: int, radius: int) -> Plane:
    """1 inside a plate with rounded corners, 0 outside."""
    mask = np.zeros((high, wide), dtype=np.uint8)
    radius = max(1, min(radius, high // 3))
    cv2.rectangle(mask, (radius, 0), (wide - 1 - radius, high - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (wide - 1, high - 1 - radius), 255, -1)
    for x in (radius, wide - 1 - radius):
        for y in (radius, high - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


def _clip(board: Plane, corner: tuple[int, int], size: tuple[int, ...], rng: np.random.Generator) -> None:
    """A frame's lip over the plate's rim, which may bear the seller's name as well."""
    if rng.random() > 0.22:
        return
    (x, y), (high, wide) = corner, size
    level = float(rng.choice((rng.uniform(5, 50), rng.uniform(100, 220))))
    lip = max(1, int(high * rng.uniform(0.01, 0.05)))
    board[y : y + lip, x : x + wide] = level
    board[y + high - lip : y + high, x : x + wide] = level
    board[y : y + high, x : x + lip] = level
    board[y : y + high, x + wide - lip : x + wide] = level


def _body(height: int, width: int, over: int, plate: int, rng: np.random.Generator) -> Plane:
    """Bands of paint, plastic and shadow with a grille's or a number of edges between."""
    paint = float(rng.choice((rng.uniform(8, 60), rng.uniform(60, 170), rng.uniform(170, 250))))
    board = np.full((height, width), paint, dtype=np.float32)
    kind = rng.random()
    if kind < 0.3:
        _grille(board, rng)
    elif kind < 0.8:
        _edges(board, over, plate, rng)
    if rng.random() < 0.6:
        ramp = np.linspace(rng.uniform(-40, 40), rng.uniform(-40, 40), height, dtype=np.float32)
        board += ramp[:, None]
    if rng.random() < 0.3:
        ramp = np.linspace(rng.uniform(-30, 30), rng.uniform(-30, 30), width, dtype=np.float32)
        board += ramp[None, :]
    if rng.random() < 0.25:
        for _ in range(int(rng.integers(1, 4))):
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            axes = (int(rng.uniform(0.03, 0.2) * width), int(rng.uniform(0.05, 0.3) * height))
            cv2.ellipse(
                board, centre, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0, 255)), -1
            )
    return board


def _grille(board: Plane, rng: np.random.Generator) -> None:
    height, width = board.shape
    pitch = max(4, int(height * rng.uniform(0.04, 0.16)))
    dark, light = float(rng.uniform(0, 50)), float(rng.uniform(30, 200))
    bar = max(1, int(pitch * rng.uniform(0.2, 0.6)))
    board[:] = dark
    for y in range(int(rng.integers(pitch)), height, pitch):
        board[y : y + bar] = light
    if rng.random() < 0.4:
        for x in range(int(rng.integers(pitch)), width, pitch * 2):
            board[:, x : x + bar] = light


def _edges(board: Plane, over: int, plate: int, rng: np.random.Generator) -> None:
    height, width = board.shape
    for _ in range(int(rng.integers(1, 5))):
        level = float(rng.uniform(0, 255))
        if rng.random() < 0.8:
            y = int(rng.integers(height))
            tilt = int(rng.uniform(-0.06, 0.06) * width)
            if rng.random() < 0.4:
                cv2.line(board, (0, y), (width, y + tilt), level, int(rng.integers(1, max(2, plate // 8))))
            else:
                end = height if y > over else -1
                corners = np.array([(0, y), (width, y + tilt), (width, end), (0, end)], dtype=np.int32)
                cv2.fillConvexPoly(board, corners, level)
        else:
            x = int(rng.integers(width))
            cv2.line(board, (x, 0), (x + int(rng.integers(-40, 40)), height), level, int(rng.integers(1, 10)))


def _mounting(board: Plane, corner: tuple[int, int], plate: Plane, rng: np.random.Generator) -> None:
    """A recess or a dealer's frame around the plate."""
    (x, y), (high, wide) = corner, plate.shape
    if rng.random() < 0.3:
        out_x, out_y = int(wide * rng.uniform(0.03, 0.15)), int(high * rng.uniform(0.08, 0.4))
        top = max(0, y - out_y)
        level = float(board.mean()) * rng.uniform(0.3, 0.9)
        board[top : y + high + out_y, max(0, x - out_x) : x + wide + out_x] = level
        board[top : top + max(2, out_y // 2), max(0, x - out_x) : x + wide + out_x] *= np.float32(0.5)
    kind = rng.random()
    if kind < 0.55:
        level = float(rng.choice((rng.uniform(5, 45), rng.uniform(5, 60), rng.uniform(120, 230))))
        edge = max(1, int(high * rng.uniform(0.02, 0.07)))
        named = kind < 0.3
        foot = int(high * rng.uniform(0.14, 0.24)) if named else edge
        head = int(high * rng.uniform(0.1, 0.2)) if named and rng.random() < 0.15 else edge
        board[max(0, y - head) : y + high + foot, max(0, x - edge) : x + wide + edge] = level
        ink = level + (1 if level < 110 else -1) * rng.uniform(60, 170)
        if named:
            _write(board, rng, (x, y + high), (wide, foot), float(ink))
        if head > edge:
            _write(board, rng, (x, y - head), (wide, head), float(ink))
        if rng.random() < 0.3:
            board[y + high : y + high + 1, x : x + wide] += np.float32(rng.uniform(20, 90))
    elif kind < 0.75:
        drop = max(1, int(high * rng.uniform(0.03, 0.12)))
        board[y + high : y + high + drop, x : x + wide] *= np.float32(rng.uniform(0.3, 0.8))


def _lettering(board: Plane, over: int, high: int, side: int, rng: np.random.Generator) -> None:
    """A maker's or model's name on the body, clear of the plate: letters that are no mark."""
    below = rng.random() < 0.4
    size = int(over * rng.uniform(0.2, 0.5))
    free = over - size - int(high * 0.25)
    if size < 5 or free < 1:
        return
    y = int(rng.integers(free)) + (over + high + int(high * 0.25) if below else 0)
    level = float(rng.uniform(0, 255))
    _write(board, rng, (side, y), (board.shape[1] - 2 * side, size), level)


def _write(
    board: Plane, rng: np.random.Generator, corner: tuple[int, int], room: tuple[int, int], ink: float
) -> None:
    """A word in the room (width, height), in its middle; what does not fit is cut off by squeezing."""
    (x, y), (wide, high) = corner, room
    letters = int(high * rng.uniform(0.5, 0.8))
    if letters < 4:
        return
    mask = word(int(rng.integers(len(_WORDS))), int(rng.integers(6)))
    width = min(int(wide * 0.96), int(mask.shape[1] * letters / mask.shape[0] * rng.uniform(0.9, 1.6)))
    shown = cv2.resize(mask, (max(2, width), letters), interpolation=cv2.INTER_AREA)
    left, top = x + (wide - shown.shape[1]) // 2, y + (high - letters) // 2
    part = board[max(0, top) : top + letters, max(0, left) : left + shown.shape[1]]
    cover = shown[: part.shape[0], : part.shape[1]].astype(np.float32) / 255
    part += cover * (np.float32(ink) - part)


@lru_cache(maxsize=512)
def word(number: int, face: int) -> Mask:
    """The `number`th of the words seen around plates, in one of a few drawn faces; shared."""
    return _face(face).text(_WORDS[number], 24)


@lru_cache(maxsize=64)
def _face(number: int) -> Face:
    return Faces([]).draw("any", np.random.default_rng(number))


def _screws(board: Plane, corner: tuple[int, int], size: tuple[int, ...], rng: np.random.Generator) -> None:
    if rng.random() < 0.6:
        return
    (x, y), (high, wide) = corner, size
    radius = max(1, int(high * rng.uniform(0.025, 0.06)))
    level = float(rng.choice((rng.uniform(10, 90), rng.uniform(120, 250))))
    kind = rng.random()
    high_up, low_down = rng.uniform(0.05, 0.13), rng.uniform(0.86, 0.96)
    rows = (high_up,) if kind < 0.35 else (high_up, low_down) if kind < 0.75 else (rng.uniform(0.3, 0.7),)
    inset = rng.uniform(0.02, 0.06) if kind >= 0.75 else rng.uniform(0.06, 0.42)
    for row in rows:
        for column in (inset, 1 - inset):
            cv2.circle(board, (x + int(column * wide), y + int(row * high)), radius, level, -1, cv2.LINE_AA)
