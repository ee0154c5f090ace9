"""Plates followed from frame to frame, so that two vehicles never vote for one mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from gate.anpr.aligning import align, alike
from gate.anpr.looks import Look, apart, overlap, ratio
from gate.anpr.voting import Tally, count
from gate.model import PlateCandidate, RegistrationMark

MOST_TRACKS = 5
"""At a time: lettering misread anew in every frame must not grow without end."""
MOST_LOOKS = 16
"""Of one plate: more frames of one vehicle add nothing."""
_REACH, _PACE = 2.0, 12.0
"""Plate heights that a plate may be found off where it was: at once, and more for each second since."""
_FARTHEST = 16.0
_SAME_SIZE, _GROWS = 1.25, 1.0
_MOST_GROWN = 2.0
_LOST_SECONDS = 1.0
"""Unseen for longer, a plate is found again by its very mark only: it may be the next of the same fleet."""
_SAME_PLACE = 0.5
"""Intersection over union at which even a read that is half different is the same plate under mud."""
_STILL = 0.35
"""In plate heights: what a finder's box trembles by on a plate that does not move."""


@dataclass(slots=True)
class Track:
    """One plate. `looks` are those that count; `last` is where it was seen last, counted or not."""

    last: Look
    anchor: Look
    """The look since which it has not moved."""
    looks: list[Look] = field(default_factory=list)
    sightings: int = 1
    best: Look | None = None
    surely_read: Counter[RegistrationMark] = field(default_factory=Counter)
    """How many looks read a mark at or above the accepted confidence, those forgotten since included."""
    _tally: Tally | None = None

    def seen(self, look: Look) -> None:
        """It was in this frame too."""
        self.last = look
        self.sightings += 1
        if apart(look.candidate.box, self.anchor.candidate.box) > _STILL:
            self.anchor = look

    def counts(self, look: Look, accept: float) -> Tally:
        """Count this look; what all of them say now."""
        self.looks.append(look)
        if look.candidate.confidence >= accept:
            self.surely_read[look.candidate.mark] += 1
            if len(self.surely_read) > 2 * MOST_LOOKS:
                self.surely_read = Counter(dict(self.surely_read.most_common(MOST_LOOKS)))
        if len(self.looks) > MOST_LOOKS:
            self.looks.remove(min(self.looks, key=lambda one: (one.weight, one.sequence)))
        self._tally = tally = count(self.looks, accept)
        if self.best is None or _shows_better(look, self.best, tally.mark):
            self.best = look
        return tally

    @property
    def tally(self) -> Tally | None:
        """What the looks that count say; None while there are none."""
        return self._tally

    @property
    def rested(self) -> float:
        """Seconds for which it had not moved when it was last seen."""
        return self.last.captured - self.anchor.captured

    def has_read(self, mark: str) -> bool:
        """Whether any look, or all together, read this very mark."""
        together = self._tally is not None and self._tally.mark == mark
        return together or any(look.candidate.mark == mark for look in (*self.looks, self.last))


def _shows_better(look: Look, best: Look, mark: str) -> bool:
    # A frame that reads what all together read is better evidence than one that does not, however sharp.
    shows, did = look.candidate.mark == mark, best.candidate.mark == mark
    return look.weight > best.weight if shows == did else shows


class Tracks:
    """The plates in view of one camera during one passage."""

    def __init__(self) -> None:
        self.all: list[Track] = []

    def follow(self, looks: Sequence[Look]) -> list[Track]:
        """The track of each plate of one frame, in order; two plates of a frame never share one."""
        pairs = [
            (fit, place, number)
            for place, look in enumerate(looks)
            for number, track in enumerate(self.all)
            if (fit := _fit(track, look)) is not None
        ]
        found: dict[int, Track] = {}
        taken: set[int] = set()
        for _, place, number in sorted(pairs, key=itemgetter(0), reverse=True):
            if place not in found and number not in taken:
                found[place] = self.all[number]
                taken.add(number)
                found[place].seen(looks[place])
        for place, look in enumerate(looks):
            if place not in found:
                found[place] = Track(look, look)
                self.all.append(found[place])
        return [found[place] for place in range(len(looks))]

    def forget_weakest(self, but: Track) -> None:
        """Come back to the limit: those with the fewest looks go, the longest unseen first."""
        while len(self.all) > MOST_TRACKS:
            others = [track for track in self.all if track is not but]
            self.all.remove(
                min(others, key=lambda track: (_votes(track), len(track.looks), track.last.captured))
            )


def _votes(track: Track) -> int:
    return track.tally.votes if track.tally is not None else 0


def _fit(track: Track, look: Look) -> float | None:
    """How well a plate of this frame continues a track, greater is better; None where it cannot."""
    last, here = track.last.candidate, look.candidate
    since = max(0.0, look.captured - track.last.captured)
    distance = min(align(mark, here.mark).distance for mark in _marks(track))
    if distance and since > _LOST_SECONDS:
        return None
    signs = max(len(last.mark), len(here.mark))
    away = apart(last.box, here.box)
    grown = ratio(track.last.height, look.height)
    if (
        alike(distance, signs)
        and away <= min(_REACH + _PACE * since, _FARTHEST)
        and grown <= min(_SAME_SIZE + _GROWS * since, _MOST_GROWN)
    ):
        return 2.0 - distance / signs - away / _FARTHEST
    covered = overlap(last.box, here.box)
    if covered >= _SAME_PLACE and distance <= signs // 2:
        return covered
    return None


def _marks(track: Track) -> set[str]:
    together = {track.tally.mark} if track.tally is not None else set()
    return {track.last.candidate.mark, *together}


def nearest(candidates: Sequence[PlateCandidate]) -> PlateCandidate | None:
    """The plate of the vehicle that stands nearest: the largest, a template's fit settling near ties.

    Lettering on a cab may be larger than its plate; written like no plate, it yields to one that is.
    """
    if not candidates:
        return None
    fitting = [candidate for candidate in candidates if candidate.country is not None] or list(candidates)
    tallest = max(candidate.box[3] for candidate in fitting)
    near = [candidate for candidate in fitting if candidate.box[3] >= NEAR * tallest]
    return max(near, key=lambda candidate: (candidate.box[2] * candidate.box[3], candidate.confidence))


NEAR = 0.6
"""A plate lower than this share of the nearest's height belongs to a vehicle further off."""
