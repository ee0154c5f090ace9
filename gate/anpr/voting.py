"""One mark out of many reads of one plate: every sign is voted for by itself.

A frame that is sure of the first half and one that is sure of the second make a whole mark. What they are
worth together is held low on purpose (docs/plate-reading.md): frames of one vehicle share their mistakes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log

from gate.anpr.aligning import align
from gate.anpr.looks import Look, views
from gate.model import RegistrationMark

_SHARED = 0.5
"""What another view adds, of what an independent witness would: mud, glare and font stay the same."""
_HALVED = 0.5
"""Of the doubt of the best view: agreement never takes away more."""
_LEAST_DOUBT = 1e-4
_AHEAD = 99
"""More than a mark has signs."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the looks say together. `votes` and `lead` are those of the weakest sign.

    `votes`: looks that read the sign at the accepted confidence or above; `lead`: how many more than read
    any other sign there so surely. `characters`: the confidence in each sign, `confidence` their least.
    """

    mark: RegistrationMark
    country: str | None
    characters: tuple[float, ...]
    confidence: float
    votes: int
    lead: int


@dataclass(frozen=True, slots=True)
class _Vote:
    sign: str
    """Empty: nothing stands here."""
    confidence: float


def count(looks: Sequence[Look], accept: float) -> Tally:
    """Vote sign by sign over at least one look, in whatever order they come."""
    pivot = _pivot(looks)
    columns = _columns(pivot, looks)
    seen = views(looks)
    signs: list[str] = []
    characters: list[float] = []
    votes: list[int] = []
    leads: list[int] = []
    for column in columns:
        sign = _winner(column, looks)
        sure: defaultdict[str, int] = defaultdict(int)
        for vote in column.values():
            sure[vote.sign] += vote.confidence >= accept
        rival = max((number for other, number in sure.items() if other != sign), default=0)
        leads.append(sure[sign] - rival)
        if sign:
            signs.append(sign)
            votes.append(sure[sign])
            characters.append(_together(sign, column, seen))
    if not signs:  # no sign outweighs its absence: the reads have nothing in common
        return Tally(pivot, None, (0.0,) * len(pivot), 0.0, 0, 0)
    mark = RegistrationMark("".join(signs))
    return Tally(mark, _country(mark, looks), tuple(characters), min(characters), min(votes), min(leads))


def _pivot(looks: Sequence[Look]) -> RegistrationMark:
    """The mark that the others are laid along: the one with the most weight behind it."""
    weights: defaultdict[RegistrationMark, list[float]] = defaultdict(list)
    for look in looks:
        weights[look.candidate.mark].append(look.weight)
    return max(weights, key=lambda mark: (fsum(weights[mark]), mark))


def _columns(pivot: str, looks: Sequence[Look]) -> list[dict[int, _Vote]]:
    """For each place of the mark, by look (its sequence), the sign it read there."""
    places: dict[tuple[int, int], dict[int, _Vote]] = {(place, 1): {} for place in range(len(pivot))}
    for look in looks:
        mark, sure = look.candidate.mark, look.characters
        alignment = align(pivot, mark)
        for place, at in enumerate(alignment.pairs):
            vote = _Vote("", look.candidate.confidence) if at is None else _Vote(mark[at], sure[at])
            places[place, 1][look.sequence] = vote
        before: defaultdict[int, int] = defaultdict(int)
        for place, at in alignment.extra:
            # Several signs too many before one place have a column each, before the place's own.
            column = places.setdefault((place, before[place] - _AHEAD), {})
            before[place] += 1
            column[look.sequence] = _Vote(mark[at], sure[at])
    for column in places.values():
        for look in looks:
            column.setdefault(look.sequence, _Vote("", look.candidate.confidence))
    return [places[place] for place in sorted(places)]


def _winner(column: dict[int, _Vote], looks: Sequence[Look]) -> str:
    weights: defaultdict[str, list[float]] = defaultdict(list)
    for look in looks:
        vote = column[look.sequence]
        weights[vote.sign].append(look.weight * vote.confidence)
    return max(weights, key=lambda sign: (fsum(weights[sign]), sign))


def _together(sign: str, column: dict[int, _Vote], seen: Sequence[Sequence[Look]]) -> float:
    """The confidence in one sign. Within a view it is a mean: the same picture again adds nothing."""
    shares = []
    for view in seen:
        weighed = [(look.weight * column[look.sequence].confidence, column[look.sequence]) for look in view]
        whole = fsum(weight for weight, _ in weighed)
        backing = fsum(
            weight * (vote.confidence if vote.sign == sign else 1 - vote.confidence)
            for weight, vote in weighed
        )
        agrees = fsum(weight if vote.sign == sign else -weight for weight, vote in weighed) >= 0
        shares.append((backing / whole if whole else 0.0, agrees))
    agreeing = sorted((share for share, agrees in shares if agrees), reverse=True)
    best, *others = agreeing or [0.0]
    # An unsure view that agrees takes nothing away.
    backing = _odds(best) + _SHARED * fsum(max(0.0, _odds(share)) for share in others)
    # What reads another sign counts against what agreement can be worth at most.
    against = _SHARED * fsum(min(0.0, _odds(share)) for share, agrees in shares if not agrees)
    most = 1 - _HALVED * (1 - best)
    # Rounded: a sign read at exactly the accepted confidence must not miss it by the last bit.
    return round(min(1 / (1 + exp(-min(backing, _odds(most)) - against)), most), 9)


def _odds(share: float) -> float:
    kept = min(max(share, _LEAST_DOUBT), 1 - _LEAST_DOUBT)
    return log(kept / (1 - kept))


def _country(mark: str, looks: Sequence[Look]) -> str | None:
    """Of the looks that read this very mark, or of those nearest to it."""
    order = sorted(
        looks, key=lambda look: (align(mark, look.candidate.mark).distance, -look.weight, look.sequence)
    )
    return order[0].candidate.country
