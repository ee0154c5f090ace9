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


@dataclass(frozen=True, slots=True)
class SealedVerdict:
    """A corridor verdict nobody at the checkpoint can read before arrival (3.6).

    `ciphertext` is HPKE to the site's key, the same length for every verdict; `signature` is
    central's Ed25519 over the binding (site, direction, number, marks, version, validity, ciphertext).
    """

    version: int
    valid_from: datetime
    valid_until: datetime
    ciphertext: bytes = field(repr=False)
    signature: bytes = field(repr=False)


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


@dataclass(frozen=True, slots=True)
class CorridorVerdict:
    """An opened verdict. Exists only after arrival, and only out of the one door."""

    number: NotificationNumber
    corridor: Corridor
    route: str | None
    deadline_hours: int | None
