"""What only a serial line can do wrong, and what only bare contacts need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import Instant, SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import BarrierPosition, Detector, DetectorChanged, DeviceFaulted, Occupancy
from gate.lanes.fitted import LANE
from gate.settings import ModbusRtu
from hardware.barriers.modbus import FLASH_ON, FLASH_TENTHS, RAISE
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.detectors.debounce import ClearDelay
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard, crc16
from tests.hardware.conftest import running
from tests.hardware.posted import Posted, eventually


@dataclass
class Line:
    """A running driver and its board."""

    lane: EmulatedLane
    board: ModbusBoard
    io: ModbusRtuIo
    posted: Posted


def driver(port: Path, *, unit: int = 1) -> ModbusRtuIo:
    """A driver polling fast."""
    settings = ModbusRtu(driver="modbus-rtu", port=port, poll_seconds=0.02, unit=unit)
    return ModbusRtuIo(settings, "lane-1", SystemClock(), fitted=LANE)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """Running, with every input known."""
    lane = EmulatedLane("lane-1")
    board = ModbusBoard(lane, tmp_path / "io")
    io, posted = driver(tmp_path / "io"), Posted()
    async with board, running(io, posted):
        await posted.until(lambda: posted.detector(Detector.SAFETY) is Occupancy.CLEAR)
        yield Line(lane, board, io, posted)


async def test_a_pulse_without_an_answer_is_on_the_wire_exactly_once(line: Line) -> None:
    """The board hears nothing and says nothing; the driver does not ask again."""
    line.lane.mute()
    with pytest.raises(DeviceError, match="no answer"):
        await line.io.raise_barrier(RaiseBarrier("release-1"))
    await line.posted.until(lambda: line.posted.faulted)
    assert list(line.board.writes) == [(FLASH_ON + RAISE, FLASH_TENTHS)]


async def test_noise_on_the_line_costs_no_more_than_a_poll(line: Line) -> None:
    """Bytes nobody asked for: no fault, no wrong state, and the next change is seen."""
    for noise in (b"\x00", b"\xff" * 40, b"\x01\x02\x01", bytes(range(64))):
        line.board.send_noise(noise)
        asked = line.board.requests
        line.lane.set_detector(Detector.ARMING, True)
        await line.posted.until(lambda: line.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
        line.lane.set_detector(Detector.ARMING, False)
        await line.posted.until(lambda: line.posted.detector(Detector.ARMING) is Occupancy.CLEAR)
        assert line.board.requests > asked
    assert line.posted.of(DeviceFaulted) == []


async def test_another_units_board_is_no_board(tmp_path: Path) -> None:
    """A wrong unit number in the settings is a fault that names it."""
    lane = EmulatedLane("lane-1")
    posted = Posted()
    async with ModbusBoard(lane, tmp_path / "io", unit=1), running(driver(tmp_path / "io", unit=7), posted):
        await posted.until(lambda: posted.faulted)
    assert "unit 7" in posted.of(DeviceFaulted)[0].reason


async def test_both_limit_switches_at_once_is_unknown(line: Line) -> None:
    """A broken switch: possibly open, possibly closed."""
    line.board.broken_limit = True
    await line.posted.until(lambda: line.posted.barrier is BarrierPosition.UNKNOWN)


async def test_a_cancellation_that_comes_with_the_answer_is_not_lost(tmp_path: Path) -> None:
    """The driver ends even when told to in the very turn of the loop that brings a poll's answer."""
    io, posted = driver(tmp_path / "io"), Posted()
    async with ModbusBoard(EmulatedLane("lane-1"), tmp_path / "io"):
        task = asyncio.create_task(io.run(posted))
        await posted.until(lambda: posted.detector(Detector.SAFETY) is Occupancy.CLEAR)
        answers: list[asyncio.Future[bytes]] = []

        def asked() -> bool:
            if io._line._answer is not None and not io._line._answer.done():
                answers.append(io._line._answer)
            return bool(answers)

        await eventually(asked, pause=0)
        answers[0].add_done_callback(lambda _answer: task.cancel())
        done, _ = await asyncio.wait([task], timeout=5)
        assert done == {task}
        assert task.cancelled()


class HeldClock:
    """Stands still until told; sleeping is real."""

    def __init__(self) -> None:
        self.mono = 100.0

    def now(self) -> Instant:
        """The moment it is held at."""
        return Instant(datetime(2026, 1, 1, tzinfo=UTC), self.mono)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(seconds)


async def test_a_gap_between_two_axles_is_not_a_clear_loop(tmp_path: Path) -> None:
    """Seen off the loop by several polls and on again too soon: one presence. Off for longer: clear."""
    lane, clock, posted = EmulatedLane("lane-1"), HeldClock(), Posted()
    settings = ModbusRtu(driver="modbus-rtu", port=tmp_path / "io", poll_seconds=0.02)
    io = ModbusRtuIo(settings, "lane-1", clock, fitted=LANE)
    board = ModbusBoard(lane, tmp_path / "io")

    async def polls(count: int) -> None:
        upto = board.requests + count
        await eventually(lambda: board.requests >= upto)

    lane.set_detector(Detector.SAFETY, True)
    async with board, running(io, posted):
        await posted.until(lambda: posted.detector(Detector.SAFETY) is Occupancy.OCCUPIED)
        lane.set_detector(Detector.SAFETY, False)
        await polls(3)
        clock.mono += 0.1
        await polls(3)
        lane.set_detector(Detector.SAFETY, True)
        await polls(3)
        clock.mono += 0.15
        lane.set_detector(Detector.SAFETY, False)
        await polls(3)
        assert posted.detector(Detector.SAFETY) is Occupancy.OCCUPIED
        clock.mono += 0.25
        await posted.until(lambda: posted.detector(Detector.SAFETY) is Occupancy.CLEAR)
    said = [e.state for e in posted.of(DetectorChanged) if e.detector is Detector.SAFETY]
    assert said == [Occupancy.OCCUPIED, Occupancy.CLEAR]


@given(st.lists(st.tuples(st.booleans(), st.floats(min_value=0.0, max_value=0.3)), max_size=60))
def test_clear_is_told_only_after_it_has_held(samples: list[tuple[bool, float]]) -> None:
    """Against a plain model: clear means no occupied sample within the delay."""
    delay = ClearDelay(0.2)
    now, quiet_since = 100.0, None
    for occupied, step in samples:
        now += step
        if occupied:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        state = delay.sample(occupied, now)
        held = quiet_since is not None and now - quiet_since >= 0.2
        assert (state is Occupancy.CLEAR) == held
        assert not occupied or state is Occupancy.OCCUPIED


def test_the_checksum_is_the_one_in_the_standard() -> None:
    """The well-known check value of CRC-16/MODBUS."""
    assert crc16(b"123456789") == b"\x37\x4b"
