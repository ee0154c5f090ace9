"""central.db: one connection on one thread, every piece of work one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TypeVar

from gate.errors import StoreError

_Result = TypeVar("_Result")


class Database:
    """Runs functions of a connection, each in BEGIN IMMEDIATE, durably committed when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="central-db")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open or make the file and bring its schema up to date."""
        await self._on_thread(self._open)

    async def run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """`work`'s result, once committed; rolled back when it raises."""
        return await self._on_thread(lambda: self._transact(work))

    async def close(self) -> None:
        """Finish what was begun, then close."""
        await self._on_thread(self._close)
        self._thread.shutdown(wait=False)

    async def _on_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = sqlite3.connect(self._path, isolation_level=None)
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
                connection.execute(f"PRAGMA {pragma}")
            _migrate(connection, self._path)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: central's database cannot be opened ({error})") from error
        # Verdicts of every site lie in here: not for other users of the machine.
        self._path.chmod(0o600)
        self._connection = connection

    def _transact(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        connection = self._connection
        if connection is None:
            raise StoreError(f"{self._path}: central's database is closed")
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    files = sorted(
        (
            entry
            for entry in resources.files("gate.sync.central").joinpath("schema").iterdir()
            if entry.name.endswith(".sql")
        ),
        key=lambda entry: entry.name,
    )
    done: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if done > len(files):
        raise StoreError(f"{path}: made by a newer Gate (schema {done}, this one knows {len(files)})")
    for number, file in enumerate(files[done:], start=done + 1):
        script = file.read_text(encoding="utf-8")
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def to_text(moment: datetime) -> str:
    """A moment as stored: UTC, always with microseconds, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """A stored moment."""
    return datetime.fromisoformat(text)
