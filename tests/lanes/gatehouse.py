"""A whole checkpoint on paper devices: real store, real door, real desk, real runtimes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from gate.clock import Instant
from gate.clock_trust import ClockTrust
from gate.kernel_clock import KernelClock
from gate.lanes.checkpoint import LiveCheckpoint, who_stands
from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.lanes.desk import Desk, LaneChoice
from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Occupancy,
    PlateSeen,
)
from gate.lanes.holding import HoldingBay
from gate.lanes.hub import Hub, Queues
from gate.lanes.machine import Machine, Step
from gate.lanes.places import HoldingPlaces, Place
from gate.lanes.rules.policy import Policy
from gate.lanes.runtime import PointRuntime, Surroundings
from gate.lanes.state import Phase
from gate.lanes.views import SystemView
from gate.model import Corridor, Declaration, PlateRead, RegistrationMark, Visit, VisitStatus
from gate.replay.entries import read as read_entries
from gate.replay.replay import replay
from gate.store.door import Door
from gate.store.store import Store, open_store
from tests.clocks import PaperKernel
from tests.lanes.paper import PaperBoard, PaperIo, PaperReader
from tests.lanes.stories import LORRY, MACHINES, read
from tests.sealing.made import ARRIVED, Made, made
from tests.store.kept import step

PATIENCE = 10.0
"""Seconds a test waits for what must come; a busy machine may be slow, a broken gate never gets there."""
LANES = ("green", "blue", "yellow", "red", "exit")


class BorderClock:
    """The machine's monotonic clock with a wall clock of its own, which stands at the vehicle's arrival."""

    def __init__(self, stands_at: datetime = ARRIVED) -> None:
        self._began = time.monotonic()
        self._stood_at = stands_at
        self._passed = 0.0

    def now(self) -> Instant:
        """Seconds since the test began, after the arrival."""
        mono = time.monotonic() + self._passed
        return Instant(self._stood_at + timedelta(seconds=mono - self._began), mono)

    def mono(self, at: datetime) -> float:
        """The monotonic reading at a moment of the wall clock as it stands."""
        now = self.now()
        return now.mono - (now.utc - at).total_seconds()

    def passes(self, span: timedelta) -> None:
        """Time goes by, on both clocks."""
        self._passed += span.total_seconds()

    def set(self, span: timedelta) -> None:
        """Somebody, or a time server, sets the wall clock by so much."""
        self._stood_at += span

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(seconds)


@dataclass
class House:
    """The checkpoint and everything a test may look at."""

    data: Path
    store: Store
    clock: BorderClock
    trust: ClockTrust
    hub: Hub
    queues: Queues
    desk: Desk
    checkpoint: LiveCheckpoint
    points: dict[str, PointRuntime]
    io: dict[str, PaperIo]
    boards: dict[str, PaperBoard]
    reader: PaperReader
    keys: Made
    places: HoldingPlaces
    closed: set[Corridor] = field(default_factory=set)
    """Corridors whose lanes are all closed."""
    cursor: int = 0

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Return once it is so; it is looked at after every change."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self.hub.changes():
                if predicate():
                    return

    async def phase(self, point: str, *phases: Phase) -> None:
        """Return once the point is in one of the phases."""
        await self.until(lambda: self.points[point].state.phase in phases)

    async def files(self, *declarations: Declaration) -> None:
        """Central's feed brings declarations, signed as they stand."""
        await self.smuggles(*(self.keys.signed(declaration) for declaration in declarations))

    async def smuggles(self, *declarations: Declaration) -> None:
        """Rows get into the cache just as they are, past the feed's checks."""
        self.cursor += 1
        await self.store.cache.apply(self.cursor, declarations, self.clock.now().utc)

    async def knows(self, visit_id: str) -> Visit:
        """A visit as the journal has it."""
        visit = await self.store.ledger.visit(visit_id)
        assert visit is not None
        return visit

    def detector(self, point: str, detector: Detector, state: Occupancy) -> None:
        """A detector changes."""
        event = DetectorChanged(at=self.clock.now(), detector=detector, state=state)
        self.points[point].post(event)

    def barrier(self, point: str, position: BarrierPosition) -> None:
        """Position feedback changes."""
        self.points[point].post(BarrierMoved(at=self.clock.now(), position=position))

    async def rests(self, *points: str) -> None:
        """Devices answer, nobody is there."""
        for point in points:
            self.detector(point, Detector.ARMING, Occupancy.CLEAR)
            if self.points[point].around.kind in ("entry", "exit"):
                self.detector(point, Detector.SAFETY, Occupancy.CLEAR)
                self.barrier(point, BarrierPosition.DOWN)
            await self.phase(point, Phase.FREE)

    async def rolls_up(
        self,
        point: str,
        plate: PlateRead | None = None,
        *,
        unread: bool = False,
        trailer: PlateRead | None = None,
    ) -> None:
        """A vehicle comes and is read (as LORRY), or not; perhaps its trailer too."""
        self.detector(point, Detector.ARMING, Occupancy.OCCUPIED)
        await self.until(lambda: point in self.reader.wanted)
        passage_id = self.reader.wanted.pop(point)
        seen = None if unread else plate or read()
        self.points[point].post(
            PlateSeen(at=self.clock.now(), passage_id=passage_id, read=seen, trailer=trailer)
        )

    async def approaches(
        self, plate: PlateRead | None = None, *, unread: bool = False, trailer: PlateRead | None = None
    ) -> str:
        """A vehicle comes to the approach and is answered. Its visit's id."""
        await self.rolls_up("approach", plate, unread=unread, trailer=trailer)
        await self.phase("approach", Phase.DIRECTED, Phase.HELD)
        passage = self.points["approach"].state.passage
        assert passage is not None
        assert passage.visit_id is not None
        return passage.visit_id

    async def moves_on(self, point: str = "approach") -> None:
        """The vehicle leaves the point."""
        self.detector(point, Detector.ARMING, Occupancy.CLEAR)
        await self.phase(point, Phase.FREE)

    def opens(self, visit_id: str, at: datetime = ARRIVED) -> OpenVisit:
        """The record of a vehicle that came at a moment of the wall clock as it stands."""
        return OpenVisit(visit_id, at.isoformat(), self.clock.mono(at))

    async def has_directed(
        self, visit_id: str, corridor: Corridor, lane: str, mark: RegistrationMark = LORRY
    ) -> None:
        """A visit that was directed to a lane a while ago."""
        came = self.opens(visit_id)
        sent = UpdateVisit(visit_id, VisitStatus.DIRECTED, mark, corridor=corridor, lane=lane)
        await self.store.ledger.commit(step(came, sent, point="approach"))


def _machine(kind: str, barrier_seconds: float) -> Machine:
    machine = MACHINES[kind]
    return replace(machine, config=replace(machine.config, barrier_seconds=barrier_seconds))


@asynccontextmanager
async def gatehouse(
    data: Path,
    kinds: Sequence[str] = ("green",),
    *,
    boot: str = "boot1",
    keys: Made | None = None,
    barrier_seconds: float = 60.0,
    machine: Machine | None = None,
    prepare: Callable[[House], None] = lambda _: None,
    bays: Sequence[Place] = (Place("H"),),
    clock: BorderClock | None = None,
    kernel: KernelClock | None = None,
) -> AsyncIterator[House]:
    """A running checkpoint of some of the stories' points; `prepare` before they start.

    Its clock is right and its kernel says so, unless the test brings others.
    """
    clock = clock or BorderClock()
    trust = ClockTrust(clock, kernel or PaperKernel())
    keys = keys or made()
    store = open_store(data, boot, lambda: None, keys.central_public, trust=trust)
    try:
        house = _house(data, store, keys, bays, clock, trust)
        for kind in kinds:
            _add_point(house, kind, machine or _machine(kind, barrier_seconds), boot)
        prepare(house)
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(point.run()) for point in house.points.values()]
            running.append(group.create_task(house.checkpoint.bay.run()))
            running.append(group.create_task(house.checkpoint.watch_requests()))
            await house.until(lambda: all(io.post is not None for io in house.io.values()))
            yield house
            for task in running:
                task.cancel()
    finally:
        store.close()
    assert_replays(data)


def assert_replays(data: Path) -> None:
    """Whatever the test played, today's core makes of the record what it made of it then."""
    with read_entries(data / "journal.db") as entries:
        result = replay(entries.rows)
    assert not result.differences, result.differences[0].told()
    assert not result.out_of_reach, result.out_of_reach


def _house(
    data: Path, store: Store, keys: Made, bays: Sequence[Place], clock: BorderClock, trust: ClockTrust
) -> House:
    hub, queues, places = Hub(), Queues(), HoldingPlaces(bays, {"hall-1"})
    points: dict[str, PointRuntime] = {}
    closed: set[Corridor] = set()

    def choose(corridor: Corridor, *, oversize: bool = False) -> LaneChoice | None:
        del oversize  # every lane here is high enough
        order = tuple(Corridor).index(corridor) + 1
        return None if corridor in closed else LaneChoice(f"lane-{order}", str(order))

    def on_step(point: str, done: Step) -> None:
        queues.note(done)
        places.note(point, done)
        hub.change()

    def system() -> SystemView:
        return SystemView("samur", ARRIVED, "not configured", 0, None, 0, "not configured", "running", None)

    door = Door("samur", keys.site, keys.central_public, store.ledger, clock)
    desk = Desk(
        "samur",
        Policy("test-1"),
        store.cache,
        door,
        store.ledger,
        clock,
        choose,
        "G",
        places.choose,
        lambda: who_stands(points),
        trust=trust,
    )
    bay = HoldingBay(desk, store.ledger, clock, on_step, places)
    kiosks = frozenset({"approach", "hall-1"})
    checkpoint = LiveCheckpoint(
        points, kiosks, store.ledger, store.ledger, bay, hub, queues, clock, system, places, store.cache
    )
    paper = PaperReader()
    house = House(
        data, store, clock, trust, hub, queues, desk, checkpoint, points, {}, {}, paper, keys, places
    )
    house.closed = closed
    return house


def _add_point(house: House, kind: str, machine: Machine, boot: str) -> None:
    name = machine.config.name
    lane = kind in LANES
    house.boards[name] = PaperBoard(house.hub)
    if lane:
        house.io[name] = PaperIo(house.data / "journal.db", house.hub)
    around = Surroundings(
        kind if not lane else ("exit" if kind == "exit" else "entry"),
        house.store.ledger,
        house.desk,
        house.reader if kind != "terminal" else None,
        house.io.get(name),
        house.boards[name],
        house.clock,
        house.checkpoint.bay._on_step,
    )
    house.points[name] = PointRuntime(machine, boot, around)
