"""Both databases of one gate, opened together."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gate.clock_trust import ClockTrust
from gate.errors import StoreError
from gate.store.cache import DeclarationCache
from gate.store.database import DatabaseThread, open_database, transaction
from gate.store.journal import ClockOffset, Journal, note, unmeasured
from gate.store.ledger import JournalLedger
from gate.store.measures import last_measure
from gate.store.outbox import JournalOutbox

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Store:
    """What the composition root needs of memory."""

    thread: DatabaseThread
    ledger: JournalLedger
    cache: DeclarationCache
    outbox: JournalOutbox

    def close(self) -> None:
        """Finish and close."""
        self.thread.close()


def open_store(
    data: Path,
    boot_id: str,
    on_outbox: Callable[[], None],
    central_public: Ed25519PublicKey,
    clock_offset: ClockOffset = unmeasured,
    *,
    trust: ClockTrust | None = None,
) -> Store:
    """Open DATA/journal.db and DATA/cache.db; StoreError names the file that cannot be used.

    `central_public` is whose signature a cached row must carry to be believed.
    """
    journal = open_database(data / "journal.db", "journal")
    cache = _open_cache(data / "cache.db")
    try:
        with transaction(journal) as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)", (uuid.uuid4().hex,))
            # Written each time: a disk that takes no more is found now, not by the first vehicle.
            note(connection, "boot", boot_id)
    except sqlite3.Error as error:
        raise StoreError(f"{data / 'journal.db'} cannot be written: {error}") from error
    (epoch,) = journal.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    thread = DatabaseThread(journal, cache)
    ledger = JournalLedger(thread, Journal(journal.conn, boot_id, clock_offset), on_outbox, trust)
    if trust is not None:
        trust.recall(last_measure(thread))
    return Store(thread, ledger, DeclarationCache(thread, central_public), JournalOutbox(thread, str(epoch)))


def _open_cache(path: Path) -> sqlite_utils.Database:
    """Open the cache; a damaged one is set aside, for central's feed can rebuild it.

    Until it is rebuilt it is older than journal.db's cursor, which holds every vehicle.
    """
    try:
        return open_database(path, "cache")
    except StoreError as error:
        aside = path.with_name(f"{path.name}.damaged-{uuid.uuid4().hex[:8]}")
        log.error("store.cache_set_aside", why=str(error), kept_as=str(aside))
        path.rename(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return open_database(path, "cache")
