"""Journal entries as replay takes them. `read` is the one place that knows how journal.db keeps them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from gate.errors import StoreError

_COUNT = "SELECT count(*) FROM journal WHERE at >= ? AND at < ?"
_WHOLE = "SELECT seq, at, point, kind, body, 1 FROM journal WHERE at >= ? AND at < ? ORDER BY seq"
_DIVIDED = "SELECT seq, at, point, kind, body, whole FROM journal_full WHERE at >= ? AND at < ? ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry. Not `whole`: what was personal in its body has been erased."""

    seq: int
    at: str
    point: str
    kind: str
    body: dict[str, Any]
    whole: bool = True

    @property
    def is_step(self) -> bool:
        """Whether a point's machine took this step."""
        return isinstance(self.body.get("event"), dict) and "from" in self.body and "to" in self.body

    @property
    def is_settled(self) -> bool:
        """Whether it is a decision taken for a visit in the holding bay, at no machine."""
        return self.kind == "Decided" and not self.is_step


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a journal, or of one of its days, as they were when it was opened."""

    count: int
    rows: Iterator[Entry]


@contextmanager
def read(path: Path, day: date | None = None) -> Iterator[Entries]:
    """Open a journal read-only; the gate may be running. Raises StoreError when it is none.

    A day is one of UTC. Every point's first step of a day says where replay begins, so no earlier
    entry is needed.
    """
    if not path.is_file():
        raise StoreError(f"{path} does not exist")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")  # the count and the entries of one moment
        bounds = ("", "~") if day is None else (day.isoformat(), (day + timedelta(days=1)).isoformat())
        (count,) = connection.execute(_COUNT, bounds).fetchone()
        found = connection.execute(_DIVIDED if _is_divided(connection) else _WHOLE, bounds)
        yield Entries(count, _entries(path, found))
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a journal this program can read: {error}") from error
    finally:
        connection.close()


def _is_divided(connection: sqlite3.Connection) -> bool:
    """Since schema 5 a body is kept in two parts, with a view over both; a journal of before has none."""
    view = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = 'journal_full'"
    return connection.execute(view).fetchone() is not None


def _entries(path: Path, rows: sqlite3.Cursor) -> Iterator[Entry]:
    for seq, at, point, kind, text, whole in rows:
        try:
            body = json.loads(text)
        except ValueError as error:
            raise StoreError(f"{path}: entry {seq} is not JSON: {error}") from error
        yield Entry(seq, at, point, kind, body if isinstance(body, dict) else {}, bool(whole))
