"""Commands a second on each link, one after the other, each acknowledged by the device elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import Aspect
from gate.lanes.fitted import LANE
from gate.lanes.ports import Device
from gate.settings import AlphaSerial, ModbusRtu, ModbusTcp, MqttSettings, NtcipBoard
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.modbus_tcp import ModbusTcpIo
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker, free_port
from hardware.emulators.ntcip_sign import COMMUNITY
from hardware.links.contract import Address
from hardware.links.mqtt import MqttLink
from hardware.signboards.alpha import AlphaSign
from hardware.signboards.mqtt import MqttSign
from hardware.signboards.ntcip import NtcipSign
from tests.bench.ground import HOST, SNMP, TCP, Plan, ground
from tests.bench.measuring import Figure

SITE = "samur"
SECONDS = 2.0
FIRST_SECONDS = 10.0
AIM = 20
"""A passage sends some ten commands over its lane's link, in many seconds."""
_ASPECTS = (Aspect.GREEN, Aspect.RED)
_TEXTS = (BoardMessage(MessageKind.GO), BoardMessage(MessageKind.CLOSED))


async def figures(folder: Path) -> list[Figure]:
    """Signals over each io link, texts over each board's link."""
    clock = SystemClock()
    tcp_port, sign_port = free_port(), free_port()
    community = folder / "community"
    community.write_text(COMMUNITY + "\n", encoding="utf-8")
    io_port, board_port = folder / "dev/io", folder / "dev/board"
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Broker(folder / "links-broker"))
        plan = Plan(
            SITE,
            broker.port,
            {"serial": str(io_port), "network": f"{TCP}{tcp_port}", "mqtt": None},
            {"serial": str(board_port), "road": f"{SNMP}{sign_port}", "mqtt": None},
        )
        await stack.enter_async_context(ground(plan))
        link = MqttLink(MqttSettings(host=HOST, port=broker.port), SITE, clock)
        modbus = ModbusRtuIo(ModbusRtu(driver="modbus-rtu", port=io_port), "serial", clock, fitted=LANE)
        network = ModbusTcpIo(
            ModbusTcp(driver="modbus-tcp", host=HOST, port=tcp_port), "network", clock, fitted=LANE
        )
        road = NtcipSign(
            NtcipBoard(driver="ntcip", host=HOST, port=sign_port, community_file=community), "road", clock
        )
        mqtt = MqttLaneIo(link, Address(SITE, "mqtt", "io"), clock, fitted=LANE)
        alpha = AlphaSign(AlphaSerial(driver="alpha-serial", port=board_port), "serial", clock)
        sign = MqttSign(link, Address(SITE, "mqtt", "board"), clock)
        for device in (modbus, network, mqtt, alpha, road, sign):
            await stack.enter_async_context(_running(device))
        await asyncio.sleep(0)  # they attend before the link is up
        running = asyncio.create_task(link.run())
        stack.push_async_callback(_end, running)
        return [
            await _rate(
                "Modbus RTU over a pty, beside its polls", lambda n: modbus.set_signal(_ASPECTS[n % 2])
            ),
            await _rate(
                "Modbus TCP on loopback, beside its polls", lambda n: network.set_signal(_ASPECTS[n % 2])
            ),
            await _rate("MQTT, to the device's done", lambda n: mqtt.set_signal(_ASPECTS[n % 2])),
            await _rate("Alpha sign over a pty", lambda n: alpha.show(_TEXTS[n % 2])),
            await _rate("NTCIP sign over SNMP, read back", lambda n: road.show(_TEXTS[n % 2])),
            await _rate("MQTT board, to its done", lambda n: sign.show(_TEXTS[n % 2])),
        ]


async def _rate(what: str, command: Callable[[int], Awaitable[None]]) -> Figure:
    await _first(command)
    began, done = time.monotonic(), 0
    while (took := time.monotonic() - began) < SECONDS:
        await command(done)
        done += 1
    rate = done / took
    return Figure(what, f"{rate:,.0f} commands/s", "", f"> {AIM}/s: {'met' if rate > AIM else 'MISSED'}")


async def _first(command: Callable[[int], Awaitable[None]]) -> None:
    """Until the device answers at all."""
    deadline = time.monotonic() + FIRST_SECONDS
    while True:
        try:
            await command(1)
        except DeviceError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return


@asynccontextmanager
async def _running(device: Device) -> AsyncIterator[None]:
    task = asyncio.create_task(device.run(lambda _event: None))
    try:
        yield
    finally:
        await _end(task)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
