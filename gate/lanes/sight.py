"""What an officer had before him when he asked: it goes into the record with the act, and is compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gate.model import NotificationNumber, RegistrationMark

LASTS_SECONDS = 120.0
"""How long a form is good for: whoever looked longer ago looks again before he acts on a vehicle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One vehicle as it stood. There is no field for a corridor."""

    visit_id: str | None = None
    point: str | None = None
    """Where it stands; None in the holding bay and on its way."""
    passage_id: str | None = None
    phase: str | None = None
    status: str | None = None
    mark: RegistrationMark | None = None
    """The visit's plate: read surely or confirmed."""
    numbers: tuple[NotificationNumber, ...] = ()
    lane: str | None = None
    """Where it was directed, once it was."""
    findings: tuple[str, ...] = ()
    """Codes."""
    plate: str | None = None
    """What the reader made of the plate, sure or not."""
    confidence: float | None = None
    rivals: tuple[RegistrationMark, ...] = ()
    evidence: tuple[str, ...] = ()
    """SHA-256 names of the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where and when an act was asked for, and what was shown there."""

    screen: str
    """The screen's address."""
    asked_at: datetime
    shown_at: datetime | None = None
    """When the form was shown; None where the act is about no vehicle."""
    age: float = 0.0
    """Seconds from then to the asking, by a clock that nobody sets."""
    version: int | None = None
    """The overview's, when it was shown."""
    sight: Sight | None = None
