"""Corridor use by risk group, as the Committee publishes it each month (Rules 1.4): straight from central.db.

The checkpoints report which corridor a vehicle was directed to and by which notifications; only central
knows whose they are and in which group. Like the audit, deliberately no HTTP endpoint.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gate.errors import StoreError
from gate.model import Corridor
from gate.report.month import Month
from gate.report.suppression import Cell, suppress
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.database import to_text


@dataclass(frozen=True, slots=True)
class CorridorUse:
    """Consignments by corridor and by the importer's group; small counts are kept back in each corridor."""

    month: str
    sites: int
    cells: dict[tuple[Corridor, RiskGroup], Cell]
    unknown: int
    """Notifications that were reported as used and that central has no selection of: they are not counted."""


def corridor_use(database: Path, month: Month) -> CorridorUse:
    """Join what was reported in the month with the selections. Opens the file read-only.

    A consignment counts once, by its first direction, under the version that was in force then, and in the
    group its importer was in when that version was drawn: later decisions change no published month.
    """
    if not database.is_file():
        raise StoreError(f"{database} does not exist: name central's data folder")
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return _join(connection, month)
    except sqlite3.Error as error:
        raise StoreError(f"{database}: central's database cannot be read ({error})") from error


def _join(connection: sqlite3.Connection, month: Month) -> CorridorUse:
    first: dict[str, tuple[str, str]] = {}
    events = connection.execute(
        "SELECT site, at, body FROM events WHERE kind = 'verdict.opened' AND at < ? ORDER BY at, id",
        (to_text(month.end),),
    )
    for site, at, body in events:
        for number in json.loads(body).get("numbers", ()):
            first.setdefault(str(number), (site, at))
    counts: Counter[tuple[Corridor, RiskGroup]] = Counter()
    sites: set[str] = set()
    unknown = 0
    for number, (site, at) in first.items():
        if at < to_text(month.begin):
            continue
        row = connection.execute(
            "SELECT corridor, risk_group FROM selections WHERE number = ? AND at <= ?"
            " ORDER BY version DESC LIMIT 1",
            (number, at),
        ).fetchone()
        if row is None:
            unknown += 1
            continue
        sites.add(site)
        counts[Corridor(row[0]), RiskGroup(row[1])] += 1
    cells: dict[tuple[Corridor, RiskGroup], Cell] = {}
    for corridor in Corridor:
        told = suppress([counts[corridor, group] for group in RiskGroup])
        cells |= {(corridor, group): cell for group, cell in zip(RiskGroup, told, strict=True)}
    return CorridorUse(month.name, len(sites), cells, unknown)
