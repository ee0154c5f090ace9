"""The outbox pushed: at least once on the wire, exactly once in central.db, whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gate.clock import Clock
from gate.errors import SyncError
from gate.model import OutboxMessage
from gate.sync import OutboxPusher
from gate.sync.transports.port import Transport
from tests.sync.fakes import PATIENCE, START, CutLink, SqliteOutbox, TestClock, WatchedClock, settings
from tests.sync.loopback import SITE, Loopback, running


def _pusher(outbox: SqliteOutbox, transport: Transport, clock: Clock | None = None) -> OutboxPusher:
    return OutboxPusher(
        site=SITE,
        outbox=outbox,
        transport=transport,
        clock=clock or TestClock(),
        settings=settings("http://127.0.0.1:1", Path("token")),
    )


async def _kept(here: Loopback) -> list[tuple[str, int, Any]]:
    events: list[tuple[str, int, Any]] = []
    after = 0
    while True:
        answer = await here.http.get(
            f"/v1/sites/{SITE}/events", params={"after": after}, headers=here.auth("admin")
        )
        page = answer.json()
        if not page["events"]:
            return events
        events += [(event["epoch"], event["seq"], event["body"].get("n")) for event in page["events"]]
        after = page["cursor"]


def _expected(count: int) -> list[tuple[str, int, Any]]:
    return [("journal-1", seq, seq) for seq in range(1, count + 1)]


@asynccontextmanager
async def _pushing(outbox: SqliteOutbox, transport: Transport, clock: Clock) -> AsyncIterator[OutboxPusher]:
    pusher = _pusher(outbox, transport, clock)
    task = asyncio.create_task(pusher.run())
    try:
        yield pusher
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_everything_written_is_delivered_once_in_batches(tmp_path: Path) -> None:
    """1,234 messages: three batches of at most 500, all kept, in order, then trimmed."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.write(1234)
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        pusher = _pusher(outbox, link)
        assert [await pusher.push_once() for _ in range(4)] == [True, True, False, False]
        assert [len(batch.events) for batch in link.batches] == [500, 500, 234]
        assert await _kept(here) == _expected(1234)
        assert await outbox.pending(0, 1) == []
        assert pusher.status == "connected"
        await link.aclose()


async def test_duplicate_delivery_is_ignored(tmp_path: Path) -> None:
    """An answer lost on the way back: the batch comes again, central keeps it once."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.write(700)
    async with running(tmp_path) as here:
        link = CutLink(here.transport(), lose_answer_of={1, 3})
        pusher = _pusher(outbox, link)
        with pytest.raises(SyncError):
            await pusher.push_once()
        assert await pusher.push_once() is True
        with pytest.raises(SyncError):
            await pusher.push_once()
        assert await pusher.push_once() is False
        assert await _kept(here) == _expected(700)
        await link.aclose()


async def test_a_restarted_edge_that_trims_late_repeats_harmlessly(tmp_path: Path) -> None:
    """A new process over an untrimmed outbox learns from the first answer how much central has."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.trims = False
    outbox.write(1100)
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        first = _pusher(outbox, link)
        while await first.push_once():
            pass
        outbox.write(5)
        again = _pusher(outbox, link)
        assert await again.push_once() is True
        assert again.acknowledged == 1100
        assert await again.push_once() is False
        assert await _kept(here) == _expected(1105)
        await link.aclose()


async def test_an_empty_outbox_still_learns_whether_central_is_there(tmp_path: Path) -> None:
    """Nothing to send: one empty batch tells the status, and then there is silence."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        pusher = _pusher(outbox, link)
        assert pusher.status.startswith("away since 2026-03-01 08:00:00Z")
        assert [await pusher.push_once() for _ in range(3)] == [False] * 3
        assert (pusher.status, link.deliveries) == ("connected", 1)
        await link.aclose()


async def test_central_that_lost_events_gets_what_is_still_held(tmp_path: Path) -> None:
    """Central restored from a backup: what was not trimmed is sent again from its mark on."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.trims = False
    outbox.write(10)
    async with running(tmp_path / "one") as here:
        link = CutLink(here.transport())
        pusher = _pusher(outbox, link)
        await pusher.push_once()
        await link.aclose()
        outbox.write(5)
        async with running(tmp_path / "two") as restored:
            pusher._transport = restored.transport()
            assert await pusher.push_once() is True
            assert await pusher.push_once() is False
            assert await _kept(restored) == _expected(15)
            await pusher._transport.aclose()


async def test_a_gap_nobody_can_fill_is_told_and_passed(tmp_path: Path) -> None:
    """What central lost and the edge has trimmed is recorded as missing; the rest goes through."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.write(10)
    outbox.lose(6)
    before = REGISTRY.get_sample_value("gate_outbox_gaps_total") or 0
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        pusher = _pusher(outbox, link)
        with capture_logs() as logs:
            assert await pusher.push_once() is True
            assert await pusher.push_once() is False
        assert [batch.missing_before for batch in link.batches] == [None, 7]
        assert [seq for _, seq, _ in await _kept(here)] == [7, 8, 9, 10]
        assert REGISTRY.get_sample_value("gate_outbox_gaps_total") == before + 1
        told = [entry for entry in logs if entry["event"] == "central.events_missing"]
        assert [(entry["first"], entry["last"]) for entry in told] == [(1, 6)]
        outbox.write(1)
        await pusher.push_once()
        assert link.batches[-1].missing_before is None
        await link.aclose()


async def test_a_restored_journal_is_refused_not_swallowed(tmp_path: Path) -> None:
    """A journal put back to an older state counts on where it was: central has those numbers already."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.write(10)
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        await _pusher(outbox, link).push_once()
        restored = SqliteOutbox(tmp_path / "older.db")
        restored.write(4)
        with pytest.raises(SyncError, match="new epoch"):
            await _pusher(restored, link).push_once()
        restored._db.execute("""UPDATE o SET body = '{"n": "another story"}'""")
        with pytest.raises(SyncError, match="told differently"):
            await _pusher(restored, link).push_once()
        assert await _kept(here) == _expected(10)
        assert await restored.pending(0, 10) != []
        restored.epoch = "journal-2"
        pusher = _pusher(restored, link)
        assert await pusher.push_once() is False
        assert len(await _kept(here)) == 14
        await link.aclose()


async def test_a_central_that_takes_nothing_is_no_endless_loop(tmp_path: Path) -> None:
    """An answer that acknowledges nothing of what continues its mark is an error with back-off."""

    class Deaf(CutLink):
        async def deliver(self, batch: object) -> int:
            assert batch
            return 0

    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.write(3)
    pusher = _pusher(outbox, Deaf(inner=CutLink.__new__(CutLink)))
    with pytest.raises(SyncError, match="took nothing"):
        await pusher.push_once()
    outbox.lose(1)
    assert await pusher.push_once() is True
    with pytest.raises(SyncError, match="took nothing"):
        await pusher.push_once()


async def test_big_messages_close_a_batch_early(tmp_path: Path) -> None:
    """Batches keep under central's bound: ten messages of half a megabyte take three."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    outbox.write(10)
    outbox._db.execute("UPDATE o SET body = ?", ('{"n": 0, "text": "' + "x" * 500_000 + '"}',))
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        pusher = _pusher(outbox, link)
        while await pusher.push_once():
            pass
        assert [len(batch.events) for batch in link.batches] == [4, 4, 2]
        assert len(await _kept(here)) == 10
        await link.aclose()


async def test_one_unsendable_message_does_not_dam_up_the_rest(tmp_path: Path) -> None:
    """A message that cannot be put on the wire leaves a marker under its number; the others pass."""

    class Odd(SqliteOutbox):
        async def pending(self, after: int, limit: int) -> list[OutboxMessage]:
            held = list(await super().pending(after, limit))
            return [replace(m, body={"n": object()}) if m.seq == 2 else m for m in held]

    outbox = Odd(tmp_path / "journal.db")
    outbox.write(3)
    async with running(tmp_path) as here:
        link = CutLink(here.transport())
        with capture_logs() as logs:
            await _pusher(outbox, link).push_once()
        assert await _kept(here) == [("journal-1", 1, 1), ("journal-1", 2, None), ("journal-1", 3, 3)]
        assert [entry["seq"] for entry in logs if entry["event"] == "outbox.message_unsendable"] == [2]
        await link.aclose()


class _Patient:
    """A clock whose sleeps never end, so that only a wake can move the pusher."""

    def __init__(self) -> None:
        self.asleep = asyncio.Event()

    def now(self) -> Any:
        """Always the start."""
        return TestClock(START).now()

    async def sleep(self, seconds: float) -> None:
        """For ever."""
        assert seconds > 0
        self.asleep.set()
        await asyncio.Event().wait()


async def test_a_wake_pushes_at_once(tmp_path: Path) -> None:
    """A message just committed does not wait for the next turn."""
    outbox = SqliteOutbox(tmp_path / "journal.db")
    async with running(tmp_path) as here:
        transport, clock = here.transport(), _Patient()
        pusher = _pusher(outbox, transport, clock)
        task = asyncio.create_task(pusher.run())
        async with asyncio.timeout(PATIENCE):
            await clock.asleep.wait()
        for count in (1, 2):
            outbox.write(1)
            pusher.wake()
            await outbox.until_acknowledged(count)
        assert len(await _kept(here)) == 2
        task.cancel()
        await asyncio.wait([task])
        await transport.aclose()


async def test_central_away_for_a_while(tmp_path: Path) -> None:
    """What is written while central is away arrives when it is back, and the status says both."""
    outbox, clock = SqliteOutbox(tmp_path / "journal.db"), WatchedClock()
    async with running(tmp_path) as here:
        port = int(here.url.rsplit(":", 1)[1])
        transport = here.transport()
    async with _pushing(outbox, transport, clock) as pusher:
        outbox.write(3)
        await clock.until(lambda: pusher.status.startswith("away since 20"))
        async with running(tmp_path, port=port):
            await outbox.until_acknowledged(3)
            assert pusher.status == "connected"
        outbox.write(600)
        pusher.wake()
        await clock.until(lambda: pusher.status.startswith("away since 20"))
        async with running(tmp_path, port=port) as back:
            await outbox.until_acknowledged(603)
            assert pusher.status == "connected"
            assert await _kept(back) == _expected(603)
    await transport.aclose()
