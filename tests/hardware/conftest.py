"""Benches: a driver, the emulated device at the far end of its real link, and what the driver posted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from gate.clock import SystemClock
from gate.lanes.ports import Device, LaneIo, Signboard
from gate.model import Corridor
from gate.settings import AlphaSerial, Input, ModbusRtu, ModbusTcp, MqttIo, MqttSettings, NtcipBoard
from gate.settings import MqttBoard as MqttBoardSettings
from gate.settings import fitted as fitted_with
from gate.settings.io import APPROACH_INPUTS, BARRIER_INPUTS
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.modbus_tcp import ModbusTcpIo
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.alpha_board import AlphaBoard
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.emulators.mqtt_board import MqttBoard
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.emulators.ntcip_agent import AgentUser
from hardware.emulators.ntcip_sign import COMMUNITY, FONT
from hardware.emulators.ntcip_sign import NtcipSign as NtcipBoardEmulator
from hardware.links.contract import Address
from hardware.links.mqtt import MqttLink
from hardware.signboards.alpha import AlphaSign
from hardware.signboards.alpha_codec import fold
from hardware.signboards.mqtt import MqttSign
from hardware.signboards.ntcip import NtcipSign
from tests.hardware.posted import Posted

SITE = "samur"
HEARTBEAT = 0.2
LIMIT = 0.8


@asynccontextmanager
async def running(device: Device, posted: Posted) -> AsyncIterator[None]:
    """The driver runs for the length of the block."""
    task = asyncio.create_task(device.run(posted))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture(autouse=True)
async def nothing_left_behind() -> AsyncIterator[None]:
    """A test that leaves a task or a paho or camera thread running has failed."""
    yield
    left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"tasks left: {left}"
    threads = [t.name for t in threading.enumerate() if t.name.startswith(("paho", "camera"))]
    assert not threads, f"threads left: {threads}"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A real mosquitto."""
    async with Broker(tmp_path / "broker") as started:
        yield started


@pytest.fixture
async def link(broker: Broker) -> AsyncIterator[MqttLink]:
    """The site's client, connected."""
    async with _running_link(broker) as mqtt:
        yield mqtt


async def became(mqtt: MqttLink, available: bool) -> None:
    """Return once the link is, or is not, available."""
    if mqtt.available is available:
        return
    changed = asyncio.Event()
    leave = mqtt.attend(
        Address(SITE, "nowhere", f"probe-{id(changed)}"),
        lambda _kind, _payload, _retained: None,
        lambda now, _why: changed.set() if now is available else None,
    )
    try:
        await changed.wait()
    finally:
        leave()


@dataclass
class IoBench:
    """One LaneIo driver with its lane."""

    lane: EmulatedLane
    io: LaneIo
    posted: Posted
    carries_ids: bool


EVERY_INPUT: Mapping[Input, int] = {name: at for at, name in enumerate(get_args(Input))}
"""A lane that has everything, terminal by terminal."""


@asynccontextmanager
async def io_bench(
    driver: str, folder: Path, *, barrier: bool = True, inputs: Mapping[Input, int] | None = None
) -> AsyncIterator[IoBench]:
    """A bench for one driver, with these inputs; the driver does not run yet."""
    clock = SystemClock()
    lane = EmulatedLane("lane-1")
    wiring = dict(inputs or (BARRIER_INPUTS if barrier else APPROACH_INPUTS))
    async with AsyncExitStack() as stack:
        if driver == "modbus-rtu":
            port = folder / "dev" / "lane-1-io"
            await stack.enter_async_context(ModbusBoard(lane, port, inputs=wiring))
            rtu = ModbusRtu(driver="modbus-rtu", port=port, poll_seconds=0.02, inputs=wiring)
            io: LaneIo = ModbusRtuIo(rtu, "lane-1", clock, fitted=fitted_with(rtu, barrier=barrier))
        elif driver == "modbus-tcp":
            board = await stack.enter_async_context(ModbusTcpBoard(lane, inputs=wiring))
            tcp = ModbusTcp(
                driver="modbus-tcp", host=board.host, port=board.port, poll_seconds=0.02, inputs=wiring
            )
            io = ModbusTcpIo(tcp, "lane-1", clock, fitted=fitted_with(tcp, barrier=barrier))
        else:
            fitted = fitted_with(MqttIo(driver="mqtt", inputs=tuple(wiring)), barrier=barrier)
            broker = await stack.enter_async_context(Broker(folder / "broker"))
            mqtt = await stack.enter_async_context(_running_link(broker))
            device = MqttIoDevice(broker.host, broker.port, SITE, lane, heartbeat=HEARTBEAT)
            await stack.enter_async_context(device)
            address = Address(SITE, "lane-1", "io")
            io = MqttLaneIo(mqtt, address, clock, fitted=fitted, heartbeat_limit=LIMIT)
        yield IoBench(lane, io, Posted(), driver == "mqtt")


CHECK = 0.2
_ALPHA_COLOURS = {"amber": "3", "GREEN": "2", "BLUE": "Z0000FF", "YELLOW": "8", "RED": "1"}
_CLASSIC_COLOURS = {"amber": "9", "GREEN": "3", "BLUE": "5", "YELLOW": "2", "RED": "1"}
AUTH, PRIVACY = "a-passphrase-to-prove-it", "a-passphrase-to-hide-it"


@dataclass
class BoardBench:
    """One Signboard driver with its board."""

    board: AlphaBoard | MqttBoard | NtcipBoardEmulator
    driver: Signboard
    posted: Posted
    fold: Callable[[str], str]
    """A text in the letters this board has."""
    talk_nonsense: Callable[[], None]
    """The board's next word makes no sense."""
    colours: dict[str, str] | None = None

    def colour(self, corridor: Corridor | None) -> str:
        """What this board calls a corridor's colour."""
        name = "amber" if corridor is None else corridor.value
        return self.colours[name] if self.colours is not None else name.lower()


@asynccontextmanager
async def board_bench(driver: str, folder: Path, **said: Any) -> AsyncIterator[BoardBench]:
    """A bench for one signboard driver, which does not run yet; `said` goes into the board's settings."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        if driver == "alpha-serial":
            port = folder / "dev" / "lane-1-board"
            sign = await stack.enter_async_context(AlphaBoard(port))
            settings = AlphaSerial(driver="alpha-serial", port=port, **said)
            alpha = AlphaSign(settings, "lane-1", clock, check_seconds=CHECK)
            nonsense = partial(setattr, sign, "garbage", 1)
            yield BoardBench(sign, alpha, Posted(), fold, nonsense, _ALPHA_COLOURS)
        elif driver.startswith("ntcip"):
            user = AgentUser("gate", AUTH, PRIVACY)
            road = await stack.enter_async_context(NtcipBoardEmulator(user=user, beacons=driver == "ntcip"))
            placed = ntcip_settings(folder, road.port, version=3 if driver == "ntcip-v3" else 1, **said)
            ntcip = NtcipSign(placed, "lane-1", clock, check_seconds=CHECK)
            yield BoardBench(road, ntcip, Posted(), FONT.fold, lambda: _noise_first(road), _CLASSIC_COLOURS)
        else:
            broker = await stack.enter_async_context(Broker(folder / "broker"))
            mqtt = await stack.enter_async_context(_running_link(broker))
            board = MqttBoard(broker.host, broker.port, SITE, "lane-1", heartbeat=HEARTBEAT)
            await stack.enter_async_context(board)
            wording = MqttBoardSettings(driver="mqtt", **said).wording
            address = Address(SITE, "lane-1", "board")
            device = MqttSign(mqtt, address, clock, wording=wording, heartbeat_limit=LIMIT)
            yield BoardBench(board, device, Posted(), str, board.talk_nonsense)


def ntcip_settings(folder: Path, port: int, *, version: int = 1, **said: Any) -> NtcipBoard:
    """A road sign at `port`, with its secrets in files."""
    secrets = {"auth_file": AUTH, "privacy_file": PRIVACY} if version == 3 else {"community_file": COMMUNITY}
    for name, secret in secrets.items():
        (folder / name).write_text(secret + "\n", encoding="utf-8")
        said.setdefault(name, folder / name)
    if version == 3:
        said.setdefault("user", "gate")
    return NtcipBoard(driver="ntcip", host="127.0.0.1", port=port, **said)


def _noise_first(sign: NtcipBoardEmulator) -> None:
    def once(datagram: bytes) -> list[bytes]:
        sign.distort(None)
        return [b"\x30\x82noise", datagram]

    sign.distort(once)


@asynccontextmanager
async def _running_link(broker: Broker) -> AsyncIterator[MqttLink]:
    mqtt = MqttLink(MqttSettings(host=broker.host, port=broker.port), SITE, SystemClock())
    async with running_link(mqtt):
        yield mqtt


@asynccontextmanager
async def running_link(mqtt: MqttLink) -> AsyncIterator[None]:
    """The link runs, connected, for the length of the block."""
    task = asyncio.create_task(mqtt.run())
    try:
        async with asyncio.timeout(10):
            await became(mqtt, True)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
