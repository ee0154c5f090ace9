"""An entry lane alive on emulated devices: real runtime, store, desk and driver, and a world around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from gate.clock import SystemClock
from gate.lanes import entry_lane
from gate.lanes.events import ContactState, Detector, Occupancy, PlateSeen
from gate.lanes.fitted import Fitted
from gate.lanes.machine import Machine
from gate.lanes.ports import LaneIo
from gate.lanes.runtime import PointRuntime, Surroundings
from gate.lanes.state import Phase, PointConfig
from gate.model import Corridor, PlateRead, RegistrationMark
from gate.settings import ModbusRtu, MqttIo
from gate.settings.io import Input, fitted
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.contract import Address
from hardware.links.mqtt import MqttLink
from tests.hardware.conftest import HEARTBEAT, LIMIT, SITE, _running_link
from tests.hardware.posted import eventually
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.outside import Outside
from tests.lanes.stories import read
from tests.sealing.made import Made, made

LANE = "lane-1"
INPUTS: tuple[Input, ...] = (
    *("arming", "safety", "photo-eye", "exit", "barrier-up", "barrier-down"),
    *("fire", "emergency-stop", "key-switch", "mains", "height"),
)
"""What the lane is fitted with. Every input may be named here; the world works all of them."""
TRAVEL_SECONDS = 0.05
Link = Literal["modbus-rtu", "mqtt"]
_PATIENCE = 10.0


def lane_config(fitted_with: Fitted) -> PointConfig:
    """A GREEN and RED lane in a hurry."""
    return PointConfig(
        LANE,
        "1",
        "samur",
        "H",
        (Corridor.GREEN, Corridor.RED),
        read_seconds=0.5,
        barrier_seconds=0.5,
        enter_seconds=0.5,
        fitted=fitted_with,
        clear_seconds=0.03,
        back_seconds=0.15,
        under_seconds=0.5,
        stay_seconds=0.8,
        hold_seconds=0.3,
    )


@dataclass
class Vehicle:
    """One vehicle; `plate` is what the readers will make of it."""

    mark: RegistrationMark
    plate: PlateRead | None


class SceneReader:
    """Readers that see who stands on the arming detector, and answer at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wanted: set[str] = set()

    def start_reading(self, point: str, passage_id: str) -> None:
        """Answer in the loop's next turn."""
        del point
        self._wanted.add(passage_id)
        asyncio.get_running_loop().call_soon(self._answer, passage_id)

    def stop_reading(self, point: str, passage_id: str) -> None:
        """Forget the passage."""
        del point
        self._wanted.discard(passage_id)

    def _answer(self, passage_id: str) -> None:
        world = self._world
        if passage_id not in self._wanted or not world.alive:
            return
        self._wanted.discard(passage_id)
        plate = world.waiting.plate if world.waiting is not None else None
        world.point.post(PlateSeen(at=world.house.clock.now(), passage_id=passage_id, read=plate))


@dataclass
class World:
    """The lane, whoever drives there, and the gate's process, which may be killed and started."""

    data: Path
    lane: EmulatedLane
    outside: Outside
    build: Callable[[], LaneIo]
    inputs: Fitted
    keys: Made = field(default_factory=made)
    waiting: Vehicle | None = None
    """Stands on the arming detector, or has just left it for the area under the boom."""
    answers_take: Callable[[float], None] = lambda _: None
    """Make the board answer so late, where the link lets it."""
    boots: int = 0
    vehicles: int = 0

    def __post_init__(self) -> None:
        self._house: House | None = None
        self._point: PointRuntime | None = None
        self._stack = AsyncExitStack()
        self._running: asyncio.Task[None] | None = None

    # --- the gate's process -------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether the gate runs."""
        return self._running is not None

    @property
    def house(self) -> House:
        """The running gate's store, desk and checkpoint."""
        assert self._house is not None
        return self._house

    @property
    def point(self) -> PointRuntime:
        """The running lane."""
        assert self._point is not None
        return self._point

    @property
    def phase(self) -> Phase:
        """Where the running lane stands."""
        return self.point.state.phase

    async def start(self) -> None:
        """Start the gate over the journal as it is."""
        self.boots += 1
        boot = f"boot{self.boots}"
        self._house = house = await self._stack.enter_async_context(
            gatehouse(self.data, (), boot=boot, keys=self.keys)
        )
        config = lane_config(self.inputs)
        around = Surroundings(
            "entry",
            house.store.ledger,
            house.desk,
            SceneReader(self),
            self.build(),
            None,
            house.clock,
            house.checkpoint.bay._on_step,
        )
        self._point = PointRuntime(Machine(LANE, entry_lane.TABLE, config), boot, around)
        house.points[LANE] = self._point
        self._running = asyncio.create_task(self._point.run())
        settled = asyncio.create_task(self._point.settled.wait())
        await asyncio.wait({settled, self._running}, return_when=asyncio.FIRST_COMPLETED)
        settled.cancel()
        self.must_live()

    async def kill(self) -> None:
        """End the process, wherever it is; what was committed is committed."""
        if self._running is None:
            return
        running, self._running = self._running, None
        running.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await running
        finally:
            await self._stack.aclose()
        self.outside.gate_ended()

    def must_live(self) -> None:
        """A gate that ended by itself has failed: with what it failed of."""
        if self._running is not None and self._running.done():
            self._running.result()
            raise AssertionError("the lane ended by itself")

    # --- waiting --------------------------------------------------------------------------------

    @property
    def linked(self) -> bool:
        """The board can be heard."""
        return self.lane.plugged and not self.lane.muted

    async def until(self, predicate: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
        """Return once it is so (True), or after so long (False). A lane that ended by itself fails."""

        def looked() -> bool:
            self.outside._look()
            self.must_live()
            return predicate()

        try:
            await eventually(looked, seconds, pause=0.002)
        except TimeoutError:
            return False
        return True

    async def calm(self) -> None:
        """Return once the gate knows what is so in the lane, and has answered it."""
        if not self.alive:
            return
        if not await self.until(self._is_calm):
            knows, is_so = self.point.state.inputs, self.lane.barrier
            raise AssertionError(f"never calm in {self.phase}: {knows}; the boom is {is_so}")

    def _is_calm(self) -> bool:
        if self.point.has_waited(self.house.clock.now().mono) or not self.point._events.empty():
            return False
        if not self.linked or self.phase is Phase.MAINTENANCE:
            return True
        busy = (Phase.READING, Phase.MATCHING, Phase.REGISTERING)
        return self.phase not in busy and self.knows() and self.lane._direction == 0

    def knows(self) -> bool:
        """Whether the gate's inputs are what is so."""
        inputs = self.point.state.inputs
        return (
            all(inputs.detector(one) is _occupancy(self.lane.occupied(one)) for one in self.inputs.detectors)
            and all(inputs.contact(one) is _state(self.lane.active(one)) for one in self.inputs.contacts)
            and inputs.barrier is self.lane.barrier
        )

    # --- who drives here ------------------------------------------------------------------------

    async def comes(self, variant: int) -> None:
        """A vehicle rolls up: directed here for GREEN or RED, elsewhere, nowhere, or unreadable."""
        if self.waiting is not None and self.lane.occupied(Detector.ARMING):
            return
        self.vehicles += 1
        mark = RegistrationMark(f"10AA{self.vehicles:03d}")
        if self.alive and variant != 5:
            corridor = Corridor.RED if variant == 3 else Corridor.GREEN
            lane = "lane-9" if variant == 4 else LANE
            await self.house.has_directed(f"visit-{self.vehicles}", corridor, lane, mark)
        self.waiting = Vehicle(mark, None if variant == 2 else read(mark))
        self.set(Detector.ARMING, True)

    def set(self, detector: Detector, occupied: bool) -> None:
        """Somebody comes onto a detector, or leaves it."""
        self.lane.set_detector(detector, occupied)

    def goes_under(self, *, loop: bool = True, eye: bool = True) -> None:
        """Under the boom: over the loop, through the photo-eye's beam, or both."""
        if eye:
            self.set(Detector.PHOTO_EYE, True)
        if loop:
            self.set(Detector.SAFETY, True)

    def clears(self, *detectors: Detector) -> None:
        """Nobody is there any more."""
        for detector in detectors or tuple(Detector):
            self.set(detector, False)
        if not self.lane.occupied(Detector.ARMING):
            self.waiting = None


def _occupancy(occupied: bool) -> Occupancy:
    return Occupancy.OCCUPIED if occupied else Occupancy.CLEAR


def _state(active: bool) -> ContactState:
    return ContactState.ACTIVE if active else ContactState.NORMAL


@asynccontextmanager
async def emulated(link: Link, data: Path, *, inputs: tuple[Input, ...] = INPUTS) -> AsyncIterator[World]:
    """A lane at rest with its gate running; at the end the gate has ended, too."""
    lane = EmulatedLane(LANE, travel_seconds=TRAVEL_SECONDS)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        if link == "modbus-rtu":
            wiring = {name: at for at, name in enumerate(inputs)}
            port = data / "dev" / "io"
            board = await stack.enter_async_context(ModbusBoard(lane, port, inputs=wiring))
            settings = ModbusRtu(
                driver="modbus-rtu", port=port, poll_seconds=0.01, inputs=wiring, settle_seconds=0.02
            )
            has = fitted(settings, barrier=True)

            def build() -> LaneIo:
                return ModbusRtuIo(settings, LANE, clock, fitted=has)
        else:
            has = fitted(MqttIo(driver="mqtt", inputs=inputs), barrier=True)
            broker = await stack.enter_async_context(Broker(data / "broker"))
            mqtt: MqttLink = await stack.enter_async_context(_running_link(broker))
            device = MqttIoDevice(broker.host, broker.port, SITE, lane, heartbeat=HEARTBEAT)
            await stack.enter_async_context(device)

            def build() -> LaneIo:
                address = Address(SITE, LANE, "io")
                return MqttLaneIo(mqtt, address, clock, fitted=has, heartbeat_limit=LIMIT)

        outside = Outside(lane, data / "journal.db", has)
        world = World(data, lane, outside, build, has)
        if link == "modbus-rtu":
            world.answers_take = partial(setattr, board.held, "seconds")
        outside.watch()
        await world.start()
        try:
            assert await world.until(lambda: world.phase is Phase.FREE)
            yield world
        finally:
            await world.kill()
