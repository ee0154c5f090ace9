"""Small real stores and links for the edge's side: SQLite files and a transport that can be cut."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gate.clock import Instant, SystemClock
from gate.errors import SyncError
from gate.model import Declaration, OutboxMessage
from gate.settings import CentralSettings
from gate.sync.transports.port import Transport
from gate.sync.wire import EventBatch, FeedPage, HeadBatch, HeadsCountersigned, WireDeclaration

PATIENCE = 20.0
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@dataclass
class TestClock:
    """Time that passes only when somebody sleeps or a test says so."""

    __test__ = False
    utc: datetime = START
    mono: float = 0.0
    slept: list[float] = field(default_factory=list)
    turned: asyncio.Condition = field(default_factory=asyncio.Condition)

    def now(self) -> Instant:
        """The present moment on both clocks."""
        return Instant(self.utc, self.mono)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, giving others a turn."""
        self.slept.append(seconds)
        self.utc += timedelta(seconds=seconds)
        self.mono += seconds
        await self.turn()
        await asyncio.sleep(0.001)

    async def turn(self) -> None:
        """Tell those who wait that somebody went to sleep."""
        async with self.turned:
            self.turned.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true` is true when somebody goes to sleep."""
        async with asyncio.timeout(PATIENCE), self.turned:
            await self.turned.wait_for(true)


class WatchedClock(TestClock):
    """The machine's own time, telling when somebody goes to sleep."""

    def now(self) -> Instant:
        """The present moment on both clocks."""
        return SystemClock().now()

    async def sleep(self, seconds: float) -> None:
        """Sleep for as long as was asked, but no longer than a test may last."""
        self.slept.append(seconds)
        await self.turn()
        await asyncio.sleep(min(seconds, 0.05))


class SqliteCache:
    """A cache as the feed needs it, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            "CREATE TABLE IF NOT EXISTS d (number TEXT PRIMARY KEY, version INT, wire TEXT);"
            "CREATE TABLE IF NOT EXISTS c (cursor INT, fetched_at TEXT);"
        )
        if self._db.execute("SELECT count(*) FROM c").fetchone()[0] == 0:
            self._db.execute("INSERT INTO c VALUES (0, NULL)")
        self.changed = asyncio.Condition()
        self.touched: list[datetime] = []

    async def cursor(self) -> int:
        """Where the cache stands."""
        return int(self._db.execute("SELECT cursor FROM c").fetchone()[0])

    async def apply(self, cursor: int, declarations: Sequence[Declaration], fetched_at: datetime) -> None:
        """One transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        for declaration in declarations:
            wire = WireDeclaration.of(declaration).model_dump_json()
            self._db.execute(
                "INSERT INTO d VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET version=excluded.version, "
                "wire=excluded.wire WHERE excluded.version >= d.version",
                (declaration.number, declaration.version, wire),
            )
        self._db.execute("UPDATE c SET cursor = ?, fetched_at = ?", (cursor, fetched_at.isoformat()))
        self._db.execute("COMMIT")
        async with self.changed:
            self.changed.notify_all()

    async def touch(self, fetched_at: datetime) -> None:
        """Nothing new."""
        self.touched.append(fetched_at)
        async with self.changed:
            self.changed.notify_all()

    def declarations(self) -> dict[str, Declaration]:
        """What is cached, by number."""
        rows = self._db.execute("SELECT number, wire FROM d").fetchall()
        return {number: WireDeclaration.model_validate_json(wire).declaration() for number, wire in rows}

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until the cache makes `true` true."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(true)


class SqliteOutbox:
    """An outbox as the pusher needs it, in one SQLite file."""

    def __init__(self, path: Path, epoch: str = "journal-1") -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("CREATE TABLE IF NOT EXISTS o (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)")
        self.epoch = epoch
        self.trims = True
        self.changed = asyncio.Condition()
        self.acknowledged = 0

    def write(self, count: int) -> None:
        """Commit `count` more messages."""
        self._db.execute("BEGIN IMMEDIATE")
        for _ in range(count):
            seq = self._db.execute("INSERT INTO o (body) VALUES ('{}')").lastrowid
            body = json.dumps({"n": seq, "text": "ə"})
            self._db.execute("UPDATE o SET body = ? WHERE seq = ?", (body, seq))
        self._db.execute("COMMIT")

    def lose(self, through: int) -> None:
        """Forget messages, as a trim would."""
        self._db.execute("DELETE FROM o WHERE seq <= ?", (through,))

    async def pending(self, after: int, limit: int) -> Sequence[OutboxMessage]:
        """Messages held."""
        rows = self._db.execute("SELECT * FROM o WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
        return [OutboxMessage(seq, "test.event", START, json.loads(body)) for seq, body in rows]

    async def acknowledge(self, high_water: int) -> None:
        """Trim."""
        if self.trims:
            self.lose(high_water)
        self.acknowledged = high_water
        async with self.changed:
            self.changed.notify_all()

    async def until_acknowledged(self, seq: int) -> None:
        """Wait until central acknowledged `seq`."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: self.acknowledged >= seq)


@dataclass
class ScriptedFeed:
    """A transport whose feed answers are what the test says: pages, or SyncErrors to raise."""

    answers: list[FeedPage | SyncError]
    asked: list[int] = field(default_factory=list)

    async def fetch(self, after: int, limit: int) -> FeedPage:
        """The next answer; the last one repeats."""
        assert limit > 0
        self.asked.append(after)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, SyncError):
            raise answer
        return answer

    async def deliver(self, batch: EventBatch) -> int:
        """Nothing is delivered over a feed-only link."""
        raise SyncError(f"no outbox here for {batch.site}")

    async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
        """Nothing is countersigned over a feed-only link."""
        raise SyncError(f"no heads here for {batch.site}")

    async def aclose(self) -> None:
        """Nothing to close."""


@dataclass
class CutLink:
    """A real transport with a knife: answers of the numbered deliveries are lost on the way back."""

    inner: Transport
    lose_answer_of: set[int] = field(default_factory=set)
    deliveries: int = 0
    batches: list[EventBatch] = field(default_factory=list)

    async def fetch(self, after: int, limit: int) -> FeedPage:
        """Passed on."""
        return await self.inner.fetch(after, limit)

    async def deliver(self, batch: EventBatch) -> int:
        """Passed on, but the answer may be lost."""
        self.deliveries += 1
        self.batches.append(batch)
        answer = await self.inner.deliver(batch)
        if self.deliveries in self.lose_answer_of:
            raise SyncError("the answer was lost on the way back")
        return answer

    async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
        """Passed on."""
        return await self.inner.countersign(batch)

    async def aclose(self) -> None:
        """Passed on."""
        await self.inner.aclose()


def settings(url: str, token_file: Path) -> CentralSettings:
    """Impatient settings."""
    return CentralSettings.model_validate(
        {"url": url, "token_file": token_file, "pull_seconds": 0.01, "push_seconds": 0.01}
    )
