"""From an event to the device: one entry lane's runtime over the real journal, its device in-process."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from gate.clock import SystemClock
from gate.lanes import entry_lane
from gate.lanes.balancing import Balancer
from gate.lanes.commands import LowerBarrier, OpenVisit, RaiseBarrier, Record, UpdateVisit
from gate.lanes.desk import Desk
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Occupancy,
    PlateSeen,
)
from gate.lanes.hub import Queues
from gate.lanes.machine import Machine, Step
from gate.lanes.ports import Post, Stands, at_once
from gate.lanes.rules.policy import Policy
from gate.lanes.runtime import PointRuntime, Surroundings
from gate.lanes.state import Phase, PointConfig
from gate.model import Corridor, PlateRead, RegistrationMark, VisitStatus
from gate.sealing.keys import load_central_public, load_site_private, make_central_keys, make_site_keys
from gate.store.door import Door
from tests.bench.measuring import Figure, Times
from tests.clocks import trusted
from tests.store.kept import a_store, step

PASSAGES = 200


class Io:
    """A barrier that moves in no time; notes when it was told to."""

    def __init__(self) -> None:
        self.told = asyncio.Queue[tuple[str, float]]()

    async def run(self, post: Post) -> None:
        """Everything is known at once, and nothing more is said than `said` says."""
        clock = SystemClock()
        for detector in Detector:
            post(DetectorChanged(at=clock.now(), detector=detector, state=Occupancy.CLEAR))
        post(BarrierMoved(at=clock.now(), position=BarrierPosition.DOWN))
        await asyncio.Event().wait()

    def _note(self, what: str) -> None:
        self.told.put_nowait((what, time.perf_counter()))

    async def raise_barrier(self, command: RaiseBarrier, stands: Stands = at_once) -> None:
        """Note it."""
        assert command.release_id
        assert stands()
        self._note("raise")

    async def lower_barrier(self, command: LowerBarrier, stands: Stands = at_once) -> None:
        """Note it."""
        assert command.decision_id
        assert stands()
        self._note("lower")

    async def stop_barrier(self) -> None:
        """Note it."""
        self._note("stop")

    async def set_signal(self, aspect: Aspect) -> None:
        """Nobody waits for the signal."""

    async def until(self, what: str) -> float:
        """When it was told `what`, next."""
        async with asyncio.timeout(10):
            while True:
                told, at = await self.told.get()
                if told == what:
                    return at


class _Reader:
    """Reads what the bench posts itself."""

    def start_reading(self, point: str, passage_id: str) -> None:
        """The bench answers."""

    def stop_reading(self, point: str, passage_id: str) -> None:
        """The bench has answered."""


async def figures(folder: Path) -> list[Figure]:
    """Plate read to opening pulse (four commits), through to closing pulse, and the stop."""
    keys = folder / "keys"
    make_site_keys(keys / "site.key", keys / "site.pub")
    make_central_keys(keys / "central.key", keys / "central.pub")
    clock, io = SystemClock(), Io()
    with a_store(folder / "lane") as store:
        private, public = load_site_private(keys / "site.key"), load_central_public(keys / "central.pub")
        door = Door("samur", private, public, store.ledger, clock)
        policy = Policy("bench", {}, timedelta(days=1))
        desk = Desk(
            "samur",
            policy,
            store.cache,
            door,
            store.ledger,
            clock,
            Balancer({}, Queues()).choose,
            "G",
            trust=trusted(clock),
        )
        config = PointConfig("lane-1", "1", "samur", "H", (Corridor.GREEN,))
        known = asyncio.Event()

        def stepped(_point: str, done: Step) -> None:
            if done.state.phase is Phase.FREE:
                known.set()

        around = Surroundings("entry", store.ledger, desk, _Reader(), io, None, clock, stepped)
        lane = PointRuntime(Machine("lane-1", entry_lane.TABLE, config), "bench", around)
        visits: list[Record] = []
        for number in range(PASSAGES + 1):
            visit, mark = f"visit-{number}", RegistrationMark(f"10AA{number:03d}")
            visits.append(OpenVisit(visit, clock.now().utc.isoformat()))
            visits.append(
                UpdateVisit(visit, VisitStatus.DIRECTED, mark, corridor=Corridor.GREEN, lane="lane-1")
            )
        await store.ledger.commit(step(*visits, point="approach"))
        running = asyncio.create_task(lane.run())
        try:
            async with asyncio.timeout(10):
                await known.wait()
            return await _drive(lane, io)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _drive(lane: PointRuntime, io: Io) -> list[Figure]:
    raises, lowers, stops = Times(), Times(), Times()
    clock = SystemClock()

    async def detector(which: Detector, state: Occupancy) -> None:
        await lane.tell(DetectorChanged(at=clock.now(), detector=which, state=state))

    async def barrier(position: BarrierPosition) -> None:
        await lane.tell(BarrierMoved(at=clock.now(), position=position))

    for number in range(PASSAGES):
        assert lane.state.phase is Phase.FREE
        await detector(Detector.ARMING, Occupancy.OCCUPIED)
        passage = lane.state.passage
        assert passage is not None
        read = PlateRead(RegistrationMark(f"10AA{number:03d}"), "AZ", 1.0, 2, sure=True, evidence=())
        began = time.perf_counter()
        lane.post(PlateSeen(at=clock.now(), passage_id=passage.passage_id, read=read))
        raises.taken.append(await io.until("raise") - began)
        await barrier(BarrierPosition.UP)
        await detector(Detector.SAFETY, Occupancy.OCCUPIED)
        await detector(Detector.ARMING, Occupancy.CLEAR)
        began = time.perf_counter()
        lane.post(DetectorChanged(at=clock.now(), detector=Detector.SAFETY, state=Occupancy.CLEAR))
        lowers.taken.append(await io.until("lower") - began)
        began = time.perf_counter()
        lane.post(DetectorChanged(at=clock.now(), detector=Detector.SAFETY, state=Occupancy.OCCUPIED))
        stops.taken.append(await io.until("stop") - began)
        await barrier(BarrierPosition.DOWN)
        await detector(Detector.SAFETY, Occupancy.CLEAR)
    return [
        Figure("plate read -> opening pulse (look-up, 4 commits)", raises.told()),
        Figure("area clear -> closing pulse (1 commit)", lowers.told()),
        Figure("something under it -> stop (never waits for the disk)", stops.told()),
    ]
