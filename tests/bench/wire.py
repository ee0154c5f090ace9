"""From an event to the device's command on the wire, its commit in between: 32 lanes, devices elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from gate.clock import SystemClock
from gate.lanes import entry_lane
from gate.lanes.balancing import Balancer
from gate.lanes.commands import OpenVisit, Record, UpdateVisit
from gate.lanes.desk import Desk
from gate.lanes.events import Event, PlateSeen, RegistrationCommitted
from gate.lanes.fitted import LANE
from gate.lanes.hub import Queues
from gate.lanes.machine import Machine
from gate.lanes.ports import LaneIo
from gate.lanes.rules.policy import Policy
from gate.lanes.runtime import PointRuntime, Surroundings
from gate.lanes.state import Phase, PointConfig
from gate.model import Corridor, PlateRead, RegistrationMark, VisitStatus
from gate.sealing.keys import load_central_public, load_site_private, make_central_keys, make_site_keys
from gate.settings import ModbusRtu, MqttSettings
from gate.store.door import Door
from gate.store.store import Store
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.links.contract import Address
from hardware.links.mqtt import MqttLink
from tests.bench.ground import HOST, Plan, ground
from tests.bench.measuring import Figure, Times
from tests.bench.peer import peer
from tests.clocks import trusted
from tests.store.kept import a_store, step

SITE = "samur"
LANES = 32
PASSAGE_SECONDS = 4.0
SECONDS = 24.0
READY_SECONDS = 30.0
AIM_MS = 25.0


class _TimedPoint(PointRuntime):
    """Notes when each registration was posted: the raise is its consequence."""

    def __init__(self, machine: Machine, around: Surroundings) -> None:
        self.posted: list[float] = []
        super().__init__(machine, "bench", around)

    def post(self, event: Event) -> None:
        if isinstance(event, RegistrationCommitted):
            self.posted.append(time.monotonic())
        super().post(event)


class _Reader:
    """Reads at once, and always the vehicle that was directed to the lane next."""

    def __init__(self, post: Callable[[str, Event], None]) -> None:
        self._post = post
        self._next: dict[str, int] = {}

    def start_reading(self, point: str, passage_id: str) -> None:
        number = self._next[point] = self._next.get(point, -1) + 1
        read = PlateRead(_mark(point, number), "AZ", 1.0, 2, sure=True, evidence=())
        self._post(point, PlateSeen(at=SystemClock().now(), passage_id=passage_id, read=read))

    def stop_reading(self, point: str, passage_id: str) -> None:
        """It has read already."""


async def figures(folder: Path) -> list[Figure]:
    """Without and with a plate reader at work beside it; each beside the bare thing it is held against."""
    what = f"event -> raise at the device, commit between, {LANES} lanes"
    found = await _against_peer(what, folder / "alone")
    async with _reading():
        return found + await _against_peer("  the same, a plate reader busy beside it", folder / "beside")


async def _against_peer(what: str, folder: Path) -> list[Figure]:
    async with peer(folder / "peer.db") as bare:
        taken = await _measured(folder)
    times = f"p50 {taken.median / bare.median:.1f}, p99 {taken.quantile(0.99) / bare.quantile(0.99):.1f}"
    note = f"{len(taken.taken)} raises; times the peer: {times}"
    return [
        Figure(what, taken.told(), note, _aim(taken)),
        Figure("  peer beside it: bare commit, then a socket write", bare.told()),
    ]


def _aim(taken: Times) -> str:
    met = "met" if taken.quantile(0.99) < AIM_MS else "MISSED"
    return f"p99 < {AIM_MS:g} ms: {met}"


async def _measured(folder: Path) -> Times:
    names = [f"lane-{number}" for number in range(1, LANES + 1)]
    serial = {name: str(folder / "dev" / name) for name in names[: LANES // 2]}
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Broker(folder / "broker"))
        plan = Plan(
            SITE, broker.port, {name: serial.get(name) for name in names}, passage_seconds=PASSAGE_SECONDS
        )
        store = stack.enter_context(a_store(folder / "data"))
        await store.ledger.commit(step(*_visits(names), point="approach"))
        there = await stack.enter_async_context(ground(plan))
        link = MqttLink(MqttSettings(host=HOST, port=broker.port), SITE, SystemClock())
        points = _points(folder, store, names, serial, link)
        tasks = [asyncio.create_task(point.run()) for point in points.values()]
        await asyncio.gather(*(point.settled.wait() for point in points.values()))
        tasks.append(asyncio.create_task(link.run()))
        try:
            await _ready(points, tasks)
            began = time.monotonic()
            done, _ = await asyncio.wait(tasks, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
            assert not done, done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        pulses = await there.end()
    return _paired(points, pulses, since=began)


def _paired(
    points: dict[str, _TimedPoint], pulses: dict[str, list[tuple[str, float]]], since: float
) -> Times:
    """The n-th registration of a lane raised its boom for the n-th time."""
    taken = Times()
    for name, point in points.items():
        raises = [at for kind, at in pulses[name] if kind == "raise"]
        assert 0 <= len(point.posted) - len(raises) <= 1, (
            f"{name}: {len(point.posted)} posted, {len(raises)} raised"
        )
        taken.taken += [
            at - posted for posted, at in zip(point.posted, raises, strict=False) if posted > since
        ]
    assert len(taken.taken) > LANES, "hardly anything was measured"
    return taken


def _points(
    folder: Path, store: Store, names: list[str], serial: dict[str, str], link: MqttLink
) -> dict[str, _TimedPoint]:
    keys, clock = folder / "keys", SystemClock()
    make_site_keys(keys / "site.key", keys / "site.pub")
    make_central_keys(keys / "central.key", keys / "central.pub")
    private, public = load_site_private(keys / "site.key"), load_central_public(keys / "central.pub")
    door = Door(SITE, private, public, store.ledger, clock)
    desk = Desk(
        SITE,
        Policy("bench", {}, timedelta(days=1)),
        store.cache,
        door,
        store.ledger,
        clock,
        Balancer({}, Queues()).choose,
        "G",
        trust=trusted(clock),
    )
    points: dict[str, _TimedPoint] = {}
    reader = _Reader(lambda point, event: points[point].post(event))
    for name in names:
        config = PointConfig(name, name.removeprefix("lane-"), SITE, "H", (Corridor.GREEN,))
        io: LaneIo
        if name in serial:
            settings = ModbusRtu(driver="modbus-rtu", port=Path(serial[name]))
            io = ModbusRtuIo(settings, name, clock, fitted=LANE)
        else:
            io = MqttLaneIo(link, Address(SITE, name, "io"), clock, fitted=LANE)
        around = Surroundings("entry", store.ledger, desk, reader, io, None, clock, lambda _p, _s: None)
        points[name] = _TimedPoint(Machine(name, entry_lane.TABLE, config), around)
    return points


async def _ready(points: dict[str, _TimedPoint], tasks: list[asyncio.Task[None]]) -> None:
    """Every lane out of RECOVERY: its devices answer."""
    async with asyncio.timeout(READY_SECONDS):
        while any(point.state.phase is Phase.RECOVERY for point in points.values()):
            assert not any(task.done() for task in tasks)
            await asyncio.sleep(0.05)


def _visits(names: list[str]) -> list[Record]:
    each = int((SECONDS + READY_SECONDS) / PASSAGE_SECONDS) + 4
    records: list[Record] = []
    for name in names:
        for number in range(each):
            visit = f"{name}-{number}"
            records.append(OpenVisit(visit, SystemClock().now().utc.isoformat()))
            directed = VisitStatus.DIRECTED
            records.append(
                UpdateVisit(visit, directed, _mark(name, number), corridor=Corridor.GREEN, lane=name)
            )
    return records


def _mark(lane: str, number: int) -> RegistrationMark:
    return RegistrationMark(f"{lane.removeprefix('lane-')}AA{number:04d}")


@asynccontextmanager
async def _reading() -> AsyncIterator[None]:
    """What the reading child does while a vehicle waits: one frame after the other, on one thread."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.reading"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"reading\n"
        yield
        assert process.returncode is None, "the reader ended before the measurement"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
