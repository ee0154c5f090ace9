"""A day at the checkpoint in figures: who came each hour, what became of them, how long they waited.

A day is the checkpoint's own, from midnight to midnight by its clocks: 23 or 25 hours where those are moved.
Only what has arrived is in it, and a corridor only of a visit whose verdict was opened (3.6).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from gate.model import Corridor, VisitStatus
from gate.store.past_day import Arrived

HELD, REFERRED = "held", "referred"
KINDS = (*(corridor.value for corridor in Corridor), HELD, REFERRED)
"""What a bar is made of, from below: corridors of opened visits, then those without."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour. `waits` are minutes from first presence to release, of those released."""

    begins: datetime
    """By the checkpoint's clocks."""
    label: str
    counts: dict[str, int]
    waits: tuple[float, ...]

    @property
    def arrivals(self) -> int:
        """Who came."""
        return sum(self.counts.values())

    @property
    def median(self) -> float | None:
        """Half of them waited no longer; None where nobody was released."""
        return median(self.waits) if self.waits else None

    @property
    def p90(self) -> float | None:
        """Nine in ten waited no longer."""
        return nine_in_ten(self.waits)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one checkpoint."""

    day: date
    hours: tuple[Hour, ...]
    lanes: tuple[tuple[str, int], ...]
    """Lanes and how many were directed there, by name."""
    departures: int
    waits: tuple[float, ...]

    @property
    def arrivals(self) -> int:
        """Who came."""
        return sum(hour.arrivals for hour in self.hours)

    @property
    def median(self) -> float | None:
        """Of the whole day."""
        return median(self.waits) if self.waits else None

    @property
    def p90(self) -> float | None:
        """Of the whole day."""
        return nine_in_ten(self.waits)


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the day begins and ends, in UTC."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    return begin, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def figures(day: date, zone: ZoneInfo, visits: Sequence[Arrived], exits: Collection[str]) -> Day:
    """The day's figures. `visits` are those of `bounds(day, zone)`, `exits` the names of exit lanes."""
    begin, end = bounds(day, zone)
    many = math.ceil((end - begin) / _HOUR)
    counts: list[Counter[str]] = [Counter() for _ in range(many)]
    waits: list[list[float]] = [[] for _ in range(many)]
    lanes: Counter[str] = Counter()
    departures = 0
    for visit in visits:
        if visit.point in exits:
            departures += 1
            continue
        at = int((visit.at - begin) / _HOUR)
        counts[at][_kind(visit)] += 1
        if visit.released is not None:
            waits[at].append((visit.released - visit.at).total_seconds() / 60)
        if visit.lane is not None:
            lanes[visit.lane] += 1
    hours = tuple(
        Hour(
            local := (begin + at * _HOUR).astimezone(zone),
            f"{local:%H:%M}",
            {kind: counts[at][kind] for kind in KINDS},
            tuple(waits[at]),
        )
        for at in range(many)
    )
    every = tuple(wait for hour in hours for wait in hour.waits)
    return Day(day, _told_apart(hours), tuple(sorted(lanes.items())), departures, every)


def _kind(visit: Arrived) -> str:
    if visit.corridor is not None:
        return visit.corridor.value
    return REFERRED if visit.status is VisitStatus.REFERRED else HELD


def _told_apart(hours: tuple[Hour, ...]) -> tuple[Hour, ...]:
    """Hours that come twice, when clocks go back, with their offsets."""
    twice = [label for label, many in Counter(hour.label for hour in hours).items() if many > 1]
    return tuple(
        hour
        if hour.label not in twice
        else Hour(hour.begins, f"{hour.label} {hour.begins:%z}", hour.counts, hour.waits)
        for hour in hours
    )


def nine_in_ten(values: Sequence[float]) -> float | None:
    """The smallest value that nine in ten do not pass; None of nothing."""
    return sorted(values)[math.ceil(0.9 * len(values)) - 1] if values else None
