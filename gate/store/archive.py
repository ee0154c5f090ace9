"""Looking back in journal.db without standing in a vehicle's way: connections of its own that only read.

The database thread serves vehicles. Here a question may take a second, so it runs on other threads, on
connections opened `mode=ro`, which write nothing and checkpoint nothing, and none runs for ever.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from gate.errors import StoreError
from gate.store.past_day import Arrived, arrived_between
from gate.store.past_entries import PastEntry, entries_of
from gate.store.past_visits import Found, Sought, find, numbers_sought
from gate.store.upkeep import ReadSeen, Upkeep, reads_of, waiting

T = TypeVar("T")

LONGEST_SECONDS = 5.0
"""A question that takes longer is asked too widely: somebody else waits for the disk."""
_READERS = 2
"""A wide search shall not keep a colleague from a vehicle's story."""
_LOOK_EVERY = 50_000
"""Steps of SQLite's machine between two looks at the time."""


class TooWideError(StoreError):
    """The question would take too long. Narrow it: a shorter time, more of the plate."""


class Archive:
    """Answers questions about what is on record. Safe to use beside the running gate."""

    def __init__(self, data: Path, *, longest: float = LONGEST_SECONDS) -> None:
        self._files = (data / "journal.db", data / "cache.db")
        self._longest = longest
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="gate-archive")
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []

    async def find(self, sought: Sought) -> Found:
        """Find visits, newest first, one page of them."""

        def work() -> Found:
            numbers = numbers_sought(self._connection(1), sought)
            return find(self._connection(0), sought, numbers)

        return await self._run(work)

    async def entries(self, visit_id: str) -> tuple[PastEntry, ...]:
        """Read everything the journal has of a visit, oldest first."""
        return await self._run(lambda: entries_of(self._connection(0), visit_id))

    async def day(self, begin: datetime, end: datetime) -> tuple[Arrived, ...]:
        """Read who came from `begin` to before `end`."""
        return await self._run(lambda: arrived_between(self._connection(0), begin, end))

    async def upkeep(self) -> Upkeep:
        """Read what of the record waits for somebody."""
        return await self._run(lambda: waiting(self._connection(0)))

    async def reads(self, point: str, since: datetime) -> tuple[ReadSeen, ...]:
        """Read how sure a point's camera was of each vehicle since then, oldest first."""
        return await self._run(lambda: reads_of(self._connection(0), point, since))

    def close(self) -> None:
        """Break off what is still asked, for the gate ends within seconds, and close."""
        for connection in self._opened:
            connection.interrupt()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for connection in self._opened:
            connection.close()

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._timed, work)
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise TooWideError("this would take too long: narrow it") from error
            raise StoreError(f"the record cannot be read: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"the record cannot be read: {error}") from error

    def _timed(self, work: Callable[[], T]) -> T:
        self._own.until = time.monotonic() + self._longest
        return work()

    def _connection(self, which: int) -> sqlite3.Connection:
        """The running thread's connection to the journal (0) or the cache (1)."""
        name = f"file{which}"
        known: sqlite3.Connection | None = getattr(self._own, name, None)
        if known is not None:
            return known
        path = self._files[which]
        opened = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        own = self._own
        opened.set_progress_handler(lambda: time.monotonic() > own.until, _LOOK_EVERY)
        setattr(self._own, name, opened)
        self._opened.append(opened)
        return opened
