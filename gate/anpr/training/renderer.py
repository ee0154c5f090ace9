"""Plates drawn and photographed one after the other, in the shares in which the reader should meet them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.camera import photograph
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.faces import Faces
from gate.anpr.training.fonts import Font
from gate.anpr.training.painted import PaintedLettering
from gate.anpr.training.plate import draw_plate
from gate.anpr.training.scenes_lettering import Lettering

SHOTS: Final = 2
"""Photographs of a drawn plate: drawing costs as much as a photograph, and two of them are not alike."""
LETTERING: Final = 0.09
"""Share of what is no plate: without it the net reads a phone number as gladly."""
MORE: Final[dict[str, float]] = {"US": 0.12, "IR": 0.05}
"""States drawn on top of their ordinary share: many looks, or signs that no other state has."""


class Renderer:
    """Draws a plate in any state's manner and photographs it; a Draw of gate.anpr.training.shards."""

    def __init__(self, fonts: list[Font]) -> None:
        self._faces = Faces(fonts)
        self._lettering = PaintedLettering(Lettering(fonts))
        self._drawn: DrawnPlate | None = None
        self._left = 0

    def __call__(self, rng: np.random.Generator) -> tuple[DrawnPlate, NDArray[np.uint8]]:
        """The next plate and how a camera saw it."""
        if rng.random() < LETTERING:
            return self._lettering(rng)
        if self._drawn is None or not self._left:
            self._drawn, self._left = draw_plate(self._faces, rng, _state(rng)), SHOTS
        self._left -= 1
        return self._drawn, photograph(self._drawn, rng)


def _state(rng: np.random.Generator) -> str | None:
    """The state to draw; None leaves it to the shares of `draw_plate`."""
    chance = rng.random()
    for state, share in MORE.items():
        if chance < share:
            return state
        chance -= share
    return None
