"""The file itself: officers.db opened, brought up to date, written one transaction at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from gate.clock import Clock
from gate.errors import StoreError


class OfficerFile:
    """One lock around one connection: safe to call from several threads, and beside other processes."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: the officers' accounts cannot be opened: {error}") from error
        try:
            # A rollback journal, not WAL: the daemon and `gate officer` both write here, and
            # SQLite before 3.51.3 can lose commits when two connections write and checkpoint one WAL.
            self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA secure_delete = ON")
            self._migrate(path)
        except sqlite3.Error as error:
            self._db.close()
            raise StoreError(f"{path}: the officers' accounts cannot be opened: {error}") from error
        except StoreError:
            self._db.close()
            raise

    def _migrate(self, path: Path) -> None:
        folder = resources.files("gate.store").joinpath("schema/officers")
        steps = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
        with self.writing() as db:
            (have,) = db.execute("PRAGMA user_version").fetchone()
            if have > len(steps):
                raise StoreError(
                    f"{path}: written by another version of Gate (schema {have}, this one knows "
                    f"{len(steps)}); start the version that wrote it"
                )
            for name in steps[have:]:
                for statement in _statements(folder.joinpath(name).read_text("utf-8")):
                    db.execute(statement)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def one(self, sql: str, *values: object) -> tuple[object, ...] | None:
        """The first row, if there is one."""
        with self._lock:
            row: tuple[object, ...] | None = self._db.execute(sql, values).fetchone()
            return row

    def all(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Every row."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def seconds(self) -> float:
        """Now, as the file counts: Unix seconds, UTC."""
        return self._clock.now().utc.timestamp()

    def close(self) -> None:
        """Close the file. Nothing works after this."""
        with self._lock:
            self._db.close()


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the transaction this runs in.
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
