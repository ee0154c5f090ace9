"""Which plate reads the journal has of a visit: at its approach, and in the lanes it was matched in."""

from __future__ import annotations

import sqlite3

NEAR = 200
"""A lane reads a plate a few entries before it learns whose visit that is; never so many."""


def sightings_of(connection: sqlite3.Connection, visit_id: str) -> list[str]:
    """The bodies of its PlateSeen entries, oldest first; whole where their payloads are still held."""
    return [
        str(body)
        for _, body in connection.execute(
            "SELECT seq, body FROM journal_full WHERE visit = ? AND kind = 'PlateSeen'"
            " UNION SELECT seen.seq, whole.body FROM journal matched JOIN journal seen"
            " ON seen.seq BETWEEN matched.seq - ? AND matched.seq AND seen.kind = 'PlateSeen'"
            " AND seen.point = matched.point"
            " AND seen.body ->> '$.event.passage_id' = matched.body ->> '$.event.passage_id'"
            " JOIN journal_full whole ON whole.seq = seen.seq"
            " WHERE matched.visit = ? AND matched.kind IN ('VisitMatched', 'VisitUnmatched')"
            " ORDER BY seq",
            (visit_id, NEAR, visit_id),
        )
    ]
