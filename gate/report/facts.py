"""What a month was made of: counts and durations gathered from the journal, nobody's name among them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gate.report.month import Month


@dataclass(slots=True)
class VisitFacts:
    """One visit that began in the month. Its id never leaves this process."""

    arrived: datetime
    status: str
    corridor: str | None
    lane: str | None
    directed: datetime | None = None
    released: datetime | None = None
    held: bool = False
    referred: bool = False

    @property
    def to_direction(self) -> timedelta | None:
        """From first presence to the direction; None where there was none, or the clock went back."""
        return _between(self.arrived, self.directed)

    @property
    def to_release(self) -> timedelta | None:
        """From first presence to the release that stood."""
        return _between(self.arrived, self.released)


def _between(begin: datetime, end: datetime | None) -> timedelta | None:
    return end - begin if end is not None and end >= begin else None


@dataclass(slots=True)
class Facts:
    """Everything the tables are made of."""

    site: str
    month: Month
    visits: dict[str, VisitFacts] = field(default_factory=dict)
    consignments: Counter[str] = field(default_factory=Counter)
    """Verdicts opened, by corridor: each consignment keeps its own (4.3)."""
    causes: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Finding's code and Rules number to the visits held by it."""
    referrals: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    checks: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Corridor and what was checked, per release by an officer (5.6, 5.8)."""
    ordered: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Corridor and source of the checks that officers ordered on what passes freely (4.4)."""
    opened_once: set[str] = field(default_factory=set)
    """Visits of vehicles without goods for which a barrier was opened once (2.1)."""
    reads: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Point, and sure, unsure or unread."""
    sights: Counter[str] = field(default_factory=Counter)
    """Plates an officer confirmed by sight, by point."""
    acts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """What officers did, and whether it took effect."""
    troubles: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    emergencies: list[timedelta | None] = field(default_factory=list)
    """How long each lasted; None where it has not ended."""
    reviewed: int = 0
    """Of them, those that somebody else has looked back at."""
    restarts: int = 0
    away: list[timedelta] = field(default_factory=list)
    """Stretches in which central did not answer."""
    entries: int = 0
