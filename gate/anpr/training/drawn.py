"""A plate as its maker leaves it: flat, clean, evenly lit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, BGR."""


@dataclass(frozen=True, slots=True)
class DrawnPlate:
    """A drawn plate and what it says. `image` is the plate's face alone, about 80 to 120 pixels high.

    `signs` are entries of gate.anpr.plates.alphabet.SIGNS in reading order, the upper line first: the mark
    alone, without the strip's letters, stickers, dealer's texts and, in the USA, the state's name. `state` is
    one of alphabet.STATES, `lines` 1 or 2. What is no plate, but lettering, has no signs and the state "".
    """

    image: Image
    signs: tuple[str, ...]
    state: str
    lines: int
