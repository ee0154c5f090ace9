"""Of several declarations on one plate none can be taken away: those left behind do not decide alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.model import Declaration, NotificationNumber, RegistrationMark, VisitStatus
from gate.store.store import Store
from tests.lanes.stories import LORRY, VAN
from tests.sealing.made import KEYS
from tests.store.kept import AT, a_store, rows, step
from tests.store.test_cache import ONE, TWO, declared
from tests.store.test_tampered_cache import refusals, tamper

THREE = NotificationNumber("5728134690214")


def on(number: NotificationNumber, *marks: RegistrationMark, version: int = 1) -> Declaration:
    """A declaration of these plates, as central signs it."""
    return KEYS.signed(replace(declared(number), marks=marks, version=version, verdict=None))


async def filed(store: Store, *declarations: Declaration, cursor: int = 1) -> None:
    """A page of central's feed."""
    await store.cache.apply(cursor, declarations, AT)


@pytest.mark.parametrize(
    "how",
    [
        f"DELETE FROM declarations WHERE number = '{TWO}'",
        f"DELETE FROM declaration_marks WHERE number = '{TWO}'",
        f"UPDATE declaration_marks SET mark = '77BC401' WHERE number = '{TWO}'",
    ],
)
async def test_one_of_two_taken_away_holds_the_vehicle(how: str, tmp_path: Path) -> None:
    """The row, or the way from the plate to it: what is left is found, and the other is missed by name."""
    with a_store(tmp_path) as store:
        await filed(store, on(ONE, LORRY), on(TWO, LORRY))
        tamper(tmp_path, how)
        found = await store.cache.look_up(LORRY, None, "visit-1")
        assert [d.number for d in found.by_mark] == [ONE]
        assert refusals(found) == ["absent-row"]
        assert TWO in found.refused[0].detail


async def test_declarations_that_come_one_after_the_other_are_known_together(tmp_path: Path) -> None:
    """The second page finds the first one's declaration in the cache already."""
    with a_store(tmp_path) as store:
        await filed(store, on(ONE, LORRY))
        assert rows(tmp_path / "journal.db", "SELECT * FROM groupage") == []
        await filed(store, on(TWO, LORRY, VAN), cursor=2)
        tamper(tmp_path, f"DELETE FROM declarations WHERE number = '{ONE}'")
        assert refusals(await store.cache.look_up(LORRY, None, "visit-1")) == ["absent-row"]
        assert refusals(await store.cache.look_up(VAN, None, "visit-1")) == []


async def test_a_declaration_amended_onto_another_vehicle_is_not_missed(tmp_path: Path) -> None:
    """It names the lorry no more, so the lorry goes by the other one alone."""
    with a_store(tmp_path) as store:
        await filed(store, on(ONE, LORRY), on(TWO, LORRY))
        await filed(store, on(TWO, VAN, version=2), cursor=2)
        found = await store.cache.look_up(LORRY, None, "visit-1")
        assert ([d.number for d in found.by_mark], refusals(found)) == ([ONE], [])


async def test_an_older_version_that_comes_again_changes_nothing(tmp_path: Path) -> None:
    """The feed read anew: what is known of the newer one stays."""
    with a_store(tmp_path) as store:
        await filed(store, on(ONE, LORRY), on(TWO, VAN))
        await filed(store, on(TWO, LORRY, version=2), cursor=2)
        await filed(store, on(TWO, VAN, version=1), cursor=3)
        tamper(tmp_path, f"DELETE FROM declarations WHERE number = '{TWO}'")
        assert refusals(await store.cache.look_up(LORRY, None, "visit-1")) == ["absent-row"]


async def test_what_an_earlier_trip_used_up_is_not_missed(tmp_path: Path) -> None:
    """It decides nothing any more, there or gone."""
    with a_store(tmp_path) as store:
        await filed(store, on(ONE, LORRY), on(TWO, LORRY))
        came, through = OpenVisit("trip-1", AT.isoformat()), UpdateVisit("trip-1", VisitStatus.COMPLETED)
        await store.ledger.commit(step(came, through))
        await store.thread.run(
            lambda: store.thread.journal.execute(
                "INSERT INTO openings (number, visit_id, version, corridor, opened_at)"
                " VALUES (?, 'trip-1', 1, 'GREEN', ?)",
                (TWO, AT.isoformat()),
            )
        )
        tamper(tmp_path, f"DELETE FROM declarations WHERE number = '{TWO}'")
        assert refusals(await store.cache.look_up(LORRY, None, "visit-2")) == []


PAGES = st.lists(
    st.tuples(
        st.sampled_from((ONE, TWO, THREE)),
        st.integers(1, 4),
        st.sets(st.sampled_from((LORRY, VAN)), min_size=1),
    ),
    max_size=5,
)


Page = list[tuple[NotificationNumber, int, set[RegistrationMark]]]


@given(pages=st.lists(PAGES, min_size=1, max_size=4), gone=st.sampled_from((ONE, TWO, THREE)))
@settings(max_examples=60)
def test_whatever_the_feed_said_only_what_is_gone_is_missed(
    pages: list[Page], gone: NotificationNumber, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing is missed while nothing is taken; then exactly what shared its plate is."""
    asyncio.run(_is_missed(tmp_path_factory.mktemp("cache"), pages, gone))


async def _is_missed(data: Path, pages: list[Page], gone: NotificationNumber) -> None:
    with a_store(data) as store:
        for cursor, page in enumerate(pages, start=1):
            said = [on(number, *sorted(marks), version=version) for number, version, marks in page]
            await filed(store, *said, cursor=cursor)
        before = {mark: await store.cache.look_up(mark, None, "visit-1") for mark in (LORRY, VAN)}
        assert all(refusals(found) == [] for found in before.values())
        tamper(data, f"DELETE FROM declarations WHERE number = '{gone}'")
        for mark, found in before.items():
            numbers = {d.number for d in found.by_mark}
            now = refusals(await store.cache.look_up(mark, None, "visit-1"))
            if gone not in numbers:
                assert now == []
            elif len(numbers) > 1:
                assert now == ["absent-row"]
            else:
                # Alone on its plate it is no declaration at all; where it once shared it, it is missed.
                assert now in ([], ["absent-row"])
