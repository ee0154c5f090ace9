"""The journal's chain: honest ones hold, the database itself refuses to rewrite; see test_tampering.py."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate.errors import StoreError
from gate.store.chain import GENESIS
from gate.store.journal_check import verify
from tests.store.kept import AT, a_store, rows, step
from tests.store.kept import opened as arrived
from tests.store.recorded import MinuteClock, anchor, append, copy_of, heads_of, opened

ENTRIES = 8


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of eight entries over two boots, at rest."""
    data = tmp_path_factory.mktemp("written")

    async def write(boot: str, first: int) -> None:
        with a_store(data, boot) as store:
            for count in range(first, first + ENTRIES // 2):
                await store.ledger.commit(step(arrived(f"visit-{count}"), seconds=count))

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


def test_a_journal_that_lost_its_note_too_is_not_taken_for_a_shorter_one(
    written: Path, tmp_path: Path
) -> None:
    """Cut off, and the note of the last entry with it: before any head was signed, that much is found."""
    path = copy_of(written, tmp_path / "journal.db")
    with closing(opened(path)) as connection:
        connection.execute("DELETE FROM journal WHERE seq > 5")
        connection.execute("DELETE FROM meta WHERE key = 'head'")
    found = verify(path)
    assert (found.entries, found.entry) == (5, 6)
    assert "missing from the end" in (found.problem or "")


OVER = "SELECT seq, at, boot, mono, point, kind, visit, '{}', prev, hash, NULL, NULL, 2 FROM journal"


@pytest.mark.parametrize(
    "deed",
    [
        f"INSERT OR REPLACE INTO journal {OVER} WHERE seq = 3",
        "INSERT INTO payloads SELECT 3, at, zeroblob(32), '{}' FROM journal WHERE seq = 3",
        "INSERT OR REPLACE INTO payloads SELECT 8, at, zeroblob(32), '{}' FROM journal WHERE seq = 8",
        "UPDATE payloads SET body = '{}'",
        "DELETE FROM payloads",
        "DELETE FROM heads",
        "UPDATE heads SET hash = zeroblob(32)",
        "UPDATE heads SET countersignature = NULL, countersigned_at = NULL",
        "INSERT INTO heads SELECT 1, site, epoch, hash, 0, at, signature, NULL, NULL FROM heads",
    ],
)
def test_payloads_and_heads_are_kept_by_the_database_too(tmp_path: Path, deed: str) -> None:
    """No statement rewrites them, REPLACE among them; a payload goes only after its erasure is on record."""

    async def write() -> None:
        with a_store(tmp_path) as store:
            for number in range(1, 10):
                await append(store, number)
            heads = heads_of(store, Ed25519PrivateKey.generate(), MinuteClock())
            assert await heads.sign()
            await anchor(heads, Ed25519PrivateKey.generate())

    asyncio.run(write())
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute(deed)
        connection.rollback()
    assert verify(tmp_path / "journal.db").problem is None


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
