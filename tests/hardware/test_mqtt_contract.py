"""The topic contract on a real broker: what is believed, what is refused, by the gate and by the device."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import (
    ActuationFailed,
    BarrierPosition,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    Occupancy,
)
from gate.lanes.fitted import LANE
from gate.settings import MqttSettings
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.contract import (
    Ack,
    Address,
    Availability,
    Command,
    IoState,
    PayloadRefusedError,
    parse_topic,
    read_payload,
)
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_session import Message, MqttSession
from tests.hardware.conftest import HEARTBEAT, LIMIT, SITE, became, running, running_link
from tests.hardware.posted import Posted, eventually

IO = Address(SITE, "lane-2", "io")


def refused(reason: str) -> float:
    """The counter now."""
    return REGISTRY.get_sample_value("gate_mqtt_refused_total", {"reason": reason}) or 0.0


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


@pytest.fixture
def io(link: MqttLink) -> MqttLaneIo:
    """The driver, not running."""
    return MqttLaneIo(link, IO, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)


@pytest.fixture
async def device(broker: Broker) -> AsyncIterator[MqttIoDevice]:
    """The device, serving."""
    made = MqttIoDevice(broker.host, broker.port, SITE, EmulatedLane("lane-2"), heartbeat=HEARTBEAT)
    async with made:
        yield made


async def attended(link: MqttLink) -> None:
    """Return once the driver listens: what is said before that is an unknown device's."""
    await eventually(lambda: IO in link._devices)


async def counted(reason: str, before: float) -> None:
    """Return once one more message was refused for `reason`."""
    await eventually(lambda: refused(reason) > before)


def known(posted: Posted) -> bool:
    """The driver has told true states."""
    return posted.detector(Detector.ARMING) is Occupancy.CLEAR and not posted.faulted


async def test_a_retained_state_makes_no_input_known(broker: Broker) -> None:
    """The last words of a dead device, kept by the broker, are hearsay."""
    state = IoState(boot_id="dead", seq=9, arming=Occupancy.CLEAR, safety=Occupancy.CLEAR)
    posted = Posted()
    async with stranger(broker) as (session, _):
        session.publish(
            IO.topic("availability"), Availability(boot_id="dead", state="online").dump(), retain=True
        )
        session.publish(IO.topic("state"), state.dump(), retain=True)
        late = MqttLink(MqttSettings(host=broker.host, port=broker.port), SITE, SystemClock())
        io = MqttLaneIo(late, IO, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)
        async with running(io, posted), running_link(late):
            await posted.until(lambda: posted.faulted)
            assert {event.state for event in posted.of(DetectorChanged)} == {Occupancy.UNKNOWN}
            session.publish(IO.topic("state"), state.model_copy(update={"seq": 10}).dump())
            await posted.until(lambda: known(posted))


async def test_a_state_that_stops_coming_is_unknown_again(
    broker: Broker, link: MqttLink, io: MqttLaneIo
) -> None:
    """Believed while the heart beats, and no longer."""
    posted = Posted()
    state = IoState(boot_id="b", seq=1, arming=Occupancy.CLEAR, safety=Occupancy.CLEAR)
    async with stranger(broker) as (session, _), running(io, posted):
        await attended(link)
        session.publish(IO.topic("state"), state.dump())
        await posted.until(lambda: known(posted))
        await posted.until(lambda: posted.detector(Detector.ARMING) is Occupancy.UNKNOWN)
        with pytest.raises(DeviceError):
            await io.raise_barrier(RaiseBarrier("r"))


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("state", b"\xff\xfe not json", "not-json"),
        ("state", b'{"boot_id": "x"', "not-json"),
        ("state", b"[1, 2]", "wrong-shape"),
        ("state", b'{"boot_id": "x", "seq": "one", "arming": "clear"}', "wrong-shape"),
        ("state", b'{"boot_id": "x", "seq": 1, "arming": "perhaps"}', "wrong-shape"),
        ("state", b" " * 20_000, "too-large"),
        ("availability", b'{"boot_id": "x", "state": "sleepy"}', "wrong-shape"),
        ("ack", b'{"boot_id": "x", "cmd_id": "y", "result": "done"}', "old-boot"),
        ("cmd", b"{}", "foreign-command"),
    ],
)
async def test_a_wrong_payload_is_refused_and_counted_and_the_line_goes_on(
    broker: Broker, device: MqttIoDevice, io: MqttLaneIo, kind: str, payload: bytes, reason: str
) -> None:
    """Rubbish on the device's own topics changes nothing and stops nothing."""
    posted = Posted()
    async with stranger(broker) as (session, _), running(io, posted):
        await posted.until(lambda: known(posted))
        before = refused(reason)
        session.publish(f"gate/v1/{SITE}/lane-2/io/{kind}", payload)
        await counted(reason, before)
        device.lane.set_detector(Detector.ARMING, True)
        await posted.until(lambda: posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
        assert not posted.faulted


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("gate/v1/elsewhere/lane-2/io/state", "wrong-site"),
        (f"gate/v1/{SITE}/lane-9/io/state", "unknown-device"),
        (f"gate/v1/{SITE}/lane-2/io/mood", "unknown-topic"),
        ("gate/v1/x", "unknown-topic"),
    ],
)
async def test_a_wrong_topic_is_refused_and_counted(
    broker: Broker, link: MqttLink, topic: str, reason: str
) -> None:
    """A device configured for another site or lane is noticed."""
    before = refused(reason)
    async with stranger(broker) as (session, _):
        session.publish(topic, b'{"boot_id": "x", "seq": 1, "arming": "clear"}')
        await counted(reason, before)
    assert link.available


async def test_an_older_state_does_not_undo_a_newer(broker: Broker, link: MqttLink, io: MqttLaneIo) -> None:
    """Repeated and overtaken states are refused."""
    posted = Posted()
    clear = IoState(boot_id="b", seq=1, arming=Occupancy.CLEAR, safety=Occupancy.CLEAR)
    occupied = clear.model_copy(update={"seq": 2, "arming": Occupancy.OCCUPIED})
    async with stranger(broker) as (session, _), running(io, posted):
        await attended(link)
        session.publish(IO.topic("state"), clear.dump())
        session.publish(IO.topic("state"), occupied.dump())
        await posted.until(lambda: posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
        before = refused("old-sequence")
        session.publish(IO.topic("state"), clear.dump())
        await counted("old-sequence", before)
        assert posted.detector(Detector.ARMING) is Occupancy.OCCUPIED


async def test_a_restarted_device_is_unknown_first_and_its_old_boot_is_not_believed(
    broker: Broker, device: MqttIoDevice, io: MqttLaneIo
) -> None:
    """A new boot id: fault, recovered, true states; words of the old boot are refused."""
    posted = Posted()
    async with stranger(broker) as (session, _), running(io, posted):
        await posted.until(lambda: known(posted))
        old = device.lane.boot_id
        device.lane.reboot()
        await posted.until(lambda: Occupancy.UNKNOWN in [e.state for e in posted.of(DetectorChanged)])
        await posted.until(lambda: known(posted))
        before = refused("old-boot")
        late = IoState(boot_id=old, seq=10_000, arming=Occupancy.OCCUPIED, safety=Occupancy.CLEAR)
        session.publish(IO.topic("state"), late.dump())
        await counted("old-boot", before)
        assert posted.detector(Detector.ARMING) is Occupancy.CLEAR


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
        fresh = MqttLaneIo(link, IO, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)
        async with running(fresh, posted):
            await posted.until(lambda posted=posted: known(posted))  # type: ignore[misc]  # bound per round
            await fresh.raise_barrier(RaiseBarrier(release))
            await device.lane.wait_until(lambda: device.lane.limit_up)
    assert [pulse.decision_id for pulse in device.lane.raises()] == ["before", "after"]
    assert device.refused == []


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
    io = MqttLaneIo(link, IO, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)
    posted = Posted()
    device = MqttIoDevice(broker.host, broker.port, SITE, EmulatedLane("lane-2"), heartbeat=HEARTBEAT)
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


@given(st.text(max_size=80))
def test_any_topic_parses_or_does_not(topic: str) -> None:
    """Never an exception, and what parses is written back the same."""
    found = parse_topic(topic)
    if found is not None:
        assert found[0].topic(found[1]) == topic


@given(st.binary(max_size=400) | st.text(max_size=100).map(str.encode))
def test_any_payload_reads_or_is_refused(payload: bytes) -> None:
    """Only one kind of error comes out."""
    for model in (IoState, Availability, Ack, Command):
        with suppress(PayloadRefusedError):
            read_payload(model, payload)
