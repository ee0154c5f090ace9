"""First presence, written once with the visit: on this box's clocks, and on central's where it is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from gate.clock_trust import Reading
from gate.lanes.commands import OpenVisit
from gate.lanes.ports import Presence
from gate.model import NotificationNumber, RegistrationMark

_COLUMNS = "first_presence, seen_mono, seen_boot, seen_central, seen_uncertainty"
_UNANSWERED = "status IN ('arrived', 'held') AND opened = 0 AND lane IS NOT point"
"""Nobody opened anything for it; a departure, which bears its exit lane's name, is no arrival."""


def open_visit(
    connection: sqlite3.Connection, point: str, opened: OpenVisit, reading: Reading | None
) -> None:
    """Begin the visit, unless a restart goes on with it: then all stays as it was first written."""
    mono = opened.first_presence_mono
    central = reading.central(mono) if reading is not None and mono is not None else None
    connection.execute(
        "INSERT INTO visits (visit_id, point, status, first_presence,"
        " seen_mono, seen_boot, seen_central, seen_uncertainty)"
        " VALUES (?, ?, 'arrived', ?, ?, ?, ?, ?) ON CONFLICT (visit_id) DO NOTHING",
        (
            opened.visit_id,
            point,
            opened.first_presence_utc,
            mono,
            reading.boot if reading is not None else None,
            None if central is None else central[0].isoformat(),
            None if central is None else central[1].total_seconds(),
        ),
    )


def presences_of(
    connection: sqlite3.Connection,
    visit_id: str,
    mark: RegistrationMark | None,
    numbers: Sequence[NotificationNumber],
) -> list[Presence]:
    """Read this visit's, and those of visits nobody answered that are of the same mark or number."""
    places = ", ".join("?" * len(numbers))
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM visits WHERE visit_id = ?"
        f" UNION SELECT {_COLUMNS} FROM visits WHERE mark = ? AND {_UNANSWERED}"
        f" UNION SELECT {_COLUMNS} FROM visits WHERE {_UNANSWERED}"
        f" AND EXISTS (SELECT 1 FROM json_each(numbers) WHERE value IN ({places}))",
        (visit_id, mark, *numbers),
    ).fetchall()
    return [_presence(row) for row in rows]


def _presence(row: Sequence[object]) -> Presence:
    utc, mono, boot, central, uncertainty = row
    return Presence(
        datetime.fromisoformat(str(utc)),
        float(str(mono)) if mono is not None else None,
        str(boot) if boot is not None else None,
        datetime.fromisoformat(str(central)) if central is not None else None,
        timedelta(seconds=float(str(uncertainty or 0.0))),
    )
