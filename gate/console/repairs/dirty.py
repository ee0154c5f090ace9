"""A camera that gets dirty: its reads grow less sure than its own of the days before.

Compared are reads at the same hours of the day, so that a night is not held against a noon. A dirty window
makes plates less sure one after the other and some unreadable; a lorry with a muddy plate is one read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from gate.store.upkeep import ReadSeen

RECENT = timedelta(hours=24)
BASELINE = timedelta(days=14)
"""Before the recent ones."""
MOST_RECENT = 50
LEAST = 20
"""Vehicles in either that make it worth saying anything."""
FALL = 0.08
"""Of the median confidence, below the baseline's."""
UNREAD_MORE = 0.15
"""Of all vehicles, more unread than in the baseline."""


@dataclass(frozen=True, slots=True)
class Fall:
    """How a point's camera reads now and how it did."""

    point: str
    now: float
    before: float
    unread_now: float
    unread_before: float
    since: datetime
    """The first of the reads compared."""


def falling(point: str, reads: Sequence[ReadSeen], now: datetime) -> Fall | None:
    """Whether the camera has fallen below itself; None while it has not, or nobody can say.

    `reads` are those since `now - RECENT - BASELINE`, oldest first.
    """
    recent = [read for read in reads if read.at > now - RECENT][-MOST_RECENT:]
    if len(recent) < LEAST:
        return None
    hours = {read.at.hour for read in recent}
    before = [read for read in reads if read.at <= now - RECENT and read.at.hour in hours]
    if len(before) < LEAST:
        return None
    sure_now, sure_before = _median(recent), _median(before)
    unread_now, unread_before = _unread(recent), _unread(before)
    if sure_before - sure_now < FALL and unread_now - unread_before < UNREAD_MORE:
        return None
    return Fall(point, sure_now, sure_before, unread_now, unread_before, recent[0].at)


def _median(reads: Sequence[ReadSeen]) -> float:
    """Of the reads there were; where every plate was unreadable, nothing is sure."""
    return median([read.confidence for read in reads if read.confidence is not None] or [0.0])


def _unread(reads: Sequence[ReadSeen]) -> float:
    return sum(read.confidence is None for read in reads) / len(reads)
