"""Erasing what is personal in journal.db's tables. What the law and the record need stays.

Visits keep their id, times, lane, corridor and the codes of their findings; releases keep their officer
and what was checked; calls keep who came and when. Openings are another matter: they are what stops a
declaration from being used twice, so one goes only when no verdict of its number can be opened any more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BATCH = 500
"""Rows in one transaction: the database thread serves waiting vehicles too."""
MARGIN = timedelta(days=7)
"""After a verdict's last moment: for clocks, and for a vehicle that stood in the queue then."""

_BARE = "SELECT json_group_array(json_set(value, '$.detail', '')) FROM json_each(visits.findings)"


def erase_visits(connection: sqlite3.Connection, at: datetime, before: datetime) -> int:
    """Visits that are over and began before `before`: plate, numbers and details go, codes stay."""
    return connection.execute(
        "UPDATE visits SET mark = NULL, numbers = '[]',"
        f" findings = ({_BARE}), erased_at = ?"
        " WHERE visit_id IN (SELECT visit_id FROM visits v WHERE erased_at IS NULL AND first_presence < ?"
        " AND status NOT IN ('arrived', 'held', 'directed', 'released')"
        " AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.visit_id = v.visit_id"
        " AND c.acknowledged_by IS NULL AND c.alarm = 1)"
        " ORDER BY first_presence LIMIT ?)",
        (_text(at), _text(before), BATCH),
    ).rowcount


def erase_calls(connection: sqlite3.Connection, at: datetime, before: datetime) -> int:
    """Calls that somebody came to, made before `before`: why goes, for it names plates."""
    return connection.execute(
        "UPDATE calls SET reason = '', erased_at = ? WHERE call_id IN (SELECT call_id FROM calls"
        " WHERE erased_at IS NULL AND since < ? AND acknowledged_by IS NOT NULL ORDER BY since LIMIT ?)",
        (_text(at), _text(before), BATCH),
    ).rowcount


def erase_emergencies(connection: sqlite3.Connection, _at: datetime, before: datetime) -> int:
    """Emergencies that ended before `before`: the officer's words go, the officer's name stays."""
    return connection.execute(
        "UPDATE emergencies SET reason = '' WHERE emergency_id IN"
        " (SELECT emergency_id FROM emergencies WHERE reason <> '' AND ended_at < ? LIMIT ?)",
        (_text(before), BATCH),
    ).rowcount


StillValid = Callable[[str], datetime | None]
"""Until when the verdict cached for a number may be opened; None when the cache has none for it."""


Place = tuple[str, str]
"""Where among the openings, by time and number, a look ended."""
FIRST: Place = ("", "")


def erase_openings(
    connection: sqlite3.Connection, at: datetime, before: datetime, valid_until: StillValid, behind: Place
) -> tuple[int, Place | None]:
    """Look at `BATCH` openings older than `before`; how many went, and where to look on (None: all seen).

    An opening stays while its verdict, or a newer one of the same number in the cache, might be opened,
    and for MARGIN longer; while its visit is not over; and where nobody knows until when it was valid.
    """
    rows = connection.execute(
        "SELECT o.number, o.valid_until, o.opened_at FROM openings o"
        " LEFT JOIN visits v ON v.visit_id = o.visit_id"
        " WHERE o.opened_at < ? AND (o.opened_at, o.number) > (?, ?)"
        " AND coalesce(v.status, '') NOT IN ('arrived', 'held', 'directed', 'released')"
        " ORDER BY o.opened_at, o.number LIMIT ?",
        (_text(before), *behind, BATCH),
    ).fetchall()
    spent = [
        (number,)
        for number, stored, _ in rows
        if _is_spent(datetime.fromisoformat(stored) if stored else None, valid_until(number), at)
    ]
    connection.executemany("DELETE FROM openings WHERE number = ?", spent)
    return len(spent), (rows[-1][2], rows[-1][0]) if len(rows) == BATCH else None


def _is_spent(stored: datetime | None, cached: datetime | None, at: datetime) -> bool:
    known = [until for until in (stored, cached) if until is not None]
    return bool(known) and max(known) + MARGIN < at


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
