"""One read per passage out of many frames: pure, told everything, knows no clock and no camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gate.model import PlateCandidate, PlateRead, RegistrationMark

_MOST_MARKS = 5
"""Marks counted at a time: lettering misread anew in every frame must not grow without end."""
_NEAR = 0.6
"""A plate lower than this share of the nearest's height belongs to a vehicle further off."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one frame showed. `captured` is monotonic seconds, `sharpness` any growing measure > 0."""

    sequence: int
    captured: float
    sharpness: float
    candidates: tuple[PlateCandidate, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """The frame that shows a mark best."""

    sequence: int
    candidate: PlateCandidate
    weight: float


@dataclass(slots=True)
class _Tally:
    votes: int
    """Frames in which the mark was read at or above the accepted confidence."""
    weight: float
    """Sum of confidence x sharpness over all its frames."""
    lowest: float
    """Least confidence among the votes."""
    best: Best


class Consensus:
    """Counts the frames of one passage.

    Sure: `frames` frames read the nearest plate the same, each at `accept` or above, and as many more
    than any other mark did: a rival that was read surely must be outvoted, not outrun. Frames captured
    before `began`, and any frame offered twice, do not count.
    """

    def __init__(self, frames: int, accept: float, began: float) -> None:
        self._frames = frames
        self._accept = accept
        self._began = began
        self._sequence: int | None = None
        self._tallies: dict[RegistrationMark, _Tally] = {}

    def offer(self, sighting: Sighting) -> PlateRead | None:
        """Count a frame; the sure read once there is one (`evidence` left empty)."""
        if sighting.captured <= self._began:
            return None
        if self._sequence is not None and sighting.sequence <= self._sequence:
            return None
        self._sequence = sighting.sequence
        candidate = nearest(sighting.candidates)
        if candidate is None:
            return None
        self._count(candidate, sighting)
        tally = self._tallies.get(candidate.mark)
        rival = max(
            (other.votes for mark, other in self._tallies.items() if mark != candidate.mark), default=0
        )
        if tally is None or tally.votes < self._frames or tally.votes - rival < self._frames:
            return None
        return PlateRead(
            candidate.mark, tally.best.candidate.country, tally.lowest, tally.votes, sure=True, evidence=()
        )

    def give_up(self) -> PlateRead | None:
        """The best read so far, never sure; None when no frame showed a plate."""
        leader = self._leader()
        if leader is None:
            return None
        mark, tally = leader
        best = tally.best.candidate
        return PlateRead(mark, best.country, best.confidence, max(1, tally.votes), sure=False, evidence=())

    def best_of(self, mark: RegistrationMark) -> Best | None:
        """The frame that shows `mark` best, and where."""
        tally = self._tallies.get(mark)
        return tally.best if tally else None

    @property
    def kept(self) -> frozenset[int]:
        """Sequences of the frames worth keeping as evidence: the best of each mark still counted."""
        return frozenset(tally.best.sequence for tally in self._tallies.values())

    def _count(self, candidate: PlateCandidate, sighting: Sighting) -> None:
        weight = candidate.confidence * sighting.sharpness
        vote = candidate.confidence >= self._accept
        best = Best(sighting.sequence, candidate, weight)
        tally = self._tallies.get(candidate.mark)
        if tally is None:
            self._make_room()
            lowest = candidate.confidence if vote else 1.0
            self._tallies[candidate.mark] = _Tally(int(vote), weight, lowest, best)
            return
        tally.weight += weight
        if vote:
            tally.votes += 1
            tally.lowest = min(tally.lowest, candidate.confidence)
        if weight > tally.best.weight:
            tally.best = best

    def _make_room(self) -> None:
        if len(self._tallies) >= _MOST_MARKS:
            weakest = min(self._tallies, key=lambda mark: _strength(self._tallies[mark]))
            del self._tallies[weakest]

    def _leader(self) -> tuple[RegistrationMark, _Tally] | None:
        return max(self._tallies.items(), key=lambda item: _strength(item[1]), default=None)


def _strength(tally: _Tally) -> tuple[int, float]:
    return tally.votes, tally.weight


def nearest(candidates: Sequence[PlateCandidate]) -> PlateCandidate | None:
    """The plate of the vehicle that stands nearest: the largest, a template's fit settling near ties.

    Lettering on a cab may be larger than its plate; written like no plate, it yields to one that is.
    """
    if not candidates:
        return None
    fitting = [candidate for candidate in candidates if candidate.country is not None] or list(candidates)
    tallest = max(candidate.box[3] for candidate in fitting)
    near = [candidate for candidate in fitting if candidate.box[3] >= _NEAR * tallest]
    return max(near, key=lambda candidate: (candidate.box[2] * candidate.box[3], candidate.confidence))
