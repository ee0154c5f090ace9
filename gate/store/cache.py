"""cache.db: declarations by plate and by number, and the feed position they were built to."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gate.lanes.ports import CacheState, Declared, Lookup, PriorOpening
from gate.model import Declaration, NotificationNumber, RegistrationMark, VisitStatus
from gate.store.database import DatabaseThread, transaction
from gate.store.rows import (
    DECLARATION_COLUMNS,
    DECLARED_COLUMNS,
    beginning_with,
    declaration_from,
    declaration_row,
    declared_from,
)

_UPSERT_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


class DeclarationCache:
    """Implements lanes.ports.Registry and Declarations, and the feed's side of the cache."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread

    async def cursor(self) -> int:
        """The feed position the cache was built to; 0 when it is empty."""
        return await self._thread.run(lambda: _cursor(self._thread.cache.conn, "cursor"))

    async def apply(self, cursor: int, declarations: Sequence[Declaration], fetched_at: datetime) -> None:
        """Replace what is not newer here, move the cursor, and raise journal.db's highest cursor."""

        def work() -> None:
            # journal.db first: were power lost between the two, the cache would count as stale,
            # which holds vehicles until the feed is pulled again; the other order would hide a loss.
            with transaction(self._thread.journal) as journal:
                highest = max(cursor, _cursor(journal, "feed_cursor"))
                journal.execute(_UPSERT_META, ("feed_cursor", str(highest)))
            with transaction(self._thread.cache) as cache:
                for declaration in declarations:
                    self._replace(cache, declaration)
                cache.execute(_UPSERT_META, ("cursor", str(cursor)))
                cache.execute(_UPSERT_META, ("fetched_at", fetched_at.isoformat()))

        await self._thread.run(work)

    def _replace(self, cache: sqlite3.Connection, declaration: Declaration) -> None:
        have = cache.execute(
            "SELECT version FROM declarations WHERE number = ?", (declaration.number,)
        ).fetchone()
        if have is not None and have[0] > declaration.version:
            return
        self._thread.cache.table("declarations").upsert(declaration_row(declaration), pk="number")
        cache.execute("DELETE FROM declaration_marks WHERE number = ?", (declaration.number,))
        cache.executemany(
            "INSERT INTO declaration_marks VALUES (?, ?)",
            [(mark, declaration.number) for mark in dict.fromkeys(declaration.marks)],
        )

    async def touch(self, fetched_at: datetime) -> None:
        """The feed was confirmed up to date, with nothing new."""

        def work() -> None:
            with transaction(self._thread.cache) as cache:
                cache.execute(_UPSERT_META, ("fetched_at", fetched_at.isoformat()))

        await self._thread.run(work)

    async def look_up(
        self, mark: RegistrationMark | None, number: NotificationNumber | None, visit_id: str
    ) -> Lookup:
        """Gather declarations for this mark or number, and openings of them by other visits."""

        def work() -> Lookup:
            cache, journal = self._thread.cache.conn, self._thread.journal.conn
            by_mark = _by_mark(cache, mark) if mark else ()
            by_number = _by_number(cache, number) if number else ()
            numbers = {d.number for d in (*by_mark, *by_number)}
            # The number given is asked for whether it was found or not: one work for all numbers (8.0.1).
            asked = sorted(numbers | ({number} if number else set()))
            prior = tuple(p for n in asked if (p := _prior(journal, n, visit_id)) is not None)
            prior = (*prior, *_turned_round(journal, mark, visit_id, {p.number for p in prior}))
            return Lookup(by_mark, by_number, prior, _state(cache, journal))

        return await self._thread.run(work)

    async def find_declared(
        self, mark: RegistrationMark | None, number: NotificationNumber | None, limit: int
    ) -> Sequence[Declared]:
        """Find declarations by the beginning of a mark or by a number, newest first."""
        parameters: tuple[object, ...]
        if number is not None:
            where, parameters = "number = ?", (number,)
        else:
            # Limited in the index: three letters of a plate may begin tens of thousands of them.
            where = (
                "number IN (SELECT number FROM declaration_marks WHERE mark >= ? AND mark < ?"
                " ORDER BY mark, number LIMIT ?)"
            )
            parameters = (*beginning_with(mark or ""), limit)
        sql = (
            f"SELECT {DECLARED_COLUMNS} FROM declarations WHERE {where}"
            " ORDER BY registered_at DESC, number LIMIT ?"
        )

        def work() -> list[Declared]:
            rows = self._thread.cache.conn.execute(sql, (*parameters, limit)).fetchall()
            return [declared_from(row) for row in rows]

        return await self._thread.run(work)

    async def state(self) -> CacheState:
        """How far the cache can be trusted."""
        return await self._thread.run(lambda: _state(self._thread.cache.conn, self._thread.journal.conn))


def _cursor(connection: sqlite3.Connection, key: str) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return int(row[0]) if row else 0


def _state(cache: sqlite3.Connection, journal: sqlite3.Connection) -> CacheState:
    cursor = _cursor(cache, "cursor")
    row = cache.execute("SELECT value FROM meta WHERE key = 'fetched_at'").fetchone()
    fetched_at = datetime.fromisoformat(row[0]) if row else None
    return CacheState(cursor, fetched_at, cursor < _cursor(journal, "feed_cursor"))


def _by_mark(cache: sqlite3.Connection, mark: RegistrationMark) -> tuple[Declaration, ...]:
    rows = cache.execute(
        f"SELECT {DECLARATION_COLUMNS} FROM declarations WHERE number IN"
        " (SELECT number FROM declaration_marks WHERE mark = ?) ORDER BY number",
        (mark,),
    ).fetchall()
    return tuple(declaration_from(row) for row in rows)


def _by_number(cache: sqlite3.Connection, number: NotificationNumber) -> tuple[Declaration, ...]:
    rows = cache.execute(
        f"SELECT {DECLARATION_COLUMNS} FROM declarations WHERE number = ?", (number,)
    ).fetchall()
    return tuple(declaration_from(row) for row in rows)


def _prior(journal: sqlite3.Connection, number: str, visit_id: str) -> PriorOpening | None:
    row = journal.execute(
        "SELECT o.visit_id, v.status FROM openings o LEFT JOIN visits v ON v.visit_id = o.visit_id"
        " WHERE o.number = ? AND o.visit_id <> ?",
        (number, visit_id),
    ).fetchone()
    if row is None:
        return None
    status = row[1]
    return PriorOpening(
        NotificationNumber(number),
        row[0],
        left_unreleased=status == VisitStatus.LEFT_UNRELEASED.value,
        completed=status == VisitStatus.COMPLETED.value,
    )


def _turned_round(
    journal: sqlite3.Connection, mark: RegistrationMark | None, visit_id: str, known: set[NotificationNumber]
) -> tuple[PriorOpening, ...]:
    """What was opened for this vehicle when it last was here, if it left unreleased: whatever it is
    declared under now. Otherwise a RED driver turns round, has his plate amended away and files anew.

    A later visit of it that ended as it should settles that.
    """
    if mark is None:
        return ()
    last = journal.execute(
        "SELECT visit_id, status FROM visits WHERE mark = ? AND visit_id <> ?"
        " AND (opened = 1 OR status IN ('completed', 'referred')) ORDER BY first_presence DESC LIMIT 1",
        (mark, visit_id),
    ).fetchone()
    if last is None or last[1] != VisitStatus.LEFT_UNRELEASED.value:
        return ()
    rows = journal.execute(
        "SELECT number FROM openings WHERE visit_id = ? ORDER BY number", (last[0],)
    ).fetchall()
    return tuple(
        PriorOpening(NotificationNumber(number), last[0], left_unreleased=True, completed=False)
        for (number,) in rows
        if number not in known
    )
