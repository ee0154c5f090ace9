"""Importers and their risk groups (Rules 6): reasoned decisions, kept for review and appeal."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from gate.sync.central.corridors import RiskGroup
from gate.sync.central.database import to_text
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.selection import Tally


@dataclass(frozen=True, slots=True)
class Importer:
    """One importer as central sees it. Confidential (6.4)."""

    importer: str
    risk_group: RiskGroup
    reason: str
    decided_at: str
    review_due: str | None


def find_importer(connection: sqlite3.Connection, importer: str) -> Importer | None:
    """The importer, if known."""
    row = connection.execute("SELECT * FROM importers WHERE importer = ?", (importer,)).fetchone()
    if row is None:
        return None
    group = RiskGroup(row["risk_group"])
    return Importer(row["importer"], group, row["reason"], row["decided_at"], row["review_due"])


def decide_group(
    connection: sqlite3.Connection,
    importer: str,
    group: RiskGroup,
    reason: str,
    policy: CentralPolicy,
    now: datetime,
) -> Importer:
    """Put `importer` into `group`, for a reason (6.9). Holds for what is filed or amended from now on."""
    before = find_importer(connection, importer)
    # LOW stays until grounds arise; the others come up for review (6.2).
    due = None if group is RiskGroup.LOW else to_text(now + policy.review_after)
    connection.execute(
        "INSERT INTO importers VALUES (?, ?, ?, ?, ?) ON CONFLICT (importer) DO UPDATE SET "
        "risk_group = excluded.risk_group, reason = excluded.reason, "
        "decided_at = excluded.decided_at, review_due = excluded.review_due",
        (importer, group.value, reason, to_text(now), due),
    )
    connection.execute(
        "INSERT INTO risk_decisions (importer, previous, risk_group, reason, decided_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (importer, before.risk_group.value if before else None, group.value, reason, to_text(now)),
    )
    return Importer(importer, group, reason, to_text(now), due)


def group_of(
    connection: sqlite3.Connection, importer: str, policy: CentralPolicy, now: datetime
) -> RiskGroup:
    """The importer's group; one never seen before is put where the policy says."""
    known = find_importer(connection, importer)
    if known is None:
        group, reason = policy.unknown_importer, policy.unknown_reason
        known = decide_group(connection, importer, group, reason, policy, now)
    return known.risk_group


def tally(connection: sqlite3.Connection, group: RiskGroup, importer: str, since: datetime) -> Tally:
    """Where `group` stands since `since`, before a declaration of `importer` is drawn."""
    importers: int = connection.execute(
        "SELECT count(*) FROM importers WHERE risk_group = ?", (group.value,)
    ).fetchone()[0]
    checked = {
        row["importer"]
        for row in connection.execute(
            "SELECT DISTINCT s.importer FROM selections s JOIN importers i ON i.importer = s.importer "
            "AND i.risk_group = s.risk_group WHERE s.risk_group = ? AND s.selected = 1 "
            "AND s.kept_from IS NULL AND s.at >= ?",
            (group.value, to_text(since)),
        )
    }
    return Tally(importers, len(checked), importer in checked)
