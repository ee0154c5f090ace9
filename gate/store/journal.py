"""Appending to the journal and the outbox, inside whatever transaction the caller is in."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping

from gate.store.chain import GENESIS, Entry, entry_hash


class Journal:
    """The chain's head, kept by the database thread. Not safe from any other."""

    def __init__(self, connection: sqlite3.Connection, boot_id: str) -> None:
        self._boot_id = boot_id
        row = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        self._seq: int = row[0] if row else 0
        self._head: bytes = row[1] if row else GENESIS
        self._pending_seq: int = self._seq
        self._pending_head: bytes = self._head

    def append(
        self, connection: sqlite3.Connection, at: str, point: str, kind: str, visit: str | None, body: str
    ) -> None:
        """Add one entry; call `settle` after the transaction has committed."""
        entry = Entry(self._pending_seq + 1, at, self._boot_id, time.monotonic(), point, kind, visit, body)
        prev = self._pending_head
        digest = entry_hash(prev, entry)
        connection.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (entry.seq, at, entry.boot, entry.mono, point, kind, visit, body, prev, digest),
        )
        self._pending_seq, self._pending_head = entry.seq, digest
        connection.execute(
            "INSERT INTO meta VALUES ('head', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (f"{entry.seq}:{digest.hex()}",),
        )

    def begin(self) -> None:
        """Start from the committed head; a transaction that failed before left nothing behind."""
        self._pending_seq, self._pending_head = self._seq, self._head

    def settle(self) -> None:
        """The transaction is durable: its last entry is the head."""
        self._seq, self._head = self._pending_seq, self._pending_head


def put_out(connection: sqlite3.Connection, at: str, kind: str, body: Mapping[str, object]) -> None:
    """Owe central one message."""
    text = json.dumps(dict(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    connection.execute("INSERT INTO outbox (at, kind, body) VALUES (?, ?, ?)", (at, kind, text))
