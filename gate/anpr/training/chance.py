"""Draws that scenes are made of."""

from __future__ import annotations

import numpy as np


def chance(rng: np.random.Generator, share: float) -> bool:
    """True in `share` of all draws."""
    return bool(rng.random() < share)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Anything from low to high, all alike."""
    return float(rng.uniform(low, high))


def around(rng: np.random.Generator, low: float, high: float) -> float:
    """Anything from low to high (both above 0), each doubling alike: sizes, zooms, strengths."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
