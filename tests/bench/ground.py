"""The ground in a process of its own: devices at the far end of real links, so that their cost is not ours.

`python -m tests.bench.ground` reads one JSON object (Plan) from stdin, says {"ready": ...}, and when
stdin ends says which pulse reached which barrier when, by the machine's one monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gate.lanes.events import Detector
from hardware.emulators.alpha_board import AlphaBoard
from hardware.emulators.camera import CameraServer
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.emulators.mqtt_board import MqttBoard
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.emulators.ntcip_sign import NtcipSign

HOST = "127.0.0.1"
TCP, SNMP = "tcp:", "snmp:"
PATIENCE = 60.0


@dataclass(frozen=True)
class Plan:
    """What stands there, each with its place: a serial port, "tcp:PORT" or "snmp:PORT"; None is MQTT."""

    site: str
    broker: int
    io: Mapping[str, str | None]
    boards: Mapping[str, str | None] = field(default_factory=dict)
    cameras: tuple[str, ...] = ()
    passage_seconds: float | None = None
    """A vehicle at every lane so often; None leaves the lanes empty."""


@dataclass(frozen=True)
class Ground:
    """The process, begun; `cameras` is the port they are watched at."""

    process: asyncio.subprocess.Process
    cameras: int

    async def end(self) -> dict[str, list[tuple[str, float]]]:
        """The pulses of each lane: what, and when it arrived (time.monotonic of this machine)."""
        async with asyncio.timeout(PATIENCE):
            out, _ = await self.process.communicate(b"")  # closes its stdin
        told: dict[str, list[tuple[str, float]]] = json.loads(out)
        return told


@asynccontextmanager
async def ground(plan: Plan) -> AsyncIterator[Ground]:
    """The ground, ready; over for certain at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.ground"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=8 * 1024 * 1024,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asdict(plan)).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            ready = json.loads(await process.stdout.readline())
        yield Ground(process, ready["cameras"])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _serve(plan: Plan, over: asyncio.Event) -> dict[str, list[tuple[str, float]]]:
    lanes = {name: EmulatedLane(name) for name in plan.io}
    cameras = CameraServer()
    async with AsyncExitStack() as stack:
        for name, port in plan.io.items():
            await stack.enter_async_context(_io(plan, lanes[name], port))
        for name, port in plan.boards.items():
            await stack.enter_async_context(_board(plan, name, port))
        for name in plan.cameras:
            cameras.show(name, None)
        await stack.enter_async_context(cameras)
        sys.stdout.write(json.dumps({"ready": True, "cameras": cameras.port}) + "\n")
        sys.stdout.flush()
        traffic = [
            asyncio.create_task(_traffic(lane, plan.passage_seconds, at / len(lanes)))
            for at, lane in enumerate(lanes.values())
            if plan.passage_seconds is not None
        ]
        await over.wait()
        for task in traffic:
            task.cancel()
        await asyncio.gather(*traffic, return_exceptions=True)
    return {name: [(pulse.kind, pulse.at_mono) for pulse in lane.pulses] for name, lane in lanes.items()}


def _io(plan: Plan, lane: EmulatedLane, place: str | None) -> AbstractAsyncContextManager[object]:
    if place is None:
        return MqttIoDevice(HOST, plan.broker, plan.site, lane)
    if place.startswith(TCP):
        return ModbusTcpBoard(lane, HOST, int(place.removeprefix(TCP)))
    return ModbusBoard(lane, Path(place))


def _board(plan: Plan, name: str, place: str | None) -> AbstractAsyncContextManager[object]:
    if place is None:
        return MqttBoard(HOST, plan.broker, plan.site, name)
    if place.startswith(SNMP):
        return NtcipSign(port=int(place.removeprefix(SNMP)))
    return AlphaBoard(Path(place))


async def _traffic(lane: EmulatedLane, every: float, offset: float) -> None:
    """A vehicle comes, and drives through when the boom is up, for ever; lanes are out of step."""
    loop = asyncio.get_running_loop()
    due = loop.time() + every * offset
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        due += every
        lane.set_detector(Detector.ARMING, True)
        await lane.wait_until(lambda: lane.limit_up, PATIENCE)
        lane.set_detector(Detector.SAFETY, True)
        await asyncio.sleep(0.15)
        lane.set_detector(Detector.ARMING, False)
        await asyncio.sleep(0.15)
        lane.set_detector(Detector.SAFETY, False)
        await lane.wait_until(lambda: lane.limit_down, PATIENCE)


async def _main() -> None:
    plan = Plan(**json.loads(await asyncio.to_thread(sys.stdin.readline)))
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)  # its end, nothing else comes
    sys.stdout.write(json.dumps(await _serve(plan, over)))


if __name__ == "__main__":
    asyncio.run(_main())
