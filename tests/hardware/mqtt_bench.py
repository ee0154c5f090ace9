"""What the tests of the MQTT link share: a stranger on the broker, and the count of what was refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY

from gate.clock import SystemClock
from gate.lanes.events import Detector, Occupancy
from gate.lanes.fitted import LANE
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.contract import Address, Command
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_session import Message, MqttSession
from tests.hardware.conftest import HEARTBEAT, LIMIT, SITE
from tests.hardware.posted import Posted, eventually

IO = Address(SITE, "lane-2", "io")


def lane_io(link: MqttLink) -> MqttLaneIo:
    """The driver of lane-2, not running."""
    return MqttLaneIo(link, IO, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)


def refused(reason: str) -> float:
    """The counter now."""
    return REGISTRY.get_sample_value("gate_mqtt_refused_total", {"reason": reason}) or 0.0


async def counted(reason: str, before: float) -> None:
    """Return once one more message was refused for `reason`."""
    await eventually(lambda: refused(reason) > before)


@asynccontextmanager
async def stranger(broker: Broker, *filters: str) -> AsyncIterator[tuple[MqttSession, list[Message]]]:
    """Somebody else on the broker, and what they hear."""
    heard: list[Message] = []
    session = MqttSession(broker.host, broker.port, "stranger", heard.append, lambda _why: None)
    await session.open(filters)
    try:
        yield session, heard
    finally:
        await session.close()


async def attended(link: MqttLink) -> None:
    """Return once the driver listens: what is said before that is an unknown device's."""
    await eventually(lambda: IO in link._devices)


def known(posted: Posted) -> bool:
    """The driver has told true states."""
    return posted.detector(Detector.ARMING) is Occupancy.CLEAR and not posted.faulted


def command(device: MqttIoDevice, **changes: object) -> Command:
    """A command the device would obey, but for the changes."""
    good: dict[str, object] = {
        "cmd_id": "c-1",
        "boot_id": device.lane.boot_id,
        "lane_seq": device._lane_seq + 1,
        "state_seq": device._seq,
        "ttl_ms": 1500,
        "decision_id": "r",
        "do": "raise",
    }
    return Command.model_validate(good | changes)


def lane_device(broker: Broker) -> MqttIoDevice:
    """The device of lane-2, not serving."""
    return MqttIoDevice(broker.host, broker.port, SITE, EmulatedLane("lane-2"), heartbeat=HEARTBEAT)
