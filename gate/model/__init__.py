"""The nouns every room shares. Nothing here does I/O or reads a clock."""

from gate.model.decisions import Corridor, Decision, Finding, Onward, Outcome, Release, ReleaseBasis
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
from gate.model.likeness import Likeness, is_near, likeness
from gate.model.numbers import (
    Check,
    NotificationNumber,
    NumberFormat,
    NumberFormats,
    RegistrationMark,
    damm_digit,
    group_number,
    luhn_digit,
    normalise_mark,
    parse_cargo,
    parse_number,
)
from gate.model.orders import CheckSource, NoGoods, Opening
from gate.model.outbox import OutboxMessage
from gate.model.reading import PlateCandidate, PlateRead
from gate.model.visits import Arrival, Certainty, Identification, IdentifiedBy, Visit, VisitStatus

__all__ = [
    "Arrival",
    "Category",
    "Certainty",
    "Check",
    "CheckSource",
    "Corridor",
    "CorridorVerdict",
    "Decision",
    "Declaration",
    "DeclarationStatus",
    "Finding",
    "Identification",
    "IdentifiedBy",
    "Likeness",
    "NoGoods",
    "NotificationNumber",
    "NumberFormat",
    "NumberFormats",
    "Onward",
    "Opening",
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
    "is_near",
    "likeness",
    "luhn_digit",
    "normalise_mark",
    "parse_cargo",
    "parse_number",
]
