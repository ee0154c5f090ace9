"""Two reads of one plate laid side by side, sign by sign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Alignment:
    """How `other` lies along `pivot`.

    `pairs` has, for each sign of the pivot, the place of its counterpart in the other, or None where that
    has none. `extra` are the other's signs without a counterpart: before which sign of the pivot, and where
    in the other. `distance` is how many signs differ, are missing or are too many.
    """

    pairs: tuple[int | None, ...]
    extra: tuple[tuple[int, int], ...]
    distance: int


@lru_cache(maxsize=1024)
def align(pivot: str, other: str) -> Alignment:
    """The cheapest alignment; an exchanged sign is preferred to a lost one beside one too many."""
    if len(pivot) == len(other):
        differ = sum(one != two for one, two in zip(pivot, other, strict=True))
        if differ <= 1:
            return Alignment(tuple(range(len(pivot))), (), differ)
    costs = [[row + column for column in range(len(other) + 1)] for row in range(len(pivot) + 1)]
    for row, sign in enumerate(pivot, start=1):
        for column, its in enumerate(other, start=1):
            costs[row][column] = min(
                costs[row - 1][column - 1] + (sign != its),
                costs[row - 1][column] + 1,
                costs[row][column - 1] + 1,
            )
    pairs: list[int | None] = [None] * len(pivot)
    extra: list[tuple[int, int]] = []
    row, column = len(pivot), len(other)
    while row or column:
        here = costs[row][column]
        differs = bool(row and column) and pivot[row - 1] != other[column - 1]
        if row and column and here == costs[row - 1][column - 1] + differs:
            row, column = row - 1, column - 1
            pairs[row] = column
        elif row and here == costs[row - 1][column] + 1:
            row -= 1
        else:
            column -= 1
            extra.append((row, column))
    return Alignment(tuple(pairs), tuple(reversed(extra)), costs[-1][-1])


def alike(distance: int, signs: int) -> bool:
    """Whether reads of so many signs, so far apart, may be of one plate: a third of them, one at least."""
    return distance <= max(1, signs // 3)
