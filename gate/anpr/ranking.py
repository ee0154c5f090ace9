"""Which of the plates an engine read is the likeliest: one order, whichever engine reads."""

from __future__ import annotations

from collections.abc import Sequence

from gate.model import PlateCandidate

SHORTEST, LONGEST = 4, 10
"""Characters of a mark."""


def rank(candidates: Sequence[PlateCandidate]) -> tuple[PlateCandidate, ...]:
    """The likeliest first, and of those that cover one another only the likelier."""
    ordered = sorted(candidates, key=_likelihood, reverse=True)
    kept: list[PlateCandidate] = []
    for candidate in ordered:
        if not any(_overlap(candidate.box, other.box) for other in kept):
            kept.append(candidate)
    return tuple(kept)


def _likelihood(candidate: PlateCandidate) -> tuple[float, float]:
    """Fitting a template is worth half of full confidence; a mark with letters and digits a little."""
    mixed = any(char.isalpha() for char in candidate.mark)
    return (
        candidate.confidence + 0.5 * (candidate.country is not None) + 0.15 * mixed,
        float(candidate.box[2] * candidate.box[3]),
    )


def _overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    across = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    down = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    if across <= 0 or down <= 0:
        return False
    smaller = min(one[2] * one[3], two[2] * two[3])
    return across * down > 0.3 * smaller
