"""The net's steps as a row of slots: where a character may stand, and what each of them is worth there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import BLANK

_FAINT: Final = 0.02
"""A step that is no blank with this probability may hide a character."""
_MARGIN: Final = 5
"""Steps looked at before and behind a slot's own: farther off, all is blank in every reading."""
_FLOOR: Final = -12.0
"""No sign is less likely than this, whatever the net says: it keeps the sums within a double's range."""
_MOST: Final = 16
"""Slots looked at; a mark has ten signs at most."""

Signs = NDArray[np.float32]
"""Steps x SIGNS: natural log-probabilities, the first of them BLANK's."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Nodes in reading order. The first `slots` nodes are the slots; behind them, pairs of slots read as one.

    `signs`: nodes x SIGNS, log-probability that the node's steps say just this sign; column BLANK: that they
    say nothing. `pairs[i]` is the node for slots i - 1 and i as one sign, -1 where that cannot be.
    """

    slots: int
    signs: NDArray[np.float64]
    pairs: NDArray[np.intp]


def find_slots(signs: Signs) -> Lattice:
    """The lattice of one plate. CTC's sum over alignments is exact inside each slot."""
    best = signs.argmax(axis=1)
    runs = _runs(signs, best)
    if not runs:
        return Lattice(0, np.zeros((0, signs.shape[1])), np.zeros(0, dtype=np.intp))
    spans = _spans(runs, len(signs))
    pairs = np.full(len(runs), -1, dtype=np.intp)
    for index in range(1, len(runs)):
        # Two runs without a blank between them may be one sign that the net wavers about.
        if runs[index - 1][1] == runs[index][0]:
            pairs[index] = len(spans)
            spans.append((spans[index - 1][0], spans[index][1]))
    return Lattice(len(runs), _sums(signs, spans), pairs)


def greedy(signs: Signs) -> list[int]:
    """The classes that CTC's best path writes: what the net alone reads."""
    best = signs.argmax(axis=1)
    fresh = best != np.concatenate(([BLANK], best[:-1]))
    return [int(index) for index in best[fresh & (best != BLANK)]]


def _runs(signs: Signs, best: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Steps (from, to) of every character and of everything that may be one."""
    ends = np.concatenate(([0], np.flatnonzero(np.diff(best)) + 1, [len(best)]))
    runs = [(int(a), int(b)) for a, b in pairwise(ends) if best[a] != BLANK]
    faint = (best == BLANK) & (signs[:, BLANK] < np.log1p(-_FAINT))
    if faint.any():
        edges = np.flatnonzero(np.diff(np.concatenate(([0], faint.astype(np.int8), [0]))))
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if not _belongs(signs, best, a, b):
                runs.append((a, b))
        runs.sort()
    if len(runs) > _MOST:
        heard = sorted(runs, key=lambda run: float(signs[run[0] : run[1], BLANK].min()))[:_MOST]
        runs = sorted(heard)
    return runs


def _belongs(signs: Signs, best: NDArray[np.intp], a: int, b: int) -> bool:
    """Whether what is faint there is but the slope of the character beside it."""
    other = int(signs[a:b, 1:].max(axis=0).argmax()) + 1
    return (a > 0 and int(best[a - 1]) == other) or (b < len(best) and int(best[b]) == other)


def _spans(runs: list[tuple[int, int]], steps: int) -> list[tuple[int, int]]:
    """Every run with the blanks around it, up to the middle between it and the next."""
    cuts = [0, *((one[1] + two[0]) // 2 for one, two in pairwise(runs)), steps]
    return [
        (max(low, run[0] - _MARGIN), min(high, run[1] + _MARGIN))
        for run, low, high in zip(runs, cuts, cuts[1:], strict=False)
    ]


def _sums(signs: Signs, spans: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Log-probability that the steps of each span say one sign, by sign; column BLANK: none."""
    logs = np.maximum(signs, _FLOOR).astype(np.float64)
    starts = np.array([span[0] for span in spans])
    longest = max(end - start for start, end in spans)
    steps = starts + np.arange(longest)[:, None]
    # A row of nothing behind the last step stands for all that is outside a span.
    steps = np.where(steps < np.array([span[1] for span in spans]), steps, len(logs))
    silent = np.append(logs[:, BLANK], 0.0)[steps].sum(axis=0)
    odds = np.zeros((len(logs) + 1, logs.shape[1]))
    np.exp(logs - logs[:, :1], out=odds[:-1])
    # With blanks divided out: a path is in its sign at a step if it was so, or in blanks, the step before.
    ending = np.zeros((len(spans), logs.shape[1]))
    paths = np.zeros_like(ending)
    for step in odds[steps]:
        ending += 1.0
        ending *= step
        paths += ending
    sums = np.log(paths) + silent[:, None]
    sums[:, BLANK] = silent
    return np.asarray(sums, dtype=np.float64)
