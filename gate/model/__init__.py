"""The nouns every room shares. Nothing here does I/O or reads a clock."""

from gate.model.decisions import Corridor, Decision, Finding, Outcome, Release, ReleaseBasis
from gate.model.declarations import (
    Category,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    RiskGroup,
    SealedVerdict,
    TransportMode,
    TravelDirection,
)
from gate.model.numbers import (
    NotificationNumber,
    RegistrationMark,
    damm_digit,
    group_number,
    normalise_mark,
    parse_number,
)
from gate.model.outbox import OutboxMessage
from gate.model.reading import PlateCandidate, PlateRead
from gate.model.visits import Arrival, Identification, IdentifiedBy, Visit, VisitStatus

__all__ = [
    "Arrival",
    "Category",
    "Corridor",
    "CorridorVerdict",
    "Decision",
    "Declaration",
    "DeclarationStatus",
    "Finding",
    "Identification",
    "IdentifiedBy",
    "NotificationNumber",
    "OutboxMessage",
    "Outcome",
    "PlateCandidate",
    "PlateRead",
    "RegistrationMark",
    "Release",
    "ReleaseBasis",
    "RiskGroup",
    "SealedVerdict",
    "TransportMode",
    "TravelDirection",
    "Visit",
    "VisitStatus",
    "damm_digit",
    "group_number",
    "normalise_mark",
    "parse_number",
]
