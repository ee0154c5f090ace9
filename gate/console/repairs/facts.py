"""What is known of the checkpoint's health, and what one thing to repair is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from gate.console.repairs.dirty import Fall
from gate.console.repairs.sight import Sight
from gate.lanes.views import Overview
from gate.store.upkeep import Upkeep


class Gravity(IntEnum):
    """How much it costs; the gravest stand first."""

    STOPS = 0
    """Vehicles are held for it, or soon nobody can be directed."""
    HAMPERS = 1
    SOON = 2
    """Nothing is lost yet."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Something with a last day: a certificate, a key, a licence. `what` as people call it."""

    what: str
    file: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing. `key` names it for as long as it lasts."""

    key: str
    gravity: Gravity
    where: str
    """Point, device or file."""
    what: str
    do: str
    who: str
    since: datetime | None = None
    """As far as the gate knows; the workshop says when it first saw it where nothing is known."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at `now`. None is: nobody could find out."""

    now: datetime
    overview: Overview
    upkeep: Upkeep | None = None
    upkeep_problem: str = ""
    disk_free: int | None = None
    """Bytes on the data folder's disk."""
    disk_floor: int = 0
    """Below it no picture is kept."""
    writable: bool = True
    """Whether the data folder takes writes."""
    data: str = "data"
    feed_max_age: timedelta = timedelta(minutes=15)
    personal_days: int = 365
    signed: bool = True
    """Whether the site has a key for the journal's heads."""
    set_aside: tuple[str, ...] = ()
    """Damaged files that were put out of the way."""
    endings: tuple[Ending, ...] = ()
    falls: tuple[Fall, ...] = ()
    sights: tuple[Sight, ...] = ()
    """Of each camera that has seen vehicles enough."""
    unknown_since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """Of each input at each point that is unknown now."""
    resting_since: Mapping[str, datetime] = field(default_factory=dict)
    """Of each point that looks for its rest now (RECOVERY)."""
