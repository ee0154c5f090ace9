"""What the Rules decide: corridors, findings, decisions, releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Corridor(StrEnum):
    """A release system (Rules 1.5.1-1.5.4)."""

    GREEN = "GREEN"
    BLUE = "BLUE"
    YELLOW = "YELLOW"
    RED = "RED"

    @property
    def strictness(self) -> int:
        """GREEN 0 to RED 3; the strictest verdict on a vehicle sets its lane."""
        return tuple(Corridor).index(self)

    @property
    def needs_officer(self) -> bool:
        """YELLOW and RED are released only by an officer naming what was checked (5.6, 5.8)."""
        return self in (Corridor.YELLOW, Corridor.RED)


class Outcome(StrEnum):
    """What the approach does with a vehicle. HOLD is the answer to every doubt."""

    DIRECT = "DIRECT"
    HOLD = "HOLD"
    REFER = "REFER"


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason with its Rules number; a refusal is never a bare bool.

    `outcome` is what this finding alone demands. `detail` is for officers, never for drivers.
    """

    code: str
    rule: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of the Rules for one identified arrival; `corridor` only when DIRECT."""

    outcome: Outcome
    corridor: Corridor | None
    findings: tuple[Finding, ...]
    numbers: tuple[str, ...]
    rules_version: str
    policy_version: str


@dataclass(frozen=True, slots=True)
class Onward:
    """The way on after the release, as the opened verdicts bind this vehicle to it (5.5.1, 5.9)."""

    routes: tuple[str, ...] = ()
    """One for each destination, in central's words."""
    hours: int | None = None
    """The shortest time that any of them gives."""


class ReleaseBasis(StrEnum):
    """Why a release may be committed."""

    REGISTERED = "registered"
    """GREEN and BLUE: registration committed and officers informed (4.2, 5.2)."""
    OFFICER = "officer"
    """YELLOW and RED: an officer named what was checked (5.6, 5.8)."""
    DEPARTURE = "departure"
    """Exit lane: the departure is recorded; the Rules cover import only."""


@dataclass(frozen=True, slots=True)
class Release:
    """Goods may pass. `release_id` is also the one decision id its barrier pulse may carry."""

    release_id: str
    visit_id: str
    point: str
    corridor: Corridor | None
    basis: ReleaseBasis
    officer: str | None
    checked: tuple[str, ...]
    at: datetime
