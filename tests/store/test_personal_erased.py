"""Personal data: gone from the tables and from the bytes of the file; what the record needs stays."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from gate.lanes.commands import DeclareEmergency, EndEmergency
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import Corridor, NotificationNumber, RegistrationMark, VisitStatus
from gate.store.journal_check import verify
from gate.store.personal import BATCH, MARGIN
from tests.store.keeping import NOW, Past, a_past
from tests.store.kept import release, rows, step
from tests.store.test_door import At, arrival, door, sealed

ONE, TWO = "5728134690214", "3000000000034"


def personal_entries(past: Past) -> list[tuple[str, int]]:
    """What the journal says was erased from the tables."""
    found = rows(past.journal, "SELECT body FROM journal WHERE kind = 'PersonalErased' ORDER BY seq")
    return [(facts["rows"], facts["erased"]) for facts in (json.loads(str(body)) for (body,) in found)]


async def test_an_old_visit_keeps_everything_but_who_it_was(tmp_path: Path) -> None:
    """Plate, numbers and details of findings go; id, time, status, lane and the findings' codes stay."""
    with a_past(tmp_path) as past:
        await past.visit("old", 61, numbers=(ONE,))
        await past.visit("young", 59, numbers=(TWO,), mark="99BA731")
        await past.keeper.sweep()
        old, young = [await past.store.ledger.visit(name) for name in ("old", "young")]
        assert old is not None
        assert young is not None
        assert (old.mark, old.numbers, old.status) == (None, (), VisitStatus.COMPLETED)
        (finding,) = old.findings
        assert (finding.code, finding.rule, finding.outcome.value, finding.detail) == (
            "early",
            "2.2",
            "HOLD",
            "",
        )
        assert (young.mark, young.numbers) == ("99BA731", (TWO,))
        assert young.findings[0].detail == "99BA731 came an hour early"
        assert personal_entries(past) == [("visits", 1)]
        await past.keeper.sweep()
        assert personal_entries(past) == [("visits", 1)]
        assert verify(past.journal).problem is None


@pytest.mark.parametrize("status", [None, VisitStatus.HELD, VisitStatus.DIRECTED, VisitStatus.RELEASED])
async def test_a_visit_that_is_not_over_is_left_alone(tmp_path: Path, status: VisitStatus | None) -> None:
    """However long it stands here, its vehicle must be known."""
    with a_past(tmp_path) as past:
        await past.visit("v1", 400, status)
        await past.keeper.sweep()
        visit = await past.store.ledger.visit("v1")
        assert visit is not None
        assert visit.mark == "10AA123"


async def test_calls_lose_their_words_and_keep_who_came(tmp_path: Path) -> None:
    """Only acknowledged ones; an open alarm keeps its words, and its visit its plate."""
    with a_past(tmp_path) as past:
        await past.visit("v1", 70, VisitStatus.LEFT_UNRELEASED)
        await past.visit("v2", 70)
        await past.call("v1", 70, alarm=True)
        done = await past.call("v2", 70, alarm=True)
        assert await past.store.ledger.acknowledge_call(done, "Leyla", past.clock.utc)
        await past.keeper.sweep()
        told = rows(past.journal, "SELECT visit_id, reason, acknowledged_by FROM calls ORDER BY visit_id")
        assert told == [("v1", "look at 10AA123", None), ("v2", "", "Leyla")]
        first, second = [await past.store.ledger.visit(name) for name in ("v1", "v2")]
        assert first is not None
        assert second is not None
        assert (first.mark, second.mark) == ("10AA123", None)


async def test_an_emergency_keeps_its_officer_and_loses_the_words(tmp_path: Path) -> None:
    """Who opened the barriers is answered for; what was said of whom is not kept."""
    with a_past(tmp_path) as past:
        at = past.clock.utc - timedelta(days=70)
        for name, record in (
            ("Declared", DeclareEmergency("e1", "Leyla", "the driver of 10AA123 is ill")),
            ("Ended", EndEmergency("e1")),
        ):
            body = canonical({"visit": None, "commands": []})
            await past.store.ledger.commit(StepRecord("lane-1", at, name, body, None, (record,), ()))
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT officer, reason FROM emergencies") == [("Leyla", "")]


async def test_releases_stay_as_they_are(tmp_path: Path) -> None:
    """YELLOW and RED releases carry an officer's name for as long as the record lasts (5.6, 5.8)."""
    with a_past(tmp_path) as past:
        await past.visit("visit-1", 400)
        await past.store.ledger.commit(step(release("r1", Corridor.RED, "leyla", ("seals",))))
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT officer, checked FROM releases") == [("leyla", '["seals"]')]


OPENINGS = {
    "valid until tomorrow": (ONE, NOW + timedelta(days=1), True),
    "within the margin": (ONE, NOW - MARGIN + timedelta(minutes=5), True),
    "past the margin": (ONE, NOW - MARGIN - timedelta(minutes=5), False),
    "nobody knows until when": (ONE, None, True),
}


@pytest.mark.parametrize("name", OPENINGS)
async def test_an_opening_goes_when_its_verdict_can_open_no_more(tmp_path: Path, name: str) -> None:
    """Until then, and for a margin, it is what stops the declaration from being used twice."""
    number, until, stays = OPENINGS[name]
    with a_past(tmp_path) as past:
        await past.visit("v1", 100)
        await past.opening(number, "v1", 100, until)
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT count(*) FROM openings") == [(int(stays),)]


async def test_a_newer_verdict_of_the_number_keeps_its_opening(tmp_path: Path) -> None:
    """Amended, a declaration may get a verdict that is valid for longer: the spent number stays known."""
    with a_past(tmp_path) as past:
        declaration = sealed(version=4)
        assert declaration.verdict is not None
        await past.store.cache.apply(1, [declaration], past.clock.utc)
        past.clock.utc = declaration.verdict.valid_until + MARGIN - timedelta(days=1)
        await past.visit("v1", 100)
        await past.opening(declaration.number, "v1", 100, past.clock.utc - timedelta(days=90))
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT number FROM openings") == [(declaration.number,)]
        past.clock.utc = declaration.verdict.valid_until + MARGIN + timedelta(days=1)
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT number FROM openings") == []


async def test_the_door_writes_down_until_when_a_verdict_is_valid(tmp_path: Path) -> None:
    """So that retention need not ask anybody."""
    with a_past(tmp_path) as past:
        declaration = sealed()
        assert declaration.verdict is not None
        await past.visit("visit-1", 0, None)
        assert (await door(past.store).open(arrival(), [declaration])).verdicts
        (row,) = rows(past.journal, "SELECT valid_until FROM openings")
        assert row == (declaration.verdict.valid_until.isoformat(),)
        assert At().now().utc < declaration.verdict.valid_until


async def test_openings_of_a_visit_that_is_not_over_stay(tmp_path: Path) -> None:
    """The vehicle is still here."""
    with a_past(tmp_path) as past:
        await past.visit("v1", 100, VisitStatus.HELD)
        await past.opening(ONE, "v1", 100, NOW - timedelta(days=50))
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT count(*) FROM openings") == [(1,)]


async def test_many_rows_go_in_bounded_transactions(tmp_path: Path) -> None:
    """A lane's step waits for one batch at most; each batch says what it erased."""
    with a_past(tmp_path) as past:
        await past.visit("v0", 100)
        connection = past.store.thread.journal.conn
        at = (NOW - timedelta(days=100)).isoformat()
        many = [(f"n{index}", at) for index in range(BATCH + 7)]
        connection.executemany(
            "INSERT INTO visits (visit_id, point, status, mark, first_presence)"
            " VALUES (?, 'approach', 'completed', '10AA123', ?)",
            many,
        )
        connection.executemany(
            "INSERT INTO openings VALUES (?, 'v0', 1, 'RED', ?, ?)", [(name, at, at) for name, _ in many]
        )
        # Between them one that stays: the look goes on behind it.
        await past.opening("n2-stays", "v0", 100, None)
        await past.keeper.sweep()
        assert rows(past.journal, "SELECT count(*) FROM visits WHERE mark IS NOT NULL") == [(0,)]
        assert rows(past.journal, "SELECT number FROM openings") == [("n2-stays",)]
        assert personal_entries(past) == [
            ("visits", BATCH),
            ("visits", 8),
            ("openings", 499),
            ("openings", 8),
        ]
        assert verify(past.journal).problem is None


def in_files(data: Path, text: str) -> list[str]:
    """Which files of the journal's hold this text, as bytes."""
    return [path.name for path in sorted(data.glob("journal.db*")) if text.encode() in path.read_bytes()]


async def test_erased_bytes_are_gone_from_the_file(tmp_path: Path) -> None:
    """Neither the file nor its write-ahead log nor a free page holds plate or number after a sweep."""
    plate, number, detail = RegistrationMark("77ZZ707"), NotificationNumber(TWO), "a very telling detail"
    with a_past(tmp_path) as past:
        connection = past.store.thread.journal.conn
        at = (NOW - timedelta(days=100)).isoformat()
        findings = json.dumps(
            [{"code": "early", "rule": "2.2", "outcome": "HOLD", "detail": f"{detail} {'x' * 5000}"}]
        )
        connection.executemany(
            "INSERT INTO visits (visit_id, point, status, mark, numbers, findings, first_presence)"
            " VALUES (?, 'approach', 'completed', ?, ?, ?, ?)",
            [(f"v{index}", plate, json.dumps([number]), findings, at) for index in range(50)],
        )
        await past.visit("seen", 100, mark=plate, numbers=(number,))
        await past.opening(number, "v1", 100, NOW - timedelta(days=50))
        await past.store.outbox.acknowledge(10)  # central has its messages, which name plates too
        assert in_files(tmp_path, plate)
        assert in_files(tmp_path, number)
        await past.keeper.sweep()
        for text in (plate, number, detail):
            assert in_files(tmp_path, text) == []
    for text in (plate, number, detail):
        assert in_files(tmp_path, text) == []
    found = verify(tmp_path / "journal.db")
    assert (found.problem, found.payloads) == (None, 0)
    assert found.erased > 0


async def test_a_reader_does_not_make_vehicles_wait(tmp_path: Path) -> None:
    """While somebody reads the journal the log is not cut off; the next sweep does it."""
    plate = "77ZZ707"
    with a_past(tmp_path) as past:
        insert = (
            "INSERT INTO visits (visit_id, point, status, mark, first_presence)"
            " VALUES (?, 'approach', 'completed', ?, ?)"
        )
        at = (NOW - timedelta(days=100)).isoformat()
        past.store.thread.journal.conn.execute(insert, ("v1", plate, at))
        reader = sqlite3.connect(f"file:{past.journal}?mode=ro", uri=True, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM visits").fetchone()
        await past.keeper.sweep()
        assert (past.data / "journal.db-wal").stat().st_size > 0
        assert past.store.thread.journal.execute("PRAGMA busy_timeout").fetchone() == (5000,)
        reader.close()
        past.store.thread.journal.conn.execute(insert, ("v2", plate, at))
        await past.keeper.sweep()
        assert in_files(tmp_path, plate) == []
