"""After the run: what the gate wrote, held against what the devices felt and what central decided."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gate.demo.drivers import Ending
from gate.demo.stage import Stage
from gate.demo.trader import Traders
from gate.demo.yard import Stay, Yard
from gate.model import Corridor
from gate.sealing.keys import load_signing_public
from gate.store.head_check import Keys
from gate.store.journal_check import verify


@dataclass(slots=True)
class Audit:
    """What was found. `violations` are sentences."""

    reads: Counter[str] = field(default_factory=Counter)
    written: int = 0
    delivered: int = 0
    violations: list[str] = field(default_factory=list)


def audit(stage: Stage, traders: Traders, endings: list[Ending]) -> Audit:
    """Check one finished run. Databases are opened read-only."""
    result = Audit()
    journal = _open(stage.edge / "journal.db")
    central = _open(stage.central_data / "central.db")
    try:
        _count_reads(journal, stage.yard.stays, result)
        _check_delivery(journal, central, result)
        _check_pulses(journal, stage.yard, result)
        _check_releases(journal, stage, traders, result)
        _check_secrecy(journal, stage.edge / "log.jsonl", endings, traders, result)
    finally:
        journal.close()
        central.close()
    site, central_key = stage.edge / "keys/signing.pub", stage.central_data / "central.pub"
    keys = Keys((load_signing_public(site),), (load_signing_public(central_key),))
    verification = verify(stage.edge / "journal.db", keys)
    if verification.problem is not None:
        result.violations.append(f"journal entry {verification.entry}: {verification.problem}")
    return result


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)


def _count_reads(journal: sqlite3.Connection, stays: list[Stay], result: Audit) -> None:
    """Right: sure and the true plate. Wrong: sure and another. None: unsure or nothing."""
    rows = journal.execute(
        "SELECT at, point, json_extract(body, '$.event.read.mark'), json_extract(body, '$.event.read.sure')"
        " FROM journal_full WHERE kind = 'PlateSeen'"
    )
    result.reads.update(right=0, wrong=0, none=0)
    for at, point, mark, sure in rows:
        truth = _standing(stays, point, datetime.fromisoformat(at))
        if not sure:
            result.reads["none"] += 1
        else:
            result.reads["right" if truth == mark else "wrong"] += 1


def _standing(stays: list[Stay], point: str, at: datetime) -> str | None:
    for stay in stays:
        if stay.point == point and stay.since <= at and (stay.until is None or at <= stay.until):
            return stay.mark
    return None


def _check_delivery(journal: sqlite3.Connection, central: sqlite3.Connection, result: Audit) -> None:
    (epoch,) = journal.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    row = journal.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    result.written = row[0] if row else 0
    count, highest = central.execute(
        "SELECT count(*), coalesce(max(seq), 0) FROM events WHERE epoch = ?", (epoch,)
    ).fetchone()
    result.delivered = count
    if highest != count:
        result.violations.append(f"central has {count} events up to {highest}: there is a gap")


def _check_pulses(journal: sqlite3.Connection, yard: Yard, result: Audit) -> None:
    """No barrier moved but on a journalled decision, once; none came down on something."""
    groundless = journal.execute(
        "SELECT p.point, p.decision_id FROM pulses p LEFT JOIN releases r"
        " ON r.release_id = p.release_id AND r.point = p.point"
        " WHERE p.kind = 'raise' AND r.release_id IS NULL"
    )
    for point, decision in groundless:
        result.violations.append(f"{point}: raise {decision} stands on no release in that lane")
    wanted = Counter(journal.execute("SELECT point, kind FROM pulses").fetchall())
    for name, place in yard.places.items():
        for kind in ("raise", "lower"):
            felt = sum(1 for pulse in place.lane.pulses if pulse.kind == kind)
            if felt > wanted[name, kind]:
                result.violations.append(
                    f"{name}: {felt} {kind} pulses felt, {wanted[name, kind]} decided in the journal"
                )
        for pulse in place.lane.pulses:
            if pulse.kind == "lower" and pulse.area_occupied:
                result.violations.append(f"{name}: asked to lower on something under the barrier")
        ids = [pulse.decision_id for pulse in place.lane.pulses if pulse.decision_id is not None]
        twice = [decision for decision, count in Counter(ids).items() if count > 1]
        if twice:
            result.violations.append(f"{name}: pulses repeated for {', '.join(twice)}")


def _check_releases(journal: sqlite3.Connection, stage: Stage, traders: Traders, result: Audit) -> None:
    """Every release is in a lane of its corridor, by the strictest verdict, with an officer where due."""
    serves = {point.name: point.corridors for point in stage.settings.points if point.kind == "entry"}
    rows = journal.execute(
        "SELECT release_id, visit_id, point, corridor, officer, checked FROM releases"
        " WHERE basis <> 'departure'"
    ).fetchall()
    for release_id, visit_id, point, corridor, officer, checked in rows:
        if corridor in ("YELLOW", "RED") and (officer is None or checked == "[]"):
            result.violations.append(f"release {release_id} of {corridor} names no officer or no control")
        if point in serves and Corridor(corridor) not in serves[point]:
            result.violations.append(f"release {release_id} of {corridor} in {point}")
        numbers = [
            row[0] for row in journal.execute("SELECT number FROM openings WHERE visit_id = ?", (visit_id,))
        ]
        truths = [truth for number in numbers if (truth := traders.corridor_of(number)) is not None]
        strictest = max(truths, key=lambda truth: truth.strictness, default=None)
        if strictest is None or strictest.value != corridor:
            result.violations.append(f"release {release_id} is {corridor}, central says {strictest}")


def _check_secrecy(
    journal: sqlite3.Connection, log: Path, endings: list[Ending], traders: Traders, result: Audit
) -> None:
    """No log line speaks of a number's corridor before that number was opened (3.6)."""
    opened = {
        number: datetime.fromisoformat(at)
        for number, at in journal.execute("SELECT number, opened_at FROM openings")
    }
    secrets = {
        number: re.compile(rf"\b{truth.value}\b")
        for ending in endings
        for number in ending.numbers
        if (truth := traders.corridor_of(number)) is not None
    }
    for line in log.read_text(encoding="utf-8").splitlines():
        for number, corridor in secrets.items():
            if number in line and corridor.search(line):
                at = datetime.fromisoformat(json.loads(line)["timestamp"])
                if number not in opened or at < opened[number]:
                    result.violations.append(f"log.jsonl tells the corridor of {number} before it was opened")
