"""A visit's whole story as the record has it: its own entries, the reads that found it again, its calls."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gate.store.sightings import NEAR


@dataclass(frozen=True, slots=True)
class PastEntry:
    """One thing on record. `seq` and `hash` are the journal's; a call's own row has neither."""

    at: datetime
    point: str
    kind: str
    body: dict[str, Any]
    whole: bool = True
    """False once retention has erased what was personal in it."""
    seq: int | None = None
    hash: str = ""


CALL_ANSWERED = "CallAnswered"
"""An officer said he is coming: kept with the call."""

_COLUMNS = "seq, at, point, kind, body, whole, lower(hex(hash))"


def entries_of(journal: sqlite3.Connection, visit_id: str) -> tuple[PastEntry, ...]:
    """Everything on record of the visit, oldest first."""
    rows = journal.execute(
        f"SELECT {_COLUMNS} FROM journal_full WHERE visit = ?"
        # A lane reads the plate before it learns whose visit that is.
        " UNION SELECT f.seq, f.at, f.point, f.kind, f.body, f.whole, lower(hex(f.hash))"
        " FROM journal matched JOIN journal seen ON seen.seq BETWEEN matched.seq - ? AND matched.seq"
        " AND seen.kind = 'PlateSeen' AND seen.point = matched.point AND seen.visit IS NULL"
        " AND seen.body ->> '$.event.passage_id' = matched.body ->> '$.event.passage_id'"
        " JOIN journal_full f ON f.seq = seen.seq"
        " WHERE matched.visit = ? AND matched.kind IN ('VisitMatched', 'VisitUnmatched') ORDER BY seq",
        (visit_id, NEAR, visit_id),
    ).fetchall()
    entries = [
        PastEntry(datetime.fromisoformat(at), point, kind, json.loads(body), bool(whole), seq, digest)
        for seq, at, point, kind, body, whole, digest in rows
    ]
    for point, reason, officer, at in journal.execute(
        "SELECT point, reason, acknowledged_by, acknowledged_at FROM calls WHERE visit_id = ?"
        " AND acknowledged_at IS NOT NULL",
        (visit_id,),
    ):
        told = {"reason": reason, "officer": officer}
        entries.append(PastEntry(datetime.fromisoformat(at), point, CALL_ANSWERED, told, bool(reason)))
    return tuple(sorted(entries, key=lambda entry: entry.at))
