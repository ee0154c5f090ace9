"""Who came in a stretch of time and what became of them, for the chart of a day."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from gate.model import Corridor, VisitStatus


@dataclass(frozen=True, slots=True)
class Arrived:
    """One visit. The corridor, and a lane that would tell it, only once its verdict was opened (3.6)."""

    at: datetime
    point: str
    lane: str | None
    status: VisitStatus
    corridor: Corridor | None
    released: datetime | None
    """When the release that stands was committed."""


def arrived_between(journal: sqlite3.Connection, begin: datetime, end: datetime) -> tuple[Arrived, ...]:
    """Visits whose first presence lies from `begin` to before `end`, oldest first."""
    rows = journal.execute(
        "SELECT first_presence, point, lane, status, corridor, opened,"
        " (SELECT max(at) FROM releases r WHERE r.visit_id = v.visit_id AND r.revoked IS NULL)"
        " FROM visits v WHERE first_presence >= ? AND first_presence < ? ORDER BY first_presence",
        (begin.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat()),
    ).fetchall()
    return tuple(
        Arrived(
            datetime.fromisoformat(at),
            point,
            lane if opened else None,
            VisitStatus(status),
            Corridor(corridor) if opened and corridor is not None else None,
            datetime.fromisoformat(released) if released is not None else None,
        )
        for at, point, lane, status, corridor, opened, released in rows
    )
