"""What officers and engineers tell a lane beyond one vehicle's passage. Frozen data, as in events.py."""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.events import Event
from gate.model import CheckSource, Corridor, Finding, NoGoods, RegistrationMark


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOpened(Event):
    """An officer opens the lane whatever stands against it; the id is the one its pulse carries."""

    emergency_id: str
    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyEnded(Event):
    """An officer ends the emergency; the lane comes back through RECOVERY."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceBegan(Event):
    """The lane's devices are an engineer's now: the gate lets go of them."""

    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceEnded(Event):
    """The devices are the gate's again; nothing is known of them yet."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneArmed(Event):
    """Somebody at the site has seen the changed devices work, and lets the lane command them."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedBegan(Event):
    """An officer stands at a lane whose named inputs have failed, and lets vehicles through by hand."""

    officer: str
    failed: frozenset[str]
    """Detectors, contacts, or "barrier" for position feedback: these alone may be unknown or wrong."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedEnded(Event):
    """The officer leaves; the lane comes back through RECOVERY."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPressed(Event):
    """Attended: the officer presses hold-to-run for the visit that stands here, its control done."""

    officer: str
    visit_id: str
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldKept(Event):
    """The button is still held."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLetGo(Event):
    """The button was let go."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePassed(Event):
    """Attended: the officer saw the vehicle through and the boom lowered by its key switch."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownDeclared(Event):
    """A vehicle has broken down in the lane; those behind are sent to `label`, if a lane is left."""

    officer: str
    label: str | None
    corridor: Corridor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownCleared(Event):
    """The vehicle was towed away; the lane comes back through RECOVERY."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvoyListed(Event):
    """An escorted convoy outside these Rules (2.1) comes through, vehicle by vehicle, by these marks.

    An empty list ends it.
    """

    officer: str
    reason: str
    marks: frozenset[RegistrationMark]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorsAssigned(Event):
    """The lane serves other corridors from now on; None gives it back those of the configuration."""

    officer: str
    corridors: tuple[Corridor, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrdered(Event):
    """An officer orders a check of the GREEN or BLUE vehicle that stands here (4.4)."""

    visit_id: str
    officer: str
    source: CheckSource
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerHeld(Event):
    """An officer holds the visit that stands here; `findings` are all it is held for from now on."""

    visit_id: str
    officer: str
    findings: tuple[Finding, ...]
    place: str | None = None
    """The label of the holding place it is sent to; None where it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedOnce(Event):
    """An officer opens once for the vehicle of this passage: it was looked up, and nothing is declared."""

    passage_id: str
    officer: str
    category: NoGoods
    reason: str
