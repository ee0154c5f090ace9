"""Which visits somebody looks for, and one page of them: by plate, number, time, place, outcome, officer.

What is shown of a visit is what its row says once it has arrived: a corridor, and a lane that would tell
it, only of an opened visit (3.6). Nothing sealed is read: of cache.db only which numbers a cargo number is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gate.model import Corridor, RegistrationMark, VisitStatus
from gate.model.likeness import skeleton

PAGE = 25

_TOLD = "(v.opened = 1 OR v.status IN ('held', 'referred'))"
"""Whose lane may be told; a search by lane finds no others, or it would be an oracle."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for; what is None or empty narrows nothing. `begin` is in, `end` is out."""

    mark: RegistrationMark | None = None
    """Any part of a plate; look-alike signs count as one."""
    numbers: tuple[str, ...] = ()
    """A notification number, as it may be written in either space."""
    cargo: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    point: str | None = None
    """Where it arrived, or the lane it was sent to."""
    status: VisitStatus | None = None
    corridor: Corridor | None = None
    officer: str | None = None
    """Who released it or did anything else about it."""
    behind: tuple[str, str] | None = None
    """Where the page before ended."""


@dataclass(frozen=True, slots=True)
class PastVisit:
    """One visit as a list shows it."""

    visit_id: str
    mark: RegistrationMark | None
    numbers: tuple[str, ...]
    point: str
    lane: str | None
    status: VisitStatus
    corridor: Corridor | None
    arrived: datetime
    released: datetime | None
    officer: str | None
    """Who released it; None where the system did, or nobody."""
    scene: str | None
    crop: str | None
    erased: datetime | None
    """When retention erased what is personal."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `behind` asks for the next; None when there is none."""

    visits: tuple[PastVisit, ...]
    behind: tuple[str, str] | None


def numbers_sought(cache: sqlite3.Connection, sought: Sought) -> tuple[str, ...] | None:
    """Every number that a visit may bear to be found; None when any visit will do."""
    if sought.cargo is None:
        return sought.numbers or None
    rows = cache.execute("SELECT number FROM declarations WHERE cargo = ?", (sought.cargo,)).fetchall()
    # The cargo number itself stands beside its declarations': cached ones may be gone since.
    return (*sought.numbers, sought.cargo, *(str(row[0]) for row in rows))


def find(journal: sqlite3.Connection, sought: Sought, numbers: tuple[str, ...] | None) -> Found:
    """One page of what is sought, newest first."""
    where, parameters = _conditions(sought, numbers)
    rows = journal.execute(
        "SELECT v.visit_id, v.mark, v.numbers, v.point, v.lane, v.status, v.corridor, v.opened,"
        " v.first_presence, v.erased_at FROM visits v"
        f" WHERE {' AND '.join(where) or '1'} ORDER BY v.first_presence DESC, v.visit_id DESC LIMIT ?",
        (*parameters, PAGE + 1),
    ).fetchall()
    visits = tuple(_visit(journal, row) for row in rows[:PAGE])
    return Found(visits, (rows[PAGE - 1][8], rows[PAGE - 1][0]) if len(rows) > PAGE else None)


def _conditions(sought: Sought, numbers: tuple[str, ...] | None) -> tuple[list[str], list[object]]:
    where: list[str] = []
    parameters: list[object] = []

    def narrow(condition: str, *values: object) -> None:
        where.append(condition)
        parameters.extend(values)

    if sought.behind is not None:
        narrow("(v.first_presence, v.visit_id) < (?, ?)", *sought.behind)
    if sought.begin is not None:
        narrow("v.first_presence >= ?", _text(sought.begin))
    if sought.end is not None:
        narrow("v.first_presence < ?", _text(sought.end))
    if sought.mark is not None:
        narrow("instr(v.folded, ?) > 0", skeleton(sought.mark))
    if numbers is not None:
        among = json.dumps(numbers)
        narrow(
            "v.visit_id IN (SELECT visit_id FROM openings WHERE number IN (SELECT value FROM json_each(?))"
            " UNION ALL SELECT visit_id FROM visits INDEXED BY visits_named"
            " WHERE opened = 0 AND numbers <> '[]' AND EXISTS (SELECT 1 FROM json_each(visits.numbers) own"
            " WHERE own.value IN (SELECT value FROM json_each(?))))",
            *(among, among),
        )
    if sought.point is not None:
        narrow(f"(v.point = ? OR (v.lane = ? AND {_TOLD}))", sought.point, sought.point)
    if sought.status is not None:
        narrow("v.status = ?", sought.status.value)
    if sought.corridor is not None:
        narrow("v.opened = 1 AND v.corridor = ?", sought.corridor.value)
    if sought.officer is not None:
        narrow(
            "v.visit_id IN (SELECT visit_id FROM releases WHERE officer = ?"
            " UNION ALL SELECT visit FROM journal WHERE kind = 'Act' AND body ->> '$.act.officer' = ?)",
            *(sought.officer, sought.officer),
        )
    return where, parameters


def _visit(journal: sqlite3.Connection, row: Sequence[object]) -> PastVisit:
    visit_id, mark, numbers, point, lane, status, corridor, opened, arrived, erased = row
    stands = VisitStatus(str(status))
    tells_lane = bool(opened) or stands in (VisitStatus.HELD, VisitStatus.REFERRED)
    release = journal.execute(
        "SELECT at, officer FROM releases WHERE visit_id = ? AND revoked IS NULL ORDER BY at DESC LIMIT 1",
        (visit_id,),
    ).fetchone()
    seen = journal.execute(
        "SELECT body ->> '$.event.read.evidence' FROM journal WHERE visit = ? AND kind = 'PlateSeen'"
        " AND body ->> '$.event.read' IS NOT NULL ORDER BY seq DESC LIMIT 1",
        (visit_id,),
    ).fetchone()
    pictures: list[str] = json.loads(seen[0]) if seen and seen[0] else []
    return PastVisit(
        str(visit_id),
        RegistrationMark(str(mark)) if mark is not None else None,
        tuple(json.loads(str(numbers))),
        str(point),
        str(lane) if lane is not None and tells_lane else None,
        stands,
        Corridor(str(corridor)) if corridor is not None and opened else None,
        datetime.fromisoformat(str(arrived)),
        datetime.fromisoformat(release[0]) if release else None,
        release[1] if release else None,
        pictures[0] if pictures else None,
        pictures[1] if len(pictures) > 1 else None,
        datetime.fromisoformat(str(erased)) if erased is not None else None,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
