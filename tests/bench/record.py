"""The record at 10,000 and at 1,000,000 entries: what appending costs, how fast an auditor is through."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate.clock import Instant
from gate.lanes.commands import OpenVisit, Report, UpdateVisit
from gate.lanes.events import Decided, Detector, DetectorChanged, Event, Occupancy, PlateSeen
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import (
    Corridor,
    Decision,
    Finding,
    Outcome,
    PlateRead,
    RegistrationMark,
    VisitStatus,
)
from gate.sealing.heads import Head, countersign, head_time, sign_head
from gate.store.database import open_database, transaction
from gate.store.head_check import Keys
from gate.store.journal import Journal
from gate.store.journal_check import verify
from gate.store.payloads import erase_payloads
from tests.bench.journal import bare_commits
from tests.bench.measuring import Figure, timed
from tests.store.kept import AT, a_store

SIZES = (10_000, 100_000, 1_000_000)
STEPS = 300
HEAD_EVERY = 500
"""Entries between two heads: eight a second for a minute."""
AIM = 50_000

_WHEN = Instant(AT, 12.5)
_READ = PlateRead(RegistrationMark("10AA123"), "AZ", 0.97, 3, True, ("ab" * 32, "cd" * 32))
_DECISION = Decision(
    Outcome.DIRECT,
    Corridor.GREEN,
    (Finding("plate-read", "8.0.1", Outcome.DIRECT, "10AA123 is declared under 2000000000008"),),
    ("2000000000008",),
    "rules-4",
    "bench-1",
)


def _body(event: Event, *commands: object) -> str:
    told = {
        "event": event,
        "from": "reading",
        "to": "identifying",
        "visit": "approach.b.1",
        "commands": commands,
    }
    return canonical(told).decode()


def _moved(state: Occupancy) -> tuple[str, str]:
    return "DetectorChanged", _body(DetectorChanged(at=_WHEN, detector=Detector.ARMING, state=state))


_A_PASSAGE = (
    # Of seven entries three carry a plate or a number: about what a whole visit leaves.
    ("DetectorChanged", _body(DetectorChanged(at=_WHEN, detector=Detector.ARMING, state=Occupancy.OCCUPIED))),
    ("PlateSeen", _body(PlateSeen(at=_WHEN, passage_id="approach.b.1", read=_READ))),
    (
        "Decided",
        _body(
            Decided(at=_WHEN, visit_id="approach.b.1", decision=_DECISION, lane="lane-1", lane_label="1"),
            UpdateVisit("approach.b.1", VisitStatus.DIRECTED, _READ.mark, None, Corridor.GREEN, "lane-1"),
            Report("visit.directed", {"visit": "approach.b.1", "mark": "10AA123", "corridor": "GREEN"}),
        ),
    ),
    _moved(Occupancy.CLEAR),
    _moved(Occupancy.OCCUPIED),
    ("VisitMatched", _body(PlateSeen(at=_WHEN, passage_id="lane-1.b.1", read=replace(_READ, frames=4)))),
    _moved(Occupancy.CLEAR),
)


def _grow(path: Path, entries: int, site: Ed25519PrivateKey, central: Ed25519PrivateKey) -> None:
    """Bring a journal to so many entries, its heads signed and countersigned, in big transactions."""
    database = open_database(path, "journal")
    journal = Journal(database.conn, "boot1")
    while journal.head[0] < entries:
        journal.begin()
        with transaction(database) as connection:
            for _ in range(HEAD_EVERY):
                kind, body = _A_PASSAGE[journal.head[0] % len(_A_PASSAGE)]
                at = (AT + timedelta(milliseconds=125 * journal.head[0])).isoformat()
                journal.append(connection, at, "lane-1", kind, f"approach.b.{journal.head[0] // 7}", body)
            _sign(connection, journal, site, central)
        journal.settle()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _size(path: Path) -> Figure:
    with closing(sqlite3.connect(path)) as connection:
        (entries,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    size = path.stat().st_size / entries
    return Figure(f"journal.db at {entries:,} entries", f"{size:,.0f} bytes an entry", "payloads and all")


def _sign(
    connection: sqlite3.Connection, journal: Journal, site: Ed25519PrivateKey, central: Ed25519PrivateKey
) -> None:
    seq, digest = journal.head
    (previous,) = connection.execute("SELECT coalesce(max(seq), 0) FROM heads").fetchone()
    signed = sign_head(Head("samur", "bench", seq, digest, previous, head_time(AT)), site)
    counter = countersign(signed, head_time(AT), central)
    connection.execute(
        "INSERT INTO heads VALUES (?, 'samur', 'bench', ?, ?, ?, ?, ?, ?)",
        (seq, digest, previous, signed.head.at, signed.signature, counter.at, counter.signature),
    )
    for key in ("signed", "anchored"):
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(seq)))


def _step(number: int) -> StepRecord:
    kind, body = _A_PASSAGE[2]
    records = (OpenVisit(f"bench-{number}", AT.isoformat()),)
    return StepRecord("lane-1", AT, kind, body.encode(), b'{"phase":"directed"}', records, ())


async def _append(path: Path, peer: Path) -> Figure:
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    with a_store(path.parent) as store:
        taken = await timed(STEPS, lambda number: store.ledger.commit(_step(number + size)))
    bare = bare_commits(peer, len(_A_PASSAGE[2][1]), STEPS)
    what = f"journal append at {size:,} entries, plate and number in it"
    return Figure(what, taken.told(), f"chain, payload, snapshot, visit; a bare commit then: {bare.told()}")


def _rate(path: Path, keys: Keys, what: str) -> Figure:
    began, worked = time.perf_counter(), time.process_time()
    found = verify(path, keys)
    took, worked = time.perf_counter() - began, time.process_time() - worked
    assert found.problem is None, found
    rate = found.entries / worked  # of one core: a neighbour's work is not the walk's
    aim = f"above {AIM:,}/s: {'met' if rate > AIM else 'MISSED'}"
    note = (
        f"{found.payloads:,} payloads, {found.heads.heads:,} heads; {worked:.1f} s of a core in {took:.1f} s"
    )
    return Figure(f"verify {found.entries:,} entries, {what}", f"{rate:,.0f} entries/s", note, aim)


def _erase(path: Path) -> Figure:
    """Every payload, a batch a transaction as retention does it."""
    database = open_database(path, "journal")
    journal = Journal(database.conn, "boot2")
    began, gone, longest, batch = time.perf_counter(), 0, 0.0, 1
    later = AT.replace(year=AT.year + 2)
    while batch:
        started = time.perf_counter()
        journal.begin()
        with transaction(database) as connection:
            batch = erase_payloads(connection, journal, later, later)
        journal.settle()
        gone += batch
        longest = max(longest, time.perf_counter() - started)
    took = time.perf_counter() - began
    database.close()
    note = f"the longest transaction {longest * 1000:.0f} ms"
    return Figure(f"erase {gone:,} payloads", f"{gone / took:,.0f}/s", note)


async def figures(folder: Path) -> list[Figure]:
    """Append and verify as the record grows; then with its payloads erased."""
    site, central = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    keys = Keys((site.public_key(),), (central.public_key(),))
    path = folder / "journal.db"
    found: list[Figure] = []
    for size in SIZES:
        _grow(path, size, site, central)
        found += [_rate(path, keys, "signatures too"), await _append(path, folder / f"bare-{size}.db")]
    found += [_size(path), _rate(path, Keys(), "no keys"), _erase(path), _rate(path, keys, "payloads erased")]
    return found
