"""Publishing declarations to their sites: verdict sealed and signed, in the order of registration."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pydantic import JsonValue
from pydantic_core import from_json

from gate.model import (
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    NotificationNumber,
    RegistrationMark,
    RiskGroup,
)
from gate.sealing import seal, sign
from gate.sync.central.corridors import Assignment
from gate.sync.central.database import from_text
from gate.sync.central.filing import Filing
from gate.sync.central.policy import CentralPolicy
from gate.sync.wire import WireDeclaration


@dataclass(frozen=True, slots=True)
class Publisher:
    """Seals, signs and appends to the feed, in the transaction that registered.

    Neither the place in the feed nor the moment depends on the corridor: one row is appended per
    version, at once, whatever was assigned.
    """

    policy: CentralPolicy
    signing_key: Ed25519PrivateKey

    def publish(
        self,
        connection: sqlite3.Connection,
        declaration: Declaration,
        filing: Filing,
        assigned: Assignment | None,
    ) -> None:
        """Append `declaration` to its site's feed. Without a corridor it carries no verdict (3.5)."""
        if assigned is None:
            declaration = sign(declaration, self.signing_key)
        else:
            verdict = CorridorVerdict(
                number=declaration.number,
                corridor=assigned.corridor,
                route=_route(filing, assigned.corridor),
                deadline_hours=self.policy.deadline_hours.get(assigned.corridor),
                group=assigned.group,
                selected=assigned.selected,
            )
            declaration = seal(
                declaration,
                verdict,
                valid_from=declaration.registered_at,
                valid_until=declaration.registered_at + self.policy.verdict_validity,
                site_public_key=site_key(connection, declaration.site),
                central_private_key=self.signing_key,
            )
        connection.execute(
            "INSERT INTO feed (site, number, version, declaration) VALUES (?, ?, ?, ?)",
            (
                declaration.site,
                declaration.number,
                declaration.version,
                WireDeclaration.of(declaration).model_dump_json(),
            ),
        )

    def publish_again(self, connection: sqlite3.Connection, site: str) -> int:
        """Seal every active declaration of `site` anew, after its key changed. Corridors stay."""
        rows = connection.execute(
            "SELECT d.*, s.corridor, s.risk_group, s.selected FROM declarations d "
            "LEFT JOIN selections s ON s.number = d.number AND s.version = d.version "
            "WHERE d.site = ? AND d.status = 'active' ORDER BY d.registered_at, d.number",
            (site,),
        ).fetchall()
        return self._publish_kept(connection, rows)

    def publish_missing(self, connection: sqlite3.Connection) -> int:
        """Publish each declaration whose latest version no feed holds: those from before signed rows."""
        rows = connection.execute(
            "SELECT d.*, s.corridor, s.risk_group, s.selected FROM declarations d "
            "LEFT JOIN selections s ON s.number = d.number AND s.version = d.version "
            "WHERE (d.number, d.version) NOT IN (SELECT number, version FROM feed) "
            "ORDER BY d.registered_at, d.number"
        ).fetchall()
        return self._publish_kept(connection, rows)

    def _publish_kept(self, connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> int:
        for row in rows:
            filing = Filing.model_validate_json(row["filing"])
            declaration = as_declaration(
                filing,
                number=row["number"],
                version=row["version"],
                status=DeclarationStatus(row["status"]),
                registered_at=from_text(row["registered_at"]),
            )
            self.publish(connection, declaration, filing, _assigned(row))
        return len(rows)


def as_declaration(
    filing: Filing, *, number: str, version: int, status: DeclarationStatus, registered_at: datetime
) -> Declaration:
    """A filing as its checkpoint may know it, without verdict and signature yet."""
    return Declaration(
        number=NotificationNumber(number),
        version=version,
        site=filing.site,
        direction=filing.direction,
        mode=filing.mode,
        category=filing.category,
        status=status,
        marks=tuple(RegistrationMark(mark) for mark in filing.marks),
        registered_at=registered_at,
        verdict=None,
        preliminary=NotificationNumber(filing.preliminary_code) if filing.preliminary_code else None,
        cargo=filing.cargo_declaration,
    )


def site_key(connection: sqlite3.Connection, site: str) -> X25519PublicKey:
    """The key verdicts for `site` are sealed to."""
    row = connection.execute("SELECT public_key FROM sites WHERE site = ?", (site,)).fetchone()
    return X25519PublicKey.from_public_bytes(row["public_key"])


def read_feed(connection: sqlite3.Connection, site: str, after: int, limit: int) -> dict[str, JsonValue]:
    """One page of `site`'s feed after a cursor."""
    rows = connection.execute(
        "SELECT cursor, declaration FROM feed WHERE site = ? AND cursor > ? ORDER BY cursor LIMIT ?",
        (site, after, limit),
    ).fetchall()
    head: int = connection.execute(
        "SELECT coalesce(max(cursor), 0) FROM feed WHERE site = ?", (site,)
    ).fetchone()[0]
    return {
        "items": [{"cursor": row["cursor"], "declaration": from_json(row["declaration"])} for row in rows],
        # Never beyond the head: an edge that asks past it must see that it is ahead of us.
        "cursor": rows[-1]["cursor"] if rows else min(after, head),
        "head": head,
    }


def _assigned(row: sqlite3.Row) -> Assignment | None:
    if row["corridor"] is None:
        return None
    return Assignment(Corridor(row["corridor"]), RiskGroup(row["risk_group"]), bool(row["selected"]))


def _route(filing: Filing, corridor: Corridor) -> str | None:
    # Only YELLOW, and RED that includes it, are bound to a route (5.5.1, 5.9).
    if not corridor.needs_officer or filing.destination is None:
        return None
    return f"{filing.site} - {filing.destination}"
