"""`gate journal verify` on a journal the store itself wrote."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gate.store.database import open_database, transaction
from gate.store.journal import Journal
from tests.cli.calling import gate


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of five entries."""
    path = tmp_path / "journal.db"
    database = open_database(path, "journal")
    chain = Journal(database.conn, "boot-1")
    for number in range(5):
        chain.begin()
        with transaction(database) as connection:
            chain.append(connection, "2026-05-04T06:00:00Z", "lane-1", "noted", None, f'{{"n":{number}}}')
        chain.settle()
    database.close()
    return path


async def test_a_whole_journal(journal: Path) -> None:
    """The chain holds: exit 0, how many entries, and the head to compare with central's."""
    spoken, told = (
        await gate("journal", "verify", journal),
        await gate("journal", "verify", journal, "--json"),
    )
    assert (spoken.code, told.code) == (0, 0)
    assert "5 entries, the chain holds" in spoken.out
    assert told.told["ok"] is True
    assert told.told["head"] in spoken.out


@pytest.mark.parametrize(
    ("tampering", "entry"),
    [
        ("UPDATE journal SET body = '{\"n\":9}' WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 5", 5),
    ],
)
async def test_a_changed_journal(journal: Path, tampering: str, entry: int) -> None:
    """The first entry that is not as it was written is named, exit 1."""
    with sqlite3.connect(journal) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")  # whoever tampers has root
        connection.execute(tampering)
    connection.close()
    done = await gate("journal", "verify", journal, "--json")
    assert done.code == 1
    assert done.told["ok"] is False
    assert done.told["entry"] == entry


async def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    """Something else, or nothing, is told and exits 1."""
    (tmp_path / "x").write_text("not a database, but long enough to be looked at " * 20)
    for path in (tmp_path / "x", tmp_path / "y"):
        done = await gate("journal", "verify", path)
        assert done.code == 1
        assert str(path) in done.err
        assert "Traceback" not in done.err


async def test_whose_word_it_is(journal: Path, tmp_path: Path) -> None:
    """Without keys nothing is claimed of signatures; unsigned and unanchored entries are counted."""
    done = await gate("journal", "verify", journal)
    assert done.code == 0
    lines = done.out.splitlines()
    assert "heads: 0, signatures not checked, countersignatures not checked" in lines
    assert "unsigned: 5 entries from 1 on, behind the last signed head" in lines
    assert "unanchored: 5 entries from 1 on, behind the last head central countersigned" in lines
    assert "walking the chain" not in done.out + done.err  # the bar is for terminals
    made = await gate("journal", "key", tmp_path / "keys/s.key", tmp_path / "keys/s.pub")
    assert made.code == 0
    with_key = await gate("journal", "verify", journal, "--site-key", tmp_path / "keys/s.pub", "--json")
    assert with_key.told["heads"]["signatures"] == "checked"
    assert with_key.told["heads"]["countersignatures"] == "not checked"
    missing = await gate("journal", "verify", journal, "--central-key", tmp_path / "nowhere.pub")
    assert (missing.code, "nowhere.pub" in missing.err) == (2, True)


async def test_a_signing_key_is_never_overwritten(tmp_path: Path) -> None:
    """Made once, the private half closed to others; a second time is refused, exit 2."""
    private, public = tmp_path / "s.key", tmp_path / "s.pub"
    assert (await gate("journal", "key", private, public)).code == 0
    assert private.stat().st_mode & 0o777 == 0o600
    before = private.read_bytes()
    again = await gate("journal", "key", private, public)
    assert (again.code, "never overwritten" in again.err) == (2, True)
    assert private.read_bytes() == before
