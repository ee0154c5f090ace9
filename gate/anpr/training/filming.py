"""One vehicle filmed: the same plate, dirt, light and weather in every frame, seen from ever nearer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import to_mark
from gate.anpr.training import weather
from gate.anpr.training.approach import FRAME_SECONDS, SIZE, Approach, draw_approach
from gate.anpr.training.camera import TOLD, View, legibility, legibility_of_signs
from gate.anpr.training.chance import between, chance
from gate.anpr.training.conditions import Conditions, draw_conditions
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.faces import Faces
from gate.anpr.training.plate import draw_plate
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_mounting import letter, mount
from gate.anpr.training.scenes_vehicles import (
    Drawing,
    Gray,
    Quad,
    add_halo,
    draw_ground,
    draw_vehicle,
)

_SEVERITIES: Final = (0.55, 0.27, 0.18)
"""Shares of vehicles seen well, less well and badly, as in training."""
_SIGN_TOLD: Final = 0.8
"""The least legibility of a plate's worst sign: below, mud lies on what tells it from another one."""
_TELLING: Final = 26.0
"""Gray levels from a plate's dark to its light that a person needs."""


@dataclass(frozen=True, slots=True)
class Film:
    """A vehicle's frames (BGR), when each was taken (seconds), and what its plate says.

    `severity` is 0 to 2; `corners` are the plate's, of each frame.
    """

    mark: str
    state: str
    severity: int
    frames: tuple[NDArray[np.uint8], ...]
    times: tuple[float, ...]
    corners: tuple[Quad, ...]


class Studio:
    """Films vehicles with plates lettered in `faces`, and other lettering about them."""

    def __init__(self, faces: Faces, lettering: Lettering) -> None:
        self._faces = faces
        self._lettering = lettering

    def film(self, state: str, rng: np.random.Generator) -> Film:
        """A vehicle of `state`, whose plate a person can read in one frame at least.

        Where the conditions hide it altogether, the vehicle comes again in better ones. Raises KeyError for
        an unknown state.
        """
        drawn = draw_plate(self._faces, rng, state)
        flat = cv2.cvtColor(drawn.image, cv2.COLOR_BGR2GRAY).astype(np.float32)
        severity = int(rng.choice(3, p=_SEVERITIES))
        while True:
            approach, conditions = draw_approach(rng), draw_conditions(severity, rng)
            face = weather.soil(weather.relief(flat, rng), rng, severity)
            show = self._stage(np.clip(face, 0, 255).astype(np.uint8), conditions, rng)
            frames, corners = _shoot(show, approach, conditions, drawn, rng)
            if len(corners) == len(frames) and any(
                _tells(*one, flat, drawn) for one in zip(frames, corners, strict=True)
            ):
                break
            severity = max(0, severity - 1)
        colour = tuple(np.asarray(cv2.cvtColor(one, cv2.COLOR_GRAY2BGR), dtype=np.uint8) for one in frames)
        times = tuple((1 + number) * FRAME_SECONDS for number in range(len(frames)))
        return Film(to_mark(drawn.signs), drawn.state, severity, colour, times, tuple(corners))

    def _stage(
        self, face: Gray, conditions: Conditions, rng: np.random.Generator
    ) -> Callable[[Approach, float], Drawing]:
        """The scene at any time: what is drawn by chance is drawn by the same chance every time."""
        ground = np.ascontiguousarray(draw_ground(SIZE[0], rng)[: SIZE[1]])
        seeds = [int(seed) for seed in rng.integers(0, 1 << 40, 3)]
        signs = [int(seed) for seed in rng.integers(0, 1 << 40, int(rng.integers(0, 4)))]
        bright = between(rng, 110, 250)
        shade = between(rng, 0.12, 0.5) if conditions.night else 1.0
        lit = bool(conditions.night) and chance(rng, 0.6)

        def show(approach: Approach, time: float) -> Drawing:
            vehicle, lamps, plate = (np.random.default_rng(seed) for seed in seeds)
            plane = approach.plane(time)
            drawing = Drawing(ground.copy())
            draw_vehicle(drawing, plane, vehicle)
            for seed in signs:
                letter(drawing, plane, self._lettering, np.random.default_rng(seed))
            if conditions.night:
                # By night all is dark but a plate, which throws the camera's own light back.
                drawing.picture = np.asarray(
                    cv2.convertScaleAbs(drawing.picture, alpha=shade), dtype=np.uint8
                )
            for lamp in drawing.lamps if lit else ():
                add_halo(drawing.picture, lamp, int(lamps.integers(20, 120)), between(lamps, 0.3, 1.0))
            mount(drawing, plane, face, bright, self._lettering, plate)
            return drawing

        return show


def _shoot(
    show: Callable[[Approach, float], Drawing],
    approach: Approach,
    conditions: Conditions,
    drawn: DrawnPlate,
    rng: np.random.Generator,
) -> tuple[list[Gray], list[Quad]]:
    times = approach.times()
    scenes = [show(approach, time) for time in times]
    corners = [quad for scene in scenes for quad in scene.plates]
    pitch = _pitch(corners[-1], drawn) if corners else 0.0
    frames = [
        conditions.expose(scene.picture, approach.smear(time, conditions.shutter), pitch, rng)
        for scene, time in zip(scenes, times, strict=True)
    ]
    return frames, corners


def _pitch(corners: Quad, drawn: DrawnPlate) -> float:
    """Pixels from sign to sign, or a share of a sign's height if that is less."""
    across, down = (float(np.linalg.norm(corners[one] - corners[0])) for one in (1, 3))
    return min(across * 0.8 / max(1.0, len(drawn.signs) / drawn.lines), down / drawn.lines * 0.75)


def _tells(frame: Gray, corners: Quad, flat: NDArray[np.float32], drawn: DrawnPlate) -> bool:
    """Whether a person could read the plate in this frame."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    if (low < 1).any() or high[0] > SIZE[0] - 1 or high[1] > SIZE[1] - 1:
        return False
    (left, top), (right, bottom) = low.astype(int), high.astype(int)
    dark, light = np.percentile(frame[top:bottom, left:right], (5, 95))
    if light - dark < _TELLING:
        return False
    view = View(corners, SIZE, _pitch(corners, drawn))
    each = -(-len(drawn.signs) // drawn.lines)
    return legibility(frame, flat, view) > TOLD and legibility_of_signs(frame, flat, view, each) > _SIGN_TOLD
