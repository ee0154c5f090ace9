"""Bad lines between gate, broker and device: what is unknown when, and nothing ever done twice."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import Detector, DetectorChanged, DeviceFaulted, Occupancy
from gate.lanes.fitted import LANE
from gate.settings import MqttSettings, MqttTls
from hardware.barriers.mqtt import MqttLaneIo
from hardware.emulators.broker import Broker, free_port
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.emulators.rough_tcp import RoughTcp
from hardware.links.contract import HEARTBEAT_LIMIT_SECONDS
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_session import CLOSE_SECONDS, CONNECT_SECONDS, KEEPALIVE_SECONDS, MqttSession
from tests.hardware.broker_certificates import Authority
from tests.hardware.conftest import HEARTBEAT, LIMIT, SITE, became, running, running_link
from tests.hardware.mqtt_bench import IO, counted, known, lane_io, refused
from tests.hardware.posted import Posted, eventually

SLACK = 1.0
"""Seconds a loaded machine may take beyond what the contract allows."""


@dataclass
class Bench:
    """The gate and the device, each on a bad line of its own to the same broker."""

    gate_line: RoughTcp
    device_line: RoughTcp
    link: MqttLink
    device: MqttIoDevice
    io: MqttLaneIo
    posted: Posted

    async def well(self) -> None:
        """Return once the lane's inputs are known."""
        await self.posted.until(lambda: known(self.posted))

    def raises(self) -> Counter[str | None]:
        """How often the device was pulsed for each release."""
        return Counter(pulse.decision_id for pulse in self.device.lane.raises())


@pytest.fixture
async def bench(broker: Broker) -> AsyncIterator[Bench]:
    """Running and known."""
    async with AsyncExitStack() as stack:
        gate_line = await stack.enter_async_context(RoughTcp(broker.host, broker.port))
        device_line = await stack.enter_async_context(RoughTcp(broker.host, broker.port))
        link = MqttLink(MqttSettings(host=gate_line.host, port=gate_line.port), SITE, SystemClock())
        device = MqttIoDevice(
            device_line.host, device_line.port, SITE, EmulatedLane("lane-2"), heartbeat=HEARTBEAT
        )
        made = Bench(gate_line, device_line, link, device, lane_io(link), Posted())
        await stack.enter_async_context(running_link(link))
        await stack.enter_async_context(device)
        await stack.enter_async_context(running(made.io, made.posted))
        await made.well()
        yield made


async def test_a_half_open_line_is_unknown_within_the_heartbeat_limit_and_mended_by_keepalive(
    broker: Broker,
) -> None:
    """At the limits we ship: inputs unknown within 3 s, the link given up within twice its keepalive."""
    assert KEEPALIVE_SECONDS * 2 <= 6
    assert CONNECT_SECONDS < HEARTBEAT_LIMIT_SECONDS
    posted = Posted()
    async with RoughTcp(broker.host, broker.port) as line:
        link = MqttLink(MqttSettings(host=line.host, port=line.port), SITE, SystemClock())
        io = MqttLaneIo(link, IO, SystemClock(), fitted=LANE)
        device = MqttIoDevice(broker.host, broker.port, SITE, EmulatedLane("lane-2"))
        async with running_link(link), device, running(io, posted):
            await posted.until(lambda: known(posted))
            line.half_open = True
            since = time.monotonic()
            await posted.until(lambda: posted.detector(Detector.SAFETY) is Occupancy.UNKNOWN)
            assert time.monotonic() - since < HEARTBEAT_LIMIT_SECONDS + SLACK
            assert link.available  # nobody has told us anything
            with pytest.raises(DeviceError):
                await io.raise_barrier(RaiseBarrier("into the void"))
            async with asyncio.timeout(2 * KEEPALIVE_SECONDS + 1 + SLACK):  # paho looks once a second
                await became(link, False)
            assert f"silent for {2 * KEEPALIVE_SECONDS} s" in link.reason
            line.half_open = False
            await posted.until(lambda: known(posted))
        assert device.lane.raises() == []


async def test_what_a_stalled_line_held_back_makes_nothing_known(bench: Bench) -> None:
    """A stall outlasts the heartbeat limit, then gives out all it held: only the newest word is taken."""
    bench.gate_line.stall()
    await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.UNKNOWN)
    bench.device.lane.set_detector(Detector.ARMING, True)
    said = bench.device._seq
    await eventually(lambda: bench.device._seq > said)
    told = len(bench.posted.events)
    bench.gate_line.flow()
    await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    arming = [
        event.state
        for event in bench.posted.events[told:]
        if isinstance(event, DetectorChanged) and event.detector is Detector.ARMING
    ]
    assert arming == [Occupancy.OCCUPIED], "an old CLEAR was believed for a moment"


async def test_a_command_into_a_line_just_gone_half_open_fails_and_is_never_done(bench: Bench) -> None:
    """Not answered within a second is failed; when the line is back, it is not sent again."""
    bench.gate_line.half_open = True
    with pytest.raises(DeviceError):
        await bench.io.raise_barrier(RaiseBarrier("lost"))
    await bench.gate_line.cut()
    bench.gate_line.half_open = False
    await bench.posted.until(lambda: bench.posted.faulted)
    await bench.well()
    await bench.io.raise_barrier(RaiseBarrier("after"))
    await bench.device.lane.wait_until(lambda: bench.device.lane.limit_up)
    assert bench.raises() == {"after": 1}


async def test_a_command_delayed_beyond_its_life_is_refused_by_the_device(bench: Bench) -> None:
    """The broker gets it fresh, so its expiry says nothing: the state it quotes is too old."""
    bench.gate_line.delay = 2.0
    with pytest.raises(DeviceError):
        await bench.io.raise_barrier(RaiseBarrier("late"))
    bench.gate_line.delay = 0.0
    await eventually(lambda: bool(bench.device.refused))
    assert [one.reason for one in bench.device.refused] == ["expired"]
    assert bench.device.lane.pulses == []


async def test_a_command_that_waited_at_the_broker_is_refused_by_the_device(bench: Bench) -> None:
    """Delayed on the device's side of the broker, it is just as late."""
    bench.device_line.delay = 2.5
    with pytest.raises(DeviceError):
        await bench.io.raise_barrier(RaiseBarrier("late"))
    bench.device_line.delay = 0.0
    await eventually(lambda: bool(bench.device.refused))
    assert {one.reason for one in bench.device.refused} == {"expired"}
    assert bench.device.lane.pulses == []


@pytest.mark.parametrize("side", ["gate", "device"])
async def test_doubled_bytes_double_no_command(bench: Bench, side: str) -> None:
    """A whole packet that comes twice: the barrier is pulsed once, the second is refused as repeated."""
    line = bench.gate_line if side == "gate" else bench.device_line
    line.duplicating = True
    await bench.io.raise_barrier(RaiseBarrier("r-1"))
    await bench.device.lane.wait_until(lambda: bench.device.lane.limit_up)
    await eventually(lambda: "repeated" in [one.reason for one in bench.device.refused])
    assert bench.raises() == {"r-1": 1}


async def test_a_line_that_drops_again_and_again_never_doubles_a_command(bench: Bench) -> None:
    """Eight releases while both lines are cut in turn: none is done twice, and each accepted one is done."""
    accepted = []
    for number in range(8):
        name = f"release-{number}"
        line = bench.gate_line if number % 2 else bench.device_line
        asked = asyncio.create_task(bench.io.raise_barrier(RaiseBarrier(name)))
        await asyncio.sleep(number % 4 * 0.001)  # somewhere on its way
        await line.cut()
        (failed,) = await asyncio.gather(asked, return_exceptions=True)
        if failed is None:
            accepted.append(name)
        else:
            assert isinstance(failed, DeviceError)
        await bench.posted.until(lambda: bench.posted.faulted or known(bench.posted))
        await eventually(lambda: _lowers(bench), seconds=20)
        async with asyncio.timeout(20):
            await _lowered(bench)
    done = bench.raises()
    assert set(done.values()) <= {1}, done
    assert set(accepted) <= set(done)


def _lowers(bench: Bench) -> bool:
    return bench.link.available and known(bench.posted)


async def _lowered(bench: Bench) -> None:
    """Return once the device has taken a closing pulse: the line is whole again."""
    while True:
        try:
            await bench.io.lower_barrier(LowerBarrier("l"))
        except DeviceError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_corrupted_bytes_under_tls_end_the_connection_and_alter_nothing(tmp_path: Path) -> None:
    """A bit turned over in a command: no pulse, a broken connection, and a fresh one."""
    authority = Authority(tmp_path)
    authority.issue("broker")
    config = (
        "user root\nlistener {port} {host}\nallow_anonymous true\n"
        f"certfile {tmp_path}/broker.pem\nkeyfile {tmp_path}/broker.key\n"
        "listener {plain} {host}\nallow_anonymous true\n"
    )
    plain = free_port()
    posted = Posted()
    async with Broker(tmp_path, config=config.replace("{plain}", str(plain))) as broker:
        device = MqttIoDevice(broker.host, plain, SITE, EmulatedLane("lane-2"), heartbeat=HEARTBEAT)
        async with RoughTcp(broker.host, broker.port) as line:
            # In the first record of a piece: what comes after it in the stream is void as well.
            line.spoil = lambda piece: piece[:8] + bytes([piece[8] ^ 1]) + piece[9:]
            settings = MqttSettings(host=line.host, port=line.port, tls=MqttTls(ca_file=authority.file))
            link = MqttLink(settings, SITE, SystemClock())
            io = lane_io(link)
            async with running_link(link), device, running(io, posted):
                await posted.until(lambda: known(posted))
                for number in range(3):
                    line.corrupting = 1
                    with pytest.raises(DeviceError):
                        await io.raise_barrier(RaiseBarrier(f"spoilt-{number}"))
                    line.corrupting = 0
                    await eventually(lambda: link.available and known(posted), seconds=20)
                assert device.lane.pulses == []


async def test_corrupted_words_on_an_open_line_are_refused_and_counted(bench: Bench) -> None:
    """Without TLS a spoilt payload may arrive whole: it is no state, and the line goes on."""
    before = refused("wrong-shape")
    bench.device_line.spoil = lambda piece: piece.replace(b'"arming"', b'"brming"')
    bench.device_line.corrupting = 100
    await counted("wrong-shape", before)
    await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.UNKNOWN)
    bench.device_line.corrupting = 0
    await bench.well()


async def test_a_broker_that_swallows_connections_is_named_and_asked_less_and_less(broker: Broker) -> None:
    """It accepts TCP and never answers: the fault names it, and stopping does not wait for it."""
    async with RoughTcp(broker.host, broker.port) as line:
        line.half_open = True
        link = MqttLink(MqttSettings(host=line.host, port=line.port), SITE, SystemClock())
        posted = Posted()
        io = MqttLaneIo(link, IO, SystemClock(), fitted=LANE, heartbeat_limit=LIMIT)
        task = asyncio.create_task(link.run())
        async with running(io, posted):
            await posted.until(lambda: posted.faulted)
            assert f"broker 127.0.0.1:{line.port}" in posted.of(DeviceFaulted)[0].reason
            await eventually(lambda: "no answer within" in link.reason)
            async with asyncio.timeout(CONNECT_SECONDS * 3):
                await line.wait_accepted(2)
        since = time.monotonic()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert time.monotonic() - since < SLACK


async def test_a_broker_that_takes_us_only_to_drop_us_is_asked_less_and_less(broker: Broker) -> None:
    """Every connection is cut as soon as it stands: the waits between them grow all the same."""
    async with RoughTcp(broker.host, broker.port) as line:
        link = MqttLink(MqttSettings(host=line.host, port=line.port), SITE, SystemClock())
        async with running_link(link):
            for count in range(1, 6):
                await line.wait_accepted(count)
                await became(link, True)
                await line.cut()
                await became(link, False)
        waits = [late - early for early, late in zip(line.accepted, line.accepted[1:], strict=False)]
        for wait, least in zip(waits, (0.1, 0.25, 0.5, 1.0), strict=True):
            assert wait >= least


async def test_a_network_that_swallows_everything_holds_up_neither_the_loop_s_threads_nor_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dialling that hangs in the resolver costs its own thread alone: no executor's, and nobody waits."""
    resolved = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))  # one thread: whoever holds it is found out
    release = threading.Event()

    def hang(*_: object, **__: object) -> None:
        loop.call_soon_threadsafe(resolved.set)
        release.wait(20)
        raise OSError("no such network")

    monkeypatch.setattr("socket.create_connection", hang)
    link = MqttLink(MqttSettings(host="broker.example.az"), SITE, SystemClock())
    task = asyncio.create_task(link.run())
    try:
        await resolved.wait()
        since = time.monotonic()
        async with asyncio.timeout(SLACK):
            assert await asyncio.to_thread(lambda: "free") == "free"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert time.monotonic() - since < SLACK
    finally:
        release.set()


async def test_a_second_gate_is_named_as_what_it_is() -> None:
    """A broker that says the session was taken over (mosquitto does from 2.0.15): the reason says so."""

    async def take_over(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(bytes.fromhex("20 03 00 00 00"))  # CONNACK, success
        mid = (await reader.read(4096))[2:4]
        writer.write(bytes.fromhex("90 04") + mid + bytes.fromhex("00 01"))  # SUBACK, QoS 1
        writer.write(bytes.fromhex("e0 02 8e 00"))  # DISCONNECT, session taken over
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take_over, "127.0.0.1", 0)
    async with server:
        settings = MqttSettings(port=server.sockets[0].getsockname()[1])
        link = MqttLink(settings, SITE, SystemClock())
        task = asyncio.create_task(link.run())
        await eventually(lambda: f"somebody else came as 'gate-{SITE}': a second gate?" in link.reason)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_broker_that_hangs_with_full_buffers_does_not_hold_up_our_leaving(broker: Broker) -> None:
    """It takes no byte more, not even good-bye: the plug is pulled after a second."""
    session = MqttSession(broker.host, broker.port, "gate", lambda _m: None, lambda _why: None)
    await session.open([])
    assert broker._process is not None
    broker._process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(100):
            session.publish("gate/flood", b"x" * 200_000, qos=0)
        since = time.monotonic()
        await session.close()
        assert time.monotonic() - since < CLOSE_SECONDS + SLACK
    finally:
        broker._process.send_signal(signal.SIGCONT)
