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
    CARGO = "cargo"
    """A cargo declaration's number (box 7), entered by an officer at the desk."""


class Certainty(StrEnum):
    """How sure an identification is, once everything that came has been compared."""

    SURE = "sure"
    """The automatic device, or at a terminal the number, and nothing that came contradicts it."""
    SEEN = "seen"
    """An officer compared the plate by sight, and nothing contradicts it."""
    DOUBTFUL = "doubtful"
    """Something that came contradicts it."""
    UNKNOWN = "unknown"
    """No plate is known (at a terminal, no declaration): nothing is opened by what there is."""


@dataclass(frozen=True, slots=True)
class Identification:
    """Who has come, and by what we know. `mark` or `number` may be absent, never both.

    The first fields are what came. `certainty`, `supports` and `contradicts` are what the Rules made of
    it when everything that came was laid side by side (`gate.lanes.rules.weighing`), in words for officers.
    """

    by: frozenset[IdentifiedBy]
    mark: RegistrationMark | None
    number: NotificationNumber | None
    """As given: a notification number, a preliminary code, or a cargo declaration's number."""
    officer: str | None = None
    trailer: RegistrationMark | None = None  # surely read by the rear camera
    seen: RegistrationMark | None = None
    """What the reader made of the plate, sure or not."""
    confidence: float | None = None
    """Of that read, 0 to 1."""
    rivals: tuple[RegistrationMark, ...] = ()
    """What another reader made of the same plate."""
    plate_second: str | None = None
    """The second officer, where a plate was confirmed that is not near to what was read."""
    number_second: str | None = None
    """The second officer, where a number was entered whose declared plate is another."""
    certainty: Certainty = Certainty.UNKNOWN
    supports: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()


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
    check_ordered: bool = False
    """An officer ordered a check of it (4.4): nobody but an officer releases it."""
