"""A small record as the gate leaves it: two boots, personal payloads, heads signed and countersigned."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate.clock import Instant
from gate.sealing.heads import SignedHead, countersign, head_time
from gate.store.chain import COLUMNS, Entry, entry_hash
from gate.store.head_check import Keys
from gate.store.heads import JournalHeads
from gate.store.payloads import erase_payloads
from gate.store.store import Store
from tests.store.kept import AT, a_store

SITE = "samur"
ENTRIES = 40
HEADS = (7, 14, 21, 28, 35)
"""The entries whose heads are signed; the last one waits for central, and five entries lie behind it."""
ANCHORED = 28
MARK = "10AA123"
NUMBER = "2000000000008"


class MinuteClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> Instant:
        """As set."""
        return Instant(self.at, (self.at - AT).total_seconds())

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Recorded:
    """The file, at rest, and both private keys."""

    path: Path
    site: Ed25519PrivateKey
    central: Ed25519PrivateKey

    @property
    def keys(self) -> Keys:
        """What an auditor is given."""
        return Keys((self.site.public_key(),), (self.central.public_key(),))


def heads_of(
    store: Store, key: Ed25519PrivateKey, clock: MinuteClock, on_signed: Callable[[], None] = lambda: None
) -> JournalHeads:
    """The heads of an open store."""
    return JournalHeads(
        store.thread,
        store.ledger,
        site=SITE,
        epoch=store.outbox.epoch,
        key=key,
        clock=clock,
        on_signed=on_signed,
    )


async def record(folder: Path) -> Recorded:
    """Write ENTRIES entries, every third of them with something personal in it."""
    made = Recorded(folder / "journal.db", Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())
    clock = MinuteClock()
    for boot, numbers in (("boot1", range(1, 20)), ("boot2", range(20, ENTRIES + 1))):
        with a_store(folder, boot) as store:
            heads = heads_of(store, made.site, clock)
            for number in numbers:
                await append(store, number)
                if number in HEADS:
                    clock.at = AT + timedelta(minutes=number)
                    assert await heads.sign()
                if number == ANCHORED:
                    await anchor(heads, made.central)
    return made


async def append(store: Store, number: int) -> None:
    """One entry, of the minute `number`."""
    at = (AT + timedelta(minutes=number)).isoformat()
    facts: dict[str, object] = {"event": {"type": "Told", "at": at}, "to": "free", "visit": f"visit-{number}"}
    if number % 3 == 0:
        facts["event"] = {"type": "PlateSeen", "read": {"mark": MARK, "sure": True}, "number": NUMBER}
    body = json.dumps(facts)
    await store.ledger.write(
        lambda connection, journal: journal.append(
            connection, at, "lane-1", "Told", f"visit-{number}" if number % 2 else None, body
        )
    )


async def anchor(heads: JournalHeads, central: Ed25519PrivateKey) -> Sequence[SignedHead]:
    """Have central countersign what waits, as its answer would."""
    waiting = await heads.pending(100)
    at = head_time(AT + timedelta(days=1))
    await heads.anchor([(signed.head.seq, countersign(signed, at, central)) for signed in waiting])
    return waiting


async def erase(folder: Path, before_entry: int) -> int:
    """Erase the payloads of the entries before this one, in batches of two."""
    gone = 0
    with a_store(folder, "boot3") as store:
        while True:
            count = await store.ledger.write(
                lambda connection, journal: erase_payloads(
                    connection, journal, AT + timedelta(days=400), AT + timedelta(minutes=before_entry), 2
                )
            )
            gone += count
            if not count:
                return gone


def opened(path: Path) -> sqlite3.Connection:
    """The file as root may write it: no trigger, no check."""
    connection = sqlite3.connect(path, isolation_level=None)
    named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in named:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints=ON")
    return connection


def entry_of(connection: sqlite3.Connection, seq: int) -> Entry:
    """One entry."""
    row = connection.execute(f"SELECT {COLUMNS} FROM journal WHERE seq = ?", (seq,)).fetchone()
    return Entry._make(row)


def rehash(connection: sqlite3.Connection, first: int) -> None:
    """Make the chain anew from this entry on, and the journal's note of its last entry."""
    row = connection.execute("SELECT hash FROM journal WHERE seq = ?", (first - 1,)).fetchone()
    prev = row[0] if row else b"\0" * 32
    (last,) = connection.execute("SELECT max(seq) FROM journal").fetchone()
    for seq in range(first, last + 1):
        digest = entry_hash(prev, entry_of(connection, seq))
        connection.execute("UPDATE journal SET prev = ?, hash = ? WHERE seq = ?", (prev, digest, seq))
        prev = digest
    connection.execute("UPDATE meta SET value = ? WHERE key = 'head'", (f"{last}:{prev.hex()}",))


def copy_of(source: Path, target: Path) -> Path:
    """The file alone: it was closed, so its WAL is empty."""
    for suffix in ("", "-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as read,
        closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)
    return target
