"""Erasing pictures on record: named in the journal's database first, then deleted, then told in one entry.

A power cut between any two of these leaves rows that are not told yet; `settle` goes on from them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from prometheus_client import Counter

from gate.store.database import DatabaseThread
from gate.store.evidence import Picture, Why, delete, path_of
from gate.store.journal import Journal
from gate.store.ledger import JournalLedger
from gate.store.sightings import sightings_of

log = structlog.get_logger()
ERASED = Counter("gate_evidence_erased_total", "Pictures erased by retention", ["why"])

SWEEP = 500
"""Pictures in one sweep: the database thread serves waiting vehicles too."""
ENTRY = "EvidenceErased"
_NAMES = re.compile(r"\b[0-9a-f]{64}\b").findall


class EvidenceEraser:
    """Erases what the keeper chose. One sweep is one journal entry saying how many went and why."""

    def __init__(self, folder: Path, thread: DatabaseThread, ledger: JournalLedger) -> None:
        self._folder = folder
        self._thread = thread
        self._ledger = ledger

    async def protected(self) -> frozenset[str]:
        """Pictures of visits that are not over or lie under an open alarm, and of vehicles standing here."""
        return await self._thread.run(lambda: protected_names(self._thread.journal.conn))

    async def sweep(self, chosen: Sequence[tuple[Picture, Why]], at: datetime) -> int:
        """Erase these, `SWEEP` of them at most; how many went. What has become protected stays."""
        batch = list(chosen[:SWEEP])

        def mark(connection: sqlite3.Connection, _journal: Journal) -> None:
            held = protected_names(connection)
            connection.executemany(
                "INSERT INTO evidence_erased (name, at, why, bytes) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET at = excluded.at, why = excluded.why,"
                " bytes = excluded.bytes, told = 0",
                [
                    (bytes.fromhex(picture.name), _text(at), why, picture.bytes)
                    for picture, why in batch
                    if picture.name not in held
                ],
            )

        await self._ledger.write(mark)
        return await self.settle(at)

    async def settle(self, at: datetime) -> int:
        """Delete whatever is marked and tell it in one entry; how many went."""
        rows = await self._thread.run(
            lambda: self._thread.journal.conn.execute(
                "SELECT name FROM evidence_erased WHERE told = 0 ORDER BY at LIMIT ?", (SWEEP,)
            ).fetchall()
        )
        names = [row[0].hex() for row in rows]
        if not names:
            return 0
        stuck = frozenset(await asyncio.to_thread(delete, self._folder, names))
        if stuck:
            log.error("evidence.not_erased", pictures=len(stuck), folder=str(self._folder))
        gone = sorted(name for name in names if name not in stuck)
        counts = await self._ledger.write(lambda connection, journal: _tell(connection, journal, gone, at))
        for why, count in counts.items():
            ERASED.labels(why).inc(count)
        return len(gone)

    async def reconcile(self, pictures: Sequence[Picture]) -> list[Picture]:
        """Compare what lies on the disk with what was erased; what of it is there to stay.

        A file that came back with the disk's old state goes again; a picture written after its erasure
        is a new one, and no longer counts as erased.
        """
        there: list[Picture] = []
        for begin in range(0, len(pictures), SWEEP):
            part = pictures[begin : begin + SWEEP]

            def look(part: Sequence[Picture] = part) -> dict[str, float]:
                return _erased_among(self._thread.journal.conn, part)

            erased = await self._thread.run(look)
            anew = [bytes.fromhex(one.name) for one in part if one.at > erased.get(one.name, one.at)]
            back = [one.name for one in part if one.at <= erased.get(one.name, one.at - 1)]
            there += [one for one in part if one.at > erased.get(one.name, one.at - 1)]
            if back:
                log.warning("evidence.came_back", pictures=len(back))
                await asyncio.to_thread(delete, self._folder, back)
            if anew:
                await self._forget(anew)
        return there

    async def _forget(self, names: Sequence[bytes]) -> None:
        await self._ledger.write(
            lambda connection, _journal: connection.executemany(
                "DELETE FROM evidence_erased WHERE name = ? AND told = 1", [(name,) for name in names]
            )
        )

    async def when_erased(self, name: str) -> datetime | None:
        """When retention erased the picture of this name; None where it did not."""
        if await asyncio.to_thread(path_of(self._folder, name).is_file):
            return None
        row = await self._thread.run(
            lambda: self._thread.journal.conn.execute(
                "SELECT at FROM evidence_erased WHERE name = ?", (bytes.fromhex(name),)
            ).fetchone()
        )
        return datetime.fromisoformat(row[0]) if row else None


def _tell(
    connection: sqlite3.Connection, journal: Journal, gone: Sequence[str], at: datetime
) -> dict[str, int]:
    """Write the sweep's entry, and mark its rows as told."""
    counts: dict[str, int] = {}
    taken, oldest, newest = 0, "", ""
    for name in gone:
        why, size, marked = connection.execute(
            "UPDATE evidence_erased SET told = 1 WHERE name = ? RETURNING why, bytes, at",
            (bytes.fromhex(name),),
        ).fetchone()
        counts[why] = counts.get(why, 0) + 1
        taken += size
        oldest, newest = min(oldest or marked, marked), max(newest, marked)
    if not gone:
        return counts
    body = {
        "erased": len(gone),
        "by_age": counts.get("age", 0),
        "by_quota": counts.get("quota", 0),
        "by_disk": counts.get("disk", 0),
        "bytes": taken,
        # Which ones they were stands in evidence_erased; this holds that table to the chain.
        "names_sha256": hashlib.sha256("\n".join(gone).encode()).hexdigest(),
    }
    journal.append(connection, _text(at), "store", ENTRY, None, json.dumps(body, sort_keys=True))
    return counts


def protected_names(connection: sqlite3.Connection) -> frozenset[str]:
    """See EvidenceEraser.protected."""
    names: set[str] = set()
    for (state,) in connection.execute("SELECT state FROM snapshots"):
        names.update(_NAMES(state))
    visits = connection.execute(
        "SELECT visit_id FROM visits WHERE status IN ('arrived', 'held', 'directed', 'released')"
        " UNION SELECT visit_id FROM calls"
        " WHERE acknowledged_by IS NULL AND alarm = 1 AND visit_id IS NOT NULL"
    ).fetchall()
    for (visit_id,) in visits:
        for body in sightings_of(connection, visit_id):
            names.update(_NAMES(body))
    return frozenset(names)


def _erased_among(connection: sqlite3.Connection, pictures: Sequence[Picture]) -> dict[str, float]:
    """When each of these pictures was erased, for those that were. Seconds since 1970."""
    found: dict[str, float] = {}
    for picture in pictures:
        row = connection.execute(
            "SELECT at FROM evidence_erased WHERE name = ?", (bytes.fromhex(picture.name),)
        ).fetchone()
        if row is not None:
            found[picture.name] = datetime.fromisoformat(row[0]).timestamp()
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
