"""How each corridor came about, for the auditor at central (Rules 6.6, 6.7): straight from central.db.

Deliberately no HTTP endpoint: until section 8 applies the software tells nobody (3.6).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gate.errors import StoreError
from gate.model import Corridor, NotificationNumber
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.database import from_text


@dataclass(frozen=True, slots=True)
class SelectionEntry:
    """One row of the selection log. Shares are checked importers among all of the group."""

    at: datetime
    number: NotificationNumber
    version: int
    importer: str
    risk_group: RiskGroup
    cap_percent: int
    importers: int
    checked_before: int
    checked_after: int
    draw: float | None
    selected: bool
    why: str
    corridor: Corridor
    rule: str


def selection_log(database: Path) -> Sequence[SelectionEntry]:
    """Every selection in `central.db`, oldest first. Opens the file read-only."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM selections ORDER BY id").fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"{database}: the selection log cannot be read ({error})") from error
    return [
        SelectionEntry(
            at=from_text(row["at"]),
            number=NotificationNumber(row["number"]),
            version=row["version"],
            importer=row["importer"],
            risk_group=RiskGroup(row["risk_group"]),
            cap_percent=row["cap_percent"],
            importers=row["importers"],
            checked_before=row["checked_before"],
            checked_after=row["checked_after"],
            draw=row["draw"],
            selected=bool(row["selected"]),
            why=row["why"],
            corridor=Corridor(row["corridor"]),
            rule=row["rule"],
        )
        for row in rows
    ]
