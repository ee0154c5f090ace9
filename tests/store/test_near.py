"""Near marks out of the cache: exactly what the pure comparison finds by looking at every mark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.model import DeclarationStatus, Likeness, NotificationNumber, RegistrationMark, TravelDirection
from gate.model.likeness import likeness, skeleton
from gate.store.database import open_database
from gate.store.near import MOST, near_marks
from gate.store.rows import declaration_row
from tests.lanes.stories import LORRY, VAN
from tests.lanes.test_likeness import SIGNS, plates
from tests.lanes.test_rules import GOODS, TWO
from tests.store.kept import AT, a_store

CYRILLIC = "\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425\u0423\u0406\u0416\u00c4"
"""Look-alikes, and two letters that are nothing's twin."""
ALMOST = RegistrationMark("1OAA123")
few = st.text("01OIB8AZ", min_size=3, max_size=6).map(RegistrationMark)
"""Marks out of few signs, so that many are near one another."""


def cache_of(folder: Path, marks: list[RegistrationMark]) -> sqlite_utils.Database:
    """A cache of declarations in force, one for each mark."""
    database = open_database(folder / "cache.db", "cache")
    for at, mark in enumerate(marks):
        number = NotificationNumber(f"{at:013d}")
        columns = ", ".join("?" * len(declaration_row(GOODS)))
        names = ", ".join(
            row[1] for row in database.execute("PRAGMA table_info(declarations)").fetchall() if row[1] != "id"
        )
        row = declaration_row(replace(GOODS, number=number, marks=(mark,)))
        database.execute(f"INSERT INTO declarations ({names}) VALUES ({columns})", row)
        database.execute("INSERT INTO declaration_marks (mark, number) VALUES (?, ?)", (mark, number))
    return database


@st.composite
def read_among_declared(draw: st.DrawFn) -> tuple[list[RegistrationMark], RegistrationMark]:
    """Declared marks, and what was read: as often as not a slip of one of them."""
    declared = draw(st.lists(st.one_of(few, plates), min_size=1, max_size=30, unique=True))
    mark = draw(st.sampled_from(declared))
    at, sign = draw(st.integers(0, len(mark))), draw(st.sampled_from(SIGNS))
    slips = (mark[:at] + sign + mark[at + 1 :], mark[:at] + mark[at + 1 :], mark[:at] + sign + mark[at:])
    strips = ("AZ" + mark, mark[2:])
    return declared, draw(st.one_of(few, plates, st.sampled_from((*slips, *strips)).map(RegistrationMark)))


@settings(max_examples=150, deadline=None)
@given(read_among_declared())
def test_the_index_finds_what_looking_at_every_mark_finds(
    tmp_path_factory: pytest.TempPathFactory, scene: tuple[list[RegistrationMark], RegistrationMark]
) -> None:
    """No more, no less, the likeliest first."""
    declared, read = scene
    folder = tmp_path_factory.mktemp("near")
    database = cache_of(folder, declared)
    try:
        found = near_marks(database.conn, read, most=len(declared))
    finally:
        database.conn.close()
    every = {mark for mark in declared if likeness(read, mark) not in (None, Likeness.SAME)}
    assert set(found) == every
    assert len(found) == len(every)
    order = [likeness(read, mark) for mark in found]
    assert order == sorted(order, key=lambda how: how or 0)


@given(st.text(SIGNS + CYRILLIC, max_size=16))
@settings(deadline=None)
def test_the_column_says_what_the_model_says(text: str) -> None:
    """The skeleton that SQLite keeps is the one `skeleton` makes, whatever the letters."""
    assert _kept(text) == skeleton(text)


def _kept(text: str) -> str:
    database = sqlite_utils.Database(memory=True)
    schema = Path(__file__).parents[2] / "gate/store/schema/cache/0003_near.sql"
    database.execute("CREATE TABLE declaration_marks (mark TEXT, number TEXT)")
    database.conn.executescript(schema.read_text(encoding="utf-8"))
    database.execute("INSERT INTO declaration_marks (mark, number) VALUES (?, '1')", (text,))
    (kept,) = database.execute("SELECT skeleton FROM declaration_marks").fetchone()
    database.conn.close()
    return str(kept)


async def test_only_what_is_in_force_for_entry_is_a_candidate(tmp_path: Path) -> None:
    """Withdrawn, for the other way, or of a former plate: no reason to look twice."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
        assert list(await store.cache.near(ALMOST)) == [LORRY]
        assert list(await store.cache.near(LORRY)) == [], "the same is no near match"
        await store.cache.apply(2, [replace(GOODS, version=2, direction=TravelDirection.EXIT)], AT)
        assert list(await store.cache.near(ALMOST)) == []
        await store.cache.apply(3, [replace(GOODS, version=3, marks=(VAN,))], AT)
        assert list(await store.cache.near(ALMOST)) == []
        withdrawn = replace(GOODS, version=4, status=DeclarationStatus.WITHDRAWN, verdict=None)
        await store.cache.apply(4, [withdrawn, replace(GOODS, number=TWO)], AT)
        assert list(await store.cache.near(ALMOST)) == [LORRY], "another declaration of it is in force"


async def test_an_officer_is_named_a_few_and_the_likeliest_first(tmp_path: Path) -> None:
    """Look-alikes before other slips; of dozens nobody compares each by sight."""
    near = [replace(GOODS, number=NotificationNumber(f"{n:013d}"), marks=(_one_off(n),)) for n in range(20)]
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [*near, GOODS], AT)
        found = await store.cache.near(ALMOST)
    assert found[0] == LORRY
    assert len(found) == MOST


def _one_off(sign: int) -> RegistrationMark:
    return RegistrationMark(f"10AA12{'469ACEFHJKMNPRWXY3UG'[sign]}")
