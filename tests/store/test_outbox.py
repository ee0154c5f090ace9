"""What central is owed: numbered without gaps, kept until acknowledged."""

from __future__ import annotations

import contextlib
from pathlib import Path

from gate.errors import StoreError
from gate.lanes.commands import Report
from gate.store.store import open_store
from tests.sealing.made import KEYS
from tests.store.kept import AT, a_store, raising, step


def said(count: int) -> Report:
    """A message to central."""
    return Report("test", {"count": count, "mark": "10ƏA123"})


async def test_numbers_have_no_gaps_over_what_was_undone(tmp_path: Path) -> None:
    """A step that the database refused owes central nothing, and leaves no hole in the numbers."""
    with a_store(tmp_path) as store:
        for count in range(1, 9):
            with contextlib.suppress(StoreError):
                bad = count % 3 == 0
                await store.ledger.commit(step(said(count), pulses=(raising("none"),) if bad else ()))
        messages = await store.outbox.pending(0, 100)
        assert [message.seq for message in messages] == [1, 2, 3, 4, 5, 6]
        assert [message.body["count"] for message in messages] == [1, 2, 4, 5, 7, 8]
        assert messages[0].body["mark"] == "10ƏA123"
        assert messages[0].at == AT
        assert await store.outbox.written() == 6


async def test_acknowledged_messages_are_trimmed_and_their_numbers_never_used_again(tmp_path: Path) -> None:
    """Central counts on it: a number means one message for the journal's whole life."""
    with a_store(tmp_path) as store:
        for count in range(4):
            await store.ledger.commit(step(said(count)))
        await store.outbox.acknowledge(4)
        assert await store.outbox.waiting() == 0
    with a_store(tmp_path, "boot2") as store:
        await store.ledger.commit(step(said(9)))
        assert [message.seq for message in await store.outbox.pending(0, 10)] == [5]
        assert await store.outbox.written() == 5
        await store.outbox.acknowledge(2)
        assert await store.outbox.waiting() == 1


async def test_pending_is_read_in_batches_after_a_number(tmp_path: Path) -> None:
    """In order, and no more than asked for."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(*(said(count) for count in range(10))))
        batch = await store.outbox.pending(3, 4)
        assert [message.seq for message in batch] == [4, 5, 6, 7]
        assert await store.outbox.pending(10, 4) == []


async def test_the_pusher_is_woken_when_there_is_something_to_push(tmp_path: Path) -> None:
    """A step without a message wakes nobody; a message, a call and a registration do."""
    woken: list[int] = []
    store = open_store(tmp_path, "boot1", lambda: woken.append(1), KEYS.central_public)
    try:
        await store.ledger.commit(step())
        assert len(woken) == 0
        await store.ledger.commit(step(said(1)))
        await store.ledger.register("visit-1", "lane-1", AT)
        assert len(woken) == 2
        assert await store.outbox.waiting() == 2
    finally:
        store.close()
