"""Rendered plates for tests, alike in every run: drawn strokes alone, so that no font need be installed."""

from __future__ import annotations

from gate.anpr.training.camera import photograph
from gate.anpr.training.faces import Faces
from gate.anpr.training.plate import draw_plate
from gate.anpr.training.shards import Shard, render

STATES_DRAWN = ("AZ", "GE", "TR", "RU", "KZ", "UZ", "UA", "BY", "DE", "PL", "RO")


def rendered_plates(count: int, seed: int) -> Shard:
    """`count` plates of the border's states, one after another, as a lane's camera may see them."""
    faces, states = Faces([]), iter(STATES_DRAWN * (count // len(STATES_DRAWN) + 1))
    return render(
        lambda rng: (drawn := draw_plate(faces, rng, next(states)), photograph(drawn, rng)), count, (seed,)
    )
