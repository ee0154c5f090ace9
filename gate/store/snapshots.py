"""A point's last committed phase, read beside a running daemon."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from gate.errors import StoreError


def phase_of(journal: Path, point: str) -> str | None:
    """The phase in `point`'s snapshot; None when this journal has none of it. Reads only.

    A plain word and not a Phase: the journal may be of a program that knows other phases. Raises
    StoreError when the file is no journal.
    """
    try:
        with closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT state FROM snapshots WHERE point = ?", (point,)).fetchone()
            return None if row is None else str(json.loads(row[0])["phase"])
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{journal} is not a journal this program can read: {error}") from error
