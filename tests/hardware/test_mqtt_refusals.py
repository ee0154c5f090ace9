"""What the gate does not believe: hearsay, old words, rubbish, strangers - each refused and counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gate.clock import SystemClock
from gate.console.health import refused_messages
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import ActuationFailed, BarrierPosition, Detector, DetectorChanged, Occupancy
from gate.settings import MqttSettings
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.links.contract import (
    Ack,
    Availability,
    Command,
    IoState,
    read_payload,
)
from hardware.links.mqtt import MqttLink
from tests.hardware.conftest import HEARTBEAT, SITE, running, running_link
from tests.hardware.mqtt_bench import (
    IO,
    attended,
    command,
    counted,
    known,
    lane_device,
    lane_io,
    refused,
    stranger,
)
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
        io = lane_io(late)
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
        ("state", b'{"v": 2, "boot_id": "x", "mood": "new"}', "wrong-version"),
        ("state", b'{"v": "v1", "boot_id": "x", "seq": 1, "arming": "clear"}', "wrong-version"),
        ("availability", b'{"boot_id": "x", "state": "sleepy"}', "wrong-shape"),
        ("availability", b'{"v": 0, "boot_id": "x", "state": "online"}', "wrong-version"),
        ("ack", b'{"boot_id": "x", "cmd_id": "y", "result": "done"}', "unknown-boot"),
        ("event", b'{"boot_id": "x", "what": 7}', "wrong-shape"),
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
        ("gate/v2", "unknown-topic"),
        (f"gate/v2/{SITE}/lane-2/io/state", "wrong-version"),
        (f"gate/v11/{SITE}/lane-2/io/state", "wrong-version"),
    ],
)
async def test_a_wrong_topic_is_refused_and_counted(
    broker: Broker, link: MqttLink, topic: str, reason: str
) -> None:
    """A device configured for another site or lane is noticed, and the health page says so."""
    before = refused(reason)
    async with stranger(broker) as (session, _):
        session.publish(topic, b'{"boot_id": "x", "seq": 1, "arming": "clear"}')
        await counted(reason, before)
        assert refused_messages()[reason] == refused(reason) > before
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


async def test_a_retained_command_is_told_to_whoever_must_clear_it(broker: Broker) -> None:
    """One left at the broker waits for every device that subscribes: counted apart from a live one."""
    async with stranger(broker) as (session, _):
        session.publish(IO.topic("cmd"), b"{}", retain=True)
        before = refused("retained-command")
        late = MqttLink(MqttSettings(host=broker.host, port=broker.port), SITE, SystemClock())
        async with running_link(late):
            await counted("retained-command", before)


@pytest.mark.usefixtures("device")
async def test_acks_that_come_again_or_from_nowhere_change_nothing(broker: Broker, io: MqttLaneIo) -> None:
    """Replayed, of an unknown command, of another boot: each refused for its own reason."""
    posted = Posted()
    async with stranger(broker, IO.topic("ack")) as (session, heard), running(io, posted):
        await posted.until(lambda: known(posted))
        await io.raise_barrier(RaiseBarrier("release-1"))
        await posted.until(lambda: posted.barrier is BarrierPosition.UP)
        await eventually(lambda: [read_payload(Ack, m.payload).result for m in heard] == ["accepted", "done"])
        before = {reason: refused(reason) for reason in ("replayed-ack", "unknown-command", "unknown-boot")}
        for message in list(heard):
            session.publish(IO.topic("ack"), message.payload)
        done = read_payload(Ack, heard[1].payload)
        failed = done.model_copy(update={"cmd_id": "never-sent", "result": "failed"})
        session.publish(IO.topic("ack"), failed.dump())
        session.publish(IO.topic("ack"), done.model_copy(update={"boot_id": "never-heard"}).dump())
        await eventually(lambda: refused("unknown-boot") == before["unknown-boot"] + 1)
        assert refused("replayed-ack") == before["replayed-ack"] + 2
        assert refused("unknown-command") == before["unknown-command"] + 1
        assert not posted.of(ActuationFailed)


async def test_an_ack_after_the_gate_gave_up_waiting_is_refused_as_late(
    broker: Broker, link: MqttLink, io: MqttLaneIo
) -> None:
    """Not answered within a second is failed, whatever is said later."""
    posted = Posted()
    state = IoState(boot_id="b", seq=1, arming=Occupancy.CLEAR, safety=Occupancy.CLEAR)
    async with stranger(broker, IO.topic("cmd")) as (session, heard), running(io, posted):
        await attended(link)
        session.publish(IO.topic("state"), state.dump())
        await posted.until(lambda: known(posted))
        raising = asyncio.create_task(io.raise_barrier(RaiseBarrier("release-1")))
        seq = 1
        while not raising.done():  # it lives, and does not answer
            seq += 1
            session.publish(IO.topic("state"), state.model_copy(update={"seq": seq}).dump())
            await asyncio.wait([raising], timeout=HEARTBEAT)
        with pytest.raises(DeviceError, match="not answered within"):
            await raising
        before = refused("late-ack")
        asked = read_payload(Command, heard[0].payload)
        session.publish(IO.topic("ack"), Ack(boot_id="b", cmd_id=asked.cmd_id, result="accepted").dump())
        await counted("late-ack", before)


async def test_a_device_refuses_a_command_of_another_version(broker: Broker, device: MqttIoDevice) -> None:
    """Whatever else it says: no pulse."""
    other = command(device).dump().replace(b'"v":1', b'"v":2')
    async with stranger(broker) as (session, _):
        session.publish(IO.topic("cmd"), other, expiry=2)
        await eventually(lambda: bool(device.refused))
    assert [one.reason for one in device.refused] == ["wrong-version"]
    assert device.lane.pulses == []
