"""Watchdogs, markers and stops of Modbus boards; two boards on one line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import Aspect, BarrierPosition, Detector, DeviceFaulted, Occupancy
from gate.lanes.fitted import LANE
from gate.settings import BoardWatchdog, ModbusRtu, ModbusTcp
from hardware.barriers.modbus import ModbusIo
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.modbus_tcp import ModbusTcpIo
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.emulators.relay_board import WATCHDOG_REGISTER, RelayBoard
from hardware.links.modbus_line import ANSWER_SECONDS
from tests.hardware.conftest import running
from tests.hardware.posted import Posted, eventually

WATCHDOG = BoardWatchdog(address=WATCHDOG_REGISTER, step_seconds=0.1, seconds=2.0)


@dataclass
class Bench:
    """A board, and drivers for any unit on its line."""

    board: ModbusBoard | ModbusTcpBoard
    driver: Callable[..., ModbusIo]

    @property
    def lane(self) -> EmulatedLane:
        """The first board's lane."""
        return self.board.lane


@pytest.fixture(params=["modbus-rtu", "modbus-tcp"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """The board serves; no driver runs."""
    async with _bench(request.param, tmp_path) as made:
        yield made


@asynccontextmanager
async def _bench(driver: str, folder: Path) -> AsyncIterator[Bench]:
    lane, clock = EmulatedLane("lane-1"), SystemClock()
    if driver == "modbus-rtu":
        async with ModbusBoard(lane, folder / "io") as rtu:

            def serial(name: str = "lane-1", **more: Any) -> ModbusIo:
                made = ModbusRtu(driver="modbus-rtu", port=folder / "io", poll_seconds=0.02, **more)
                return ModbusRtuIo(made, name, clock, fitted=LANE)

            yield Bench(rtu, serial)
    else:
        async with ModbusTcpBoard(lane) as tcp:

            def network(name: str = "lane-1", **more: Any) -> ModbusIo:
                made = ModbusTcp(driver="modbus-tcp", host=tcp.host, port=tcp.port, poll_seconds=0.02, **more)
                return ModbusTcpIo(made, name, clock, fitted=LANE)

            yield Bench(tcp, network)


def known(posted: Posted) -> bool:
    """Every input is told as it is at rest."""
    return (
        posted.detector(Detector.SAFETY) is Occupancy.CLEAR
        and posted.barrier is BarrierPosition.DOWN
        and not posted.faulted
    )


async def test_a_board_that_hears_nobody_drops_its_green_by_itself(bench: Bench) -> None:
    """The link dies while the signal is green: the board's watchdog opens every relay, without software."""
    posted, io = Posted(), bench.driver(watchdog=WATCHDOG)
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        await io.set_signal(Aspect.GREEN)
        assert bench.lane.signal is Aspect.GREEN
        bench.lane.unplug()
        await bench.lane.wait_until(lambda: bench.lane.signal is Aspect.RED, timeout=4.0)
        await posted.until(lambda: posted.faulted)
        assert bench.board._coils == [False] * 8


async def test_a_board_that_is_heard_keeps_its_green(tmp_path: Path) -> None:
    """Polling feeds the watchdog: green for longer than its time, with no order repeated."""
    async with _bench("modbus-rtu", tmp_path) as bench:
        await _keeps_its_green(bench)


async def _keeps_its_green(bench: Bench) -> None:
    posted = Posted()
    io = bench.driver(watchdog=WATCHDOG)
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        await io.set_signal(Aspect.GREEN)
        orders = len(bench.board.writes)
        loop = asyncio.get_running_loop()
        over = loop.time() + WATCHDOG.seconds + 0.3
        await eventually(lambda: loop.time() > over, pause=0.1)
        assert bench.lane.signal is Aspect.GREEN
        assert len(bench.board.writes) == orders


@pytest.mark.parametrize("how", ["no register", "keeps nothing"])
async def test_a_board_that_refuses_its_watchdog_is_a_named_fault(bench: Bench, how: str) -> None:
    """Refused outright, or taken and not kept: the fault says which board, which register, what to do."""
    if how == "no register":
        bench.board.has_watchdog = False
    else:
        bench.board.forgets_watchdog = True
    posted, io = Posted(), bench.driver(watchdog=WATCHDOG)
    async with running(io, posted):
        await posted.until(lambda: posted.faulted)
        reason = posted.of(DeviceFaulted)[0].reason
        assert "unit 1" in reason
        assert "refuses its watchdog (register 0x1100, 20 steps)" in reason
        assert "docs/wiring/modbus.md" in reason
        assert posted.barrier is BarrierPosition.UNKNOWN
        with pytest.raises(DeviceError, match="not sent"):
            await io.raise_barrier(RaiseBarrier("release-1"))
    assert bench.lane.pulses == []


async def test_a_board_that_knows_no_markers_is_a_named_fault(bench: Bench) -> None:
    """Nothing can prove its answers fresh: not believed, and the fault says what to set."""
    bench.board.has_modes = False
    posted = Posted()
    async with running(bench.driver(), posted):
        await posted.until(lambda: posted.faulted)
        reason = posted.of(DeviceFaulted)[0].reason
        assert "function 03 at register 0x1000" in reason
        assert "marker:" in reason
    posted = Posted()
    async with running(bench.driver(marker="loopback"), posted):
        await posted.until(lambda: known(posted))


async def test_a_stop_goes_out_while_the_line_is_being_waited_out(bench: Bench) -> None:
    """Noise a moment ago: a raise waits for the line to prove itself, a stop does not.

    Its answer may drown in the noise; the stop itself is out at once.
    """
    posted, io = Posted(), bench.driver()
    async with running(io, posted):
        await posted.until(lambda: known(posted))
        for _ in range(5):
            epoch = io._line.epoch
            bench.board.send_noise(b"\x00\xff\x00")
            await eventually(lambda was=epoch: io._line.epoch > was, pause=0)  # type: ignore[misc]  # bound per round
            began = asyncio.get_running_loop().time()
            with suppress(DeviceError):
                await io.stop_barrier()
            assert asyncio.get_running_loop().time() - began < 0.2 + ANSWER_SECONDS
        await posted.until(lambda: known(posted))
    assert [pulse.kind for pulse in bench.lane.pulses] == ["stop"] * 5


async def test_two_boards_on_one_line_are_two_lanes(bench: Bench) -> None:
    """Different units behind one port: each lane sees its own inputs, and moves its own barrier."""
    second = EmulatedLane("lane-2")
    bench.board.add(2, RelayBoard(second))
    one, two = Posted(), Posted()
    first, other = bench.driver("lane-1", unit=1), bench.driver("lane-2", unit=2)
    async with running(first, one), running(other, two):
        await one.until(lambda: known(one))
        await two.until(lambda: known(two))
        second.set_detector(Detector.ARMING, True)
        await two.until(lambda: two.detector(Detector.ARMING) is Occupancy.OCCUPIED)
        await asyncio.gather(other.raise_barrier(RaiseBarrier("r-2")), first.set_signal(Aspect.GREEN))
        await two.until(lambda: two.barrier is BarrierPosition.UP)
        assert one.detector(Detector.ARMING) is Occupancy.CLEAR
        assert one.barrier is BarrierPosition.DOWN
        assert bench.lane.signal is Aspect.GREEN
        assert second.signal is Aspect.RED
        assert bench.lane.pulses == []


async def test_a_dead_board_does_not_silence_its_neighbour(bench: Bench) -> None:
    """Unit 2 never answers: a fault of its own lane, while unit 1 on the same line stays known."""
    one, two = Posted(), Posted()
    async with running(bench.driver("lane-1", unit=1), one), running(bench.driver("lane-2", unit=2), two):
        await two.until(lambda: two.faulted)
        await one.until(lambda: known(one))
        asked = bench.board.requests
        await eventually(lambda: bench.board.requests > asked + 100)
        assert one.of(DeviceFaulted) == []
        assert "unit 2" in two.of(DeviceFaulted)[0].reason


async def test_one_lanes_end_leaves_the_line_to_the_other(bench: Bench) -> None:
    """The first driver stops; the second goes on over the same line, and the last one closes it."""
    bench.board.add(2, RelayBoard(EmulatedLane("lane-2")))
    one, two = Posted(), Posted()
    first, other = bench.driver("lane-1", unit=1), bench.driver("lane-2", unit=2)
    assert first._line is other._line
    async with running(other, two):
        async with running(first, one):
            await one.until(lambda: known(one))
        await two.until(lambda: known(two))
        await other.raise_barrier(RaiseBarrier("r-2"))
    assert first._line._wire is None
