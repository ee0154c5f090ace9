"""The reader's net at the lane: straightened plates in, what each step and each state is worth out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.nets import open_net
from gate.anpr.plates.alphabet import SIGNS, STATES
from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.errors import DeviceError

WEIGHTS: Final = Path(__file__).parent / "weights"
"""Where the trained nets travel."""
READER: Final = "reader.onnx"
STEPS: Final = 96
"""Of the sequence: the strip's upper row from left to right, then its lower row."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What the net tells of N strips."""

    signs: NDArray[np.float32]
    """N x STEPS x len(SIGNS): natural log-probabilities."""
    states: NDArray[np.float32]
    """N x len(STATES): natural log-probabilities."""
    plate: NDArray[np.float32]
    """N: log-odds of a plate being there, rather than lettering that is none."""


class PlateReader:
    """Reads plates that are already found and straightened.

    DeviceError when the weights are missing, or were trained for other signs or states.
    """

    def __init__(self, weights_dir: Path = WEIGHTS, threads: int = 1) -> None:
        path = weights_dir / READER
        self._net = open_net(path, threads)
        shapes = [answer.shape[1:] for answer in self._net.get_outputs()]
        if shapes != [[STEPS, len(SIGNS)], [len(STATES)], []]:
            raise DeviceError(
                f"plate reading: {path} tells {shapes}, not {len(SIGNS)} signs, {len(STATES)} states and"
                " whether it is a plate; train it again: python -m gate.anpr.training"
            )

    def read(self, strips: NDArray[np.uint8]) -> Read:
        """What stands on `strips`, N x 64 x 192, as gate.anpr.plates.strip makes them.

        ValueError for other shapes.
        """
        if strips.ndim != 3 or strips.shape[1:] != (HEIGHT, WIDTH):  # noqa: PLR2004 - pictures, rows, columns
            raise ValueError(f"strips are N x {HEIGHT} x {WIDTH}, not {strips.shape}")
        if not len(strips):
            shapes = ((0, STEPS, len(SIGNS)), (0, len(STATES)), (0,))
            return Read(*(np.zeros(shape, dtype=np.float32) for shape in shapes))
        return Read(*(np.asarray(told, dtype=np.float32) for told in self._net.run(None, {"plates": strips})))
