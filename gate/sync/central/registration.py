"""Registering, amending and withdrawing declarations (Rules 3.3-3.5, 7), each one transaction."""

from __future__ import annotations

import json
import random
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from gate.model import DeclarationStatus, RiskGroup, damm_digit
from gate.sync.central.conformity import has_corridor, remarks_on
from gate.sync.central.corridors import Assignment, corridor_for
from gate.sync.central.database import to_text
from gate.sync.central.filing import Filing
from gate.sync.central.importers import group_of, tally
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.publication import Publisher, as_declaration
from gate.sync.central.refusals import Reason, RefusalError
from gate.sync.central.selection import Selection, select

_RANDOM_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Registered:
    """What the importer is told (3.3). Nothing here depends on the corridor (3.6)."""

    number: str
    version: int
    status: DeclarationStatus
    registered_at: datetime
    remarks: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Registrar:
    """Takes filings. `rng` must be unpredictable in service; a seeded one is for demonstrations."""

    policy: CentralPolicy
    rng: random.Random
    publisher: Publisher

    def register(self, connection: sqlite3.Connection, filing: Filing, now: datetime) -> Registered:
        """A new declaration under a new notification number."""
        return self._issue(connection, self._new_number(connection), 1, filing, now)

    def amend(self, connection: sqlite3.Connection, number: str, filing: Filing, now: datetime) -> Registered:
        """A new version; lead time (2.2) counts from it. Keeps the draw, so amending wins nothing."""
        row = _active(connection, number)
        for field, there in (("site", row["site"]), ("importer", row["importer"])):
            if getattr(filing, field) != there:
                raise RefusalError(
                    HTTPStatus.CONFLICT,
                    f"Declaration {number} was filed with {field} {there}",
                    where=field,
                    do=f"keep the {field}, or withdraw this declaration and file another",
                )
        return self._issue(connection, number, row["version"] + 1, filing, now)

    def withdraw(self, connection: sqlite3.Connection, number: str, now: datetime) -> Registered:
        """The last version: withdrawn, without a verdict."""
        row = _active(connection, number)
        filing = Filing.model_validate_json(row["filing"])
        version = row["version"] + 1
        at = _registration_time(filing, now, relayed=False)
        self._record(connection, number, version, DeclarationStatus.WITHDRAWN, filing, at, ())
        declaration = as_declaration(
            filing, number=number, version=version, status=DeclarationStatus.WITHDRAWN, registered_at=at
        )
        self.publisher.publish(connection, declaration, filing, None)
        return Registered(number, version, DeclarationStatus.WITHDRAWN, at, ())

    def _issue(
        self, connection: sqlite3.Connection, number: str, version: int, filing: Filing, now: datetime
    ) -> Registered:
        group = group_of(connection, filing.importer, self.policy, now)
        remarks = remarks_on(filing, self.policy)
        at = _registration_time(filing, now, relayed=True)
        self._record(connection, number, version, DeclarationStatus.ACTIVE, filing, at, remarks)
        assigned = None
        if has_corridor(filing) and not remarks:
            assigned = self._assign(connection, number, version, filing.importer, group, now)
        declaration = as_declaration(
            filing, number=number, version=version, status=DeclarationStatus.ACTIVE, registered_at=at
        )
        self.publisher.publish(connection, declaration, filing, assigned)
        return Registered(number, version, DeclarationStatus.ACTIVE, at, remarks)

    def _assign(
        self,
        connection: sqlite3.Connection,
        number: str,
        version: int,
        importer: str,
        group: RiskGroup,
        now: datetime,
    ) -> Assignment:
        # Drawn whether needed or not: what is drawn next, a number among it, must not depend on it.
        draw = self.rng.random()
        since = now - self.policy.selection_period
        before = tally(connection, group, importer, since)
        earlier = connection.execute(
            "SELECT version, risk_group, selected FROM selections WHERE number = ? "
            "ORDER BY version DESC LIMIT 1",
            (number,),
        ).fetchone()
        kept_from: int | None = None
        if earlier is not None and earlier["risk_group"] == group.value:
            kept_from = earlier["version"]
            why = f"the draw of version {kept_from} is kept"
            selection = Selection(bool(earlier["selected"]), before.checked, None, why)
        else:
            rate = self.policy.draw_rates.get(group, 1.0)
            selection = select(group, before, draw, rate)
        corridor, rule = corridor_for(group, selected=selection.selected)
        connection.execute(
            "INSERT INTO selections (at, number, version, importer, risk_group, cap_percent, period_start, "
            "importers, checked_before, checked_after, draw, kept_from, selected, why, corridor, rule) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(to_text(now), number, version, importer, group.value, group.cap_percent, to_text(since)),
                *(before.importers, before.checked, selection.checked_after, selection.draw, kept_from),
                *(int(selection.selected), selection.why, corridor.value, rule),
            ),
        )
        return Assignment(corridor, group, selection.selected)

    def _record(
        self,
        connection: sqlite3.Connection,
        number: str,
        version: int,
        status: DeclarationStatus,
        filing: Filing,
        at: datetime,
        remarks: tuple[Reason, ...],
    ) -> None:
        form = filing.model_dump_json()
        connection.execute(
            "INSERT INTO declarations VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET "
            "version = excluded.version, status = excluded.status, "
            "registered_at = excluded.registered_at, filing = excluded.filing",
            (number, version, status.value, filing.importer, filing.site, to_text(at), form),
        )
        told = json.dumps([asdict(remark) for remark in remarks], ensure_ascii=False)
        connection.execute(
            "INSERT INTO declaration_versions VALUES (?, ?, ?, ?, ?, ?)",
            (number, version, status.value, to_text(at), form, told),
        )

    def _new_number(self, connection: sqlite3.Connection) -> str:
        # Random, not counted: a number must not let its holder guess his neighbour's.
        while True:
            digits = "".join(str(self.rng.randrange(10)) for _ in range(_RANDOM_DIGITS))
            number = digits + damm_digit(digits)
            taken = connection.execute("SELECT 1 FROM declarations WHERE number = ?", (number,)).fetchone()
            if taken is None:
                return number


def _active(connection: sqlite3.Connection, number: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM declarations WHERE number = ?", (number,)
    ).fetchone()
    if row is None:
        raise RefusalError(
            HTTPStatus.NOT_FOUND,
            f"There is no declaration {number}",
            do="check the notification number: 13 digits, as on the notice",
        )
    if row["status"] != DeclarationStatus.ACTIVE.value:
        raise RefusalError(
            HTTPStatus.CONFLICT,
            f"Declaration {number} is already withdrawn",
            do="file a new declaration",
        )
    return row


def _registration_time(filing: Filing, now: datetime, *, relayed: bool) -> datetime:
    moment = filing.received_at if relayed and filing.received_at is not None else now
    # Whole milliseconds, which every store and wire on the way keeps exactly: the signature covers it.
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
