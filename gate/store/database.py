"""One thread owning the one writing connection of each file, and the schema brought up to date at start."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TypeVar

import sqlite_utils
import structlog

from gate.errors import StoreError

T = TypeVar("T")
log = structlog.get_logger()

_FOLD_AFTER = 500
"""Rows written to a file before its write-ahead log is folded back: some hundred decisions."""


def open_database(path: Path, schema: str) -> sqlite_utils.Database:
    """Open (or make) a database at WAL/FULL and apply the migrations it lacks.

    Raises StoreError, with the file and the reason, when it is damaged or newer than this program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error
    try:
        return _prepare(connection, path, schema)
    except BaseException as error:
        # Closed at once: a handle left on a file that is then set aside would take the new file's
        # WAL away with it when it is collected.
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise StoreError(f"{path} cannot be opened: {error}") from error
        raise


def _prepare(connection: sqlite3.Connection, path: Path, schema: str) -> sqlite_utils.Database:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreError(f"{path} is damaged ({verdict}): keep the file, restore it from a backup")
    database = sqlite_utils.Database(connection)
    _migrate(database, path, schema)
    return database


def _migrate(database: sqlite_utils.Database, path: Path, schema: str) -> None:
    (have,) = database.execute("PRAGMA user_version").fetchone()
    folder = resources.files("gate.store").joinpath("schema", schema)
    steps = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    if have > len(steps):
        raise StoreError(f"{path} is of schema {have}, this program knows {len(steps)}: update the program")
    for number, name in enumerate(steps, start=1):
        if number <= have:
            continue
        script = folder.joinpath(name).read_text(encoding="utf-8")
        database.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version={number};\nCOMMIT;")


@contextmanager
def transaction(database: sqlite_utils.Database) -> Iterator[sqlite3.Connection]:
    """One BEGIN IMMEDIATE transaction: all or nothing."""
    connection = database.conn
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a COMMIT that fails leaves it open, and every later BEGIN would fail
            connection.execute("ROLLBACK")
        raise


class DatabaseThread:
    """Runs functions on the thread that owns the connections; sqlite errors become StoreError.

    SQLite would fold its write-ahead log back into the file in the middle of some commit, and one vehicle
    in a hundred would wait for that. So it is done here, behind whatever is waiting already.
    """

    def __init__(self, journal: sqlite_utils.Database, cache: sqlite_utils.Database) -> None:
        self.journal = journal
        self.cache = cache
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gate-db")
        self._folded = [database.conn.total_changes for database in (journal, cache)]
        self._closed = False
        for database in (journal, cache):
            database.execute("PRAGMA wal_autocheckpoint=0").fetchone()

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work` on the database thread and return its result."""
        loop = asyncio.get_running_loop()
        try:
            result, much_written = await loop.run_in_executor(self._executor, self._counted, work)
        except sqlite3.Error as error:
            raise StoreError(f"the database refused: {error}") from error
        if much_written and not self._closed:
            self._executor.submit(self._fold)
        return result

    def _counted(self, work: Callable[[], T]) -> tuple[T, bool]:
        result = work()
        written = (self.journal.conn.total_changes, self.cache.conn.total_changes)
        return result, any(now - then > _FOLD_AFTER for now, then in zip(written, self._folded, strict=True))

    def _fold(self) -> None:
        """Bring the write-ahead logs back into their files; what cannot be now is done the next time."""
        for at, database in enumerate((self.journal, self.cache)):
            changes = database.conn.total_changes
            if changes - self._folded[at] <= _FOLD_AFTER:
                continue
            try:
                database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            except sqlite3.Error as error:
                log.error("store.checkpoint_failed", why=str(error))
            self._folded[at] = changes

    def close(self) -> None:
        """Finish what is queued, then close both files."""
        self._closed = True
        self._executor.shutdown(wait=True)
        for database in (self.cache, self.journal):
            database.conn.close()
