"""From journal.db to a month's facts: read only, and only what stays when personal data is erased.

So a month's report is the same before and after retention, and nothing personal can slip into it: plates,
numbers and free texts lie in payloads, which are not read here (docs/journal.md).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gate.errors import StoreError
from gate.model import VisitStatus
from gate.report.facts import Facts, VisitFacts
from gate.report.month import Month

Progress = Callable[[int, int], None]
"""Told the entries read and those there are, now and then."""

_STEP = 5000
_LATER = timedelta(days=3)
"""A vehicle that came on the month's last day may be directed and released in the next."""
_AWAY = timedelta(minutes=5)
"""A head that central has not countersigned for longer than this was signed while it was away."""
_WANTED = ("UpdateVisit", '"Report"', '"CallOfficer"', '"PlateSeen"')
"""A body without any of these is not worth parsing, but for the kinds named in _BY_KIND."""
_BY_KIND = ("Opened", "Act", "PlateSeen")


def read_month(path: Path, month: Month, site: str = "", progress: Progress | None = None) -> Facts:
    """Gather one month. Raises StoreError when the file is no journal this program can read."""
    if not path.is_file():
        raise StoreError(f"{path} does not exist")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as connection:
            connection.execute("BEGIN")  # everything of one moment: the gate may be running
            facts = Facts(site or _site_of(connection), month)
            _visits(connection, facts)
            _entries(connection, facts, progress)
            _releases(connection, facts)
            _orders(connection, facts)
            _emergencies(connection, facts)
            _away(connection, facts)
            return facts
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is not a journal this program can read: {error}") from error


def _has_heads(connection: sqlite3.Connection) -> bool:
    """Whether the record has heads: one from before them says nothing of central."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'heads'").fetchone())


def _site_of(connection: sqlite3.Connection) -> str:
    if not _has_heads(connection):
        return ""
    row = connection.execute("SELECT site FROM heads ORDER BY seq DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ""


def _span(month: Month) -> tuple[str, str]:
    return month.begin.isoformat(), month.end.isoformat()


def _visits(connection: sqlite3.Connection, facts: Facts) -> None:
    rows = connection.execute(
        "SELECT visit_id, first_presence, status, corridor, lane FROM visits"
        " WHERE first_presence >= ? AND first_presence < ?",
        _span(facts.month),
    )
    for visit_id, arrived, status, corridor, lane in rows:
        facts.visits[visit_id] = VisitFacts(datetime.fromisoformat(arrived), status, corridor, lane)


def _entries(connection: sqlite3.Connection, facts: Facts, progress: Progress | None) -> None:
    begin, end = facts.month.begin, facts.month.end
    (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()
    rows = connection.execute(
        "SELECT seq, at, boot, point, kind, visit, body FROM journal WHERE at >= ? AND at < ? ORDER BY seq",
        (begin.isoformat(), (end + _LATER).isoformat()),
    )
    boots: set[str] = set()
    for count, (seq, at, boot, point, kind, visit, body) in enumerate(rows, start=1):
        inside = at < end.isoformat()
        if inside:
            facts.entries += 1
            boots.add(boot)
        if progress is not None and count % _STEP == 0:
            progress(seq, last)
        if kind not in _BY_KIND and not any(word in body for word in _WANTED):
            continue
        told = json.loads(body)
        for command in told.get("commands", ()):
            _command(facts, command, datetime.fromisoformat(at), inside=inside)
        if inside:
            _entry(facts, kind, point, visit, told)
    facts.restarts = max(0, len(boots) - 1)
    if progress is not None:
        progress(last, last)


def _command(facts: Facts, command: dict[str, Any], at: datetime, *, inside: bool) -> None:
    match command:
        case {"type": "UpdateVisit", "visit_id": str(visit_id)} if visit_id in facts.visits:
            _update(facts, facts.visits[visit_id], visit_id, command, at)
        case {"type": "Report", "kind": str(kind)} if inside and kind.startswith(
            ("lane.", "alarm.", "help.")
        ):
            facts.troubles[kind] += 1
        case {"type": "CallOfficer", "alarm": bool(alarm)} if inside:
            facts.calls["alarm" if alarm else "call"] += 1
        case _:
            pass


def _update(facts: Facts, visit: VisitFacts, visit_id: str, update: dict[str, Any], at: datetime) -> None:
    status = update.get("status")
    if status == VisitStatus.DIRECTED and visit.directed is None:
        visit.directed = at
    visit.held = visit.held or status == VisitStatus.HELD
    visit.referred = visit.referred or status == VisitStatus.REFERRED
    for finding in update.get("findings") or ():
        cause = (str(finding.get("code")), str(finding.get("rule")))
        if finding.get("outcome") == "HOLD":
            facts.causes.setdefault(cause, set()).add(visit_id)
        elif finding.get("outcome") == "REFER":
            facts.referrals.setdefault(cause, set()).add(visit_id)


def _entry(facts: Facts, kind: str, point: str, visit: str | None, told: dict[str, Any]) -> None:
    if kind == "Opened" and visit in facts.visits:
        facts.consignments.update(str(one["corridor"]) for one in told["opened"])
    elif kind == "PlateSeen":
        read = told["event"].get("read")
        facts.reads[point, "unread" if read is None else "sure" if read.get("sure") else "unsure"] += 1
    elif kind == "Act":
        act = told["act"]
        done = told.get("done") is True
        facts.acts[str(act["type"]), done] += 1
        if act["type"] == "ConfirmPlate" and done:
            facts.sights[point] += 1


def _releases(connection: sqlite3.Connection, facts: Facts) -> None:
    begin, end = _span(facts.month)
    rows = connection.execute(
        "SELECT visit_id, corridor, basis, checked, at FROM releases"
        " WHERE revoked IS NULL AND at >= ? AND at < ? ORDER BY at",
        (begin, (facts.month.end + _LATER).isoformat()),
    )
    for visit_id, corridor, basis, checked, at in rows:
        visit = facts.visits.get(visit_id)
        if visit is not None and basis != "departure" and visit.released is None:
            visit.released = datetime.fromisoformat(at)
        if at < end and basis == "officer":
            facts.checks.update((corridor or "none", thing) for thing in set(json.loads(checked)))


def _has(connection: sqlite3.Connection, table: str) -> bool:
    """Whether the journal keeps orders: one of before schema 10 has none, and none were given."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    return found.fetchone() is not None


def _orders(connection: sqlite3.Connection, facts: Facts) -> None:
    if not _has(connection, "ordered_checks"):
        return
    span = _span(facts.month)
    ordered = connection.execute("SELECT corridor, source FROM ordered_checks WHERE at >= ? AND at < ?", span)
    facts.ordered.update((str(corridor), str(source)) for corridor, source in ordered)
    opened = connection.execute("SELECT visit_id FROM single_openings WHERE revoked IS NULL")
    facts.opened_once.update(str(visit) for (visit,) in opened if visit in facts.visits)
    (facts.reviewed,) = connection.execute(
        "SELECT count(*) FROM emergency_reviews JOIN emergencies USING (emergency_id)"
        " WHERE began_at >= ? AND began_at < ?",
        span,
    ).fetchone()


def _emergencies(connection: sqlite3.Connection, facts: Facts) -> None:
    rows = connection.execute(
        "SELECT began_at, ended_at FROM emergencies WHERE began_at >= ? AND began_at < ? ORDER BY began_at",
        _span(facts.month),
    )
    for began, ended in rows:
        lasted = datetime.fromisoformat(ended) - datetime.fromisoformat(began) if ended else None
        facts.emergencies.append(lasted)


def _away(connection: sqlite3.Connection, facts: Facts) -> None:
    """By the heads: central countersigns each within seconds, unless it is away."""
    if not _has_heads(connection):
        return
    begin, end = facts.month.begin, facts.month.end
    since: datetime | None = None
    until: datetime | None = None
    for signed, answered in _waits(connection, begin, end):
        if answered - signed <= _AWAY:
            continue
        if since is not None and until is not None and signed <= until:
            until = max(until, answered)
            continue
        if since is not None and until is not None:
            facts.away.append(until - since)
        since, until = signed, answered
    if since is not None and until is not None:
        facts.away.append(until - since)


def _waits(
    connection: sqlite3.Connection, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Each head of the month: when it was signed, and when central had answered, within the month."""
    (latest,) = connection.execute("SELECT coalesce(max(at), '') FROM heads").fetchone()
    rows = connection.execute(
        "SELECT at, countersigned_at FROM heads WHERE at >= ? AND at < ? ORDER BY at",
        (begin.isoformat(), end.isoformat()),
    )
    for at, countersigned in rows:
        signed = datetime.fromisoformat(at).astimezone(UTC)
        answered = datetime.fromisoformat(countersigned or latest).astimezone(UTC)
        yield signed, min(answered, end)
