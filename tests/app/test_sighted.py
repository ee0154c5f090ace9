"""Who is read by motion is put on record and shown, and no lane hears of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gate.app.sighted import SightingRecord
from gate.console.telling import tell
from gate.model import PlateRead, RegistrationMark
from gate.store.past_entries import PastEntry
from gate.store.store import open_store
from tests.anpr import film
from tests.anpr.conftest import MARK
from tests.app.daemon import ACCOUNT, PATIENCE, Daemon
from tests.console.conftest import HandClock
from tests.console.serving import log_in
from tests.hardware.posted import eventually
from tests.sealing.made import KEYS
from tests.store.kept import rows

READ = PlateRead(RegistrationMark(MARK), "AZ", 0.97, 3, sure=True, evidence=("ab" * 32,))


async def until(wanted: object, look: Callable[[], Awaitable[object]]) -> None:
    """Wait until looking shows what is wanted."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if await look() == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE:.0f} s for {wanted}: {await look()}")


async def test_a_sighting_is_on_record_before_it_is_shown(tmp_path: Path) -> None:
    """The mark stands beside the chain, where it can be erased; the entry belongs to no visit."""
    store = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    changed: list[int] = []

    def on_change() -> None:
        changed.append(len(rows(tmp_path / "journal.db", "SELECT seq FROM journal")))

    record = SightingRecord(["road"], store.ledger, HandClock(), on_change)
    assert record.shown == {"road": None}
    record.note("road", READ, None)
    assert record.shown == {"road": None}
    task = asyncio.create_task(record.run())
    await eventually(lambda: bool(changed), PATIENCE)
    task.cancel()
    store.close()
    assert changed == [1]
    shown = record.shown["road"]
    assert shown is not None
    assert (shown.mark, shown.sure) == (MARK, True)
    ((point, kind, visit, body),) = rows(
        tmp_path / "journal.db", "SELECT point, kind, visit, body FROM journal"
    )
    assert (point, kind, visit) == ("road", "VehicleSighted", None)
    assert MARK not in str(body)
    assert json.loads(str(body))["source"] == "motion"
    ((whole,),) = rows(tmp_path / "journal.db", "SELECT body FROM payloads")
    assert json.loads(bytes(whole) if isinstance(whole, bytes) else str(whole))["read"]["mark"] == MARK


async def test_a_journal_that_refuses_costs_the_sighting_alone(tmp_path: Path) -> None:
    """What is not on record is not shown, and the next is tried."""
    store = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.execute(
            "CREATE TRIGGER refused BEFORE INSERT ON journal WHEN NEW.point = 'ford'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    changed = asyncio.Event()
    record = SightingRecord(["ford", "road"], store.ledger, HandClock(), changed.set)
    record.note("ford", READ, None)
    record.note("road", READ, None)
    task = asyncio.create_task(record.run())
    async with asyncio.timeout(PATIENCE):
        await changed.wait()
    task.cancel()
    store.close()
    assert record.shown["ford"] is None
    assert record.shown["road"] is not None


async def test_a_journal_that_stands_still_costs_no_memory(tmp_path: Path) -> None:
    """What waits for it is bounded; what is beyond is dropped."""
    store = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    changed: list[None] = []
    record = SightingRecord(["road"], store.ledger, HandClock(), lambda: changed.append(None))
    for _ in range(130):
        record.note("road", READ, None)
    task = asyncio.create_task(record.run())
    await eventually(lambda: len(changed) == 100, PATIENCE)
    task.cancel()
    store.close()
    assert rows(tmp_path / "journal.db", "SELECT count(*) FROM journal") == [(100,)]


async def test_the_whole_gate_tells_who_comes_and_opens_nothing(daemon: Daemon, tmp_path: Path) -> None:
    """A point with a camera alone: on record, on the first screen; no visit, no passage, no repair for it."""
    film.write(tmp_path / "arrival", MARK)
    point = daemon.site["points"][0]
    del point["io"], point["kiosk"]
    point["camera"] = {
        "driver": "folder",
        "path": str(tmp_path / "arrival"),
        "frames_per_second": 5,
        "trigger": "motion",
    }
    daemon.site["anpr"]["engine"] = "gate"
    daemon.write_config()
    daemon.add_officer()
    await daemon.start()
    await daemon.until_answering()
    async with daemon.client(daemon.console) as client:
        await log_in(client, *ACCOUNT)

        async def approach() -> dict[str, Any]:
            answer = (await client.get("/api/overview")).json()
            assert answer["visits"] == []
            found: dict[str, Any] = answer["points"][0]
            return found

        async def mark() -> object:
            return ((await approach())["sighted"] or {}).get("mark")

        await until(MARK, mark)
        told = await approach()
        page = (await client.get("/")).text
    assert (told["phase"], told["arming"], told["visit_id"]) == ("recovery", "unknown", None)
    assert "tells who comes, by motion" in page
    assert 'class="post card approach idle" id="point-approach"' in page
    assert MARK in page
    assert "seen coming" in page
    code, _ = await daemon.stop()
    assert code == 0
    kinds = rows(
        daemon.data / "journal.db", "SELECT kind FROM journal WHERE point = 'approach' AND kind != 'Started'"
    )
    assert ("VehicleSighted",) in kinds
    assert not {("PlateSeen",), ("DetectorChanged",), ("Decided",)} & set(kinds)
    assert rows(daemon.data / "journal.db", "SELECT count(*) FROM visits") == [(0,)]
    found = [line["repair"] for line in daemon.log("repairs.found")]
    assert not [repair for repair in found if repair.startswith(("input:approach", "rest:approach"))]


def test_its_entry_is_told_in_words() -> None:
    """With the plate, how sure it was, and that nobody is known to stand there."""
    read = {"mark": MARK, "confidence": 0.97, "sure": True, "frames": 3}
    entry = PastEntry(datetime(2026, 3, 1, 8, tzinfo=UTC), "road", "VehicleSighted", {"read": read})
    told = tell(entry)
    assert told.what.startswith(f"Plate read: {MARK}")
    assert "by motion" in told.what
