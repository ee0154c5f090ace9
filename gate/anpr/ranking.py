"""Which of the plates an engine read is the likeliest: one order, whichever engine reads."""

from __future__ import annotations

from collections.abc import Sequence

from gate.anpr.boxes import cover
from gate.model import PlateCandidate

SHORTEST, LONGEST = 4, 10
"""Characters of a mark."""
_HIDDEN = 0.3
"""Share of a box from which two reads are of one plate."""


def rank(candidates: Sequence[PlateCandidate]) -> tuple[PlateCandidate, ...]:
    """The likeliest first, and of those that cover one another only the likelier."""
    ordered = sorted(candidates, key=_likelihood, reverse=True)
    kept: list[PlateCandidate] = []
    for candidate in ordered:
        if not any(cover(candidate.box, other.box) > _HIDDEN for other in kept):
            kept.append(candidate)
    return tuple(kept)


def _likelihood(candidate: PlateCandidate) -> tuple[float, float]:
    """Fitting a template is worth half of full confidence; a mark with letters and digits a little."""
    mixed = any(char.isalpha() for char in candidate.mark)
    return (
        candidate.confidence + 0.5 * (candidate.country is not None) + 0.15 * mixed,
        float(candidate.box[2] * candidate.box[3]),
    )
