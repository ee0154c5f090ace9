"""`gate journal verify`: walk the chain and name the first entry that was changed, removed or added."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from gate.errors import StoreError
from gate.store.chain import GENESIS, Entry, entry_hash


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk found. `problem` is None when the chain holds; `entry` is where it breaks."""

    path: Path
    entries: int
    head: str
    entry: int | None
    problem: str | None


def verify(path: Path) -> Verification:
    """Walk the whole chain, read-only. Raises StoreError when the file is not a journal."""
    if not path.is_file():
        raise StoreError(f"{path} does not exist")
    prev, count, expected = GENESIS, 0, 1
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")  # entries and head of one moment: the daemon may be writing
        rows = connection.execute(
            "SELECT seq, at, boot, mono, point, kind, visit, body, prev, hash FROM journal ORDER BY seq"
        )
        for *columns, stored_prev, stored_hash in rows:
            entry = Entry(*columns)
            problem = _problem(entry, expected, prev, stored_prev, stored_hash)
            if problem is not None:
                return Verification(path, count, prev.hex(), entry.seq, problem)
            prev, count, expected = stored_hash, count + 1, expected + 1
        head = connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a journal this program can read: {error}") from error
    finally:
        connection.close()
    if (head[0] if head is not None else f"0:{GENESIS.hex()}") != f"{count}:{prev.hex()}":
        return Verification(path, count, prev.hex(), count + 1, "entries are missing from the end")
    return Verification(path, count, prev.hex(), None, None)


def _problem(entry: Entry, expected: int, prev: bytes, stored_prev: bytes, stored_hash: bytes) -> str | None:
    if entry.seq != expected:
        return f"entry {expected} is missing"
    if stored_prev != prev:
        return "it does not follow the entry before it: one was changed, removed or added"
    if entry_hash(prev, entry) != stored_hash:
        return "its content was changed"
    return None
