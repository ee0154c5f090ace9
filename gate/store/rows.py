"""Rows to nouns and back."""

from __future__ import annotations

import json
from datetime import datetime
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

_FINDINGS = TypeAdapter(tuple[Finding, ...])

VISIT_COLUMNS = "visit_id, point, status, mark, numbers, corridor, lane, findings, first_presence, opened"
DECLARATION_COLUMNS = (
    "number, version, site, direction, mode, category, status, marks, registered_at, "
    "verdict_version, valid_from, valid_until, ciphertext, signature"
)
DECLARED_COLUMNS = "number, version, status, category, mode, marks, registered_at"
"""What a search reads: no column of the sealed verdict among them."""


def beginning_with(mark: str) -> tuple[str, str]:
    """Bounds of the marks that begin with `mark`: from the first, to before the second.

    A range and not LIKE, so that the index is used. Marks are letters and digits, all below U+FFFF.
    """
    return mark, f"{mark}\uffff"


def dump_findings(findings: tuple[Finding, ...]) -> str:
    """Findings as JSON text."""
    return _FINDINGS.dump_json(findings).decode()


def visit_from(row: tuple[Any, ...]) -> Visit:
    """Build a Visit from VISIT_COLUMNS."""
    visit_id, point, status, mark, numbers, corridor, lane, findings, first_presence, opened = row
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
    )


def declaration_from(row: tuple[Any, ...]) -> Declaration:
    """Build a Declaration from DECLARATION_COLUMNS."""
    number, version, site, direction, mode, category, status, marks, registered_at, *sealed = row
    verdict = None
    if sealed[0] is not None:
        verdict = SealedVerdict(
            sealed[0],
            datetime.fromisoformat(sealed[1]),
            datetime.fromisoformat(sealed[2]),
            sealed[3],
            sealed[4],
        )
    return Declaration(
        NotificationNumber(number),
        version,
        site,
        TravelDirection(direction),
        TransportMode(mode),
        Category(category),
        DeclarationStatus(status),
        tuple(RegistrationMark(mark) for mark in json.loads(marks)),
        datetime.fromisoformat(registered_at),
        verdict,
    )


def declared_from(row: tuple[Any, ...]) -> Declared:
    """Build a Declared from DECLARED_COLUMNS."""
    number, version, status, category, mode, marks, registered_at = row
    return Declared(
        NotificationNumber(number),
        version,
        DeclarationStatus(status),
        Category(category),
        TransportMode(mode),
        tuple(RegistrationMark(mark) for mark in json.loads(marks)),
        datetime.fromisoformat(registered_at),
    )


def declaration_row(declaration: Declaration) -> dict[str, object]:
    """Lay a Declaration out as the columns of cache.db."""
    verdict = declaration.verdict
    return {
        "number": declaration.number,
        "version": declaration.version,
        "site": declaration.site,
        "direction": declaration.direction.value,
        "mode": declaration.mode.value,
        "category": declaration.category.value,
        "status": declaration.status.value,
        "marks": json.dumps(list(declaration.marks)),
        "registered_at": declaration.registered_at.isoformat(),
        "verdict_version": verdict.version if verdict else None,
        "valid_from": verdict.valid_from.isoformat() if verdict else None,
        "valid_until": verdict.valid_until.isoformat() if verdict else None,
        "ciphertext": verdict.ciphertext if verdict else None,
        "signature": verdict.signature if verdict else None,
    }
