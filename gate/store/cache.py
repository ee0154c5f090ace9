"""cache.db: declarations by plate and by number, and the feed position they were built to.

Whoever can write the file can put anything into it, so nothing in it is believed: what a look-up hands on
is a row that central signed, every field of it, and that is not older than one applied before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gate.errors import SealError
from gate.lanes.ports import CacheState, Declared, Lookup, PriorOpening
from gate.model import (
    Declaration,
    DeclarationStatus,
    Finding,
    NotificationNumber,
    RegistrationMark,
    VisitStatus,
)
from gate.sealing import check_signature
from gate.store import groupage
from gate.store.database import DatabaseThread, transaction
from gate.store.near import near_marks
from gate.store.refusals import check_floor, finding_of, floor_of
from gate.store.rows import (
    DECLARATION_COLUMNS,
    DECLARED_COLUMNS,
    beginning_with,
    declaration_from,
    declaration_row,
    declared_from,
    declared_of,
)

log = structlog.get_logger()

_UPSERT_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_COLUMNS = DECLARATION_COLUMNS.split(", ")
UPSERT = (
    f"INSERT INTO declarations ({DECLARATION_COLUMNS}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)
_RAISE_FLOOR = (
    "INSERT INTO floors VALUES (?, ?)"
    " ON CONFLICT (number) DO UPDATE SET version = max(version, excluded.version)"
)
_SELECT = f"SELECT {DECLARATION_COLUMNS} FROM declarations WHERE "
_BY_MARK = _SELECT + "number IN (SELECT number FROM declaration_marks WHERE mark = ?) ORDER BY number"
_BY_NUMBER = _SELECT + "number = ?1 OR preliminary = ?1 ORDER BY number"
_BY_CARGO = _SELECT + "cargo = ? ORDER BY number"

Row = tuple[object, ...]


class DeclarationCache:
    """Implements lanes.ports.Registry and Declarations, and the feed's side of the cache."""

    def __init__(self, thread: DatabaseThread, central_public: Ed25519PublicKey) -> None:
        self._thread = thread
        self._central = central_public

    async def cursor(self) -> int:
        """The feed position the cache was built to; 0 when it is empty."""
        return await self._thread.run(lambda: _cursor(self._thread.cache.conn, "cursor"))

    async def apply(self, cursor: int, declarations: Sequence[Declaration], fetched_at: datetime) -> None:
        """Replace what is not newer here, move the cursor, and raise journal.db's cursor and floors."""
        floors = [
            (declaration.number, declaration.version)
            for declaration in declarations
            if declaration.version > 1 or declaration.status is DeclarationStatus.WITHDRAWN
        ]

        def work() -> None:
            # journal.db first: were power lost between the two, the cache would count as stale,
            # which holds vehicles until the feed is pulled again; the other order would hide a loss.
            numbers, pairs = groupage.shared_by(self._thread.cache.conn, declarations)
            with transaction(self._thread.journal) as journal:
                highest = max(cursor, _cursor(journal, "feed_cursor"))
                journal.execute(_UPSERT_META, ("feed_cursor", str(highest)))
                journal.executemany(_RAISE_FLOOR, floors)
                groupage.note(journal, numbers, pairs)
            with transaction(self._thread.cache) as cache:
                for declaration in declarations:
                    _replace(cache, declaration)
                cache.execute(_UPSERT_META, ("cursor", str(cursor)))
                cache.execute(_UPSERT_META, ("fetched_at", fetched_at.isoformat()))

        await self._thread.run(work)

    async def touch(self, fetched_at: datetime) -> None:
        """The feed was confirmed up to date, with nothing new."""

        def work() -> None:
            with transaction(self._thread.cache) as cache:
                cache.execute(_UPSERT_META, ("fetched_at", fetched_at.isoformat()))

        await self._thread.run(work)

    async def look_up(
        self,
        mark: RegistrationMark | None,
        number: NotificationNumber | None,
        visit_id: str,
        cargo: str | None = None,
    ) -> Lookup:
        """Gather declarations for this mark or number, and openings of them by other visits.

        A row that is not as central signed it, or that is older than one applied before, is handed on
        as a finding and as nothing else; so is one that shared this plate and is there no more.
        """

        def work() -> Lookup:
            cache, journal = self._thread.cache.conn, self._thread.journal.conn
            checked = _Checked(journal, self._central)
            by_mark = checked.of(cache.execute(_BY_MARK, (mark,)), mark) if mark else ()
            gone = groupage.missing(journal, mark, checked.numbers) if mark else ()
            by_number = checked.of(cache.execute(_BY_NUMBER, (number,))) if number else ()
            if number and not by_number:
                floor_of(journal, number)  # as for one that is found: one work for all numbers (8.0.1)
            by_cargo = checked.of(cache.execute(_BY_CARGO, (cargo,))) if cargo else ()
            numbers = {d.number for d in (*by_mark, *by_number, *by_cargo)}
            # The number given is asked for whether it was found or not.
            asked = sorted(numbers | ({number} if number else set()))
            prior = tuple(p for n in asked if (p := _prior(journal, n, visit_id)) is not None)
            prior = (*prior, *_turned_round(journal, mark, visit_id, {p.number for p in prior}))
            refused = (*checked.refused.values(), *map(finding_of, gone))
            return Lookup(by_mark, by_number, prior, _state(cache, journal), by_cargo, refused)

        return await self._thread.run(work)

    async def find_declared(
        self, mark: RegistrationMark | None, number: NotificationNumber | None, limit: int
    ) -> Sequence[Declared]:
        """Find declarations by the beginning of a mark or by a number, newest first."""
        parameters: tuple[object, ...]
        if number is not None:
            where, parameters = "number = ?1 OR preliminary = ?1", (number,)
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

    async def declared_as(self, numbers: Sequence[NotificationNumber]) -> Sequence[Declared]:
        """Tell what central signed under these numbers."""
        if not numbers:
            return []
        sql = f"{_SELECT}number IN ({', '.join('?' * len(numbers))}) ORDER BY number"

        def work() -> list[Declared]:
            checked = _Checked(self._thread.journal.conn, self._central)
            found = checked.of(self._thread.cache.conn.execute(sql, tuple(numbers)))
            return [declared_of(declaration) for declaration in found]

        return await self._thread.run(work)

    async def near(self, mark: RegistrationMark) -> Sequence[RegistrationMark]:
        """Find declared marks that are almost this one."""
        return await self._thread.run(lambda: near_marks(self._thread.cache.conn, mark))

    async def state(self) -> CacheState:
        """How far the cache can be trusted."""
        return await self._thread.run(lambda: _state(self._thread.cache.conn, self._thread.journal.conn))


class _Checked:
    """Rows of one look-up; each is verified once, however many ways it was found."""

    def __init__(self, journal: sqlite3.Connection, central_public: Ed25519PublicKey) -> None:
        self._journal = journal
        self._central = central_public
        self._good: dict[Row, Declaration] = {}
        self.refused: dict[Row, Finding] = {}

    @property
    def numbers(self) -> set[str]:
        """Of every row seen so far, believed or not."""
        return {d.number for d in self._good.values()} | {str(row[0]) for row in self.refused}

    def of(self, rows: sqlite3.Cursor, mark: RegistrationMark | None = None) -> tuple[Declaration, ...]:
        """Those of the rows that may be believed; `mark` is what they were found by."""
        good = (self._check(row, mark) for row in rows.fetchall())
        return tuple(declaration for declaration in good if declaration is not None)

    def _check(self, row: Row, mark: RegistrationMark | None) -> Declaration | None:
        if row in self.refused:
            return None
        try:
            declaration = self._good.get(row) or self._read(row)
            _check_mark(declaration, mark)
        except SealError as error:
            log.error("cache.row_refused", number=str(row[0]), fault=error.fault, why=str(error))
            self.refused[row] = finding_of(error)
            return None
        self._good[row] = declaration
        return declaration

    def _read(self, row: Row) -> Declaration:
        try:
            declaration = declaration_from(row)
            check_signature(declaration, self._central)
        except (ValueError, TypeError, AttributeError) as error:
            # Whoever writes the file may have changed the very types of its columns.
            raise SealError(
                "forged", f"the row of declaration {row[0]} is nothing central would say"
            ) from error
        check_floor(self._journal, declaration)
        return declaration


def _check_mark(declaration: Declaration, mark: RegistrationMark | None) -> None:
    # The table of marks is not signed; the marks in the row are.
    if mark is not None and mark not in declaration.marks:
        number = declaration.number
        raise SealError("forged", f"cache.db leads from {mark} to declaration {number}, which names another")


def _replace(cache: sqlite3.Connection, declaration: Declaration) -> None:
    have = cache.execute(
        "SELECT version, marks FROM declarations WHERE number = ?", (declaration.number,)
    ).fetchone()
    if have is not None and have[0] > declaration.version:
        return
    cache.execute(UPSERT, declaration_row(declaration))
    pairs = [(mark, declaration.number) for mark in dict.fromkeys(declaration.marks)]
    if have is not None:
        gone = [(mark, declaration.number) for mark in have[1].split()]
        cache.executemany("DELETE FROM declaration_marks WHERE mark = ? AND number = ?", gone)
    cache.executemany("INSERT INTO declaration_marks VALUES (?, ?) ON CONFLICT DO NOTHING", pairs)


def _cursor(connection: sqlite3.Connection, key: str) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    # Not a number: as good as none. The cache is then filled anew.
    return int(row[0]) if row and row[0].isdecimal() else 0


def _state(cache: sqlite3.Connection, journal: sqlite3.Connection) -> CacheState:
    cursor = _cursor(cache, "cursor")
    row = cache.execute("SELECT value FROM meta WHERE key = 'fetched_at'").fetchone()
    fetched_at = _moment(row[0]) if row else None
    return CacheState(cursor, fetched_at, cursor < _cursor(journal, "feed_cursor"))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None  # the cache counts as never confirmed, which holds every vehicle
    return moment if moment.tzinfo is not None else None


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
