"""Erasing what is personal in the record, on record: the chain keeps what stays, and says what went."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from gate.errors import StoreError
from gate.store.journal import Journal

ERASED = "PayloadsErased"
BATCH = 200
"""Payloads erased in one transaction: the database thread serves waiting vehicles too."""


class Erasure(NamedTuple):
    """The payloads of entries up to `through` that were written before `before` are gone."""

    before: str
    through: int


def erase_payloads(
    connection: sqlite3.Connection, journal: Journal, at: datetime, before: datetime, limit: int = BATCH
) -> int:
    """Erase payloads of entries written before `before`, some `limit` of them, oldest first; how many went.

    Call it in a transaction of JournalLedger.write, again until it answers 0. Each time an entry says how
    many went, and which, before anything is deleted. "Before" is by each entry's own clock.
    """
    cutoff = _cutoff(connection, _text(before), limit)
    count: int
    (count,) = connection.execute("SELECT count(*) FROM payloads WHERE at < ?", (cutoff,)).fetchone()
    if not count:
        return 0
    told = {"before": cutoff, "through": journal.head[0], "erased": count}
    journal.append(connection, _text(at), "store", ERASED, None, json.dumps(told))
    # What is deleted is overwritten with zeros, in the file and not only for its readers.
    connection.execute("PRAGMA secure_delete=ON")
    gone = connection.execute("DELETE FROM payloads WHERE at < ?", (cutoff,)).rowcount
    if gone != count:
        raise StoreError(f"{gone} payloads went where {count} were counted: none was erased, try again")
    return count


def _cutoff(connection: sqlite3.Connection, before: str, limit: int) -> str:
    """The time before which lie about `limit` payloads; never later than `before`, never between equals."""
    row = connection.execute(
        "SELECT at FROM payloads WHERE at < ? ORDER BY at LIMIT 1 OFFSET ?", (before, limit - 1)
    ).fetchone()
    if row is None:
        return before
    (later,) = connection.execute("SELECT min(at) FROM payloads WHERE at > ?", row).fetchone()
    return before if later is None else min(before, str(later))


class Erasures:
    """Which payloads the journal itself says were erased."""

    def __init__(self, erasures: Sequence[Erasure]) -> None:
        self._through: list[int] = []
        self._before: list[str] = []
        latest = ""
        for erasure in sorted(erasures, key=lambda one: one.through, reverse=True):
            latest = max(latest, erasure.before)
            self._through.append(erasure.through)
            self._before.append(latest)
        self._through.reverse()
        self._before.reverse()

    def covers(self, seq: int, at: str) -> bool:
        """Whether the payload of the entry `seq`, written at `at`, must be gone by now."""
        index = bisect_left(self._through, seq)
        return index < len(self._through) and at < self._before[index]


def read_erasures(connection: sqlite3.Connection) -> Erasures:
    """Every erasure on record. Raises ValueError where an entry of that kind does not say what went."""
    rows = connection.execute("SELECT body FROM journal WHERE kind = ? ORDER BY seq", (ERASED,)).fetchall()
    found = []
    for (body,) in rows:
        match json.loads(body):
            case {"before": str(before), "through": int(through)}:
                found.append(Erasure(before, through))
            case _:
                raise ValueError(f"an entry of kind {ERASED} does not say what was erased: {body[:80]}")
    return Erasures(found)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
