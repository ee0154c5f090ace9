"""The core's Ledger over journal.db: every step one transaction, everything in it or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from gate.clock_trust import ClockTrust
from gate.lanes.calls import HIGHEST_LEVEL
from gate.lanes.commands import (
    AnswerFor,
    CallOfficer,
    CallOver,
    CommitCheck,
    CommitReview,
    DeclareEmergency,
    EndEmergency,
    GrantOpening,
    GrantRelease,
    OpenVisit,
    Record,
    Report,
    RevokeRelease,
    UpdateVisit,
)
from gate.lanes.ports import (
    Call,
    PlatesRead,
    Presence,
    Registered,
    ReviewLine,
    RollCallLine,
    StepRecord,
    StoryLine,
)
from gate.model import NotificationNumber, RegistrationMark, Visit, VisitStatus
from gate.store.crossings import CROSSED, confirm
from gate.store.database import DatabaseThread, transaction
from gate.store.journal import Journal, put_out
from gate.store.orders import registered, released_at, waiting_reviews, write_order
from gate.store.presences import open_visit, presences_of
from gate.store.rows import VISIT_COLUMNS, beginning_with, dump_findings, visit_from
from gate.store.story import tell

T = TypeVar("T")
_OPEN = tuple(status.value for status in VisitStatus if not status.is_over)
_OPEN_TEXT = ", ".join(f"'{status}'" for status in _OPEN)


class JournalLedger:
    """Implements lanes.ports.Ledger and History. Raises StoreError when a constraint refuses."""

    def __init__(
        self,
        thread: DatabaseThread,
        journal: Journal,
        on_outbox: Callable[[], None],
        trust: ClockTrust | None = None,
    ) -> None:
        self._thread = thread
        self._journal = journal
        self._on_outbox = on_outbox
        self._trust = trust

    async def write(self, work: Callable[[sqlite3.Connection, Journal], T]) -> T:
        """Do `work` in one durable transaction with the journal's head at hand."""

        def run() -> T:
            self._journal.begin()
            with transaction(self._thread.journal) as connection:
                result = work(connection, self._journal)
            self._journal.settle()
            return result

        return await self._thread.run(run)

    async def _read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return await self._thread.run(
            lambda: self._thread.journal.conn.execute(sql, tuple(parameters)).fetchall()
        )

    async def commit(self, record: StepRecord) -> None:
        """Journal entry, snapshot, pulses, and every record's row and outbox message, or nothing."""
        at = record.at.isoformat()
        visit = next((v for r in record.records if (v := getattr(r, "visit_id", None))), None)
        if visit is None:
            visit = json.loads(record.body).get("visit")
        reading = self._trust.reading() if self._trust is not None else None

        def work(connection: sqlite3.Connection, journal: Journal) -> None:
            journal.append(connection, at, record.point, record.event, visit, record.body.decode())
            for row in record.records:
                if isinstance(row, OpenVisit):
                    open_visit(connection, record.point, row, reading)
                else:
                    _write(connection, record.point, at, row)
                if isinstance(row, UpdateVisit) and row.status in CROSSED and _changed(connection):
                    confirm(connection, journal, record.at, row.visit_id, row.status)
            for pulse in record.pulses:
                connection.execute(
                    "INSERT INTO pulses VALUES (?, ?, ?, ?, ?)",
                    (pulse.decision_id, record.point, pulse.kind, pulse.release_id, at),
                )
            if record.snapshot is None:
                return
            connection.execute(
                "INSERT INTO snapshots VALUES (?, ?, ?) ON CONFLICT (point)"
                " DO UPDATE SET state = excluded.state, at = excluded.at",
                (record.point, record.snapshot.decode(), at),
            )

        await self.write(work)
        if any(isinstance(row, Report) for row in record.records):
            self._on_outbox()

    async def register(self, visit_id: str, point: str, at: datetime) -> Registered:
        """Write the registration entry and the notice to officers that precede a release (4.2, 5.2)."""
        when = at.isoformat()

        def work(connection: sqlite3.Connection, journal: Journal) -> Registered:
            body = json.dumps({"visit": visit_id, "notice": "officers' console"}, sort_keys=True)
            journal.append(connection, when, point, "Registered", visit_id, body)
            put_out(connection, when, "visit.registered", {"visit": visit_id, "point": point, "at": when})
            return registered(connection, visit_id)

        found = await self.write(work)
        self._on_outbox()
        return found

    async def released_at(self, visit_id: str) -> datetime | None:
        """Read when the visit's standing release was committed."""
        return await self._thread.run(lambda: released_at(self._thread.journal.conn, visit_id))

    async def record_act(self, point: str, at: datetime, body: bytes) -> None:
        """Write an officer's act and what came of it."""
        when, text = at.isoformat(), body.decode()
        visit = json.loads(text).get("act", {}).get("visit_id")
        await self.write(
            lambda connection, journal: journal.append(connection, when, point, "Act", visit, text)
        )

    async def record(self, point: str, at: datetime, kind: str, body: str) -> None:
        """Write an entry that belongs to no visit. `body` is JSON."""
        when = at.isoformat()
        await self.write(
            lambda connection, journal: journal.append(connection, when, point, kind, None, body)
        )

    async def acknowledge_call(self, call_id: str, officer: str, at: datetime) -> bool:
        """Tell whether the call was open and is acknowledged now."""

        def work(connection: sqlite3.Connection, _journal: Journal) -> bool:
            done = connection.execute(
                "UPDATE calls SET acknowledged_by = ?, acknowledged_at = ?"
                " WHERE call_id = ? AND acknowledged_by IS NULL",
                (officer, at.isoformat(), call_id),
            )
            return done.rowcount == 1

        return await self.write(work)

    async def escalate_call(self, call_id: str, level: int, at: datetime) -> bool:
        """Raise an open call from the level below; tell whether it was open and there."""
        when = at.isoformat()

        def work(connection: sqlite3.Connection, journal: Journal) -> bool:
            row = connection.execute(
                "UPDATE calls SET level = ?, alarm = 1"
                " WHERE call_id = ? AND level = ? AND acknowledged_by IS NULL"
                " RETURNING point, visit_id, reason, since",
                (level, call_id, level - 1),
            ).fetchone()
            if row is None:
                return False
            point, visit, reason, since = row
            facts = {"call": call_id, "level": level, "visit": visit, "reason": reason, "since": since}
            body = json.dumps(facts, sort_keys=True, ensure_ascii=False)
            journal.append(connection, when, point, "CallEscalated", visit, body)
            if level == HIGHEST_LEVEL:
                put_out(connection, when, "call.escalated", {"point": point, "at": when} | facts)
            return True

        raised = await self.write(work)
        if raised and level == HIGHEST_LEVEL:
            self._on_outbox()
        return raised

    async def snapshot(self, point: str) -> bytes | None:
        """Read the point's last committed state."""
        rows = await self._read("SELECT state FROM snapshots WHERE point = ?", (point,))
        return str(rows[0][0]).encode() if rows else None

    async def visit(self, visit_id: str) -> Visit | None:
        """Read one visit."""
        rows = await self._read(f"SELECT {VISIT_COLUMNS} FROM visits WHERE visit_id = ?", (visit_id,))
        return visit_from(rows[0]) if rows else None

    async def presences(
        self, visit_id: str, mark: RegistrationMark | None, numbers: Sequence[NotificationNumber]
    ) -> Sequence[Presence]:
        """Read when this visit's vehicle first stood here, in this visit or one that nobody answered."""
        return await self._thread.run(
            lambda: presences_of(self._thread.journal.conn, visit_id, mark, numbers)
        )

    async def open_visits_of(self, mark: RegistrationMark) -> Sequence[Visit]:
        """Read this vehicle's visits that are not over, newest first."""
        rows = await self._read(
            f"SELECT {VISIT_COLUMNS} FROM visits WHERE mark = ? AND status IN (?, ?, ?, ?)"
            " ORDER BY first_presence DESC",
            (mark, *_OPEN),
        )
        return [visit_from(row) for row in rows]

    async def trailer_of(self, visit_id: str) -> RegistrationMark | None:
        """Read which trailer came with this visit's vehicle: the last sure read of the rear camera."""
        rows = await self._read(
            "SELECT body ->> '$.event.trailer.mark' FROM journal_full WHERE visit = ? AND kind = 'PlateSeen'"
            " AND body ->> '$.event.trailer.sure' ORDER BY seq DESC LIMIT 1",
            (visit_id,),
        )
        # Erased, and never sure, look alike: then nothing is known of a trailer.
        return RegistrationMark(str(rows[0][0])) if rows and rows[0][0] is not None else None

    async def plates_read(self, visit_id: str) -> PlatesRead | None:
        """Read what the readers made of this visit's front plate: the last read there was."""
        rows = await self._read(
            "SELECT body ->> '$.event.read' FROM journal_full WHERE visit = ? AND kind = 'PlateSeen'"
            " AND body ->> '$.event.read' IS NOT NULL ORDER BY seq DESC LIMIT 1",
            (visit_id,),
        )
        if not rows:
            return None
        read = json.loads(str(rows[0][0]))
        if "mark" not in read:
            return None  # the entry outlived the plate
        rivals = tuple(RegistrationMark(mark) for mark in read.get("rivals", ()))
        return PlatesRead(RegistrationMark(read["mark"]), read["confidence"], read["sure"], rivals)

    async def open_visits(self) -> Sequence[Visit]:
        """Read all visits that are not over, oldest first."""
        rows = await self._read(
            f"SELECT {VISIT_COLUMNS} FROM visits WHERE status IN (?, ?, ?, ?) ORDER BY first_presence", _OPEN
        )
        return [visit_from(row) for row in rows]

    async def open_calls(self) -> Sequence[Call]:
        """Read the calls nobody has acknowledged, alarms first."""
        rows = await self._read(
            "SELECT call_id, point, visit_id, reason, alarm, since, level FROM calls"
            " WHERE acknowledged_by IS NULL ORDER BY level DESC, alarm DESC, since"
        )
        return [
            Call(
                str(row[0]),
                str(row[1]),
                str(row[2]) if row[2] is not None else None,
                str(row[3]),
                bool(row[4]),
                datetime.fromisoformat(str(row[5])),
                None,
                int(str(row[6])),
            )
            for row in rows
        ]

    async def roll_call(self) -> Sequence[RollCallLine]:
        """Read who was called over after an emergency and not answered for yet."""
        rows = await self._read(
            "SELECT visit_id, called_at FROM roll_call WHERE answered_by IS NULL ORDER BY called_at, visit_id"
        )
        return [RollCallLine(str(row[0]), datetime.fromisoformat(str(row[1]))) for row in rows]

    async def reviews(self) -> Sequence[ReviewLine]:
        """Read the emergencies that wait for a review, oldest first."""
        return await self._thread.run(lambda: waiting_reviews(self._thread.journal.conn))

    async def story(self, visit_id: str) -> Sequence[StoryLine]:
        """Read everything the journal says of a visit, oldest first."""
        rows = await self._read(
            "SELECT seq, at, point, kind, body FROM journal_full WHERE visit = ? ORDER BY seq", (visit_id,)
        )
        return [
            StoryLine(
                int(str(row[0])),
                datetime.fromisoformat(str(row[1])),
                str(row[2]),
                tell(str(row[3]), str(row[4])),
            )
            for row in rows
        ]

    async def evidence(self, visit_id: str) -> Sequence[str]:
        """Read the names of the visit's pictures."""
        rows = await self._read(
            "SELECT body FROM journal_full WHERE visit = ? AND kind = 'PlateSeen' ORDER BY seq", (visit_id,)
        )
        names: list[str] = []
        for (body,) in rows:
            event = json.loads(str(body))["event"]
            for read in (event["read"], event.get("trailer")):
                names.extend(read["evidence"] if read else ())
        return names

    async def find_visits(
        self, mark: RegistrationMark | None, number: NotificationNumber | None, limit: int
    ) -> Sequence[Visit]:
        """Find visits by the beginning of a mark or by a number, newest first."""
        if number is not None:
            # By opening, or among those here now: looking through every visit there ever was would keep
            # a waiting vehicle from this thread.
            # The statuses stand in the text, or SQLite would not use the index of the open ones.
            where = (
                "visit_id IN (SELECT visit_id FROM openings WHERE number = ?) OR visit_id IN"
                f" (SELECT visit_id FROM visits WHERE status IN ({_OPEN_TEXT})"
                " AND EXISTS (SELECT 1 FROM json_each(visits.numbers) WHERE value = ?))"
            )
            parameters: tuple[object, ...] = (number, number)
        else:
            where, parameters = "mark >= ? AND mark < ?", beginning_with(mark or "")
        rows = await self._read(
            f"SELECT {VISIT_COLUMNS} FROM visits WHERE {where} ORDER BY first_presence DESC LIMIT ?",
            (*parameters, limit),
        )
        return [visit_from(row) for row in rows]


def _write(connection: sqlite3.Connection, point: str, at: str, record: Record) -> None:
    match record:
        case UpdateVisit():
            _update_visit(connection, record)
        case GrantRelease(release=release):
            connection.execute(
                "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    release.release_id,
                    release.visit_id,
                    release.point,
                    release.corridor,
                    release.basis.value,
                    release.officer,
                    json.dumps(list(release.checked), ensure_ascii=False),
                    release.at.isoformat(),
                ),
            )
        case RevokeRelease(release_id=release_id, reason=reason):
            connection.execute("UPDATE releases SET revoked = ? WHERE release_id = ?", (reason, release_id))
            connection.execute(
                "UPDATE single_openings SET revoked = ? WHERE opening_id = ?", (reason, release_id)
            )
        case CommitCheck() | GrantOpening() | CommitReview():
            write_order(connection, at, record)
        case DeclareEmergency(emergency_id=emergency_id, officer=officer, reason=reason):
            connection.execute(
                "INSERT INTO emergencies VALUES (?, ?, ?, ?, ?, NULL)",
                (emergency_id, point, officer, reason, at),
            )
        case EndEmergency(emergency_id=emergency_id):
            connection.execute(
                "UPDATE emergencies SET ended_at = ? WHERE emergency_id = ?", (at, emergency_id)
            )
        case CallOver(visit_ids=visit_ids):
            connection.executemany(
                # Called over again in a second emergency, it must be answered for again.
                "INSERT OR REPLACE INTO roll_call VALUES (?, ?, NULL, NULL, NULL)",
                [(visit_id, at) for visit_id in visit_ids],
            )
        case AnswerFor(visit_id=visit_id, officer=officer, present=present):
            connection.execute(
                "UPDATE roll_call SET present = ?, answered_by = ?, answered_at = ? WHERE visit_id = ?",
                (int(present), officer, at, visit_id),
            )
        case CallOfficer(call_id=call_id, visit_id=visit_id, reason=reason, alarm=alarm):
            connection.execute(
                "INSERT INTO calls (call_id, point, visit_id, reason, alarm, since)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (call_id, point, visit_id, reason, int(alarm), at),
            )
            body = {"point": point, "at": at, "visit": visit_id, "reason": reason, "alarm": alarm}
            put_out(connection, at, "alarm" if alarm else "officer.called", body)
        case Report(kind=kind, body=body):
            put_out(connection, at, kind, body)


def _changed(connection: sqlite3.Connection) -> bool:
    """Whether the last statement changed a row: a visit that was over before crosses no second time."""
    return bool(connection.execute("SELECT changes()").fetchone()[0])


def _update_visit(connection: sqlite3.Connection, update: UpdateVisit) -> None:
    """What is None stays; a visit that is over stays as it ended, whatever a point says late."""
    columns: dict[str, object] = {
        "status": update.status.value if update.status else None,
        "mark": update.mark,
        "numbers": json.dumps(list(update.numbers)) if update.numbers is not None else None,
        "corridor": update.corridor.value if update.corridor else None,
        "lane": update.lane,
        "findings": dump_findings(update.findings) if update.findings is not None else None,
    }
    given = {name: value for name, value in columns.items() if value is not None}
    if not given:
        return
    assignments = ", ".join(f"{name} = ?" for name in given)
    connection.execute(
        f"UPDATE visits SET {assignments} WHERE visit_id = ? AND status IN (?, ?, ?, ?)",
        (*given.values(), update.visit_id, *_OPEN),
    )
