"""What a refused row or verdict is called: one finding for each fault, in words for officers (Rules 3.6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from prometheus_client import Counter

from gate.errors import SealError, SealFault
from gate.model import Declaration, Finding, Outcome

REFUSED = Counter(
    "gate_seals_refused_total", "Declarations and verdicts that were not as central made them", ["fault"]
)

CODES: Final[Mapping[SealFault, str]] = {
    "forged": "forged-row",
    "absent": "absent-row",
    "older": "older-row",
    "swapped": "swapped-verdict",
    "foreign": "foreign-verdict",
    "replayed": "replayed-verdict",
    "expired": "expired-verdict",
    "early": "early-verdict",
    "malformed": "malformed-verdict",
    "missing": "no-verdict",
}


def finding_of(error: SealError) -> Finding:
    """Count the refusal, and say it: the vehicle is held whatever the fault."""
    REFUSED.labels(error.fault).inc()
    return Finding(CODES[error.fault], "3.6", Outcome.HOLD, str(error))


def floor_of(journal: sqlite3.Connection, number: str) -> int:
    """The newest version of this declaration that was ever applied here, as far as it matters; else 0."""
    row = journal.execute("SELECT version FROM floors WHERE number = ?", (number,)).fetchone()
    return int(row[0]) if row is not None else 0


def check_floor(journal: sqlite3.Connection, declaration: Declaration) -> None:
    """Return when no newer version was ever applied here; SealError (`older`) when one was."""
    floor = floor_of(journal, declaration.number)
    if declaration.version < floor:
        raise SealError(
            "older",
            f"declaration {declaration.number} reached version {floor} here, and version "
            f"{declaration.version} of it was put back",
        )
