"""How a lane's camera sees a vehicle's plate while the vehicle rolls in and comes to rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.chance import around, between
from gate.anpr.training.scenes_mounting import LONG_PLATE
from gate.anpr.training.scenes_vehicles import Plane

SIZE: Final = (960, 540)
"""Width and height of a camera's picture, in pixels."""
FRAME_SECONDS: Final = 0.2
"""From one frame to the next."""
_FEWEST, _MOST = 6, 10
"""Frames of one vehicle."""
_FAR, _NEAR = (60.0, 90.0), (140.0, 200.0)
"""Pixels a long plate seen straight on is wide in the first frame, and where the vehicle stands."""
_RIM: Final = 70
"""Pixels the plate's middle is from the picture's edge, at least."""
_BUMP: Final = 0.006
"""Metres by which a rolling vehicle bobs."""


@dataclass(frozen=True, slots=True)
class Approach:
    """One vehicle's way to where it stands, and the camera it is seen by. Metres, radians, seconds.

    The camera is the origin: x right, y down, z along the lane towards the vehicle.
    """

    frames: int
    rolls: float
    """Seconds until it stands."""
    start: float
    """How far away it is at first, along the lane."""
    end: float
    aside: float
    below: float
    """Where the plate is, seen from the camera."""
    turned: tuple[float, float, float]
    """Yaw, pitch and roll of the plate against the lane, where it stands."""
    steers: float
    """Yaw it loses on its way."""
    lens: NDArray[np.float64]
    """3 x 3: from metres to pixels, the camera's own turn included."""
    bumps: float
    """Phase of its bobbing."""

    def times(self) -> list[float]:
        """When a frame is taken."""
        return [number * FRAME_SECONDS for number in range(self.frames)]

    def plane(self, time: float) -> Plane:
        """The vehicle's face at that time, with the plate at its middle."""
        left = max(0.0, 1 - time / self.rolls)
        yaw, pitch, roll = self.turned
        face = _turn(yaw + self.steers * left, pitch, roll)
        bob = _BUMP * np.sin(11 * time + self.bumps) * min(1.0, 3 * left)
        middle = np.array((self.aside, self.below + bob, self.end + (self.start - self.end) * left**2))
        return Plane(self.lens @ np.column_stack([face[:, 0], face[:, 1], middle]))

    def smear(self, time: float, shutter: float) -> NDArray[np.float64]:
        """Pixels (x, y) the plate moves while a frame of that time is exposed, for `shutter` seconds."""
        middle = [(0.0, 0.0)]
        moved = self.plane(time + shutter).project(middle)[0] - self.plane(time).project(middle)[0]
        return np.asarray(moved, dtype=np.float64)


def draw_approach(rng: np.random.Generator) -> Approach:
    """Any lane's camera: low beside the lane or high above it; some vehicles stand soon, some roll on.

    The plate's middle is in the picture from the first frame on.
    """
    while True:
        approach = _draw(rng)
        x, y = approach.plane(0.0).project([(0.0, 0.0)])[0].tolist()
        if _RIM < x < SIZE[0] - _RIM and _RIM < y < SIZE[1] - _RIM:
            return approach


def _draw(rng: np.random.Generator) -> Approach:
    frames = int(rng.integers(_FEWEST, _MOST + 1))
    far, near = between(rng, *_FAR), between(rng, *_NEAR)
    end = around(rng, 2.5, 9.0)
    aside = end * float(np.tan(np.radians(np.clip(rng.normal(0, 12), -38, 38))))
    below = end * float(np.tan(np.radians(between(rng, 2, 30))))
    away = float(np.linalg.norm((aside, below, end)))
    focal = near * away / LONG_PLATE
    # The camera looks nearly at where the plate comes to rest: in the lower middle of its picture.
    pan, tilt = float(np.arctan2(aside, end)), float(np.arctan2(below, np.hypot(aside, end)))
    look = _turn(0, 0, float(rng.normal(0, np.radians(2)))) @ _turn(0, tilt, 0) @ _turn(pan, 0, 0).T
    width, height = SIZE
    x, y = width * between(rng, 0.35, 0.65), height * between(rng, 0.5, 0.75)
    return Approach(
        frames=frames,
        rolls=between(rng, 0.4, 1.1) * (frames - 1) * FRAME_SECONDS,
        start=end * near / far,
        end=end,
        aside=aside,
        below=below,
        turned=(
            float(np.radians(rng.normal(0, 4))),
            float(np.radians(between(rng, -6, 6))),
            float(np.radians(rng.normal(0, 1))),
        ),
        steers=float(np.radians(rng.normal(0, 5))),
        lens=np.array([(focal, 0, x), (0, focal, y), (0, 0, 1.0)]) @ look,
        bumps=between(rng, 0, 2 * np.pi),
    )


def _turn(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Turned about z, then x, then y."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    around_y = np.array([(cy, 0, sy), (0, 1, 0), (-sy, 0, cy)])
    around_x = np.array([(1, 0, 0), (0, cp, -sp), (0, sp, cp)])
    around_z = np.array([(cr, -sr, 0), (sr, cr, 0), (0, 0, 1)])
    return np.asarray(around_y @ around_x @ around_z)
