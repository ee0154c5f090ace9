"""Publishing declarations to their sites: verdict sealed and signed, in the order of registration."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
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
)
from gate.sealing import seal
from gate.sync.central.database import from_text
from gate.sync.central.filing import Filing
from gate.sync.central.policy import CentralPolicy
from gate.sync.wire import WireDeclaration


@dataclass(frozen=True, slots=True)
class Publisher:
    """Seals and appends to the feed."""

    policy: CentralPolicy
    signing_key: Ed25519PrivateKey

    def publish(
        self,
        connection: sqlite3.Connection,
        declaration: Declaration,
        filing: Filing,
        corridor: Corridor | None,
    ) -> None:
        """Append `declaration` to its site's feed. Without a corridor it carries no verdict (3.5)."""
        if corridor is not None:
            verdict = CorridorVerdict(
                number=declaration.number,
                corridor=corridor,
                route=_route(filing, corridor),
                deadline_hours=self.policy.deadline_hours.get(corridor),
            )
            sealed = seal(
                declaration,
                verdict,
                valid_from=declaration.registered_at,
                valid_until=declaration.registered_at + self.policy.verdict_validity,
                site_public_key=site_key(connection, declaration.site),
                central_private_key=self.signing_key,
            )
            declaration = replace(declaration, verdict=sealed)
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
            "SELECT d.*, s.corridor FROM declarations d LEFT JOIN selections s "
            "ON s.number = d.number AND s.version = d.version "
            "WHERE d.site = ? AND d.status = 'active' ORDER BY d.registered_at, d.number",
            (site,),
        ).fetchall()
        for row in rows:
            filing = Filing.model_validate_json(row["filing"])
            declaration = as_declaration(
                filing,
                number=row["number"],
                version=row["version"],
                status=DeclarationStatus(row["status"]),
                registered_at=from_text(row["registered_at"]),
            )
            corridor = None if row["corridor"] is None else Corridor(row["corridor"])
            self.publish(connection, declaration, filing, corridor)
        return len(rows)


def as_declaration(
    filing: Filing, *, number: str, version: int, status: DeclarationStatus, registered_at: datetime
) -> Declaration:
    """A filing as its checkpoint may know it, without a verdict yet."""
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


def _route(filing: Filing, corridor: Corridor) -> str | None:
    # Only YELLOW, and RED that includes it, are bound to a route (5.5.1, 5.9).
    if not corridor.needs_officer or filing.destination is None:
        return None
    return f"{filing.site} - {filing.destination}"
