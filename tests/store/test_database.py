"""Opening, migrating, refusing: a database that cannot be used is named, never guessed at."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest
from sqlite_utils import Database

from gate.errors import StoreError
from gate.model import RegistrationMark
from gate.store.database import open_database, transaction
from gate.store.store import open_store
from tests.lanes.test_rules import GOODS
from tests.sealing.made import KEYS
from tests.store.kept import AT, a_store, rows, step

SCHEMA = Path(str(resources.files("gate.store"))) / "schema"
TABLES = {"meta", "journal", "outbox", "snapshots", "visits", "openings", "releases", "pulses", "calls"}


def _tables(path: Path) -> set[object]:
    return {name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_empty_folder_becomes_two_databases(tmp_path: Path) -> None:
    """Every migration is applied from nothing, durably: WAL and FULL."""
    with a_store(tmp_path / "new" / "edge") as store:
        assert store.thread.journal.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store.thread.journal.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store.thread.journal.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert _tables(tmp_path / "new/edge/journal.db") >= TABLES
    assert _tables(tmp_path / "new/edge/cache.db") >= {"meta", "declarations", "declaration_marks"}
    steps = {name: len(list((SCHEMA / name).glob("*.sql"))) for name in ("journal", "cache")}
    assert rows(tmp_path / "new/edge/journal.db", "PRAGMA user_version") == [(steps["journal"],)]
    assert rows(tmp_path / "new/edge/cache.db", "PRAGMA user_version") == [(steps["cache"],)]


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """The epoch is the journal's identity for life, whatever boots."""
    with a_store(tmp_path) as store:
        epoch = store.outbox.epoch
    with a_store(tmp_path, "boot2") as store:
        assert store.outbox.epoch == epoch
    assert len(epoch) == 32


def test_a_journal_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """An old program must not write into what it does not know."""
    open_database(tmp_path / "journal.db", "journal").execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"journal\.db is of schema 99"):
        open_database(tmp_path / "journal.db", "journal")


@pytest.mark.parametrize("damage", ["not a database", "a page overwritten"])
def test_a_damaged_journal_stops_the_gate(tmp_path: Path, damage: str) -> None:
    """journal.db is never set aside or begun anew: the message names it, people decide."""
    _damage(tmp_path / "journal.db", "journal", damage)
    with pytest.raises(StoreError, match=r"journal\.db"):
        open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    assert [path.name for path in tmp_path.glob("journal.db*damaged*")] == []


def test_a_journal_that_is_a_folder_is_named(tmp_path: Path) -> None:
    """What the file system refuses is a StoreError too."""
    (tmp_path / "journal.db").mkdir()
    with pytest.raises(StoreError, match=r"journal\.db"):
        open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)


@pytest.mark.parametrize("damage", ["not a database", "a page overwritten"])
async def test_a_damaged_cache_is_set_aside_and_holds_everybody(tmp_path: Path, damage: str) -> None:
    """Central can send it again; until then it is older than the journal's cursor."""
    with a_store(tmp_path) as store:
        await store.cache.apply(7, [GOODS], AT)
    _damage(tmp_path / "cache.db", "cache", damage)
    with a_store(tmp_path, "boot2") as store:
        state = await store.cache.state()
        assert (state.cursor, state.behind_journal) == (0, True)
        assert len(_set_aside(tmp_path)) == 1
        await store.cache.apply(8, [GOODS], AT)
        assert not (await store.cache.state()).behind_journal
        # A handle left on the damaged file would one day take the new file's WAL away with it.
        held = _open_files()
        assert not [name for name in held if "cache.db.damaged" in name or "cache.db-wal (del" in name]
        assert rows(tmp_path / "cache.db", "SELECT number FROM declarations") == [(GOODS.number,)]


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """Whatever fails in it, and even when the COMMIT does, the next one can begin."""
    database = open_database(tmp_path / "journal.db", "journal")
    with pytest.raises(sqlite3.OperationalError):
        _half_done(database, "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(sqlite3.IntegrityError):
        _half_done(database, "INSERT INTO pulses VALUES ('l1', 'lane-1', 'lower', 'no such release', 'now')")
    with transaction(database) as connection:
        connection.execute("INSERT INTO meta VALUES ('whole', 'done')")
    assert database.execute("SELECT key FROM meta").fetchall() == [("whole",)]
    assert database.execute("SELECT count(*) FROM pulses").fetchone() == (0,)
    database.close()


async def test_a_constraint_is_a_store_error(tmp_path: Path) -> None:
    """The lane need not know SQLite to hear that the database refused."""
    with a_store(tmp_path) as store:
        await store.ledger.commit(step())
        with pytest.raises(StoreError, match="append-only"):
            await store.thread.run(lambda: store.thread.journal.execute("DELETE FROM journal"))


def _open_files() -> list[str]:
    return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def _set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("cache.db.damaged-*"))


def _half_done(database: Database, then: str) -> None:
    with transaction(database) as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")  # so that the second insert fails at COMMIT
        connection.execute("INSERT INTO meta VALUES ('half', 'done')")
        connection.execute(then)


def _damage(path: Path, schema: str, how: str) -> None:
    if how == "not a database":
        path.write_bytes(b"\x00garbage" * 4096)
        return
    database = open_database(path, schema)
    with transaction(database) as connection:
        for count in range(400):
            connection.execute("INSERT INTO meta VALUES (?, ?)", (f"key-{count}", "x" * 200))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)


async def test_a_cache_of_before_signed_rows_is_emptied_and_holds(tmp_path: Path) -> None:
    """Its rows are dropped, its cursor with them: behind the journal until the feed has refilled it."""
    with a_store(tmp_path) as store:
        await store.cache.apply(12, [], AT)
    for name in ("cache.db", "cache.db-wal", "cache.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with closing(sqlite3.connect(tmp_path / "cache.db")) as old, old:
        old.executescript((SCHEMA / "cache/0001_cache.sql").read_text())
        old.execute("INSERT INTO meta VALUES ('cursor', '12'), ('fetched_at', ?)", (AT.isoformat(),))
        old.execute(
            "INSERT INTO declarations (number, version, site, direction, mode, category, status, marks,"
            " registered_at) VALUES ('5728134690214', 1, 'samur', 'entry', 'road', 'transit', 'active',"
            """ '["10AA123"]', ?)""",
            (AT.isoformat(),),
        )
        old.execute("INSERT INTO declaration_marks VALUES ('10AA123', '5728134690214')")
        old.execute("PRAGMA user_version = 1")
    with a_store(tmp_path, "boot2") as store:
        found = await store.cache.look_up(RegistrationMark("10AA123"), None, "visit-1")
        assert found.by_mark == ()
        assert (found.cache.cursor, found.cache.fetched_at) == (0, None)
        assert found.cache.behind_journal


async def test_the_log_is_folded_back_behind_what_waits(tmp_path: Path) -> None:
    """No commit does it, and it is done all the same: the file alone has what was written long ago."""
    with a_store(tmp_path) as store:
        (auto,) = store.thread.journal.execute("PRAGMA wal_autocheckpoint").fetchone()
        assert auto == 0
        kept = [(f"kept-{number}",) for number in range(600)]
        await store.ledger.write(
            lambda connection, _: connection.executemany("INSERT INTO meta VALUES (?, 'x')", kept)
        )
        await store.thread.run(lambda: None)
        shutil.copy(tmp_path / "journal.db", tmp_path / "alone.db")
    with closing(sqlite3.connect(tmp_path / "alone.db")) as alone:
        assert alone.execute("SELECT count(*) FROM meta WHERE key LIKE 'kept-%'").fetchone() == (600,)
