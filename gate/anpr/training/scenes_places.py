"""Places cut from scenes for the finder's second net: plates as a first look gives them, and what is none."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.finder import overlap
from gate.anpr.plates.place import HEIGHT, WIDTH, cut_place, move
from gate.anpr.training.chance import around, between, chance
from gate.anpr.training.scenes import FULL, LARGEST, SMALLEST, Scene
from gate.anpr.training.scenes_mounting import LONG_PLATE, are_near, is_convex
from gate.anpr.training.scenes_vehicles import Quad, stand

PLACES: Final = 6
"""Cut from each scene."""
PLACE: Final = np.dtype([
    ("picture", np.uint8, (HEIGHT, WIDTH)),
    ("plate", np.float32),
    ("weight", np.float32),
    ("corners", np.float32, (4, 2)),
])  # fmt: skip
"""A place; is it a plate's (1 or 0); how much its corners count; they, in shares of the place."""

_SAME = 0.3
_TRIES = 8


def to_places(scene: Scene, looks: list[Quad], rng: np.random.Generator) -> NDArray[np.void]:
    """PLACES of the scene: half of them plates, the rest decoys and whatever else there is.

    `looks` are what a finder under training takes for plates in the scene: its mistakes are the best lessons.
    """
    places = np.zeros(PLACES, dtype=PLACE)
    clear = np.flatnonzero(scene.weights > 0)
    wrong = [
        look for look in looks if is_convex(look) and not any(are_near(look, one) for one in scene.corners)
    ]
    for place in places:
        if len(clear) and chance(rng, 0.5):
            chosen = int(rng.choice(clear))
            true = scene.corners[chosen]
            own = [look for look in looks if is_convex(look) and overlap(look, true) > _SAME]
            rough = own[0] if own and chance(rng, 0.5) else _jittered(true, rng)
            place["picture"], way = cut_place(scene.picture, rough)
            place["plate"], place["weight"] = 1, scene.weights[chosen]
            place["corners"] = move(true, way) / (WIDTH, HEIGHT)
        else:
            rough = (
                wrong[int(rng.integers(len(wrong)))] if wrong and chance(rng, 0.7) else _elsewhere(scene, rng)
            )
            place["picture"], _ = cut_place(scene.picture, rough)
    return places


def _elsewhere(scene: Scene, rng: np.random.Generator) -> Quad:
    for _ in range(_TRIES):
        if scene.decoys and chance(rng, 0.5):
            rough = _jittered(scene.decoys[int(rng.integers(len(scene.decoys)))], rng)
        else:
            x, y = (float(part) for part in rng.uniform(0, FULL, 2))
            plane = stand(rng, (x, y), 2 * around(rng, SMALLEST, LARGEST) / LONG_PLATE)
            half, tall = LONG_PLATE / 2, LONG_PLATE / 2 / between(rng, 1.3, 5)
            rough = plane.quad(-half, -tall, half, tall)
        wide = float(np.linalg.norm(rough[1] - rough[0]))
        clear = not any(are_near(rough, one) for one in scene.corners)
        if 2 * SMALLEST < wide < FULL and is_convex(rough) and clear:
            return rough
    # Every try met a plate: beyond the picture's corner, at a plate's size, there is surely none.
    return np.array([(-60, -20), (-10, -20), (-10, -4), (-60, -4)], dtype=np.float32)


def _jittered(quad: Quad, rng: np.random.Generator) -> Quad:
    """Corners as a first look gives them: shifted, sized and bent a little wrongly."""
    along, across = quad[1] - quad[0], quad[3] - quad[0]
    size = np.exp(rng.normal(0, 0.14, 2)).clip(0.68, 1.5)
    part = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2 * size
    part = part + rng.normal(0, (0.05, 0.12), 2) + rng.normal(0, (0.025, 0.06), (4, 2))
    rough = quad.mean(axis=0) + part[:, :1] * along + part[:, 1:] * across
    if chance(rng, 0.2):
        # Upright, as labels' boxes are: some plates were learnt from those.
        low, high = rough.min(axis=0), rough.max(axis=0)
        rough = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    rough = rough.astype(np.float32)
    return rough if is_convex(rough) else quad
