"""A visit's story laid out: one stretch for each place, with how long it took and how long lay between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gate.console.telling import Told, tell
from gate.lanes.ports import StoryLine
from gate.store.past_entries import PastEntry

_NO_PLACE = ("console", "store")
"""Who acts from there acts where the vehicle is."""
_OF_NO_PLACE = ("Crossing",)
"""Filed where the vehicle arrived, said when it has left."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. `seq` and `hash` are the journal's, for whoever checks it."""

    at: datetime
    told: Told
    seq: int | None = None
    hash: str = ""
    kind: str = ""
    whole: bool = True


@dataclass(slots=True)
class Stretch:
    """What happened at one place, one thing after the other."""

    place: str
    after: timedelta | None
    """Since the stretch before ended; None for the first."""
    moments: list[Moment] = field(default_factory=list)

    @property
    def lasted(self) -> timedelta:
        """From the first thing to the last."""
        return self.moments[-1].at - self.moments[0].at


def timeline(entries: Sequence[PastEntry]) -> list[Stretch]:
    """The entries of one visit, oldest first, as a story."""
    found: list[Stretch] = []
    for entry in entries:
        moment = Moment(entry.at, tell(entry), entry.seq, entry.hash, entry.kind, entry.whole)
        nowhere = entry.point in _NO_PLACE or entry.kind in _OF_NO_PLACE
        _add(found, moment, found[-1].place if nowhere and found else entry.point)
    return found


def told_by(lines: Sequence[StoryLine]) -> list[Stretch]:
    """The same of what a checkpoint without a journal remembers."""
    found: list[Stretch] = []
    for line in lines:
        _add(found, Moment(line.at, Told(line.what), line.seq), line.point)
    return found


def _add(found: list[Stretch], moment: Moment, place: str) -> None:
    if not found or found[-1].place != place:
        found.append(Stretch(place, moment.at - found[-1].moments[-1].at if found else None))
    found[-1].moments.append(moment)


def shown_in(story: Sequence[Stretch]) -> frozenset[str]:
    """The pictures that the story itself shows."""
    return frozenset(name for stretch in story for moment in stretch.moments for name in moment.told.pictures)


def duration(span: timedelta) -> str:
    """So long, as people say it."""
    seconds = span.total_seconds()
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
