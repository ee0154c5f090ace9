"""What a durable step costs, beside a bare SQLite commit of the same size on the same disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gate.lanes.commands import GrantRelease, Report, UpdateVisit
from gate.lanes.ports import Pulse, StepRecord
from gate.lanes.record import canonical
from gate.model import Corridor, Release, ReleaseBasis, VisitStatus
from tests.bench.measuring import Figure, Times, timed
from tests.store.kept import AT, a_store

STEPS = 300


def _releasing(number: int) -> StepRecord:
    """The fullest step there is: a visit's status, a release, its pulse, a message for central."""
    release = Release(
        f"r{number}", f"v{number}", "lane-1", Corridor.GREEN, ReleaseBasis.REGISTERED, None, (), AT
    )
    records = (
        GrantRelease(release),
        UpdateVisit(release.visit_id, VisitStatus.RELEASED, lane="lane-1"),
        Report("visit.released", {"visit": release.visit_id, "corridor": "GREEN", "point": "lane-1"}),
    )
    body = canonical({"event": "RegistrationCommitted", "from": "registering", "commands": records})
    pulse = Pulse(release.release_id, "raise", release.release_id)
    return StepRecord("lane-1", AT, "RegistrationCommitted", body, b'{"phase":"raising"}', records, (pulse,))


async def figures(folder: Path) -> list[Figure]:
    """JournalLedger.commit, and its peer."""
    with a_store(folder / "ledger") as store:
        ours = await timed(STEPS, lambda number: store.ledger.commit(_releasing(number)))
    peer = bare_commits(folder / "bare.db", len(_releasing(0).body), STEPS)
    ratio = f"{ours.median / peer.median:.1f} times a bare INSERT + COMMIT"
    return [
        Figure("durable step, full (release, pulse, outbox, chain)", ours.told(), ratio),
        Figure("  peer: bare sqlite3, WAL, synchronous=FULL", peer.told()),
    ]


def bare_commits(path: Path, size: int, times: int) -> Times:
    """What the least that could be called a durable append costs on this disk, now."""
    taken = Times()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
        for _ in range(times):
            with taken.one():
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO t (body) VALUES (?)", ("x" * size,))
                connection.execute("COMMIT")
    return taken
