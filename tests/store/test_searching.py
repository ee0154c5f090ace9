"""What a search finds in journal.db and cache.db, and what it does not even read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.lanes.wanted import Wanted, understand
from gate.model import NotificationNumber, RegistrationMark, VisitStatus
from gate.store.store import Store
from tests.lanes.stories import LORRY, VAN
from tests.lanes.test_rules import GOODS, ONE, TWO
from tests.sealing.made import KEYS
from tests.store.kept import AT, a_store, step


async def _visit(store: Store, visit_id: str, minutes: int, update: UpdateVisit) -> None:
    came = OpenVisit(visit_id, (AT + timedelta(minutes=minutes)).isoformat())
    await store.ledger.commit(step(came, update))


async def test_declarations_by_number_and_by_the_beginning_of_a_mark(tmp_path: Path) -> None:
    """Newest first, as many as wanted, each once though two of its marks begin so."""
    begins = RegistrationMark(LORRY[:3])
    both = replace(GOODS, marks=(LORRY, RegistrationMark(f"{begins}ZZ9")))
    later = replace(GOODS, number=TWO, registered_at=AT, marks=(LORRY,))
    with a_store(tmp_path) as store:
        await store.cache.apply(2, [both, later, replace(GOODS, number=_other(), marks=(VAN,))], AT)
        found = await store.cache.find_declared(begins, None, 10)
        assert [one.number for one in found] == [TWO, ONE]
        assert found[1].marks == both.marks
        assert [one.number for one in await store.cache.find_declared(None, ONE, 10)] == [ONE]
        assert await store.cache.find_declared(RegistrationMark(f"{LORRY}9"), None, 10) == []
        assert len(await store.cache.find_declared(begins, None, 1)) == 1


async def test_a_search_never_reads_a_sealed_verdict(tmp_path: Path) -> None:
    """No statement it executes names a column of the seal, nor all columns."""
    said: list[str] = []
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
        store.thread.cache.conn.set_trace_callback(said.append)
        await store.cache.find_declared(LORRY, None, 10)
        await store.cache.find_declared(None, ONE, 10)
    assert len(said) == 2
    for column in ("ciphertext", "signature", "verdict", "valid_", "*"):
        assert not any(column in statement for statement in said)


async def test_what_is_shown_of_a_vehicles_declarations_is_what_central_signed(tmp_path: Path) -> None:
    """Each by its number, with its cargo number; a row somebody wrote into the file is left out."""
    cargo = KEYS.signed(replace(GOODS, cargo="10500/6/05/0417", verdict=None))
    forged = KEYS.signed(replace(GOODS, number=TWO, verdict=None))
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [cargo, replace(forged, marks=(VAN,))], AT)
        (told,) = await store.cache.declared_as([ONE, TWO, _other()])
        assert (told.number, told.cargo, told.marks) == (ONE, "10500/6/05/0417", GOODS.marks)
        assert await store.cache.declared_as([]) == []


async def test_visits_by_mark_and_by_number(tmp_path: Path) -> None:
    """By plate those that are over, too; by number those here now, newest first."""
    over = UpdateVisit("visit-1", VisitStatus.COMPLETED, LORRY, (ONE,))
    here = UpdateVisit("visit-2", VisitStatus.HELD, LORRY, (ONE, TWO))
    with a_store(tmp_path) as store:
        await _visit(store, "visit-1", 0, over)
        await _visit(store, "visit-2", 5, here)
        await _visit(store, "visit-3", 9, UpdateVisit("visit-3", VisitStatus.HELD, VAN))
        by_mark = await store.ledger.find_visits(RegistrationMark(LORRY[:4]), None, 10)
        assert [visit.visit_id for visit in by_mark] == ["visit-2", "visit-1"]
        by_number = await store.ledger.find_visits(None, TWO, 10)
        assert [visit.visit_id for visit in by_number] == ["visit-2"]
        assert len(await store.ledger.find_visits(LORRY, None, 1)) == 1


def test_a_text_asks_for_a_number_or_a_mark() -> None:
    """A number with its check digit right is a number, anything else the beginning of a plate."""
    assert understand(f"{ONE[:4]} {ONE[4:]}") == Wanted(number=ONE)
    assert understand("10-aa") == Wanted(mark=RegistrationMark("10AA"))
    wrong = NotificationNumber(ONE[:-1] + str((int(ONE[-1]) + 1) % 10))
    assert understand(wrong) == Wanted(mark=RegistrationMark(wrong))
    assert understand("10") is None
    assert understand("1" * 41) is None


def _other() -> NotificationNumber:
    return NotificationNumber("5555555555555")
