"""The whole contract of a plate recogniser."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gate.model import PlateCandidate

Image = NDArray[np.uint8]
"""Height x width x 3, BGR."""

Engine = Literal["gate", "ppocr", "easyocr"]


class Recogniser(Protocol):
    """Finds and reads the plates in one picture. One thread at a time may use it."""

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """What looks like a plate, the likeliest first; empty when nothing does.

        Never raises for what a picture shows, however small, large or spoilt it is. A candidate's
        confidence is how often such a read is right as a whole, where the engine was calibrated (gate); the
        minimum over its characters where the engine only tells them apart.
        """
        ...
