"""Somebody writes cache.db behind the gate's back: what was changed, moved or put back holds the vehicle."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.lanes.ports import Lookup
from gate.model import DeclarationStatus, NotificationNumber, Outcome, RegistrationMark
from gate.store.rows import DECLARATION_COLUMNS, declaration_row
from tests.lanes.stories import LORRY, VAN
from tests.sealing.made import KEYS
from tests.store.kept import AT, a_store
from tests.store.test_cache import ONE, TWO, declared

GOODS = declared(preliminary=NotificationNumber("0004711004711"), cargo="01500/6/03/0042")
WITHDRAWN = KEYS.signed(replace(GOODS, version=2, status=DeclarationStatus.WITHDRAWN, verdict=None))


def tamper(data: Path, *statements: str) -> None:
    """What anybody who can write the file can do to it, while the gate runs or not."""
    with closing(sqlite3.connect(data / "cache.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def refusals(found: Lookup) -> list[str]:
    """The finding codes of the rows that were kept back."""
    assert all((finding.rule, finding.outcome) == ("3.6", Outcome.HOLD) for finding in found.refused)
    return [finding.code for finding in found.refused]


EDITS = {
    "referred to the general lane": "category = 'transit'",
    "held for nothing": "status = 'withdrawn'",
    "registered in time": "registered_at = registered_at - 7200000000",
    "on another plate": "marks = '77BC401'",
    "for another checkpoint": "site = 'astara'",
    "not for import": "direction = 'exit'",
    "as baggage": "mode = 'baggage'",
    "of a newer version": "version = version + 1",
    "valid for longer": "valid_until = valid_until + 1",
    "under another code": "preliminary = '5728134690214'",
    "under another cargo declaration": "cargo = '01500/6/03/0041'",
    "without its verdict": "verdict_version = NULL, valid_from = NULL, valid_until = NULL, ciphertext = NULL",
    "with half a verdict": "ciphertext = NULL",
    "with a word central does not know": "category = 'smuggling'",
    "at no moment": "registered_at = 9223372036854775807",
    "without a signature": "signature = x''",
}


@pytest.mark.parametrize("what", sorted(EDITS))
async def test_an_edited_row_is_not_believed(tmp_path: Path, what: str) -> None:
    """Whatever the Rules would decide on it: the row is a finding, and nothing of it is told further."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
        assert (await store.cache.look_up(LORRY, None, "visit-1")).by_mark == (GOODS,)
        tamper(tmp_path, f"UPDATE declarations SET {EDITS[what]}")
        found = await store.cache.look_up(LORRY, None, "visit-1")
        assert (found.by_mark, refusals(found)) == ((), ["forged-row"])


async def test_a_good_row_beside_an_edited_one_does_not_help(tmp_path: Path) -> None:
    """Groupage: every notification on the plate must be as central signed it."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS, declared(TWO)], AT)
        tamper(tmp_path, f"UPDATE declarations SET category = 'transit' WHERE number = '{TWO}'")
        found = await store.cache.look_up(LORRY, ONE, "visit-1")
        assert found.by_mark == found.by_number == (GOODS,)
        assert refusals(found) == ["forged-row"]


async def test_another_declarations_verdict_is_told_as_that(tmp_path: Path) -> None:
    """Verdict and signature moved from a neighbour's row: swapped, said so."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS, declared(TWO, marks=(VAN,))], AT)
        moved = ("verdict_version", "valid_from", "valid_until", "ciphertext", "signature")
        names = ", ".join(moved)
        tamper(
            tmp_path,
            f"UPDATE declarations SET ({names}) = (SELECT {names} FROM declarations WHERE number = '{TWO}')"
            f" WHERE number = '{ONE}'",
        )
        assert refusals(await store.cache.look_up(LORRY, None, "visit-1")) == ["swapped-verdict"]


async def test_a_plate_led_to_another_vehicles_declaration(tmp_path: Path) -> None:
    """The table of marks is nobody's word: the marks that count are in the signed row."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
        tamper(tmp_path, f"INSERT INTO declaration_marks VALUES ('{VAN}', '{ONE}')")
        found = await store.cache.look_up(VAN, None, "visit-1")
        assert (found.by_mark, refusals(found)) == ((), ["forged-row"])
        assert (await store.cache.look_up(LORRY, None, "visit-1")).by_mark == (GOODS,)


async def test_columns_of_another_kind_hold_and_break_nothing(tmp_path: Path) -> None:
    """A table made anew without its types, full of what no column should hold."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
    tamper(
        tmp_path,
        "CREATE TABLE loose AS SELECT * FROM declarations",
        "DROP VIEW readable",
        "DROP TABLE declarations",
        "ALTER TABLE loose RENAME TO declarations",
        "UPDATE declarations SET version = 'x', marks = NULL, signature = 7, ciphertext = 1.5",
    )
    with a_store(tmp_path, "boot2") as store:
        assert refusals(await store.cache.look_up(LORRY, None, "visit-1")) == ["forged-row"]


async def test_a_row_from_before_a_withdrawal_is_refused(tmp_path: Path) -> None:
    """Rightly signed, once in force, put back: the journal remembers that there was a newer version."""
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS], AT)
        await store.cache.apply(2, [WITHDRAWN], AT)
        assert (await store.cache.look_up(LORRY, None, "visit-1")).by_mark == (WITHDRAWN,)
        with closing(sqlite3.connect(tmp_path / "cache.db")) as connection, connection:
            columns = ", ".join(f"{name} = ?" for name in DECLARATION_COLUMNS.split(", "))
            connection.execute(f"UPDATE declarations SET {columns}", declaration_row(GOODS))
        found = await store.cache.look_up(LORRY, None, "visit-1")
        assert (found.by_mark, refusals(found)) == ((), ["older-row"])
        assert not found.cache.behind_journal


@pytest.mark.parametrize("cursor_edited", [False, True])
async def test_a_whole_older_cache_put_back(tmp_path: Path, cursor_edited: bool) -> None:
    """As it is, it holds every vehicle; with its cursor edited up, still those amended since."""
    kept = tmp_path / "kept.db"
    with a_store(tmp_path) as store:
        await store.cache.apply(1, [GOODS, declared(TWO, marks=(VAN,))], AT)
        store.thread.cache.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        shutil.copy(tmp_path / "cache.db", kept)
        await store.cache.apply(7, [WITHDRAWN], AT)
    shutil.copy(kept, tmp_path / "cache.db")
    for name in ("cache.db-wal", "cache.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    if cursor_edited:
        tamper(tmp_path, "UPDATE meta SET value = '7' WHERE key = 'cursor'")
    with a_store(tmp_path, "boot2") as store:
        await store.cache.touch(AT + timedelta(seconds=1))
        lorry = await store.cache.look_up(LORRY, None, "visit-1")
        assert lorry.cache.behind_journal is not cursor_edited
        assert refusals(lorry) == ["older-row"]
        van = await store.cache.look_up(VAN, None, "visit-2")
        assert refusals(van) == []
        assert van.cache.behind_journal is not cursor_edited


async def test_a_floor_never_sinks(tmp_path: Path) -> None:
    """A central restored from an older backup hands out an older version: it is kept out and held."""
    with a_store(tmp_path) as store:
        await store.cache.apply(3, [WITHDRAWN], AT)
        await store.cache.apply(4, [GOODS], AT)
        assert (await store.cache.look_up(LORRY, None, "visit-1")).by_mark == (WITHDRAWN,)
    for name in ("cache.db", "cache.db-wal", "cache.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with a_store(tmp_path, "boot2") as store:
        await store.cache.apply(4, [GOODS], AT)
        assert refusals(await store.cache.look_up(LORRY, None, "visit-1")) == ["older-row"]
        amended = declared(version=2)
        await store.cache.apply(5, [amended], AT)
        assert (await store.cache.look_up(LORRY, None, "visit-1")).by_mark == (amended,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = 'eleven' WHERE key = 'cursor'",
        "UPDATE meta SET value = '' WHERE key = 'cursor'",
        "UPDATE meta SET value = '-5' WHERE key = 'cursor'",
        "DELETE FROM meta",
    ],
)
async def test_a_cursor_that_makes_no_sense_is_an_empty_caches(tmp_path: Path, statement: str) -> None:
    """It holds every vehicle until the feed has been read again from its start."""
    with a_store(tmp_path) as store:
        await store.cache.apply(5, [GOODS], AT)
        tamper(tmp_path, statement)
        assert await store.cache.cursor() == 0
        assert (await store.cache.state()).behind_journal


@pytest.mark.parametrize("value", ["soon", "2026-03-01T08:00:00", ""])
async def test_a_confirmation_that_makes_no_sense_is_none(tmp_path: Path, value: str) -> None:
    """When the cache was last confirmed must be a moment with its zone."""
    with a_store(tmp_path) as store:
        await store.cache.apply(5, [GOODS], AT)
        tamper(tmp_path, f"UPDATE meta SET value = '{value}' WHERE key = 'fetched_at'")
        assert (await store.cache.state()).fetched_at is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(DECLARATION_COLUMNS.split(", ")[1:]),
    value=st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20) | st.binary(max_size=80),
)
async def test_no_value_in_any_column_is_believed_or_breaks_anything(
    tmp_path_factory: pytest.TempPathFactory, column: str, value: object
) -> None:
    """Random values in random columns of a table without types: the row as signed, or a finding."""
    data = tmp_path_factory.mktemp("loose")
    with a_store(data) as store:
        await store.cache.apply(1, [GOODS], AT)
        tamper(
            data,
            "DROP VIEW readable",
            "CREATE TABLE loose AS SELECT * FROM declarations",
            "DROP TABLE declarations",
            "ALTER TABLE loose RENAME TO declarations",
        )
        with closing(sqlite3.connect(data / "cache.db")) as connection, connection:
            connection.execute(f"UPDATE declarations SET {column} = ?", (value,))
        found = await store.cache.look_up(RegistrationMark(LORRY), None, "visit-1")
        if found.by_mark:
            assert (found.by_mark, refusals(found)) == ((GOODS,), [])
        else:
            assert len(refusals(found)) == 1
