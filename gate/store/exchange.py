"""Confirmations for a neighbouring customs: each with its proof, none with anything of anybody else.

The journal is a chain of hashes whose heads the site signs. Of every entry between a confirmation and
the next head the file holds the digest alone (gate.store.chain), which tells nothing and proves the rest.
docs/exchange.md describes the file for those who check it without this program.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from gate.errors import StoreError
from gate.store.chain import COLUMNS, Entry, entry_digest
from gate.store.crossings import KIND

FORMAT = "gate-crossings/1"
_WIDTH = len(Entry._fields)


@dataclass(frozen=True, slots=True)
class Exported:
    """What went into the file, and what could not: confirmations that no signed head covers yet."""

    document: dict[str, object]
    crossings: int
    unsigned: int


def export_crossings(path: Path, first: date, last: date, visit: str | None = None) -> Exported:
    """Gather the confirmations of the days `first` to `last` (UTC), or of one visit among them. Reads only.

    Raises StoreError when the file is not a journal, or one from before the record could be proved.
    """
    if not path.is_file():
        raise StoreError(f"{path} does not exist")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as connection:
            connection.execute("BEGIN")
            return _gather(connection, first, last, visit)
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a journal this program can read: {error}") from error


def _gather(connection: sqlite3.Connection, first: date, last: date, visit: str | None) -> Exported:
    rows = connection.execute(
        "SELECT j.seq, (SELECT min(h.seq) FROM heads h WHERE h.seq >= j.seq) FROM journal j"
        " WHERE j.kind = ? AND j.at >= ? AND j.at < ? AND (? IS NULL OR j.visit = ?) ORDER BY j.seq",
        (KIND, first.isoformat(), (last + timedelta(days=1)).isoformat(), visit, visit),
    ).fetchall()
    proved = [(seq, head) for seq, head in rows if head is not None]
    document: dict[str, object] = {
        "format": FORMAT,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "sections": [
            _section(connection, head, [seq for seq, _ in members])
            for head, members in groupby(proved, key=lambda row: row[1])
        ],
    }
    return Exported(document, len(proved), len(rows) - len(proved))


def _section(connection: sqlite3.Connection, head: int, seqs: list[int]) -> dict[str, object]:
    """Every confirmation under one head, and the digests that lead from the first of them to it."""
    (prev,) = connection.execute("SELECT prev FROM journal WHERE seq = ?", (seqs[0],)).fetchone()
    digests = [entry_digest(entry).hex() for entry in _entries(connection, seqs[0], head)]
    return {
        "head": _head(connection, head),
        "first": seqs[0],
        "prev": prev.hex(),
        "digests": digests,
        "crossings": [_crossing(connection, seq) for seq in seqs],
    }


def _entries(connection: sqlite3.Connection, first: int, last: int) -> Iterator[Entry]:
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)
    )
    return (Entry._make(row) for row in rows)


def _head(connection: sqlite3.Connection, seq: int) -> dict[str, object]:
    site, epoch, digest, previous, at, signature, counter_at, counter = connection.execute(
        "SELECT site, epoch, hash, previous, at, signature, countersigned_at, countersignature"
        " FROM heads WHERE seq = ?",
        (seq,),
    ).fetchone()
    return {
        "site": site,
        "epoch": epoch,
        "seq": seq,
        "hash": digest.hex(),
        "previous": previous,
        "at": at,
        "signature": signature.hex(),
        "countersigned_at": counter_at,
        "countersignature": counter.hex() if counter is not None else None,
    }


def _crossing(connection: sqlite3.Connection, seq: int) -> dict[str, object]:
    (entry,) = _entries(connection, seq, seq)
    fields = entry._asdict() | {"commitment": entry.commitment.hex() if entry.commitment else None}
    payload = connection.execute("SELECT salt, body FROM payloads WHERE seq = ?", (seq,)).fetchone()
    held = {"salt": payload[0].hex(), "body": payload[1]} if payload else None
    return {"says": json.loads(payload[1] if payload else entry.body), "entry": fields, "payload": held}
