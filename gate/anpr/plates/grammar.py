"""Which mark a plate bears: what the net saw, weighed with how states write their marks.

Never a filter: one of the readings compared is that of no state, and what fits nothing is kept as read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import SIGNS, STATES
from gate.anpr.plates.lattice import Signs, find_slots, greedy
from gate.anpr.plates.readings import MARKS, SLIGHT, Reading, find_readings
from gate.anpr.plates.templates import BORDER

_DOUBTS: Final = 3
"""Characters, the least sure of each reading, for which another is tried."""
_ALTERNATIVES: Final = 4


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a plate says. Probabilities are the net's and the grammar's own, not yet calibrated.

    `mark` may be empty: nothing was read. `raw` is what the net reads by itself, in its own signs. `state` is
    None where no state is known to write marks so. `characters` has one probability for each of `mark`;
    `likely` has every mark that was worth comparing, the likeliest (`mark`) first, with its probability.
    """

    mark: str
    raw: str
    state: str | None
    state_seen: float
    """What the net itself gives `state`; 0 for None."""
    characters: tuple[float, ...]
    likely: tuple[tuple[str, float], ...]

    @property
    def confidence(self) -> float:
        """Probability of `mark` as a whole."""
        return self.likely[0][1] if self.likely else 0.0

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Other marks that it may be, the likelier first; never `mark` itself."""
        return tuple(mark for mark, share in self.likely[1 : 1 + _ALTERNATIVES] if share >= SLIGHT)


def decode(signs: Signs, states: NDArray[np.float32], expected: Mapping[str, float] | None = None) -> Decoded:
    """The mark of one plate from log-probabilities: `signs` steps x SIGNS, `states` of STATES.

    `expected` says how many vehicles of each state come to this lane, in any unit; left out, those of the
    border at large. A state that is not named may still come, seldom.
    """
    raw = "".join(SIGNS[index] for index in greedy(signs))
    lattice = find_slots(signs)
    readings = find_readings(lattice, states, _prior(expected))
    if not readings:
        return Decoded("", raw, None, 0.0, (), ())
    likely = _likely(readings)
    mark = likely[0][0]
    by_state: dict[str | None, float] = {}
    for reading, share in zip(readings, _shares(readings, mark), strict=True):
        by_state[reading.state] = by_state.get(reading.state, 0.0) + share
    state = max(by_state, key=by_state.__getitem__)
    seen = float(np.exp(states[STATES.index(state)])) if state is not None else 0.0
    return Decoded(mark, raw, state, min(1.0, seen), _characters(readings, mark), likely)


def _prior(expected: Mapping[str, float] | None) -> NDArray[np.float64]:
    if not expected:
        return BORDER
    here = np.array([expected.get(state, 0.0) for state in STATES])
    return np.asarray(0.9 * here / here.sum() + 0.1 * BORDER)


def _likely(readings: list[Reading]) -> tuple[tuple[str, float], ...]:
    """Marks worth comparing, the likeliest first, and what all readings together give each."""
    tried: dict[int, set[tuple[int, ...]]] = {}
    for reading in readings:
        best = reading.table.argmax(axis=1).tolist()
        ways = tried.setdefault(len(best), set())
        ways.add(tuple(best))
        doubted = reading.table.max(axis=1).argsort()[:_DOUBTS]
        # Only a doubted character's second best is wanted: sorting every row costs more than all else here.
        others = reading.table[doubted]
        others[np.arange(len(doubted)), others.argmax(axis=1)] = -1.0
        for at, second in zip(doubted.tolist(), others.argmax(axis=1).tolist(), strict=True):
            ways.add((*best[:at], second, *best[at + 1 :]))
    found: list[tuple[str, float]] = []
    for length, ways in tried.items():
        marks = np.array(sorted(ways))
        shares = np.zeros(len(marks))
        for reading in readings:
            if len(reading.table) == length:
                shares += reading.weight * reading.table[np.arange(length), marks].prod(axis=1)
        found += [
            ("".join(MARKS[index] for index in mark), min(1.0, share))
            for mark, share in zip(marks.tolist(), shares.tolist(), strict=True)
        ]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def _shares(readings: list[Reading], mark: str) -> list[float]:
    """How much of `mark`'s probability each reading brings."""
    places = [MARKS.index(char) for char in mark]
    return [
        reading.weight * float(reading.table[np.arange(len(places)), places].prod())
        if len(reading.table) == len(places)
        else 0.0
        for reading in readings
    ]


def _characters(readings: list[Reading], mark: str) -> tuple[float, ...]:
    """What all readings give to each character of `mark` in its place, whatever stands in the others."""
    shares = _shares(readings, mark)
    nodes = readings[max(range(len(readings)), key=shares.__getitem__)].nodes
    totals = np.zeros(len(mark))
    for reading in readings:
        at = {node: row for row, node in enumerate(reading.nodes)}
        for place, (node, char) in enumerate(zip(nodes, mark, strict=True)):
            if node in at:
                totals[place] += reading.weight * reading.table[at[node], MARKS.index(char)]
    return tuple(np.minimum(totals, 1.0).tolist())
