"""The topic contract on a real broker: how commands travel, what a device obeys, what becomes of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import (
    ActuationFailed,
    BarrierPosition,
    Detector,
    DeviceFaulted,
    Occupancy,
)
from gate.settings import MqttSettings
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.contract import Ack, read_payload
from hardware.links.mqtt import MqttLink
from tests.hardware.conftest import SITE, became, running
from tests.hardware.mqtt_bench import IO, command, known, lane_device, lane_io, stranger
from tests.hardware.posted import Posted, eventually


@pytest.fixture
def io(link: MqttLink) -> MqttLaneIo:
    """The driver, not running."""
    return lane_io(link)


@pytest.fixture
async def device(broker: Broker) -> AsyncIterator[MqttIoDevice]:
    """The device, serving."""
    async with lane_device(broker) as made:
        yield made


async def test_commands_travel_as_the_contract_says(
    broker: Broker, device: MqttIoDevice, io: MqttLaneIo
) -> None:
    """Not retained, at most two seconds to live, carrying every field a device needs to refuse it."""
    posted = Posted()
    async with stranger(broker, IO.topic("cmd")) as (_, heard), running(io, posted):
        await posted.until(lambda: known(posted))
        await io.raise_barrier(RaiseBarrier("release-7"))
        await posted.until(lambda: posted.barrier is BarrierPosition.UP)
        (message,) = heard
        assert not message.retained
        assert message.expiry is not None
        assert 0 < message.expiry <= 2
        sent = json.loads(message.payload)
        assert sent["boot_id"] == device.lane.boot_id
        assert sent["decision_id"] == "release-7"
        assert sent["do"] == "raise"
        assert sent["ttl_ms"] <= 2000
        assert {"cmd_id", "lane_seq", "state_seq"} <= set(sent)


async def test_a_gate_that_restarted_counts_on_from_the_devices_sequence(
    link: MqttLink, device: MqttIoDevice
) -> None:
    """A new driver's first command is not taken for an old one."""
    for release in ("before", "after"):
        posted = Posted()
        fresh = lane_io(link)
        async with running(fresh, posted):
            await posted.until(lambda posted=posted: known(posted))  # type: ignore[misc]  # bound per round
            await fresh.raise_barrier(RaiseBarrier(release))
            await device.lane.wait_until(lambda: device.lane.limit_up)
    assert [pulse.decision_id for pulse in device.lane.raises()] == ["before", "after"]
    assert device.refused == []


@pytest.mark.parametrize(
    ("changes", "expiry", "reason"),
    [
        ({"boot_id": "another"}, 2, "wrong-boot"),
        ({"lane_seq": 0}, 2, "old-sequence"),
        ({"state_seq": 999_999}, 2, "expired"),
        ({}, None, "expired"),
        ({}, 60, "expired"),
    ],
)
async def test_the_device_refuses_what_it_must(
    broker: Broker, device: MqttIoDevice, changes: dict[str, object], expiry: int | None, reason: str
) -> None:
    """Wrong boot, old sequence, no expiry, too long an expiry, a state never said: no pulse."""
    async with stranger(broker, IO.topic("ack")) as (session, heard):
        session.publish(IO.topic("cmd"), command(device, **changes).dump(), expiry=expiry)
        await eventually(lambda: bool(heard))
        ack = read_payload(Ack, heard[0].payload)
    assert (ack.result, ack.reason) == ("refused", reason)
    assert [r.reason for r in device.refused] == [reason]
    assert device.lane.pulses == []


async def test_a_repeated_command_is_obeyed_once(broker: Broker, device: MqttIoDevice) -> None:
    """The network may deliver twice; the barrier is pulsed once."""
    again = command(device)
    async with stranger(broker) as (session, _):
        session.publish(IO.topic("cmd"), again.dump(), expiry=2)
        session.publish(IO.topic("cmd"), again.dump(), expiry=2)
        await eventually(lambda: bool(device.refused))
    assert [r.reason for r in device.refused] == ["repeated"]
    assert len(device.lane.raises()) == 1


async def test_a_command_older_than_the_state_it_quotes_allows_is_refused(
    broker: Broker, device: MqttIoDevice
) -> None:
    """However it was delayed, the device knows by its own clock how old the gate's view was."""
    stale = command(device, ttl_ms=1)
    async with stranger(broker) as (session, _):
        said = device._seq
        await eventually(lambda: device._seq >= said + 3)  # three heartbeats later
        session.publish(IO.topic("cmd"), stale.dump(), expiry=2)
        await eventually(lambda: bool(device.refused))
    assert [r.reason for r in device.refused] == ["expired"]
    assert device.lane.pulses == []


@pytest.mark.usefixtures("device")
async def test_an_accepted_raise_that_is_interrupted_is_told_as_failed(io: MqttLaneIo) -> None:
    """Accepted, then stopped half-way: the lane hears which release failed."""
    posted = Posted()
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        await io.raise_barrier(RaiseBarrier("release-3"))
        await io.stop_barrier()
        await posted.until(lambda: bool(posted.of(ActuationFailed)))
        assert posted.of(ActuationFailed)[0].decision_id == "release-3"


async def test_a_broker_that_goes_and_comes_back_repeats_no_command(
    broker: Broker, link: MqttLink, device: MqttIoDevice, io: MqttLaneIo
) -> None:
    """Away: status says so, inputs unknown, commands refused. Back: known again, nothing sent twice."""
    posted = Posted()
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        assert link.status == "connected"
        await io.raise_barrier(RaiseBarrier("release-1"))
        await broker.stop()
        await posted.until(lambda: posted.detector(Detector.SAFETY) is Occupancy.UNKNOWN)
        # A dying broker may tell the device's will before it hangs up on us.
        await eventually(lambda: link.status.startswith("away since "))
        with pytest.raises(DeviceError):
            await io.raise_barrier(RaiseBarrier("release-2"))
        await broker.start()
        async with asyncio.timeout(15):
            await became(link, True)
        await posted.until(lambda: known(posted))
        assert [pulse.decision_id for pulse in device.lane.raises()] == ["release-1"]


async def test_the_last_will_is_believed_at_once(device: MqttIoDevice, io: MqttLaneIo) -> None:
    """A device cut off is faulted by its will, without waiting for the heartbeat limit."""
    posted = Posted()
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        device.lane.unplug()
        await posted.until(lambda: posted.faulted)
        assert posted.events
    reasons = [event.reason for event in posted.events if hasattr(event, "reason")]
    assert reasons == ["the device went offline"]


async def test_one_device_has_one_driver(link: MqttLink, device: MqttIoDevice, io: MqttLaneIo) -> None:
    """A second driver for the same device is a mistake, told at once."""
    posted = Posted()
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        with pytest.raises(ValueError, match="already has a driver"):
            link.attend(device.address, lambda _k, _p, _r: None, lambda _a, _w: None)


async def test_a_broker_away_at_start_is_said_and_mends_itself(tmp_path: Path) -> None:
    """No broker: away since, a fault naming it. A broker: connected, states known."""
    broker = Broker(tmp_path)
    link = MqttLink(MqttSettings(host=broker.host, port=broker.port), SITE, SystemClock())
    io = lane_io(link)
    posted = Posted()
    device = lane_device(broker)
    task = asyncio.create_task(link.run())
    try:
        async with running(io, posted), device:
            await posted.until(lambda: posted.faulted)
            assert f"{broker.host}:{broker.port}" in posted.of(DeviceFaulted)[0].reason
            assert link.status.startswith("away since ")
            async with broker:
                await posted.until(lambda: known(posted), seconds=15)
                assert link.status == "connected"
            await posted.until(lambda: posted.faulted)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The reason says which file; the link goes on trying."""
    settings = MqttSettings(username="gate", password_file=tmp_path / "missing")
    link = MqttLink(settings, SITE, SystemClock())
    task = asyncio.create_task(link.run())
    await eventually(lambda: str(tmp_path / "missing") in link.reason)
    assert not link.available
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
