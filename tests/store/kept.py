"""A store in a temporary folder, and the records a lane would commit into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gate.clock_trust import ClockTrust
from gate.lanes.commands import GrantRelease, OpenVisit, Record, RevokeRelease
from gate.lanes.ports import Pulse, StepRecord
from gate.lanes.record import canonical
from gate.model import Corridor, Release, ReleaseBasis
from gate.store.store import Store, open_store
from tests.sealing.made import KEYS, Made

AT = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)


@contextmanager
def a_store(
    data: Path, boot: str = "boot1", keys: Made = KEYS, trust: ClockTrust | None = None
) -> Iterator[Store]:
    """Both databases, open until the end of the block; the cache believes what `keys` signed."""
    store = open_store(data, boot, lambda: None, keys.central_public, trust=trust)
    try:
        yield store
    finally:
        store.close()


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What another process would read of a database now."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def step(
    *records: Record,
    pulses: tuple[Pulse, ...] = (),
    point: str = "lane-1",
    snapshot: bytes = b"{}",
    seconds: int = 0,
) -> StepRecord:
    """One step of one point."""
    body = canonical({"event": "a test", "from": "free", "to": "free", "visit": None, "commands": records})
    at = AT + timedelta(seconds=seconds)
    return StepRecord(point, at, "TestEvent", body, snapshot, records, pulses)


def release(
    release_id: str = "r1",
    corridor: Corridor | None = Corridor.GREEN,
    officer: str | None = None,
    checked: tuple[str, ...] = (),
) -> GrantRelease:
    """A release of visit-1."""
    basis = ReleaseBasis.OFFICER if officer else ReleaseBasis.REGISTERED
    return GrantRelease(Release(release_id, "visit-1", "lane-1", corridor, basis, officer, checked, AT))


def raising(release_id: str = "r1") -> Pulse:
    """The opening pulse of a release."""
    return Pulse(release_id, "raise", release_id)


def lowering(decision_id: str = "l1") -> Pulse:
    """A closing pulse."""
    return Pulse(decision_id, "lower", None)


def opened(visit_id: str = "visit-1") -> OpenVisit:
    """A vehicle has come."""
    return OpenVisit(visit_id, AT.isoformat())


def revoked(release_id: str = "r1") -> RevokeRelease:
    """The released vehicle did not go through."""
    return RevokeRelease(release_id, "opening time-out")
