"""One step, one transaction: the database itself keeps the laws about releases and pulses."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.lanes.acts import ReleaseVisit
from gate.lanes.commands import CallOfficer, Record, Report, UpdateVisit
from gate.lanes.ports import Pulse
from gate.lanes.record import canonical
from gate.model import Corridor, RegistrationMark, VisitStatus
from gate.store.journal_check import verify
from tests.store.kept import AT, a_store, lowering, opened, raising, release, revoked, rows, step

LORRY = RegistrationMark("10AA123")


async def test_a_step_is_one_transaction(tmp_path: Path) -> None:
    """Journal entry, visit, release, pulse, call, messages and snapshot are there together."""
    journal = tmp_path / "journal.db"
    with a_store(tmp_path) as store:
        call = CallOfficer("c1", "visit-1", "look", alarm=True)
        said = Report("visit.released", {"visit": "visit-1"})
        await store.ledger.commit(
            step(opened(), release(), call, said, pulses=(raising(),), snapshot=b'{"phase":"raising"}')
        )
        assert rows(journal, "SELECT seq, visit FROM journal") == [(1, "visit-1")]
        assert rows(journal, "SELECT release_id, revoked FROM releases") == [("r1", None)]
        assert rows(journal, "SELECT decision_id, kind FROM pulses") == [("r1", "raise")]
        assert rows(journal, "SELECT kind FROM outbox ORDER BY seq") == [("alarm",), ("visit.released",)]
        assert await store.ledger.snapshot("lane-1") == b'{"phase":"raising"}'
        assert await store.ledger.snapshot("lane-2") is None


REFUSED: dict[str, tuple[tuple[Record, ...], tuple[Pulse, ...]]] = {
    "a raise without a release": ((), (raising("r9"),)),
    "a raise on a revoked release": ((revoked("standing"),), (raising("standing"),)),
    "a raise whose id is not its release's": ((), (Pulse("x1", "raise", "standing"),)),
    "a raise of no release at all": ((), (Pulse("standing", "raise", None),)),
    "a second raise of one release": ((), (raising("spent"),)),
    "a second lowering of one decision": ((), (lowering("spent-l"),)),
    "a release granted twice": ((release("standing"),), ()),
    "yellow without an officer": ((release("r2", Corridor.YELLOW),), ()),
    "red without an officer": ((release("r2", Corridor.RED),), ()),
    "red by an officer who checked nothing": ((release("r2", Corridor.RED, "leyla"),), ()),
    "a call id used twice": ((CallOfficer("c0", None, "again"),), ()),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
async def test_what_the_database_refuses(tmp_path: Path, name: str) -> None:
    """Law 5 in SQL: the whole step is undone, and the chain goes on from where it was."""
    records, pulses = REFUSED[name]
    journal = tmp_path / "journal.db"
    with a_store(tmp_path) as store:
        await store.ledger.commit(
            step(
                opened(),
                release("spent"),
                release("standing"),
                CallOfficer("c0", None, "first"),
                pulses=(raising("spent"), lowering("spent-l")),
            )
        )
        before = _everything(journal)
        with pytest.raises(StoreError, match="refused"):
            await store.ledger.commit(
                step(UpdateVisit("visit-1", VisitStatus.RELEASED), *records, pulses=pulses, snapshot=b"[]")
            )
        assert _everything(journal) == before
        await store.ledger.commit(step())
        assert rows(journal, "SELECT count(*) FROM journal") == [(2,)]
    assert verify(journal).problem is None


def _everything(journal: Path) -> list[list[tuple[object, ...]]]:
    tables = ("journal", "outbox", "snapshots", "visits", "releases", "pulses", "calls", "meta")
    return [rows(journal, f"SELECT * FROM {table}") for table in tables]


@pytest.mark.parametrize("corridor", [Corridor.YELLOW, Corridor.RED])
async def test_an_officer_who_checked_something_may_release(tmp_path: Path, corridor: Corridor) -> None:
    """5.6, 5.8: with a name and a control the same release is taken, and its pulse once."""
    with a_store(tmp_path) as store:
        granted = release("r1", corridor, "leyla", ("papers", "seal"))
        await store.ledger.commit(step(granted, pulses=(raising(),)))
    assert rows(tmp_path / "journal.db", "SELECT officer, checked FROM releases") == [
        ("leyla", '["papers", "seal"]')
    ]


async def test_a_visit_begins_once_and_keeps_what_it_is_not_told(tmp_path: Path) -> None:
    """A restart opens the interrupted visit again: nothing is lost by it."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(opened()))
        await store.ledger.commit(step(UpdateVisit("visit-1", VisitStatus.DIRECTED, LORRY, lane="lane-1")))
        await store.ledger.commit(step(opened()))
        await store.ledger.commit(step(UpdateVisit("visit-1", corridor=Corridor.BLUE)))
        visit = await store.ledger.visit("visit-1")
        assert visit is not None
        assert (visit.status, visit.mark, visit.lane) == (VisitStatus.DIRECTED, LORRY, "lane-1")
        assert visit.corridor is Corridor.BLUE
        assert visit.first_presence == AT
        assert await store.ledger.visit("visit-2") is None


@pytest.mark.parametrize("over", [status for status in VisitStatus if status.is_over])
async def test_a_visit_that_is_over_stays_as_it_ended(tmp_path: Path, over: VisitStatus) -> None:
    """A late word of a point does not bring it back, nor make a turned back vehicle a departure."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(opened(), UpdateVisit("visit-1", mark=LORRY)))
        assert len(await store.ledger.open_visits_of(LORRY)) == 1
        await store.ledger.commit(step(UpdateVisit("visit-1", over)))
        for late in (VisitStatus.HELD, VisitStatus.DEPARTED, VisitStatus.COMPLETED):
            await store.ledger.commit(step(UpdateVisit("visit-1", late)))
        visit = await store.ledger.visit("visit-1")
        assert visit is not None
        assert visit.status is over
        assert await store.ledger.open_visits_of(LORRY) == []
        assert await store.ledger.open_visits() == []


async def test_the_newest_visit_of_a_vehicle_comes_first(tmp_path: Path) -> None:
    """The lane and the exit ask whose visit this is: the last one that is not over."""
    with a_store(tmp_path) as store:
        for number, hour in (("b", "08"), ("a", "09"), ("c", "07")):
            visit = opened(f"visit-{number}")
            came = type(visit)(visit.visit_id, f"2026-05-04T{hour}:00:00+00:00")
            await store.ledger.commit(step(came, UpdateVisit(visit.visit_id, mark=LORRY)))
        found = [visit.visit_id for visit in await store.ledger.open_visits_of(LORRY)]
        assert found == ["visit-a", "visit-b", "visit-c"]
        assert [v.visit_id for v in await store.ledger.open_visits()] == ["visit-c", "visit-b", "visit-a"]


async def test_a_call_is_acknowledged_once(tmp_path: Path) -> None:
    """The second officer is told that somebody is on the way."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(CallOfficer("c1", None, "look")))
        await store.ledger.commit(step(CallOfficer("c2", None, "barrier", alarm=True)))
        assert [call.call_id for call in await store.ledger.open_calls()] == ["c2", "c1"]
        assert await store.ledger.acknowledge_call("c1", "leyla", AT)
        assert not await store.ledger.acknowledge_call("c1", "rashad", AT)
        assert not await store.ledger.acknowledge_call("c9", "leyla", AT)
        assert "c2" in [call.call_id for call in await store.ledger.open_calls()]
    assert rows(tmp_path / "journal.db", "SELECT acknowledged_by FROM calls WHERE call_id = 'c1'") == [
        ("leyla",)
    ]


async def test_a_visits_story_is_what_the_journal_says_of_it(tmp_path: Path) -> None:
    """Steps, registration and officers' acts, in order, each in a line."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(opened()))
        await store.ledger.register("visit-1", "lane-1", AT)
        act = ReleaseVisit(officer="leyla", visit_id="visit-1", checked=())
        body = canonical({"act": act, "done": False, "message": "no"})
        await store.ledger.record_act("console", AT, body)
        await store.ledger.commit(step(opened("visit-2")))
        story = await store.ledger.story("visit-1")
        assert [line.what for line in story] == [
            "TestEvent: OpenVisit",
            "Registered",
            "leyla: ReleaseVisit - refused: no",
        ]
        assert [line.seq for line in story] == [1, 2, 3]
