"""cache.db: what central published, by plate and by number, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.model import Declaration, DeclarationStatus, NotificationNumber, RegistrationMark, VisitStatus
from gate.store.store import Store
from tests.lanes.stories import LORRY, VAN, number
from tests.sealing.made import KEYS, plain
from tests.store.kept import AT, a_store, rows, step

LATER = AT + timedelta(minutes=1)
ONE, TWO, THREE = number("100000000001"), number("200000000002"), number("300000000003")
CODE = NotificationNumber("0004711004711")


def declared(as_number: NotificationNumber = ONE, **changes: object) -> Declaration:
    """A declaration for LORRY as central seals and signs it."""
    bare = replace(plain(), number=as_number, version=1, marks=(LORRY,))
    return KEYS.sealed(declaration=replace(bare, **changes))  # type: ignore[arg-type]  # a test names its fields


GOODS = declared()


async def _marks(store: Store, mark: RegistrationMark) -> list[str]:
    found = await store.cache.look_up(mark, None, "visit-1")
    return [declaration.number for declaration in found.by_mark]


async def test_a_declaration_comes_back_as_it_was_applied(tmp_path: Path) -> None:
    """Sealed verdict, dates and all, by plate and by number."""
    trailer = declared(marks=(LORRY, VAN), preliminary=CODE, cargo="01500/6/03/0042")
    bare = KEYS.signed(replace(GOODS, number=TWO, verdict=None))
    with a_store(tmp_path) as store:
        await store.cache.apply(3, [trailer, bare], AT)
        found = await store.cache.look_up(LORRY, TWO, "visit-1")
        assert found.by_mark == (trailer, bare)
        assert found.by_number == (bare,)
        assert found.prior == ()
        assert (found.cache.cursor, found.cache.fetched_at, found.cache.behind_journal) == (3, AT, False)
        assert await _marks(store, VAN) == [ONE]
        assert await _marks(store, RegistrationMark("90XX999")) == []


async def test_an_older_version_changes_nothing(tmp_path: Path) -> None:
    """The feed may repeat itself: only what is as new or newer replaces what is here."""
    newer = KEYS.signed(
        replace(GOODS, version=5, marks=(VAN,), status=DeclarationStatus.WITHDRAWN, verdict=None)
    )
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [declared(version=4)], AT)
        await store.cache.apply(2, [newer], AT)
        await store.cache.apply(3, [declared(version=4)], LATER)
        assert await _marks(store, LORRY) == []
        found = await store.cache.look_up(VAN, None, "visit-1")
        assert found.by_mark == (newer,)
        assert found.cache.cursor == 3


async def test_touching_makes_it_fresh_without_moving_the_cursor(tmp_path: Path) -> None:
    """Central confirmed that there is nothing new."""
    with a_store(tmp_path) as store:
        assert (await store.cache.state()).fetched_at is None
        await store.cache.apply(4, [GOODS], AT)
        await store.cache.touch(LATER)
        state = await store.cache.state()
        assert (state.cursor, state.fetched_at) == (4, LATER)
        assert await store.cache.cursor() == 4


async def test_a_cache_older_than_the_journal_is_known_for_it(tmp_path: Path) -> None:
    """A restored backup of cache.db must not direct anybody by what has been withdrawn since."""
    with a_store(tmp_path) as store:
        await store.cache.apply(9, [GOODS], AT)
    for name in ("cache.db", "cache.db-wal", "cache.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with a_store(tmp_path, "boot2") as store:
        await store.cache.touch(LATER)
        assert (await store.cache.look_up(LORRY, None, "visit-1")).cache.behind_journal
        await store.cache.apply(8, [GOODS], AT)
        assert (await store.cache.state()).behind_journal
        await store.cache.apply(9, [GOODS], AT)
        assert not (await store.cache.state()).behind_journal


async def test_a_batch_is_applied_whole_or_not_at_all(tmp_path: Path) -> None:
    """A row the database refuses leaves neither its batch nor a cursor past it."""
    impossible = replace(GOODS, number=TWO, site=None)  # type: ignore[arg-type]  # a NOT NULL column refuses it
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [], AT)
        with pytest.raises(StoreError, match="refused"):
            await store.cache.apply(2, [GOODS, impossible], AT)
        assert await _marks(store, LORRY) == []
        state = await store.cache.state()
        assert (state.cursor, state.behind_journal) == (1, True)


async def test_prior_openings_are_those_of_other_visits(tmp_path: Path) -> None:
    """8.0: opened before by another visit, and whether that one left unreleased."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
        await store.ledger.commit(step(OpenVisit("visit-1", AT.isoformat())))
        await store.ledger.write(
            lambda connection, _: connection.execute(
                "INSERT INTO openings VALUES (?, 'visit-1', 1, 'RED', ?)", (ONE, AT.isoformat())
            )
        )
        assert (await store.cache.look_up(LORRY, None, "visit-1")).prior == ()
        (prior,) = (await store.cache.look_up(LORRY, None, "visit-2")).prior
        assert (prior.number, prior.visit_id, prior.left_unreleased) == (ONE, "visit-1", False)
        await store.ledger.commit(step(UpdateVisit("visit-1", VisitStatus.LEFT_UNRELEASED)))
        (prior,) = (await store.cache.look_up(None, ONE, "visit-2")).prior
        assert prior.left_unreleased


async def test_a_number_finds_what_bears_it_in_either_space(tmp_path: Path) -> None:
    """A preliminary code leads to its declaration; one valid in both spaces to both, none twice."""
    named = declared(preliminary=TWO)
    itself = declared(TWO, preliminary=TWO)
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [named, itself, declared(THREE)], AT)
        assert (await store.cache.look_up(None, ONE, "visit-1")).by_number == (named,)
        assert (await store.cache.look_up(None, TWO, "visit-1")).by_number == (named, itself)
        assert (await store.cache.look_up(None, CODE, "visit-1")).by_number == ()


async def test_a_cargo_declaration_finds_the_declarations_that_name_it(tmp_path: Path) -> None:
    """At the desk its number leads to all of them, with what was opened of each before."""
    cargo = "01500/6/03/0042"
    first, second = declared(cargo=cargo), declared(TWO, cargo=cargo)
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [second, first, declared(THREE, cargo="01500/6/03/0043")], AT)
        found = await store.cache.look_up(None, None, "visit-1", cargo)
        assert found.by_cargo == (first, second)
        assert (found.by_mark, found.by_number) == ((), ())


async def test_people_can_read_the_cache(tmp_path: Path) -> None:
    """A database browser shows moments as moments, and nothing of any verdict but that there is one."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
    (row,) = rows(tmp_path / "cache.db", "SELECT number, marks, registered_at, has_verdict FROM readable")
    assert row == (ONE, LORRY, "2026-03-01T08:00:00.123Z", 1)
