"""Entry and exit confirmations: the one journal entry that says a vehicle crossed, and nothing of why.

An entry of its own, because it leaves the house: a neighbouring customs gets the crossing, never the
verdict. So it names neither corridor nor lane (a lane serves corridors) nor officer, nor the release.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any, Final

from gate.model import VisitStatus
from gate.store.journal import Journal
from gate.store.sightings import sightings_of

KIND: Final = "Crossing"
CROSSED: Final = frozenset({VisitStatus.COMPLETED, VisitStatus.DEPARTED})
"""What ends a visit on the other side of the border."""


def confirm(
    connection: sqlite3.Connection, journal: Journal, at: datetime, visit_id: str, status: VisitStatus
) -> None:
    """Write the confirmation of a visit that has just become `status`, in the same transaction."""
    row = connection.execute("SELECT point, mark FROM visits WHERE visit_id = ?", (visit_id,)).fetchone()
    point, mark = row
    reads = [read for body in sightings_of(connection, visit_id) for read in _reads(body)]
    countries = (read.get("country") for read in reads if mark is not None and read.get("mark") == mark)
    leaving = status is VisitStatus.DEPARTED
    once = connection.execute(
        "SELECT 1 FROM single_openings WHERE visit_id = ? AND revoked IS NULL", (visit_id,)
    ).fetchone()
    body = {
        "visit": visit_id,
        "direction": "exit" if leaving else "entry",
        # Where it arrived: at the approach, which every corridor shares, or in the exit lane.
        "point": point,
        "at": at.astimezone(UTC).isoformat(),
        # Opened once: a vehicle without goods, to which nothing was released (2.1).
        "basis": "departure" if leaving else "opened-once" if once else "release",
        "evidence": list(dict.fromkeys(name for read in reads for name in read.get("evidence", []))),
        "mark": mark,
        "registered_in": next((country for country in countries if country), None),
    }
    journal.append(connection, at.isoformat(), point, KIND, visit_id, json.dumps(body, sort_keys=True))


def _reads(body: str) -> list[dict[str, Any]]:
    event = json.loads(body)["event"]
    return [read for read in (event.get("read"), event.get("trailer")) if read]
