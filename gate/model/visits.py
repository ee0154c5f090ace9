"""A vehicle's stay: identification, arrival, visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gate.model.decisions import Corridor, Finding
from gate.model.numbers import NotificationNumber, RegistrationMark


class IdentifiedBy(StrEnum):
    """What an identification rests on."""

    PLATE = "plate"
    """Read by the automatic device (8.0.1)."""
    SIGHT = "sight"
    """An officer compared the plate itself."""
    KIOSK = "kiosk"
    """A number typed at the approach: never enough alone (8.0.1)."""
    TERMINAL = "terminal"
    """A number typed at an attended baggage terminal (8.0.2)."""
    OFFICER = "officer"
    """A number entered by an officer at the carrier's request (8.0.2)."""


@dataclass(frozen=True, slots=True)
class Identification:
    """Who has come, and by what we know. `mark` or `number` may be absent, never both."""

    by: frozenset[IdentifiedBy]
    mark: RegistrationMark | None
    number: NotificationNumber | None
    officer: str | None = None
    trailer: RegistrationMark | None = None  # surely read by the rear camera


@dataclass(frozen=True, slots=True)
class Arrival:
    """Presence at the checkpoint plus identification: the only key to the one door (3.6, 8.0)."""

    visit_id: str
    site: str
    point: str
    first_presence: datetime
    identification: Identification


class VisitStatus(StrEnum):
    """Where a visit stands."""

    ARRIVED = "arrived"
    HELD = "held"
    DIRECTED = "directed"
    REFERRED = "referred"
    RELEASED = "released"
    COMPLETED = "completed"
    DEPARTED = "departed"
    LEFT_UNRELEASED = "left-unreleased"

    @property
    def is_over(self) -> bool:
        """Nothing more is expected of this visit."""
        return self in (
            VisitStatus.COMPLETED,
            VisitStatus.DEPARTED,
            VisitStatus.REFERRED,
            VisitStatus.LEFT_UNRELEASED,
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle's (or baggage carrier's) whole stay. `corridor` is None until a verdict was opened."""

    visit_id: str
    point: str
    status: VisitStatus
    mark: RegistrationMark | None
    numbers: tuple[NotificationNumber, ...]
    corridor: Corridor | None
    lane: str | None
    findings: tuple[Finding, ...]
    first_presence: datetime
    opened: bool
