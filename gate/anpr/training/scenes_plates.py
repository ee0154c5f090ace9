"""The faces of the plates that scenes are set with: every state's, and some of no state at all."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.chance import chance
from gate.anpr.training.faces import Faces
from gate.anpr.training.plate import draw_plate
from gate.anpr.training.scenes_lettering import Lettering

Gray = NDArray[np.uint8]

_OF_NO_STATE: Final = 0.4
"""Shapes, frames and prints that no list of states foresees: what is found should not hang on a list."""
_KEPT: Final = 1500
_NEW: Final = 0.35
"""How often a face is drawn anew; else one of those kept is seen again, elsewhere and otherwise."""


class Plates:
    """Draws faces, gray. A face costs more than the rest of a scene, so each is shown a few times.

    Of `states` alone, where given: without fonts Persian letters cannot be drawn.
    """

    def __init__(self, faces: Faces, lettering: Lettering, states: tuple[str, ...] | None = None) -> None:
        self._faces = faces
        self._lettering = lettering
        self._states = states
        self._kept: list[Gray] = []

    def draw(self, rng: np.random.Generator) -> Gray:
        """The next plate's face."""
        if len(self._kept) > 50 and not chance(rng, _NEW):
            return self._kept[int(rng.integers(len(self._kept)))]
        if chance(rng, _OF_NO_STATE):
            face = self._lettering.plate(rng)
        else:
            state = None if self._states is None else self._states[int(rng.integers(len(self._states)))]
            drawn = draw_plate(self._faces, rng, state).image
            face = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        if len(self._kept) < _KEPT:
            self._kept.append(face)
        else:
            self._kept[int(rng.integers(_KEPT))] = face
        return face
