"""The journal's chain: whatever is changed, removed, moved or cut off, `verify` names the entry."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.errors import StoreError
from gate.store.chain import GENESIS
from gate.store.journal_check import verify
from tests.store.kept import AT, a_store, opened, rows, step

ENTRIES = 8


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of eight entries over two boots, at rest."""
    data = tmp_path_factory.mktemp("written")

    async def write(boot: str, first: int) -> None:
        with a_store(data, boot) as store:
            for count in range(first, first + ENTRIES // 2):
                await store.ledger.commit(step(opened(f"visit-{count}"), seconds=count))

    asyncio.run(write("boot1", 1))
    asyncio.run(write("boot2", 5))
    return data / "journal.db"


def test_an_honest_journal_holds(written: Path) -> None:
    """Over restarts too: the second boot goes on from the first one's head."""
    found = verify(written)
    assert (found.entries, found.entry, found.problem) == (ENTRIES, None, None)
    assert rows(written, "SELECT DISTINCT boot FROM journal ORDER BY boot") == [("boot1",), ("boot2",)]


def test_a_new_journal_holds(tmp_path: Path) -> None:
    """Nothing written is nothing wrong."""
    with a_store(tmp_path):
        pass
    assert verify(tmp_path / "journal.db").head == GENESIS.hex()
    assert verify(tmp_path / "journal.db").problem is None


@pytest.mark.parametrize("deed", ["UPDATE journal SET body = '{}'", "DELETE FROM journal WHERE seq = 3"])
def test_the_database_itself_refuses_to_rewrite(written: Path, deed: str) -> None:
    """Append-only by trigger: it takes deliberate damage to get as far as the chain."""
    with closing(sqlite3.connect(written)) as connection:
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            connection.execute(deed)
        connection.rollback()
    assert verify(written).problem is None


CHANGES = {
    "at": "UPDATE journal SET at = '2020-01-01T00:00:00+00:00' WHERE seq = :n",
    "boot": "UPDATE journal SET boot = 'boot9' WHERE seq = :n",
    "mono": "UPDATE journal SET mono = mono + 1 WHERE seq = :n",
    "point": "UPDATE journal SET point = 'lane-9' WHERE seq = :n",
    "kind": "UPDATE journal SET kind = 'Opened' WHERE seq = :n",
    "visit": "UPDATE journal SET visit = NULL WHERE seq = :n",
    "body": "UPDATE journal SET body = body || ' ' WHERE seq = :n",
    "prev": "UPDATE journal SET prev = hash WHERE seq = :n",
    "hash": "UPDATE journal SET hash = zeroblob(32) WHERE seq = :n",
    "removed": "DELETE FROM journal WHERE seq = :n",
    "cut off": "DELETE FROM journal WHERE seq >= :n",
    "added": "INSERT INTO journal SELECT 100 + seq, at, boot, mono, point, kind, visit, body, prev, hash"
    " FROM journal WHERE seq = :n",
    "replayed": "INSERT INTO journal SELECT 9, at, boot, mono, point, kind, visit, body,"
    " (SELECT hash FROM journal WHERE seq = 8), hash FROM journal WHERE seq = :n",
}
"""Each with `:n` an entry; the triggers have been dropped first."""


def _tampered(written: Path, folder: Path, *deeds: tuple[str, dict[str, int]]) -> Path:
    copy = folder / "tampered.db"
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as connection:
        with closing(sqlite3.connect(f"file:{written}?mode=ro", uri=True)) as source:
            source.backup(connection)
        connection.executescript("DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete;")
        for sql, parameters in deeds:
            connection.execute(sql, parameters)
        connection.commit()
    return copy


def test_every_change_to_every_entry_is_found(written: Path, tmp_path: Path) -> None:
    """Hypothesis tampers with one entry in one way: verify says so, and not after the place."""

    @settings(max_examples=100, deadline=None)
    @given(st.sampled_from(sorted(CHANGES)), st.integers(1, ENTRIES))
    def tampering(how: str, entry: int) -> None:
        found = verify(_tampered(written, tmp_path, (CHANGES[how], {"n": entry})))
        assert found.problem is not None, (how, entry)
        assert found.entry is not None
        late = {"removed": entry + 1, "added": 101, "replayed": ENTRIES + 1}
        assert found.entry <= max(entry, late.get(how, 0)) or found.entry == 100 + entry

    tampering()


def test_entries_that_change_places_are_found(written: Path, tmp_path: Path) -> None:
    """Hypothesis swaps the contents of two entries, hashes and all."""

    @settings(max_examples=40, deadline=None)
    @given(st.integers(1, ENTRIES), st.integers(1, ENTRIES))
    def swapping(one: int, other: int) -> None:
        swap = (
            ("UPDATE journal SET seq = -1 WHERE seq = :n", {"n": one}),
            ("UPDATE journal SET seq = :m WHERE seq = :n", {"n": other, "m": one}),
            ("UPDATE journal SET seq = :m WHERE seq = -1", {"m": other}),
        )
        found = verify(_tampered(written, tmp_path, *(swap if one != other else ())))
        assert (found.problem is None) == (one == other)
        if one != other:
            assert found.entry == min(one, other)

    swapping()


def test_cutting_off_the_end_and_the_head_with_it_is_found(written: Path, tmp_path: Path) -> None:
    """A journal that lost its head row is not taken for a new one."""
    deeds = ("DELETE FROM journal WHERE seq > :n", "DELETE FROM meta WHERE key = 'head' AND :n > 0")
    found = verify(_tampered(written, tmp_path, *((deed, {"n": 5}) for deed in deeds)))
    assert (found.entries, found.entry) == (5, 6)
    assert "missing from the end" in (found.problem or "")


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    """A missing file and a stranger's file are errors, not clean bills."""
    with pytest.raises(StoreError, match="does not exist"):
        verify(tmp_path / "journal.db")
    (tmp_path / "cache.db").write_bytes(b"garbage" * 100)
    with pytest.raises(StoreError, match="not a journal"):
        verify(tmp_path / "cache.db")


async def test_a_journal_is_verified_while_the_gate_writes_it(tmp_path: Path) -> None:
    """`gate journal verify` on a running checkpoint sees one moment of it, and no false alarm."""
    with a_store(tmp_path) as store:
        await store.ledger.register("visit-1", "lane-1", AT)
        done = asyncio.Event()

        async def write() -> None:
            while not done.is_set():
                await store.ledger.register("visit-1", "lane-1", AT)

        writing = asyncio.create_task(write())
        try:
            for _ in range(25):
                found = await asyncio.to_thread(verify, tmp_path / "journal.db")
                assert found.problem is None
        finally:
            done.set()
            await writing
