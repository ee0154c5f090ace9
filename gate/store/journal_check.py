"""`gate journal verify`: walk chain, payloads and heads, and name the first entry that is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from gate.errors import StoreError
from gate.store.chain import COLUMNS, FRAMED_FORM, GENESIS, JSON_FORM, Entry, commitment_of, entry_hash
from gate.store.head_check import NO_HEADS, NO_KEYS, HeadCheck, Heads, Keys
from gate.store.payloads import Erasures, read_erasures
from gate.store.redaction import is_part

_STEP = 1000
_WIDTH = len(Entry._fields)
_OLD_COLUMNS = COLUMNS.replace("clock_offset, commitment, form", f"NULL, NULL, {JSON_FORM}")
Progress = Callable[[int, int], None]
"""Told the entries walked and those there are, now and then."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk found. `problem` is None when the record holds; `entry` is where it breaks.

    Where heads alone tell that entries were made anew, it is one of `entry` to `last`. `entries` and `head`
    are those that hold; the counts of payloads are of them.
    """

    path: Path
    entries: int
    head: str
    entry: int | None
    problem: str | None
    last: int | None = None
    payloads: int = 0
    erased: int = 0
    heads: Heads = NO_HEADS


class _BrokenError(Exception):
    """The walk ends here."""

    def __init__(self, entry: int, problem: str, last: int | None = None) -> None:
        super().__init__(problem)
        self.entry = entry
        self.last = last


def verify(path: Path, keys: Keys = NO_KEYS, progress: Progress | None = None) -> Verification:
    """Walk the whole record, read-only. Raises StoreError when the file is not a journal."""
    if not path.is_file():
        raise StoreError(f"{path} does not exist")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as connection:
            connection.execute("BEGIN")  # everything of one moment: the daemon may be writing
            return _Walk(connection, path, keys, progress).walk()
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a journal this program can read: {error}") from error


class _Walk:
    """One walk, entry by entry; every step raises _BrokenError at the first thing that is wrong."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, keys: Keys, progress: Progress | None
    ) -> None:
        self._connection = connection
        self._path = path
        self._progress = progress
        self._prev, self._count, self._form = GENESIS, 0, JSON_FORM
        self._payloads = self._erased = 0
        columns = {row[1] for row in connection.execute("PRAGMA table_info(journal)")}
        self._has_payloads = "commitment" in columns  # else a journal of schemas 1 to 4, as it was left
        self._noted = self._noted_head()
        self._heads = HeadCheck(connection if self._has_payloads else None, keys)

    def walk(self) -> Verification:
        """From the first entry to the last, then what stands behind the last."""
        try:
            self._entries()
            self._end()
        except _BrokenError as broken:
            return self._told(broken.entry, str(broken), broken.last)
        return self._told(None, None, None)

    def _told(self, entry: int | None, problem: str | None, last: int | None) -> Verification:
        holds, digest = self._count, self._prev
        if entry is not None and entry <= holds:  # heads tell late that what was walked was made anew
            holds = max(0, entry - 1)
            row = self._connection.execute("SELECT hash FROM journal WHERE seq = ?", (holds,)).fetchone()
            digest = row[0] if row else GENESIS
        counts = (self._payloads, self._erased)
        heads = self._heads.told(holds)
        return Verification(self._path, holds, digest.hex(), entry, problem, last, *counts, heads=heads)

    def _entries(self) -> None:
        (total,) = self._connection.execute("SELECT count(*) FROM journal").fetchone()
        erasures = self._erasures()
        for row in self._rows():
            entry = Entry._make(row[:_WIDTH])
            stored_prev, stored_hash, salt, body, at = row[_WIDTH:]
            self._chained(entry, stored_prev, stored_hash)
            if entry.commitment is not None or salt is not None:
                self._payload(entry, salt, body, at, erasures)
            broken = self._heads.at(entry.seq, stored_hash)
            if broken is not None:
                raise _BrokenError(*broken)
            self._prev, self._count, self._form = stored_hash, entry.seq, entry.form
            if self._progress is not None and self._count % _STEP == 0:
                self._progress(self._count, total)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        if not self._has_payloads:
            return self._connection.execute(
                f"SELECT {_OLD_COLUMNS}, prev, hash, NULL, NULL, NULL FROM journal ORDER BY seq"
            )
        columns = ", ".join(f"j.{name}" for name in COLUMNS.split(", "))
        return self._connection.execute(
            f"SELECT {columns}, j.prev, j.hash, p.salt, p.body, p.at"
            " FROM journal j LEFT JOIN payloads p ON p.seq = j.seq ORDER BY j.seq"
        )

    def _erasures(self) -> Erasures:
        if not self._has_payloads:
            return Erasures(())
        try:
            return read_erasures(self._connection)
        except ValueError:
            # Such an entry was tampered with: the walk will come to it, and may not trip over it before.
            return Erasures(())

    def _chained(self, entry: Entry, stored_prev: bytes, stored_hash: bytes) -> None:
        expected = self._count + 1
        if entry.seq < expected:
            raise _BrokenError(entry.seq, "it was added before the first")
        if entry.seq > expected:
            if self._noted is not None and self._noted[0] == self._count:
                raise _BrokenError(entry.seq, "it was added behind the last")
            raise _BrokenError(expected, f"it is missing: entry {entry.seq} follows {self._count}")
        if stored_prev != self._prev:
            raise _BrokenError(
                entry.seq, "it does not follow the entry before it: one was changed, removed or added"
            )
        if entry.form not in (JSON_FORM, FRAMED_FORM) or entry.form < self._form:
            raise _BrokenError(entry.seq, f"form {entry.form} cannot stand behind form {self._form}")
        old = entry.form == JSON_FORM
        if old and (entry.clock_offset is not None or entry.commitment is not None):
            raise _BrokenError(entry.seq, "its content was changed: what its form does not have was added")
        if entry_hash(self._prev, entry) != stored_hash:
            raise _BrokenError(entry.seq, "its content was changed")

    def _payload(self, entry: Entry, salt: object, body: object, at: object, erasures: Erasures) -> None:
        due = erasures.covers(entry.seq, entry.at)
        if salt is None:
            if not due:
                raise _BrokenError(entry.seq, "its payload was removed, and no erasure of it is on record")
            self._erased += 1
            return
        if due:
            raise _BrokenError(entry.seq, "its payload was erased on record, and yet there is one")
        if not isinstance(salt, bytes) or not isinstance(body, str) or at != entry.at:
            raise _BrokenError(entry.seq, "its payload was changed")
        if entry.commitment is None:
            raise _BrokenError(entry.seq, "a payload was added to it")
        if commitment_of(salt, body) != entry.commitment:
            raise _BrokenError(entry.seq, "its payload was changed")
        try:
            part, whole = from_json(entry.body), from_json(body)
        except ValueError as error:
            raise _BrokenError(entry.seq, f"its body or payload is not JSON ({error})") from error
        if not is_part(part, whole):
            raise _BrokenError(entry.seq, "the chain says of it what its payload does not say")
        self._payloads += 1

    def _end(self) -> None:
        broken = self._heads.beyond(self._count)
        if broken is not None:
            raise _BrokenError(*broken)
        noted, digest = self._noted or ((0, GENESIS.hex()) if not self._count else (self._count + 1, ""))
        if noted > self._count:
            raise _BrokenError(self._count + 1, "entries are missing from the end")
        if noted < self._count:
            raise _BrokenError(noted + 1, "it was added behind the last, or the note of the last was changed")
        if digest != self._prev.hex():
            raise _BrokenError(noted, "it is not the entry that the journal noted as its last")
        if self._has_payloads:
            row = self._connection.execute(
                "SELECT min(seq) FROM payloads WHERE seq NOT IN (SELECT seq FROM journal)"
            ).fetchone()
            if row[0] is not None:
                raise _BrokenError(int(row[0]), "a payload was added for an entry there is not")
        broken = self._heads.noted(self._fact("signed"), self._fact("anchored"))
        if broken is not None:
            raise _BrokenError(*broken)

    def _noted_head(self) -> tuple[int, str] | None:
        """Number and hash of the last entry as the gate noted it; None where it is no such note."""
        seq, _, digest = (self._fact("head") or "").partition(":")
        return (int(seq), digest) if seq.isdecimal() else None

    def _fact(self, key: str) -> str | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])
