"""Drawn films of a road camera: a vehicle comes, stands, leaves; and what only looks like one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.recogniser import Image
from hardware.emulators.scenes import empty_road, render_scene

SIZE = (960, 540)
STEP = 0.2
"""Seconds from frame to frame."""
_SEED = 4
_COUNTRY = "AZ"


@dataclass
class Frame:
    """A FrameView."""

    image: Image
    captured: float
    sequence: int


@lru_cache(maxsize=8)
def road(*, night: bool = False) -> Image:
    """Nobody there."""
    return empty_road(seed=_SEED, night=night, size=SIZE)


@lru_cache(maxsize=8)
def vehicle(mark: str) -> Image:
    """One stands there."""
    return render_scene(mark, country=_COUNTRY, seed=_SEED, size=SIZE)


def noisy(picture: Image, number: int) -> Image:
    """As a sensor sees it: no two frames are alike."""
    return np.asarray(np.clip(picture + _noise(number % 8), 0, 255), dtype=np.uint8)


@lru_cache(maxsize=8)
def _noise(number: int) -> NDArray[np.int16]:
    return np.random.default_rng(number).normal(0, 3, (SIZE[1], SIZE[0], 3)).astype(np.int16)


def between(first: Image, second: Image, steps: int = 6) -> list[Image]:
    """The second picture rolls in from the right over the first."""
    width = first.shape[1]
    frames = []
    for step in range(1, steps + 1):
        edge = width - round(width * step / steps)
        frame = first.copy()
        frame[:, edge:] = second[:, : width - edge]
        frames.append(frame)
    return frames


def write(folder: Path, mark: str) -> None:
    """Three seconds of empty road, then it rolls in and stands, at five frames a second."""
    folder.mkdir(parents=True)
    frames = [road()] * 15 + between(road(), vehicle(mark), 8) + [vehicle(mark)] * 10
    for number, frame in enumerate(frames):
        cv2.imwrite(str(folder / f"{number:03d}.jpg"), noisy(frame, number))


def cloud(picture: Image, frames: int) -> list[Image]:
    """A shade with a soft edge wanders over the road."""
    across = np.arange(picture.shape[1], dtype=np.float32)
    shown = []
    for number in range(frames):
        edge = picture.shape[1] * number / frames
        shade = 1 - 0.45 / (1 + np.exp((across - edge) / 90))
        shown.append((picture * shade[None, :, None]).astype(np.uint8))
    return shown


def headlights(picture: Image, frames: int) -> list[Image]:
    """Somebody's lamps sweep over the road."""
    down, across = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    shown = []
    for number in range(frames):
        middle = picture.shape[1] * number / frames
        glow = 90 * np.exp(-((across - middle) ** 2 + (down - 300) ** 2) / (2 * 160**2))
        shown.append(np.clip(picture + glow[:, :, None], 0, 255).astype(np.uint8))
    return shown


def rain(picture: Image, frames: int) -> list[Image]:
    """Drops fall, elsewhere in each frame."""
    shown = []
    for number in range(frames):
        rng = np.random.default_rng(1000 + number)
        frame = picture.copy()
        for left, top in zip(rng.integers(0, SIZE[0], 150), rng.integers(0, SIZE[1], 150), strict=True):
            cv2.line(frame, (int(left), int(top)), (int(left) + 2, int(top) + 22), (220, 220, 220), 1)
        shown.append(frame)
    return shown


def shaken(picture: Image, frames: int) -> list[Image]:
    """The wind has the pole."""
    sways = [(number * 7 % 11 - 5, number * 5 % 13 - 6) for number in range(frames)]
    return [np.roll(picture, sway, axis=(0, 1)) for sway in sways]


def tarpaulin(frames: int) -> list[Image]:
    """Something large flaps, and has no plate."""
    patches = np.random.default_rng(5).integers(0, 255, (10, 19, 1), np.uint8)
    frame = road().copy()
    frame[100:500, 100:860] = np.kron(patches, np.ones((40, 40, 3), np.uint8))
    return [np.roll(frame, 60 * (number % 5), axis=1) for number in range(frames)]


def dusk(frames: int) -> list[Image]:
    """The camera changes to its night picture and back."""
    half = frames // 2
    return [road()] * 4 + [road(night=True)] * half + [road()] * half
