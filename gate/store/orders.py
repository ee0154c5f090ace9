"""Officers' orders in journal.db: checks, single openings, and the reviews that emergencies wait for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gate.lanes.commands import CommitCheck, CommitReview, GrantOpening
from gate.lanes.ports import Registered, ReviewLine
from gate.model import VisitStatus

OF_A_VISIT = "EXISTS (SELECT 1 FROM ordered_checks WHERE ordered_checks.visit_id = visits.visit_id)"
"""A column of visits: whether a check was ordered."""


def write_order(
    connection: sqlite3.Connection, at: str, record: CommitCheck | GrantOpening | CommitReview
) -> None:
    """Write one order's row; the triggers refuse what may not be."""
    match record:
        case CommitCheck(visit_id=visit_id, corridor=corridor, source=source, officer=officer):
            connection.execute(
                "INSERT INTO ordered_checks VALUES (?, ?, ?, ?, ?)",
                (visit_id, corridor.value, source.value, officer, at),
            )
        case GrantOpening(opening=opening):
            connection.execute(
                "INSERT INTO single_openings VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (
                    opening.opening_id,
                    opening.visit_id,
                    opening.point,
                    opening.category.value,
                    opening.officer,
                    at,
                ),
            )
        case CommitReview(emergency_ids=emergency_ids, officer=officer):
            connection.executemany(
                "INSERT INTO emergency_reviews VALUES (?, ?, ?)",
                [(emergency_id, officer, at) for emergency_id in emergency_ids],
            )


def registered(connection: sqlite3.Connection, visit_id: str) -> Registered:
    """What stands against an automatic release, as the visit is registered."""
    row = connection.execute(f"SELECT status, {OF_A_VISIT} FROM visits WHERE visit_id = ?", (visit_id,))
    found = row.fetchone()
    if found is None:
        return Registered()
    return Registered(check_ordered=bool(found[1]), held=found[0] == VisitStatus.HELD.value)


def released_at(connection: sqlite3.Connection, visit_id: str) -> datetime | None:
    """When the visit's standing release was committed; None when there is none."""
    row = connection.execute(
        "SELECT at FROM releases WHERE visit_id = ? AND revoked IS NULL ORDER BY at DESC LIMIT 1", (visit_id,)
    ).fetchone()
    return datetime.fromisoformat(str(row[0])) if row else None


def waiting_reviews(connection: sqlite3.Connection) -> Sequence[ReviewLine]:
    """Emergencies nobody has looked back at; those of one officer, moment and reason are one."""
    rows = connection.execute(
        "SELECT emergency_id, point, officer, reason, began_at, ended_at FROM emergencies"
        " WHERE emergency_id NOT IN (SELECT emergency_id FROM emergency_reviews)"
        " ORDER BY began_at, point"
    ).fetchall()
    # Not by its reason: retention empties that, and what was one word stays one.
    together: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for row in rows:
        together.setdefault((row[2], row[4]), []).append(row)
    return [_line(lanes) for lanes in together.values()]


def _line(lanes: Sequence[tuple[str, ...]]) -> ReviewLine:
    _, _, officer, reason, began, _ = lanes[0]
    ends = [lane[5] for lane in lanes]
    return ReviewLine(
        tuple(lane[0] for lane in lanes),
        tuple(lane[1] for lane in lanes),
        officer,
        reason,
        datetime.fromisoformat(began),
        max(datetime.fromisoformat(end) for end in ends) if all(ends) else None,
    )
