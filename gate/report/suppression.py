"""Small counts stay untold, also to a reader who adds up and takes away.

The rule, for every column of counts whose cells add up to something (docs/report.md):

1. A count of 1 to 4 is told as "<5". None and five or more are told.
2. The reader is taken to know the column's exact sum, from wherever. While by it, and by what is told, one
   of these small counts could not be everything from 1 to 4, the smallest count still told goes too, as "*".
3. Where even that does not help, the whole column goes, its noughts as well.

The column's own sum may then be told, unless it is small itself: it gives nothing away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LIMIT: Final = 5
SMALL: Final = "<5"
"""A count of 1 to 4."""
HIDDEN: Final = "*"
"""A count that would give a small one away."""

Cell = int | str
"""A count, SMALL or HIDDEN."""


def is_small(count: int) -> bool:
    """Whether a count is too small to be told."""
    return 0 < count < LIMIT


def told(count: int) -> Cell:
    """One count by itself, that nothing told beside it adds up to."""
    return SMALL if is_small(count) else count


def suppress(counts: Sequence[int]) -> tuple[Cell, ...]:
    """The column as it may be published."""
    hidden = {index for index, count in enumerate(counts) if is_small(count)}
    primary = frozenset(hidden)
    spare = sorted(
        (index for index, count in enumerate(counts) if count >= LIMIT),
        key=lambda index: (counts[index], index),
    )
    while primary and not _safe(counts, primary, hidden):
        if not spare:
            # One cell alone is its sum, which is then as small, and told as small wherever it stands.
            return (HIDDEN,) * len(counts) if len(counts) > 1 else (SMALL,)
        hidden.add(spare.pop(0))
    return tuple(
        SMALL if index in primary else HIDDEN if index in hidden else count
        for index, count in enumerate(counts)
    )


def _safe(counts: Sequence[int], primary: frozenset[int], hidden: set[int]) -> bool:
    """Whether each small count may, for all the reader knows, be anything from 1 to 4."""
    total = sum(counts[index] for index in hidden)
    others = len(hidden - primary)
    if total - (len(primary) - 1) - LIMIT * others < LIMIT - 1:
        return False  # it could not be 4
    shown = [count for index, count in enumerate(counts) if index not in hidden and count >= LIMIT]
    if others and not shown:
        return True
    # It could be 1 if the rest took what is left; and a reader who knows this rule knows that what went
    # with the small ones was smaller than whatever is told.
    most = (LIMIT - 1) * (len(primary) - 1) + others * (min(shown, default=LIMIT) - 1)
    return total - most <= 1
