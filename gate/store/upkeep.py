"""What of the record waits: reports not sent, heads nobody countersigned, erasures that are due."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Since when each thing waits; None where nothing does."""

    unsent_since: datetime | None
    unsent: int
    unanchored_since: datetime | None
    oldest_personal: datetime | None
    """The oldest visit that is over and still has its plate."""


@dataclass(frozen=True, slots=True)
class ReadSeen:
    """One vehicle at one camera: how sure the reader was, None when no plate could be read."""

    at: datetime
    confidence: float | None


def waiting(journal: sqlite3.Connection) -> Upkeep:
    """Read all of it, each by an index."""
    unsent, since = journal.execute("SELECT count(*), min(at) FROM outbox").fetchone()
    (unanchored,) = journal.execute(
        "SELECT at FROM heads WHERE countersignature IS NULL ORDER BY seq LIMIT 1"
    ).fetchone() or (None,)
    (personal,) = journal.execute(
        "SELECT first_presence FROM visits WHERE erased_at IS NULL"
        " AND status NOT IN ('arrived', 'held', 'directed', 'released') ORDER BY first_presence LIMIT 1"
    ).fetchone() or (None,)
    return Upkeep(_moment(since), int(unsent), _moment(unanchored), _moment(personal))


def reads_of(journal: sqlite3.Connection, point: str, since: datetime) -> tuple[ReadSeen, ...]:
    """Every read of a point since then; what the chain itself keeps, so erasures change nothing."""
    rows = journal.execute(
        "SELECT at, body ->> '$.event.read.confidence' FROM journal"
        " WHERE kind = 'PlateSeen' AND point = ? AND at >= ? ORDER BY at",
        (point, since.astimezone(UTC).isoformat()),
    ).fetchall()
    return tuple(ReadSeen(datetime.fromisoformat(at), confidence) for at, confidence in rows)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
