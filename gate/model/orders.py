"""What officers order beside the Rules' own course: checks on what passes freely, and single openings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gate.model.numbers import RegistrationMark


class CheckSource(StrEnum):
    """Where the concrete facts, or the suspicion, behind an ordered check come from (4.4)."""

    OBSERVATION = "observation"
    """An officer's own observation."""
    CANINE = "canine"
    SCANNER = "scanner"
    MESSAGE = "message"
    """A message or risk information with concrete facts."""
    OTHER = "other"


class NoGoods(StrEnum):
    """A vehicle that has nothing to release: outside these Rules (2.1)."""

    EMPTY = "empty"
    """An empty lorry."""
    STAFF = "staff"
    AMBULANCE = "ambulance"
    SERVICE = "service"
    """Police, fire brigade, recovery, whoever works at the checkpoint."""
    DIPLOMATIC = "diplomatic"
    PASSENGERS = "passengers"
    """A bus or car of people, with no goods on it."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Opening:
    """The barrier opens once for one vehicle without goods. Never a release; its id is its pulse's, too."""

    opening_id: str
    visit_id: str
    point: str
    mark: RegistrationMark
    category: NoGoods
    officer: str
    at: datetime
