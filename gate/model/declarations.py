"""Short import declarations as cached at the checkpoint, and the verdicts sealed beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gate.model.decisions import Corridor
from gate.model.numbers import NotificationNumber, RegistrationMark


class TransportMode(StrEnum):
    """How the goods travel; lead times differ by mode (2.3)."""

    ROAD = "road"
    BAGGAGE = "baggage"


class TravelDirection(StrEnum):
    """Across the border, as seen from the territory."""

    ENTRY = "entry"
    EXIT = "exit"


class Category(StrEnum):
    """What the declarant says the movement is; all but GOODS lie outside the Rules (2.1)."""

    GOODS = "goods"
    TRANSIT = "transit"
    EMPTY = "empty"
    PASSENGER = "passenger"
    DIPLOMATIC = "diplomatic"
    AMBULANCE = "ambulance"


class DeclarationStatus(StrEnum):
    """As last published by central."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class RiskGroup(StrEnum):
    """An importer's risk group (6.1). It travels inside the sealed verdict, or not at all (6.4)."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"

    @property
    def cap_percent(self) -> int:
        """How many in a hundred of the group's importers may be checked (6.6.1, 6.6.2, 6.7)."""
        match self:
            case RiskGroup.LOW:
                return 10
            case RiskGroup.MEDIUM:
                return 50
            case RiskGroup.HIGH:
                return 100


@dataclass(frozen=True, slots=True)
class SealedVerdict:
    """A corridor verdict nobody at the checkpoint can read before arrival (3.6).

    `ciphertext` is HPKE to the site's key, the same length for every verdict. What holds it to its
    declaration is the declaration's signature.
    """

    version: int
    valid_from: datetime
    valid_until: datetime
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the gate may know of a declaration before arrival: nothing that depends on the corridor."""

    number: NotificationNumber
    version: int
    site: str
    direction: TravelDirection
    mode: TransportMode
    category: Category
    status: DeclarationStatus
    marks: tuple[RegistrationMark, ...]
    registered_at: datetime
    verdict: SealedVerdict | None
    preliminary: NotificationNumber | None = None
    """The preliminary-informing service's code linked with it, where there is one."""
    cargo: str | None = None
    """The cargo declaration's number (99999/9/99/9999), where one has been made."""
    signature: bytes = field(default=b"", repr=False)
    """Central's Ed25519 over every other field, verdict or not; empty until central has signed."""


@dataclass(frozen=True, slots=True)
class CorridorVerdict:
    """An opened verdict. Exists only after arrival, and only out of the one door."""

    number: NotificationNumber
    corridor: Corridor
    route: str | None
    deadline_hours: int | None
    group: RiskGroup | None = field(default=None, repr=False)
    """The importer's risk group; nobody at the checkpoint is shown it (6.4)."""
    selected: bool | None = field(default=None, repr=False)
    """Whether the draw of 6.6 selected it for a check."""
