"""Fitting the calibration: a logistic curve over the evidence, by numpy alone."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.calibration import NAMES, Evidence, Sureness, log_odds


def fit_sureness(evidence: list[Evidence], right: NDArray[np.bool_], *, ridge: float = 1e-3) -> Sureness:
    """The curve that tells best how often `right`, one an evidence; no weight below 0.

    `ridge` holds back weights for which little speaks. ValueError unless some are right and some wrong.
    """
    if not right.any() or right.all():
        raise ValueError("to tell right from wrong, some reads must be right and some wrong")
    table = np.array([astuple(one) for one in evidence], dtype=np.float64)
    middle, spread = table.mean(axis=0), table.std(axis=0)
    # What never varies tells nothing.
    scale = np.where(spread > 1e-9, spread, np.inf)
    weights, bias = _descend((table - middle) / scale, right.astype(np.float64), ridge)
    raw = weights / scale
    return Sureness(
        {name: float(weight) for name, weight in zip(NAMES, raw, strict=True)}, float(bias - raw @ middle)
    )


def fit_characters(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift for Calibration, from the grammar's probabilities and which characters were right."""
    if not right.any() or right.all():
        raise ValueError("to tell right from wrong, some characters must be right and some wrong")
    odds = np.array([log_odds(float(one)) for one in probabilities])
    middle, spread = float(odds.mean()), max(float(odds.std()), 1e-9)
    weights, bias = _descend(((odds - middle) / spread)[:, None], right.astype(np.float64), 1e-4)
    slope = float(weights[0]) / spread
    return slope, float(bias - slope * middle)


def _descend(
    table: NDArray[np.float64], right: NDArray[np.float64], ridge: float
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression, weights held at 0 or above: Newton's steps, those that would leave held back."""
    rows = np.column_stack([table, np.ones(len(table))])
    share = right.mean()
    found = np.zeros(rows.shape[1])
    found[-1] = np.log(share / (1 - share))
    penalty = np.full(rows.shape[1], ridge)
    penalty[-1] = 0.0
    for _ in range(200):
        told = 1 / (1 + np.exp(-np.clip(rows @ found, -40, 40)))
        slope = rows.T @ (told - right) / len(rows) + penalty * found
        # A weight at 0 that wants to go below stays there, the others go on without it.
        free = (found > 0) | (slope < 0)
        free[-1] = True
        curve = (rows.T * (told * (1 - told))) @ rows / len(rows) + np.diag(penalty + 1e-9)
        step = np.zeros_like(found)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        before = found
        found = _shortened(rows, right, penalty, found, step)
        if np.abs(found - before).max() < 1e-8:
            break
    return found[:-1], float(found[-1])


def _shortened(
    rows: NDArray[np.float64],
    right: NDArray[np.float64],
    penalty: NDArray[np.float64],
    found: NDArray[np.float64],
    step: NDArray[np.float64],
) -> NDArray[np.float64]:
    """As far along `step` as it makes things better."""
    worst = _cost(rows, right, penalty, found)
    for halving in range(30):
        tried = found - step / 2**halving
        tried[:-1] = np.maximum(tried[:-1], 0)
        if _cost(rows, right, penalty, tried) <= worst:
            return np.asarray(tried)
    return found


def _cost(
    rows: NDArray[np.float64],
    right: NDArray[np.float64],
    penalty: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> float:
    totals = rows @ weights
    loss = np.logaddexp(0, totals) - right * totals
    return float(loss.mean() + 0.5 * (penalty * weights**2).sum())
