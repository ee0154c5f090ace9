"""Rows to nouns and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from gate.lanes.ports import Declared
from gate.model import (
    Category,
    Corridor,
    Declaration,
    DeclarationStatus,
    Finding,
    NotificationNumber,
    RegistrationMark,
    SealedVerdict,
    TransportMode,
    TravelDirection,
    Visit,
    VisitStatus,
)
from gate.store.orders import OF_A_VISIT

_FINDINGS = TypeAdapter(tuple[Finding, ...])

VISIT_COLUMNS = (
    "visit_id, point, status, mark, numbers, corridor, lane, findings, first_presence, opened, " + OF_A_VISIT
)
DECLARATION_COLUMNS = (
    "number, version, site, direction, mode, category, status, marks, registered_at, preliminary, cargo, "
    "verdict_version, valid_from, valid_until, signature, ciphertext"
)
DECLARED_COLUMNS = "number, version, status, category, mode, marks, registered_at, preliminary, cargo"
"""What a search reads: no column of the sealed verdict among them."""


def beginning_with(mark: str) -> tuple[str, str]:
    """Bounds of the marks that begin with `mark`: from the first, to before the second.

    A range and not LIKE, so that the index is used. Marks are letters and digits, all below U+FFFF.
    """
    return mark, f"{mark}\uffff"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def dump_findings(findings: tuple[Finding, ...]) -> str:
    """Findings as JSON text."""
    return _FINDINGS.dump_json(findings).decode()


def visit_from(row: tuple[Any, ...]) -> Visit:
    """Build a Visit from VISIT_COLUMNS."""
    visit_id, point, status, mark, numbers, corridor, lane, findings, first_presence, opened, checked = row
    return Visit(
        visit_id,
        point,
        VisitStatus(status),
        RegistrationMark(mark) if mark is not None else None,
        tuple(NotificationNumber(number) for number in json.loads(numbers)),
        Corridor(corridor) if corridor is not None else None,
        lane,
        _FINDINGS.validate_json(findings),
        datetime.fromisoformat(first_presence),
        bool(opened),
        bool(checked),
    )


def declaration_from(row: tuple[Any, ...]) -> Declaration:
    """Build a Declaration from DECLARATION_COLUMNS; ValueError where a column holds no such thing."""
    number, version, site, direction, mode, category, status, marks, registered_at = row[:9]
    preliminary, cargo, verdict_version, valid_from, valid_until, signature, ciphertext = row[9:]
    sealed = (verdict_version, valid_from, valid_until, ciphertext)
    verdict = None
    if any(part is not None for part in sealed):
        if None in sealed:
            raise ValueError(f"declaration {number} holds half a verdict")
        verdict = SealedVerdict(verdict_version, moment_of(valid_from), moment_of(valid_until), ciphertext)
    return Declaration(
        NotificationNumber(number),
        version,
        site,
        TravelDirection(direction),
        TransportMode(mode),
        Category(category),
        DeclarationStatus(status),
        tuple(RegistrationMark(mark) for mark in marks.split()),
        moment_of(registered_at),
        verdict,
        NotificationNumber(preliminary) if preliminary is not None else None,
        cargo,
        signature,
    )


def declared_from(row: tuple[Any, ...]) -> Declared:
    """Build a Declared from DECLARED_COLUMNS."""
    number, version, status, category, mode, marks, registered_at, preliminary, cargo = row
    return Declared(
        NotificationNumber(number),
        version,
        DeclarationStatus(status),
        Category(category),
        TransportMode(mode),
        tuple(RegistrationMark(mark) for mark in marks.split()),
        moment_of(registered_at),
        NotificationNumber(preliminary) if preliminary is not None else None,
        cargo,
    )


def declared_of(declaration: Declaration) -> Declared:
    """Show a Declaration without what is sealed in it."""
    return Declared(
        declaration.number,
        declaration.version,
        declaration.status,
        declaration.category,
        declaration.mode,
        declaration.marks,
        declaration.registered_at,
        declaration.preliminary,
        declaration.cargo,
    )


def declaration_row(declaration: Declaration) -> tuple[object, ...]:
    """Lay a Declaration out as DECLARATION_COLUMNS."""
    verdict = declaration.verdict
    return (
        declaration.number,
        declaration.version,
        declaration.site,
        declaration.direction.value,
        declaration.mode.value,
        declaration.category.value,
        declaration.status.value,
        " ".join(declaration.marks),
        _micros(declaration.registered_at),
        declaration.preliminary,
        declaration.cargo,
        verdict.version if verdict else None,
        _micros(verdict.valid_from) if verdict else None,
        _micros(verdict.valid_until) if verdict else None,
        declaration.signature,
        verdict.ciphertext if verdict else None,
    )


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """A moment as cache.db stores it; ValueError where it is none."""
    try:
        return _EPOCH + micros * _MICROSECOND
    except OverflowError as error:
        raise ValueError(f"{micros} microseconds since 1970 is no moment") from error
