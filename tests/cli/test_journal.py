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
