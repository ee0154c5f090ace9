"""Appending to the journal and the outbox, inside whatever transaction the caller is in."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping

from gate.store.chain import COLUMNS, FRAMED_FORM, GENESIS, SALT_LENGTH, Entry, commitment_of, entry_hash
from gate.store.redaction import redact

ClockOffset = Callable[[], float | None]
"""The measured seconds between this machine's clock and central's; None while nobody has measured."""


def unmeasured() -> float | None:
    """Tell that the clock was never compared with another."""
    return None


class Journal:
    """The chain's head, kept by the database thread. Not safe from any other."""

    def __init__(
        self, connection: sqlite3.Connection, boot_id: str, clock_offset: ClockOffset = unmeasured
    ) -> None:
        self._boot_id = boot_id
        self._clock_offset = clock_offset
        row = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        self._seq: int = row[0] if row else 0
        self._head: bytes = row[1] if row else GENESIS
        self._pending_seq: int = self._seq
        self._pending_head: bytes = self._head

    @property
    def head(self) -> tuple[int, bytes]:
        """Number and hash of the last entry, those of the running transaction among them."""
        return self._pending_seq, self._pending_head

    def append(
        self, connection: sqlite3.Connection, at: str, point: str, kind: str, visit: str | None, body: str
    ) -> None:
        """Add one entry; call `settle` after the transaction has committed. `body` is JSON.

        What of the body is not known to be impersonal goes into the payload beside the chain.
        """
        kept, whole = redact(body)
        salt = secrets.token_bytes(SALT_LENGTH) if kept != whole else None
        entry = Entry(
            self._pending_seq + 1,
            at,
            self._boot_id,
            time.monotonic(),
            point,
            kind,
            visit,
            kept,
            self._clock_offset(),
            commitment_of(salt, whole) if salt is not None else None,
            FRAMED_FORM,
        )
        prev = self._pending_head
        digest = entry_hash(prev, entry)
        connection.execute(
            f"INSERT INTO journal ({COLUMNS}, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*entry, prev, digest),
        )
        if salt is not None:
            connection.execute("INSERT INTO payloads VALUES (?, ?, ?, ?)", (entry.seq, at, salt, whole))
        self._pending_seq, self._pending_head = entry.seq, digest
        note(connection, "head", f"{entry.seq}:{digest.hex()}")

    def begin(self) -> None:
        """Start from the committed head; a transaction that failed before left nothing behind."""
        self._pending_seq, self._pending_head = self._seq, self._head

    def settle(self) -> None:
        """The transaction is durable: its last entry is the head."""
        self._seq, self._head = self._pending_seq, self._pending_head


def note(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Write down one fact about the journal as a whole."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )


def put_out(connection: sqlite3.Connection, at: str, kind: str, body: Mapping[str, object]) -> None:
    """Owe central one message."""
    text = json.dumps(dict(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    connection.execute("INSERT INTO outbox (at, kind, body) VALUES (?, ?, ?)", (at, kind, text))
