"""Retention: what is older than the site keeps it is erased, hourly, in small pieces, on record.

Nothing here stands in a vehicle's way: pictures are listed and deleted off the loop, and the database
thread is asked for a few hundred rows at a time, so that a lane's step waits for milliseconds at most.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from gate.clock import Clock
from gate.errors import StoreError
from gate.settings import RetentionSettings
from gate.store import personal
from gate.store.database import DatabaseThread
from gate.store.erasing import SWEEP, EvidenceEraser
from gate.store.evidence import GRACE_SECONDS, choose, free_of, partials_in, pictures_in, room_of
from gate.store.journal import Journal
from gate.store.ledger import JournalLedger
from gate.store.payloads import erase_payloads
from gate.store.rows import moment_of

log = structlog.get_logger()
ROWS = Counter("gate_personal_erased_total", "Rows whose personal data retention erased", ["what"])
PICTURES = Gauge("gate_evidence_pictures", "Evidence pictures on the disk at the last look")
TAKEN = Gauge("gate_evidence_bytes", "Room the evidence pictures took at the last look")
FREE = Gauge("gate_evidence_free_bytes", "Room left on the evidence's disk")

EVERY_SECONDS = 3600.0
BREATH_SECONDS = 0.05
"""Between two pieces of work."""
LOOK_SECONDS = 30.0
ENTRY = "PersonalErased"


class Keeper:
    """Keeps what must be kept and erases the rest. `run` it beside the lanes, or call `sweep`."""

    def __init__(
        self,
        settings: RetentionSettings,
        folder: Path,
        thread: DatabaseThread,
        ledger: JournalLedger,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._thread = thread
        self._ledger = ledger
        self._clock = clock
        self._overfull = False
        self.eraser = EvidenceEraser(folder, thread, ledger)
        self.status = "ok"
        """How evidence is kept, for the console."""

    async def run(self) -> None:
        """Sweep now and every hour, and look at the disk in between, until cancelled."""
        due = self._clock.now().mono
        while True:
            if self._clock.now().mono >= due:
                due = self._clock.now().mono + EVERY_SECONDS
                try:
                    await self.sweep()
                except StoreError as error:
                    # The lanes go on; the next hour tries again, and the console says so meanwhile.
                    log.error("retention.failed", why=str(error))
                    self.status = f"erasing failed: {error}"
            self.look()
            await self._clock.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """See whether pictures can be written, and say so in `status`."""
        try:
            free = free_of(self._folder)
        except StoreError as error:
            self.status = str(error)
            return
        FREE.set(free)
        if free < self._settings.floor_bytes:
            self.status = "disk full: plates are read without keeping pictures"
        elif self._overfull:
            self.status = "over its quota, and all that is left must be kept"
        elif not self.status.startswith("erasing failed"):
            self.status = "ok"

    async def sweep(self) -> None:
        """Do everything once: settle, pictures, rows, payloads; then empty the write-ahead log."""
        await self._evidence()
        erased = await self._rows()
        erased += await self._payloads()
        if erased:
            await self._thread.run(lambda: _empty_wal(self._thread.journal.conn))
        self.status = "ok"
        self.look()

    async def _evidence(self) -> None:
        while await self.eraser.settle(self._clock.now().utc):
            await self._clock.sleep(BREATH_SECONDS)
        now = self._clock.now().utc
        pictures = await self.eraser.reconcile(await asyncio.to_thread(pictures_in, self._folder))
        room = await asyncio.to_thread(room_of, self._folder, pictures)
        PICTURES.set(len(pictures))
        TAKEN.set(room.taken)
        chosen = choose(
            pictures,
            room,
            await self.eraser.protected(),
            now=now.timestamp(),
            older_than=timedelta(days=self._settings.evidence_days).total_seconds(),
            quota=self._settings.quota_bytes,
            min_free=self._settings.free_bytes,
        )
        gone = 0
        for begin in range(0, len(chosen), SWEEP):
            gone += await self.eraser.sweep(chosen[begin : begin + SWEEP], self._clock.now().utc)
            await self._clock.sleep(BREATH_SECONDS)
        made = sum(picture.bytes for picture, _ in chosen)
        self._overfull = room.taken - made > self._settings.quota_bytes
        for partial in await asyncio.to_thread(partials_in, self._folder, now.timestamp() - GRACE_SECONDS):
            partial.unlink(missing_ok=True)
        if gone:
            log.info("evidence.erased", pictures=gone)

    async def _rows(self) -> int:
        before = self._clock.now().utc - timedelta(days=self._settings.personal_days)
        total = 0
        for what, erase in (
            ("visits", personal.erase_visits),
            ("calls", personal.erase_calls),
            ("emergencies", personal.erase_emergencies),
        ):
            while True:

                def work(
                    connection: sqlite3.Connection,
                    journal: Journal,
                    what: str = what,
                    erase: Callable[[sqlite3.Connection, datetime, datetime], int] = erase,
                ) -> int:
                    at = self._clock.now().utc
                    count = erase(connection, at, before)
                    _tell(connection, journal, at, before, what, count)
                    return count

                count = await self._ledger.write(work)
                total += count
                ROWS.labels(what).inc(count)
                await self._clock.sleep(BREATH_SECONDS)
                if count < personal.BATCH:
                    break
        return total + await self._openings(before)

    async def _openings(self, before: datetime) -> int:
        behind: personal.Place | None = personal.FIRST
        total = 0
        while behind is not None:

            def work(
                connection: sqlite3.Connection, journal: Journal, behind: personal.Place = behind
            ) -> tuple[int, personal.Place | None]:
                at = self._clock.now().utc
                cache = self._thread.cache.conn
                done = personal.erase_openings(
                    connection, at, before, lambda number: _valid_until(cache, number), behind
                )
                _tell(connection, journal, at, before, "openings", done[0])
                return done

            count, behind = await self._ledger.write(work)
            total += count
            ROWS.labels("openings").inc(count)
            await self._clock.sleep(BREATH_SECONDS)
        return total

    async def _payloads(self) -> int:
        before = self._clock.now().utc - timedelta(days=self._settings.personal_days)
        total = 0
        while count := await self._ledger.write(
            lambda connection, journal: erase_payloads(
                connection, journal, self._clock.now().utc, before, personal.BATCH
            )
        ):
            total += count
            ROWS.labels("payloads").inc(count)
            await self._clock.sleep(BREATH_SECONDS)
        return total


def _tell(
    connection: sqlite3.Connection, journal: Journal, at: datetime, before: datetime, what: str, count: int
) -> None:
    if count:
        body = {"rows": what, "erased": count, "before": before.astimezone(UTC).isoformat()}
        journal.append(connection, at.isoformat(), "store", ENTRY, None, json.dumps(body, sort_keys=True))


def _valid_until(cache: sqlite3.Connection, number: str) -> datetime | None:
    row = cache.execute("SELECT valid_until FROM declarations WHERE number = ?", (number,)).fetchone()
    try:
        return moment_of(row[0]) if row is not None and row[0] is not None else None
    except ValueError as error:
        # Nothing is erased on the word of a damaged cache; the sweep says so and tries again in an hour.
        raise StoreError(f"cache.db: declaration {number} is damaged: {error}") from error


def _empty_wal(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file and cut it off: old pages in it still hold what was erased.

    Never waits for a reader, for then vehicles would: one that reads just now leaves it to the next sweep.
    """
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(patience)}")
    if busy:
        log.info("retention.wal_kept", why="somebody reads the journal just now")
