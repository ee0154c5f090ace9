"""A console over a real record: what was written through the ledger, with pictures on the disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from gate.console.app import create_console
from gate.console.repairs.workshop import Bench, Workshop
from gate.lanes.acts import AcknowledgeCall, ReleaseVisit
from gate.lanes.events import BarrierPosition, Detector, Occupancy
from gate.lanes.state import Phase
from gate.lanes.views import Checkpoint
from gate.model import Corridor, Finding, Outcome, PlateRead, RegistrationMark
from gate.store.archive import Archive
from gate.store.store import Store
from tests.console.busy_morning import crop, keep, scene
from tests.console.conftest import Room
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import declared
from tests.report.making import Diary
from tests.store.kept import a_store

BAKU = ZoneInfo("Asia/Baku")


@dataclass
class Past:
    """The console, and what stands behind it."""

    app: FastAPI
    store: Store
    archive: Archive
    workshop: Workshop
    diary: Diary


def bench_of(data: Path) -> Bench:
    """A site with one camera and nothing that ends."""
    return Bench(data, 0, timedelta(minutes=15), 365, True, ("approach",), lambda: ())


@asynccontextmanager
async def past_of(room: Room, data: Path, checkpoint: Checkpoint | None = None) -> AsyncIterator[Past]:
    """The room's console, with an empty record behind it."""
    with a_store(data) as store, closing(Archive(data)) as archive:
        gate = checkpoint or room.checkpoint
        workshop = Workshop(gate, archive, room.clock, bench_of(data))
        app = create_console(
            *(gate, room.officers, room.evidence, room.clock),
            archive=archive,
            zone=BAKU,
            workshop=workshop,
        )
        yield Past(app, store, archive, workshop, Diary(store))


async def a_days_traffic(past: Past, evidence: Path, midnight: datetime) -> list[str]:
    """Vehicles of every outcome through a day that begins at `midnight`; their visits, oldest first."""
    visits = []
    for at in range(60):
        came = midnight.astimezone(UTC) + timedelta(minutes=24 * at)
        mark = f"{10 + at}{'ABCXYZ'[at % 6]}K{417 + at}"
        visit = await past.diary.arrives(came, mark=mark)
        visits.append(visit)
        pictures = (keep(evidence, scene(mark)), keep(evidence, crop(mark))) if at > 50 else ()
        if pictures:
            read = PlateRead(RegistrationMark(mark), "AZ", 0.93, 3, True, pictures)
            seen = {"type": "PlateSeen", "passage_id": visit, "read": read}
            await past.diary.step("approach", "PlateSeen", came + timedelta(seconds=3), visit, seen)
        corridor = (Corridor.GREEN, Corridor.BLUE, Corridor.GREEN, Corridor.YELLOW, Corridor.RED)[at % 5]
        if at % 11 == 7:
            finding = Finding("unread-plate", "8.0.1", Outcome.HOLD, f"the plate of {mark}")
            await past.diary.held(visit, came + timedelta(seconds=8), finding)
            if at % 2:
                await past.diary.referred(visit, came + timedelta(minutes=4))
            continue
        await past.diary.directed(visit, came + timedelta(seconds=9), corridor)
        await _opened(past, visit)
        if at < 58:
            wait = timedelta(minutes=2 + at % 7 * (4 if corridor.needs_officer else 1))
            await past.diary.released(visit, came + wait, corridor)
    await past.diary.departs(midnight.astimezone(UTC) + timedelta(hours=5))
    return visits


async def _opened(past: Past, visit: str) -> None:
    await past.store.ledger.write(
        lambda db, _: db.execute("UPDATE visits SET opened = 1 WHERE visit_id = ?", (visit,))
    )


async def red_all_the_way(house: House, evidence: Path) -> str:
    """A RED lorry from the road to the far side: read, directed, called for, released by hand, gone."""
    await house.files(declared(house, Corridor.RED))
    pictures = (keep(evidence, scene(LORRY)), keep(evidence, crop(LORRY)))
    visit_id = await house.approaches(PlateRead(LORRY, "AZ", 0.97, 3, True, pictures))
    await house.moves_on()
    again = (keep(evidence, scene(f"{LORRY} ")), keep(evidence, crop(f"{LORRY} ")))
    await house.rolls_up("lane-4", PlateRead(LORRY, "AZ", 0.91, 2, True, again))
    await house.phase("lane-4", Phase.CONTROL)
    (call,) = await house.store.ledger.open_calls()
    await does(house, AcknowledgeCall(officer=WHO, call_id=call.call_id))
    await does(house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("documents", "goods")))
    await goes_through(house, "lane-4")
    return visit_id


async def goes_through(house: House, lane: str) -> None:
    """The boom rises, the vehicle passes under it, the boom comes down."""
    await house.until(lambda: bool(house.io[lane].told("raise")))
    house.barrier(lane, BarrierPosition.MOVING)
    house.barrier(lane, BarrierPosition.UP)
    await house.phase(lane, Phase.PASSING)
    house.detector(lane, Detector.SAFETY, Occupancy.OCCUPIED)
    house.detector(lane, Detector.ARMING, Occupancy.CLEAR)
    house.detector(lane, Detector.SAFETY, Occupancy.CLEAR)
    await house.phase(lane, Phase.LOWERING)
    house.barrier(lane, BarrierPosition.DOWN)
    await house.phase(lane, Phase.FREE)
