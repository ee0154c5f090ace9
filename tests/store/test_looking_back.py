"""Looking back in the record: what is found, by what, and that no vehicle waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from gate.errors import StoreError
from gate.lanes.acts import ConfirmPlate
from gate.lanes.commands import UpdateVisit
from gate.lanes.record import canonical
from gate.model import Corridor, NotificationNumber, RegistrationMark, VisitStatus
from gate.model.likeness import skeleton
from gate.store.archive import Archive, TooWideError
from gate.store.journal import Journal
from gate.store.past_visits import PAGE, Sought
from gate.store.personal import erase_visits
from gate.store.store import Store
from tests.lanes.test_likeness import SIGNS
from tests.report.making import OFFICER, Diary
from tests.store.kept import AT, a_store, step
from tests.store.test_near import CYRILLIC

HOUR = timedelta(hours=1)


class Record:
    """A store being written, and the archive that reads it."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self.store = store
        self.archive = archive
        self.diary = Diary(store)

    async def came(self, mark: str, corridor: Corridor | None, minutes: int = 0) -> str:
        """A vehicle came; it was directed by an opened verdict, or only arrived."""
        at = AT + timedelta(minutes=minutes)
        visit = await self.diary.arrives(at, mark=mark)
        if corridor is not None:
            await self.diary.directed(visit, at + timedelta(seconds=5), corridor)
            await self.store.ledger.write(
                lambda db, _: db.execute("UPDATE visits SET opened = 1 WHERE visit_id = ?", (visit,))
            )
        return visit

    async def found(self, sought: Sought) -> list[str]:
        """Which visits are found."""
        return [visit.visit_id for visit in (await self.archive.find(sought)).visits]


@pytest_asyncio.fixture
async def record(tmp_path: Path) -> AsyncIterator[Record]:
    """An empty one."""
    with a_store(tmp_path) as store, closing(Archive(tmp_path)) as archive:
        yield Record(store, archive)


def _fold() -> str:
    folder = resources.files("gate.store").joinpath("schema/journal/0011_history.sql")
    schema = folder.read_text(encoding="utf-8")
    expression = schema.split("AS (", 1)[1].split(") VIRTUAL", 1)[0]
    return expression.replace("(mark,", "(:mark,")


_FOLD = _fold()
_FOLDING = sqlite3.connect(":memory:")


@given(st.text("".join(SIGNS) + CYRILLIC, max_size=12))
def test_the_database_folds_a_mark_as_the_core_does(mark: str) -> None:
    """What is one sign to `skeleton` is one sign to the search."""
    assert _FOLDING.execute(f"SELECT {_FOLD}", {"mark": mark}).fetchone() == (skeleton(mark),)


async def test_by_any_part_of_a_plate_with_look_alikes_as_one(record: Record) -> None:
    """O is 0 and I is 1, in the middle of a plate too; newest first."""
    first = await record.came("10OI123", Corridor.GREEN, 1)
    second = await record.came("99B0112", Corridor.GREEN, 2)
    await record.came("77CC777", Corridor.GREEN, 3)
    assert await record.found(Sought(mark=RegistrationMark("0112"))) == [second, first]
    assert await record.found(Sought(mark=RegistrationMark("OII"))) == [second, first]
    assert await record.found(Sought(mark=RegistrationMark("8011"))) == [second]


async def test_by_number_opened_or_held_and_by_cargo_number(record: Record) -> None:
    """Of an opened visit its openings tell, of a held one its row; a cargo number stands for itself."""
    held = await record.came("10AA111", None, 1)
    await record.store.ledger.commit(
        step(UpdateVisit(held, VisitStatus.HELD, numbers=_numbers("111", "10104/6/05/0042")))
    )
    gone = await record.came("10AA222", Corridor.BLUE, 2)
    await record.store.ledger.write(
        lambda db, _: db.execute(
            "INSERT INTO openings VALUES ('222', ?, 1, 'BLUE', ?, NULL)", (gone, AT.isoformat())
        )
    )
    assert await record.found(Sought(numbers=("111",))) == [held]
    assert await record.found(Sought(numbers=("222",))) == [gone]
    assert await record.found(Sought(numbers=("333",))) == []
    assert await record.found(Sought(cargo="10104/6/05/0042")) == [held]


async def test_by_time_outcome_and_who_did_something(record: Record) -> None:
    """From is in and to is out; an officer is found by a release and by any other act."""
    early = await record.came("10AA111", Corridor.RED, 0)
    late = await record.came("10AA222", None, 60)
    await record.diary.released(early, AT + timedelta(minutes=30), Corridor.RED)
    await record.diary.left(late, AT + timedelta(minutes=65))
    act = ConfirmPlate(officer="Nigar", point="approach", visit_id=late, mark=RegistrationMark("10AA222"))
    await record.store.ledger.record_act("approach", AT, canonical({"act": act, "done": True, "message": ""}))
    assert await record.found(Sought(begin=AT, end=AT + HOUR)) == [early]
    assert await record.found(Sought(begin=AT + HOUR)) == [late]
    assert await record.found(Sought(status=VisitStatus.LEFT_UNRELEASED)) == [late]
    assert await record.found(Sought(officer=OFFICER)) == [early]
    assert await record.found(Sought(officer="Nigar")) == [late]
    (visit,) = (await record.archive.find(Sought(officer=OFFICER))).visits
    assert (visit.officer, visit.released) == (OFFICER, AT + timedelta(minutes=30))
    assert visit.scene == "e" * 64


async def test_no_search_tells_what_no_opened_verdict_told(record: Record) -> None:
    """A corridor or lane written too early is neither shown nor found by (3.6)."""
    visit = await record.came("10AA111", None)
    early = UpdateVisit(visit, VisitStatus.DIRECTED, corridor=Corridor.RED, lane="lane-4")
    await record.store.ledger.commit(step(early))
    assert await record.found(Sought(corridor=Corridor.RED)) == []
    assert await record.found(Sought(point="lane-4")) == []
    (shown,) = (await record.archive.find(Sought(point="approach"))).visits
    assert (shown.corridor, shown.lane) == (None, None)
    await record.store.ledger.write(lambda db, _: db.execute("UPDATE visits SET opened = 1"))
    assert await record.found(Sought(corridor=Corridor.RED, point="lane-4")) == [visit]


async def test_pages_follow_one_another_without_gap_or_double(record: Record) -> None:
    """Also where many came at the same moment, and while more come."""
    visits = [await record.came(f"10AA{n:03}", None, n // 7) for n in range(2 * PAGE + 5)]
    seen: list[str] = []
    behind = None
    while True:
        page = await record.archive.find(Sought(behind=behind))
        seen += [visit.visit_id for visit in page.visits]
        await record.came("99ZZ999", None, 600 + len(seen))
        behind = page.behind
        if behind is None:
            break
    assert sorted(seen) == sorted(visits)
    assert len(seen) == len(set(seen))


async def test_what_retention_erased_is_found_without_its_plate(record: Record) -> None:
    """By time it is there, and says so; by plate it is gone, out of the index too."""
    visit = await record.came("10AA111", None)
    await record.diary.left(visit, AT)
    await record.store.ledger.write(lambda db, _: erase_visits(db, AT + HOUR, AT + HOUR))
    assert await record.found(Sought(mark=RegistrationMark("10AA1"))) == []
    (shown,) = (await record.archive.find(Sought())).visits
    assert (shown.mark, shown.erased) == (None, AT + HOUR)


async def test_nobody_waits_for_anybody(record: Record) -> None:
    """A search answers while a step is being written, and sees what was committed before it."""
    visit = await record.came("10AA111", None)
    written = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def a_long_step() -> None:
        def work(db: sqlite3.Connection, _journal: Journal) -> None:
            db.execute("UPDATE visits SET mark = '77CC777'")
            loop.call_soon_threadsafe(written.set)
            asyncio.run_coroutine_threadsafe(searched.wait(), loop).result(10)

        await record.store.ledger.write(work)

    searched = asyncio.Event()
    stepping = asyncio.create_task(a_long_step())
    await written.wait()
    assert await record.found(Sought(mark=RegistrationMark("10AA111"))) == [visit]
    searched.set()
    await stepping
    assert await record.found(Sought(mark=RegistrationMark("10AA111"))) == []


async def test_what_is_asked_too_widely_is_given_up(tmp_path: Path) -> None:
    """No question runs for ever; it says what to do, and the next one is answered."""
    with a_store(tmp_path) as store:
        rows = [(f"v{n}", "approach", "completed", "10AA123", AT.isoformat()) for n in range(20_000)]
        await store.ledger.write(
            lambda db, _: db.executemany(
                "INSERT INTO visits (visit_id, point, status, mark, first_presence) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
        )
        with closing(Archive(tmp_path, longest=0)) as archive:
            with pytest.raises(TooWideError, match="narrow it"):
                await archive.find(Sought(mark=RegistrationMark("ZZZ")))
            assert len((await archive.find(Sought())).visits) == PAGE


async def test_it_writes_nothing(record: Record) -> None:
    """Its connections are read-only: the one that writes each file stays the only one."""
    await record.came("10AA111", None)
    await record.found(Sought())
    with pytest.raises(StoreError, match="readonly"):
        await record.archive._run(lambda: record.archive._connection(0).execute("DELETE FROM calls"))


def _numbers(*numbers: str) -> tuple[NotificationNumber, ...]:
    return tuple(NotificationNumber(number) for number in numbers)
