"""The ways to read a plate: its slots as a mark of every form there is, and of none, with likelihoods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import BLANK, SIGNS, STATES, to_mark
from gate.anpr.plates.lattice import Lattice
from gate.anpr.plates.templates import TEMPLATES

MARKS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What marks are written in."""
SLIGHT: Final = 1e-4
"""What is less likely than this is not told."""

_SYNTAX: Final = 0.7
"""What of a form's narrowness counts in its favour: the net has learnt a part of the syntax by itself."""
_NO_STATE: Final = float(np.log(0.04))
"""Log: of the plates that come, so many are written as nobody here knows."""
_UNHEARD: Final = 0.1
"""The net's word about the state is wrong so often that another state is as likely as at this border."""
_READINGS: Final = 6
"""Forms looked at closely; the seventh likeliest has never been the right one."""
_MOST_LOST: Final = 3
"""Signs of a crest, a strip or a sticker that were read along with a mark."""
_NOTHING: Final = 1e-30

_TO_MARK: Final[NDArray[np.float64]] = np.array(
    [[to_mark((sign,)) == char for char in MARKS] for sign in SIGNS], dtype=np.float64
)
_ALLOWED: Final[NDArray[np.float64]] = np.exp(TEMPLATES.allowed.astype(np.float64))
_ANY: Final = 0
"""The kind of position that takes any sign."""
_NARROW: Final = _SYNTAX * np.log(len(MARKS) / TEMPLATES.sizes)
"""What a sign gains by a kind: the net's own word takes any sign for as likely, a form does not."""


@dataclass(slots=True, eq=False)
class Reading:
    """One way to read the plate: which nodes of the lattice are its characters, as what state's form.

    `weight` is its probability, `state` None for no form, `table` characters x MARKS: probabilities given it.
    """

    weight: float
    state: str | None
    nodes: list[int]
    table: NDArray[np.float64]


def find_readings(lattice: Lattice, states: NDArray[np.float32], prior: NDArray[np.float64]) -> list[Reading]:
    """The likeliest ways to read the lattice, weights summing to one; none for a plate that says nothing.

    `states` are the net's log-probabilities of STATES, `prior` how likely each is before a look.
    """
    worth = _worth(lattice)
    free, free_nodes = _free(lattice, worth[:, _ANY])
    if not free_nodes:
        return []
    ways: list[tuple[float, int | None, list[int], list[int]]] = [
        (free + _NO_STATE, None, free_nodes, [_ANY] * len(free_nodes))
    ]
    lengths = TEMPLATES.lengths
    columns = np.flatnonzero((lengths <= lattice.slots) & (lengths >= len(free_nodes) - _MOST_LOST))
    if len(columns):
        kinds = TEMPLATES.kinds[: int(lengths[columns].max()), columns]
        gains = worth.take(kinds, axis=1)
        scores = _walk(lattice, gains)
        about = np.log((1 - _UNHEARD) * np.exp(states.astype(np.float64)) + _UNHEARD * prior)
        weights = scores[-1][lengths[columns], np.arange(len(columns))]
        weights = weights + about[TEMPLATES.states[columns]] + TEMPLATES.shares[columns]
        worst = max(ways[0][0], float(weights.max())) + np.log(SLIGHT)
        for at in np.argsort(-weights)[:_READINGS].tolist():
            if weights[at] < worst:
                break
            column, length = columns[at], int(lengths[columns[at]])
            nodes = _way_back(lattice, scores[:, :, at], gains[:, :, at], length)
            ways.append((
                float(weights[at]), int(TEMPLATES.states[column]), nodes, kinds[:length, at].tolist()
            ))  # fmt: skip
    logs = np.array([way[0] for way in ways])
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    told = [(share, *way[1:]) for share, way in zip(shares.tolist(), ways, strict=True) if share >= SLIGHT]
    tables = _tables(lattice, [nodes for _, _, nodes, _ in told], [kinds for *_, kinds in told])
    return [
        Reading(share, None if state is None else STATES[state], nodes, table)
        for (share, state, nodes, _), table in zip(told, tables, strict=True)
    ]


def _worth(lattice: Lattice) -> NDArray[np.float64]:
    """Nodes x kinds: log-probability that a node says one sign of the kind, narrow kinds favoured."""
    heard = lattice.signs[:, 1:]
    top = heard.max(axis=1, keepdims=True, initial=-np.inf)
    inside = np.exp(heard - top) @ _ALLOWED[:, 1:].T
    return np.asarray(np.log(np.maximum(inside, _NOTHING)) + top + _NARROW)


def _free(lattice: Lattice, worth: NDArray[np.float64]) -> tuple[float, list[int]]:
    """The best reading of no form, its score and its nodes; a mark of any length."""
    scores, ways = [0.0], [list[int]()]
    for slot in range(lattice.slots):
        silent = float(lattice.signs[slot, BLANK])
        options = [
            (scores[slot] + silent, ways[slot]),
            (scores[slot] + float(worth[slot]), [*ways[slot], slot]),
        ]
        pair = int(lattice.pairs[slot])
        if pair >= 0:
            options.append((scores[slot - 1] + float(worth[pair]), [*ways[slot - 1], pair]))
        score, way = max(options, key=lambda option: option[0])
        scores.append(score)
        ways.append(way)
    return scores[-1], ways[-1]


def _walk(lattice: Lattice, gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slots + 1 x positions + 1 x forms: the best score of so many slots that make so many characters.

    `gains` are nodes x positions x forms.
    """
    scores = np.full((lattice.slots + 1, gains.shape[1] + 1, gains.shape[2]), -np.inf)
    scores[0, 0] = 0.0
    for slot in range(lattice.slots):
        now = scores[slot + 1]
        np.add(scores[slot], lattice.signs[slot, BLANK], out=now)
        np.maximum(now[1:], scores[slot, :-1] + gains[slot], out=now[1:])
        pair = lattice.pairs[slot]
        if pair >= 0:
            np.maximum(now[1:], scores[slot - 1, :-1] + gains[pair], out=now[1:])
    return scores


def _way_back(
    lattice: Lattice, scores: NDArray[np.float64], gains: NDArray[np.float64], length: int
) -> list[int]:
    """The nodes that are the characters of one form's best score: the same sums, so equal to the last bit."""
    nodes: list[int] = []
    slot, position = lattice.slots, length
    while position:
        here = scores[slot, position]
        pair = int(lattice.pairs[slot - 1])
        if here == scores[slot - 1, position - 1] + gains[slot - 1, position - 1]:
            nodes.append(slot - 1)
            slot, position = slot - 1, position - 1
        elif pair >= 0 and here == scores[slot - 2, position - 1] + gains[pair, position - 1]:
            nodes.append(pair)
            slot, position = slot - 2, position - 1
        else:
            slot -= 1
    return nodes[::-1]


def _tables(lattice: Lattice, nodes: list[list[int]], kinds: list[list[int]]) -> list[NDArray[np.float64]]:
    """Each reading's table, all made at once: they are small, and a call costs more than its sums."""
    heard = lattice.signs[[node for each in nodes for node in each]]
    allowed = _ALLOWED[[kind for each in kinds for kind in each]]
    whole = (np.exp(heard - heard[:, 1:].max(axis=1, keepdims=True)) * allowed) @ _TO_MARK + _NOTHING
    whole /= whole.sum(axis=1, keepdims=True)
    ends = [0, *accumulate(len(each) for each in nodes)]
    return [whole[a:b] for a, b in pairwise(ends)]
