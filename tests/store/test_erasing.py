"""Personal data leaves the record, on record: the chain holds, and nothing of it is left in the file."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.lanes.events import PlateSeen
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import PlateRead, RegistrationMark
from gate.store.journal_check import verify
from gate.store.payloads import Erasure, Erasures, erase_payloads
from gate.store.store import Store
from tests.store.kept import AT, a_store, rows
from tests.store.recorded import (
    ENTRIES,
    MARK,
    NUMBER,
    Recorded,
    append,
    copy_of,
    erase,
    opened,
    record,
)
from tests.store.test_redaction import DETAIL, WHEN


@pytest.fixture
async def recorded(tmp_path: Path) -> Recorded:
    """Forty entries, thirteen of them with a payload."""
    return await record(tmp_path / "edge")


async def test_an_erased_record_holds_and_says_what_went(recorded: Recorded) -> None:
    """Everything before entry 20 goes, in batches; heads, signatures and the rest hold as before."""
    assert await erase(recorded.path.parent, 20) == 6
    found = verify(recorded.path, recorded.keys)
    assert (found.problem, found.payloads, found.erased) == (None, 7, 6)
    told = [
        json.loads(str(body))
        for (body,) in rows(recorded.path, "SELECT body FROM journal WHERE kind = 'PayloadsErased'")
    ]
    assert [one["erased"] for one in told] == [2, 2, 2]
    assert found.entries == ENTRIES + 3
    assert await erase(recorded.path.parent, 20) == 0


async def test_nothing_of_it_is_left_in_the_file(recorded: Recorded) -> None:
    """Not even in what SQLite had set free: it was overwritten."""
    assert MARK.encode() in recorded.path.read_bytes()
    assert await erase(recorded.path.parent, ENTRIES + 1) == 13
    with closing(sqlite3.connect(recorded.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in recorded.path.parent.glob("journal.db*"):
        content = file.read_bytes()
        assert MARK.encode() not in content
        assert NUMBER.encode() not in content


async def test_readers_see_what_stays(tmp_path: Path) -> None:
    """A visit's story and pictures outlive its plate; the trailer is no longer known."""
    mark = RegistrationMark("77ZZ777")
    with a_store(tmp_path) as store:
        await _arrive(store, mark)
        assert await store.ledger.trailer_of("visit-1") == mark
        assert len(await store.ledger.story("visit-1")) == 4
        before = await store.ledger.evidence("visit-1")
        (whole,) = rows(tmp_path / "journal.db", "SELECT min(whole) FROM journal_full")
        assert whole == (1,)
        await store.ledger.write(
            lambda connection, journal: erase_payloads(connection, journal, AT, AT + timedelta(days=1))
        )
        assert await store.ledger.trailer_of("visit-1") is None
        assert await store.ledger.evidence("visit-1") == before
        story = [line.what for line in await store.ledger.story("visit-1")]
        assert story[0].startswith("PlateSeen")
        assert story[1:] == [
            "Help: erased",
            "nobody came: call raised to level 2 (erased)",
            "leyla: ReferVisit",
        ]
        chain = str(rows(tmp_path / "journal.db", "SELECT * FROM journal"))
        assert not [secret for secret in (mark, DETAIL, "Rauf") if secret in chain]
        (whole,) = rows(tmp_path / "journal.db", "SELECT min(whole) FROM journal_full")
        assert whole == (0,)


async def _arrive(store: Store, mark: RegistrationMark) -> None:
    read = PlateRead(mark, "AZ", 0.97, 3, True, ("ab" * 32,))
    event = PlateSeen(at=WHEN, passage_id="visit-1", read=read, trailer=read)
    records = (OpenVisit("visit-1", AT.isoformat()), UpdateVisit("visit-1", mark=mark))
    body = canonical(
        {"event": event, "from": "reading", "to": "held", "visit": "visit-1", "commands": records}
    )
    await store.ledger.commit(StepRecord("approach", AT, "PlateSeen", body, b"{}", records, ()))
    for kind, facts in (
        ("Help", {"visit": "visit-1", "what": DETAIL, "commands": []}),
        ("CallEscalated", {"visit": "visit-1", "level": 2, "reason": DETAIL}),
        ("Act", {"act": {"type": "ReferVisit", "officer": "leyla", "reason": DETAIL}, "done": True}),
    ):
        await _note(store, kind, json.dumps(facts))


async def _note(store: Store, kind: str, body: str) -> None:
    await store.ledger.write(
        lambda connection, journal: journal.append(
            connection, AT.isoformat(), "approach", kind, "visit-1", body
        )
    )


async def test_a_clock_that_was_wrong_holds_up_nothing(tmp_path: Path) -> None:
    """An entry dated ahead keeps its payload until its date; those around it go at their own time."""
    with a_store(tmp_path) as store:
        for number in (3, 3_000_000, 6):
            await append(store, number)
    assert await erase(tmp_path, 10) == 2
    assert rows(tmp_path / "journal.db", "SELECT seq FROM payloads") == [(2,)]
    assert verify(tmp_path / "journal.db").problem is None


async def test_entries_of_one_time_are_never_parted(tmp_path: Path) -> None:
    """A batch ends between times: what an erasure names is gone, whole."""
    with a_store(tmp_path) as store:
        for number in (3, 3, 3, 6):
            await append(store, number)
    assert await erase(tmp_path, 5) == 3
    found = verify(tmp_path / "journal.db")
    assert (found.problem, found.erased, found.payloads) == (None, 3, 1)


SPOILT = {
    "a payload more than the record says": ("DELETE FROM payloads WHERE seq = 24", 24),
    "an erasure that reaches further": (
        "UPDATE journal SET body = replace(body, '06:50', '08:50') WHERE kind = 'PayloadsErased'",
        21,
    ),
    "a payload that came back": (
        "INSERT INTO payloads SELECT 3, at, zeroblob(32), '{}' FROM journal WHERE seq = 3",
        3,
    ),
    "an erasure removed from the end": ("DELETE FROM journal WHERE seq = 43", 15),
    "an erasure that says nothing": (
        "UPDATE journal SET body = '{}' WHERE kind = 'PayloadsErased' AND seq = 41",
        3,
    ),
    "an entry of before": ("UPDATE journal SET body = '{}' WHERE seq = 9", 9),
    "a head of before": ("UPDATE heads SET hash = zeroblob(32) WHERE seq = 14", 14),
}


@pytest.mark.parametrize("how", SPOILT)
async def test_tampering_with_an_erased_record_is_found(recorded: Recorded, tmp_path: Path, how: str) -> None:
    """Erasing is no cloak: what went without its entry, or came back, is named."""
    assert await erase(recorded.path.parent, 20) == 6
    path = copy_of(recorded.path, tmp_path / "journal.db")
    deed, entry = SPOILT[how]
    with closing(opened(path)) as connection:
        connection.execute(deed)
    found = verify(path, recorded.keys)
    assert found.entry == entry, found


def test_erasures_cover_what_they_name() -> None:
    """By entry and by its time, whatever the order in which they came."""
    erasures = Erasures([Erasure("2026-03", 10), Erasure("2026-02", 30), Erasure("2026-01", 20)])
    assert erasures.covers(10, "2026-02-28")
    assert not erasures.covers(11, "2026-02-28")
    assert erasures.covers(30, "2026-01-31")
    assert not erasures.covers(30, "2026-02")
    assert not erasures.covers(31, "2026-01")
