"""Orders in journal.db: the database itself refuses what no order may lead to."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.lanes.commands import (
    CommitCheck,
    CommitReview,
    DeclareEmergency,
    EndEmergency,
    GrantOpening,
    Record,
    RevokeRelease,
    UpdateVisit,
)
from gate.lanes.ports import Pulse, Registered
from gate.model import CheckSource, Corridor, NoGoods, Opening, RegistrationMark, VisitStatus
from gate.store.journal import Journal
from gate.store.journal_check import verify
from tests.store.kept import AT, a_store, opened, raising, release, revoked, rows, step

MARK = RegistrationMark("10AA123")


def _check(visit_id: str = "visit-1", corridor: Corridor = Corridor.GREEN) -> CommitCheck:
    return CommitCheck(visit_id, corridor, CheckSource.SCANNER, "leyla")


def _opening(opening_id: str = "o1", visit_id: str = "visit-2") -> GrantOpening:
    return GrantOpening(Opening(opening_id, visit_id, "lane-1", MARK, NoGoods.EMPTY, "leyla", AT))


def _once(opening_id: str = "o1") -> Pulse:
    return Pulse(opening_id, "once", None)


CHECKED: tuple[Record, ...] = (opened(), _check())
GREEN = UpdateVisit("visit-2", VisitStatus.DIRECTED, corridor=Corridor.GREEN)

REFUSED: dict[str, tuple[tuple[Record, ...], tuple[Record, ...], tuple[Pulse, ...]]] = {
    "an automatic release of what is to be checked": (CHECKED, (release(),), (raising(),)),
    "a check of what was released": ((opened(), release()), (_check(),), ()),
    "a second check of one visit": (CHECKED, (_check(),), ()),
    "a check of yellow": ((opened(),), (_check(corridor=Corridor.YELLOW),), ()),
    "a single opening's pulse without it": ((opened("visit-2"),), (), (_once(),)),
    "one that was revoked": ((opened("visit-2"), _opening(), RevokeRelease("o1", "no")), (), (_once(),)),
    "a raise on a single opening": ((opened("visit-2"), _opening()), (), (raising("o1"),)),
    "a single opening's pulse on a release": ((opened(), release()), (), (_once("r1"),)),
    "a single opening for who was directed": ((opened("visit-2"), GREEN), (_opening(),), ()),
    "a single opening for who was released": ((opened(), release()), (_opening(visit_id="visit-1"),), ()),
    "the same opening twice": ((opened("visit-2"), _opening()), (_opening(),), ()),
    "a review of an emergency that lasts": (
        (DeclareEmergency("e1", "leyla", "fire"),),
        (CommitReview(("e1",), "nigar"),),
        (),
    ),
    "a review by who declared it": (
        (DeclareEmergency("e1", "leyla", "fire"), EndEmergency("e1")),
        (CommitReview(("e1",), "leyla"),),
        (),
    ),
    "a review of no emergency": ((), (CommitReview(("e9",), "nigar"),), ()),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_the_database_refuses_what_no_order_may_lead_to(tmp_path: Path, why: str) -> None:
    """The whole step is undone, and the chain goes on."""
    before, records, pulses = REFUSED[why]
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(*before))
        kept = rows(tmp_path / "journal.db", "SELECT count(*) FROM journal")
        with pytest.raises(StoreError, match="refused"):
            await store.ledger.commit(step(*records, pulses=pulses))
        assert rows(tmp_path / "journal.db", "SELECT count(*) FROM journal") == kept
        await store.ledger.commit(step())
    assert verify(tmp_path / "journal.db").problem is None


async def test_an_officers_release_ends_what_he_ordered_and_a_revoked_one_does_not(tmp_path: Path) -> None:
    """Checked, released, backed out: the next release needs its officer again."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(*CHECKED))
        checked = release("r1", officer="leyla", checked=("goods",))
        await store.ledger.commit(step(checked, pulses=(raising(),)))
        assert await store.ledger.released_at("visit-1") == AT
        await store.ledger.commit(step(revoked()))
        assert await store.ledger.released_at("visit-1") is None
        with pytest.raises(StoreError, match="refused"):
            await store.ledger.commit(step(release("r2")))


async def test_registration_tells_what_was_ordered_meanwhile(tmp_path: Path) -> None:
    """Read in the transaction that registers: nothing comes between the two."""
    with a_store(tmp_path) as store:
        assert await store.ledger.register("nobody", "lane-1", AT) == Registered()
        await store.ledger.commit(step(opened()))
        assert await store.ledger.register("visit-1", "lane-1", AT) == Registered()
        await store.ledger.commit(step(_check(), UpdateVisit("visit-1", VisitStatus.HELD)))
        assert await store.ledger.register("visit-1", "lane-1", AT) == Registered(
            check_ordered=True, held=True
        )
        (visit,) = await store.ledger.open_visits()
        assert visit.check_ordered


def _tampers(sql: str, connection: sqlite3.Connection, _journal: Journal) -> None:
    connection.execute(sql)


async def test_what_was_ordered_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    """Neither a check nor a review is taken back, by whatever program."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step(*CHECKED, DeclareEmergency("e1", "leyla", "fire")))
        await store.ledger.commit(step(EndEmergency("e1")))
        await store.ledger.commit(step(CommitReview(("e1",), "nigar")))
        assert await store.ledger.reviews() == []
        for sql in (
            "DELETE FROM ordered_checks",
            "UPDATE ordered_checks SET source = 'other'",
            "DELETE FROM emergency_reviews",
            "UPDATE emergency_reviews SET officer = 'leyla'",
        ):
            with pytest.raises(StoreError):
                await store.ledger.write(partial(_tampers, sql))


async def test_lanes_opened_by_one_word_are_reviewed_as_one(tmp_path: Path) -> None:
    """By officer and moment; another emergency of the same officer is another review."""
    with a_store(tmp_path) as store:
        for lane, seconds in (("lane-1", 0), ("lane-2", 0), ("lane-1", 60)):
            name = f"{lane}.{seconds}"
            declared = DeclareEmergency(name, "leyla", "fire")
            await store.ledger.commit(step(declared, point=lane, seconds=seconds))
        await store.ledger.commit(step(EndEmergency("lane-1.0"), seconds=30))
        first, second = await store.ledger.reviews()
        assert (first.points, first.ended_at) == (("lane-1", "lane-2"), None)
        assert second.emergency_ids == ("lane-1.60",)
