"""Log-probabilities as a reader net would give them, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import BLANK, SIGNS, STATES

STEPS = 96
Cell = str | Mapping[str, float]
"""One sign that the net is sure of, or several with their probabilities; what is left of 1 is blank."""


def net_signs(
    *rows: Sequence[Cell], sure: float = 0.999, noise: float = 1e-6, broad: int = 2
) -> NDArray[np.float32]:
    """STEPS x SIGNS for the cells of one row, or of an upper and a lower one. Each is `broad` steps wide."""
    table = np.full((STEPS, len(SIGNS)), noise)
    table[:, BLANK] = 1.0
    each = STEPS // len(rows)
    for number, row in enumerate(rows):
        for cell, at in zip(
            row, np.linspace(2, each - 2 - broad, max(2, len(row))).astype(int), strict=False
        ):
            options = {cell: sure} if isinstance(cell, str) else cell
            for step in range(number * each + at, number * each + at + broad):
                table[step, BLANK] = max(noise, 1.0 - sum(options.values()))
                for sign, share in options.items():
                    table[step, SIGNS.index(sign)] = share
    return np.asarray(np.log(table / table.sum(axis=1, keepdims=True)), dtype=np.float32)


def net_states(state: str | None = None, sure: float = 0.9) -> NDArray[np.float32]:
    """STATES: `sure` of one, or no idea."""
    table = np.full(len(STATES), (1.0 - sure if state is not None else 1.0) / len(STATES))
    if state is not None:
        table[STATES.index(state)] += sure
    return np.asarray(np.log(table), dtype=np.float32)
