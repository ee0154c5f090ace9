"""A checkpoint's store with a past: visits, openings, calls and pictures of known ages, and its keeper."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from gate.clock import Instant
from gate.lanes.commands import CallOfficer, OpenVisit, Record, Report, UpdateVisit
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import Finding, NotificationNumber, Outcome, RegistrationMark, VisitStatus
from gate.settings import RetentionSettings
from gate.store.journal import Journal
from gate.store.retention import Keeper
from gate.store.store import Store
from tests.store.kept import a_store

NOW = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
KEPT = RetentionSettings(
    personal_days=60, evidence_days=30, evidence_megabytes=100, evidence_min_free_megabytes=50
)


@dataclass
class HandClock:
    """Time that passes when somebody sleeps."""

    utc: datetime = NOW
    mono: float = 0.0

    def now(self) -> Instant:
        """The moment the test stands at."""
        return Instant(self.utc, self.mono)

    async def sleep(self, seconds: float) -> None:
        """Let so much pass."""
        self.utc += timedelta(seconds=seconds)
        self.mono += seconds


@dataclass
class Past:
    """What a test may write and look at."""

    data: Path
    store: Store
    clock: HandClock
    keeper: Keeper
    count: int = field(default=0)

    @property
    def journal(self) -> Path:
        """The file."""
        return self.data / "journal.db"

    @property
    def evidence(self) -> Path:
        """The folder."""
        return self.data / "evidence"

    def picture(self, days: float, size: int = 100, *, text: str = "") -> str:
        """Lay a picture of this age on the disk; its name."""
        self.count += 1
        data = f"{text or self.count}".encode().ljust(size, b"\0")
        name = sha256(data).hexdigest()
        path = self.file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        when = (self.clock.utc - timedelta(days=days)).timestamp()
        os.utime(path, (when, when))
        return name

    def file(self, name: str) -> Path:
        """Where a picture lies."""
        return self.evidence / name[:2] / f"{name}.jpg"

    async def visit(
        self,
        visit_id: str,
        days: float,
        status: VisitStatus | None = VisitStatus.COMPLETED,
        *,
        mark: str = "10AA123",
        numbers: tuple[str, ...] = (),
        pictures: tuple[str, ...] = (),
    ) -> None:
        """Write a visit that began so many days ago, with its plate, a finding and its pictures."""
        at = self.clock.utc - timedelta(days=days)
        finding = Finding("early", "2.2", Outcome.HOLD, f"{mark} came an hour early")
        seen = {"type": "PlateSeen", "read": {"mark": mark, "evidence": list(pictures)}, "trailer": None}
        records: tuple[Record, ...] = (
            OpenVisit(visit_id, at.isoformat()),
            UpdateVisit(
                visit_id,
                None,
                RegistrationMark(mark),
                tuple(NotificationNumber(number) for number in numbers),
                findings=(finding,),
            ),
            Report("visit.arrived", {"visit": visit_id, "mark": mark}),
        )
        body = canonical({"event": seen, "from": "free", "to": "free", "visit": visit_id, "commands": []})
        await self.store.ledger.commit(StepRecord("approach", at, "PlateSeen", body, None, records, ()))
        if status is not None:
            over = (UpdateVisit(visit_id, status),)
            body = canonical({"visit": visit_id, "commands": []})
            await self.store.ledger.commit(StepRecord("approach", at, "Over", body, None, over, ()))

    async def call(self, visit_id: str, days: float, *, alarm: bool, mark: str = "10AA123") -> str:
        """Write a call nobody has acknowledged yet; its id."""
        self.count += 1
        call = CallOfficer(f"call-{self.count}", visit_id, f"look at {mark}", alarm=alarm)
        at = self.clock.utc - timedelta(days=days)
        body = canonical({"visit": visit_id, "commands": []})
        await self.store.ledger.commit(StepRecord("approach", at, "Called", body, None, (call,), ()))
        return call.call_id

    async def opening(
        self, number: str, visit_id: str, days: float, valid_until: datetime | None = None
    ) -> None:
        """Write an opening of so many days ago."""
        at = (self.clock.utc - timedelta(days=days)).isoformat()
        until = valid_until.isoformat() if valid_until else None

        def work(connection: sqlite3.Connection, _journal: Journal) -> None:
            connection.execute(
                "INSERT INTO openings VALUES (?, ?, 1, 'RED', ?, ?)", (number, visit_id, at, until)
            )

        await self.store.ledger.write(work)


@contextmanager
def a_past(data: Path, settings: RetentionSettings = KEPT) -> Iterator[Past]:
    """A store to grow old in."""
    clock = HandClock()
    with a_store(data) as store:
        keeper = Keeper(settings, data / "evidence", store.thread, store.ledger, clock)
        yield Past(data, store, clock, keeper)
