"""Answers that come too late: whatever a line does with time, an old input is never told as today's."""

from __future__ import annotations

import asyncio
import random
import selectors
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from gate.clock import Instant, SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import BarrierMoved, BarrierPosition, Detector, DeviceEvent, Occupancy
from gate.lanes.fitted import LANE
from gate.lanes.ports import LaneIo
from gate.settings import ModbusRtu, ModbusTcp
from hardware.barriers.modbus import BELIEVED_SECONDS, FLASH_ON, FLASH_TENTHS, RAISE, ModbusIo
from hardware.barriers.modbus_marker import LoopbackMarker, Marker, RegistersMarker
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.modbus_tcp import ModbusTcpIo
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard, crc16
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.links.modbus_frames import RtuFraming
from hardware.links.modbus_line import Down, Heard, ModbusLine, Wire
from tests.hardware.conftest import running
from tests.hardware.posted import Posted, eventually


def refused(reason: str) -> float:
    """The counter now."""
    return REGISTRY.get_sample_value("gate_modbus_refused_total", {"reason": reason}) or 0.0


@dataclass
class Bench:
    """A board whose answers can be held back, and the driver."""

    board: ModbusBoard | ModbusTcpBoard
    io: LaneIo
    posted: Posted

    @property
    def lane(self) -> EmulatedLane:
        """The lane on the board."""
        return self.board.lane

    def known(self) -> bool:
        """Every input of the lane is told as it is at rest."""
        return (
            self.posted.detector(Detector.SAFETY) is Occupancy.CLEAR
            and self.posted.barrier is BarrierPosition.DOWN
            and not self.posted.faulted
        )


@asynccontextmanager
async def held_bench(driver: str, folder: Path, marker: str) -> AsyncIterator[Bench]:
    """The driver is not running yet."""
    lane = EmulatedLane("lane-1")
    shared: dict[str, Any] = {"poll_seconds": 0.02, "marker": marker}
    if driver == "modbus-rtu":
        async with ModbusBoard(lane, folder / "io") as rtu:
            line = ModbusRtu(driver="modbus-rtu", port=folder / "io", **shared)
            yield Bench(rtu, ModbusRtuIo(line, "lane-1", SystemClock(), fitted=LANE), Posted())
    else:
        async with ModbusTcpBoard(lane) as tcp:
            wire = ModbusTcp(driver="modbus-tcp", host=tcp.host, port=tcp.port, **shared)
            yield Bench(tcp, ModbusTcpIo(wire, "lane-1", SystemClock(), fitted=LANE), Posted())


@pytest.mark.parametrize(("driver", "marker"), [("modbus-rtu", "registers"), ("modbus-tcp", "loopback")])
async def test_answers_that_come_too_late_are_no_answers(driver: str, marker: str, tmp_path: Path) -> None:
    """Each answer comes when the question after next is out: unknown while that lasts, true after it."""
    async with held_bench(driver, tmp_path, marker) as bench, running(bench.io, bench.posted):
        await bench.posted.until(bench.known)
        bench.board.held.seconds = 0.4
        await bench.posted.until(lambda: bench.posted.faulted)
        asked = bench.board.requests
        bench.lane.set_detector(Detector.ARMING, True)
        told = len(bench.posted.events)
        await eventually(lambda: bench.board.requests >= asked + 2)
        assert all(
            getattr(event, "state", Occupancy.UNKNOWN) is Occupancy.UNKNOWN
            for event in bench.posted.events[told:]
        )
        assert bench.posted.detector(Detector.ARMING) is Occupancy.UNKNOWN
        with pytest.raises(DeviceError, match="not sent"):
            await bench.io.raise_barrier(RaiseBarrier("release-1"))
        bench.board.held.seconds = 0.0
        await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
        assert bench.lane.pulses == []


async def test_a_late_answer_on_a_serial_line_is_counted(tmp_path: Path) -> None:
    """It is unsolicited when nothing was asked, and late or of another function when something was."""
    async with held_bench("modbus-rtu", tmp_path, "registers") as bench, running(bench.io, bench.posted):
        await bench.posted.until(bench.known)
        before = sum(refused(reason) for reason in ("unsolicited", "late", "other-function"))
        bench.board.held.seconds = 0.4
        await bench.posted.until(lambda: bench.posted.faulted)
        await eventually(
            lambda: sum(refused(reason) for reason in ("unsolicited", "late", "other-function")) > before
        )


@pytest.mark.parametrize("transaction", [0, 0xFFFF])
async def test_a_tcp_answer_to_another_transaction_is_none(transaction: int, tmp_path: Path) -> None:
    """An id that is not the question's, 0 included (pymodbus lets that pass): the board is not believed."""
    async with held_bench("modbus-tcp", tmp_path, "registers") as bench:
        assert isinstance(bench.board, ModbusTcpBoard)
        bench.board.wrong_transactions = transaction
        async with running(bench.io, bench.posted):
            before = refused("late")
            await bench.posted.until(lambda: bench.posted.faulted)
            assert not bench.known()
            assert refused("late") > before
            bench.board.wrong_transactions = None
            await bench.posted.until(bench.known)


@pytest.mark.parametrize("driver", ["modbus-rtu", "modbus-tcp"])
async def test_a_pulse_whose_answer_is_late_is_an_error_and_is_not_repeated(
    driver: str, tmp_path: Path
) -> None:
    """The board obeyed and its word came too late: an error for the lane, and one pulse on the barrier."""
    async with held_bench(driver, tmp_path, "registers") as bench, running(bench.io, bench.posted):
        await bench.posted.until(bench.known)
        bench.board.held.seconds = 0.6
        with pytest.raises(DeviceError):
            await bench.io.raise_barrier(RaiseBarrier("release-1"))
        bench.board.held.seconds = 0.0
        await bench.posted.until(lambda: bench.posted.barrier is BarrierPosition.UP)
        assert [write for write in bench.board.writes if write[0] == FLASH_ON + RAISE] == [
            (FLASH_ON + RAISE, FLASH_TENTHS)
        ]


# --- the same, for every sequence of delays, on a simulated clock -------------------------------------


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only by waiting: a minute of line takes milliseconds."""

    def __init__(self) -> None:
        self.virtual = 1000.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        """The simulated monotonic clock."""
        return self.virtual


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self._loop.virtual += max(timeout, 1e-6)  # less would not move a float
        return ready


class LoopClock:
    """The loop's time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> Instant:
        """Simulated."""
        mono = self._loop.time()
        return Instant(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=mono), mono)

    async def sleep(self, seconds: float) -> None:
        """Simulated."""
        await asyncio.sleep(seconds)


@dataclass
class Fate:
    """What becomes of one exchange: its question and its answer take so long, or never come."""

    there: float
    back: float
    lost: bool


class SimulatedLine:
    """A serial line with a board whose boom flips as told. Neither questions nor answers overtake."""

    def __init__(self, heard: Heard, fates: Callable[[], Fate], position: Callable[[], int]) -> None:
        self._heard = heard
        self._fates = fates
        self._position = position
        self._board_free = self._line_free = 0.0

    async def write(self, data: bytes) -> None:
        """Carry a question to the board, in its time."""
        loop = asyncio.get_running_loop()
        fate = self._fates()
        if fate.lost:
            return
        self._board_free = max(self._board_free + 1e-6, loop.time() + fate.there)
        loop.call_at(self._board_free, self._reached, data, fate.back)

    def close(self) -> None:
        """Nothing to give back."""

    def _reached(self, request: bytes, back: float) -> None:
        loop = asyncio.get_running_loop()
        function, count = request[1], request[5]
        match function:
            case 2:
                answer = bytes([1, 2, 1, 0b0011 | (0b0100 if self._position() else 0b1000)])
            case 3:
                answer = bytes([1, 3, 2 * count]) + bytes(2 * count)
            case _:
                answer = request[:-2]
        self._line_free = max(self._line_free + 1e-6, loop.time() + back)
        loop.call_at(self._line_free, self._heard, answer + crc16(answer))


WELL = Fate(0.0, 0.0, lost=False)
ILL = st.one_of(
    st.builds(
        Fate,
        there=st.just(0.0),
        back=st.sampled_from([0.24, 0.26, 0.45, 0.9, 1.35, 2.5, 8.0]) | st.floats(0, 5),
        lost=st.just(value=False),
    ),
    st.builds(
        Fate, there=st.sampled_from([0.01, 0.3, 1.3, 6.0]), back=st.just(0.0), lost=st.just(value=False)
    ),
    st.just(Fate(0.0, 0.0, lost=True)),
)
SPELLS = st.lists(st.tuples(st.integers(6, 30), ILL, st.integers(1, 12)), min_size=1, max_size=6)
"""So many exchanges are well, then so many are not."""
FLIPS = st.lists(st.floats(min_value=0.05, max_value=1.5), min_size=8, max_size=20)


@pytest.mark.parametrize("marker", ["registers", "loopback"])
@settings(max_examples=40, deadline=None)
@given(spells=SPELLS, flips=FLIPS, lots=st.integers(0, 2**32), steady=st.booleans())
def test_no_input_is_known_that_is_older_than_a_second(
    marker: str, spells: list[tuple[int, Fate, int]], flips: list[float], lots: int, steady: bool
) -> None:
    """Whatever delays and losses befall it: a position told as known was true within BELIEVED_SECONDS."""
    loop = VirtualLoop()
    told: list[tuple[float, BarrierPosition]] = []
    truth: list[tuple[float, BarrierPosition]] = [(loop.time(), BarrierPosition.DOWN)]
    drawn = random.Random(lots)  # noqa: S311  hypothesis chooses the seed
    mark: Marker = RegistersMarker(0x1000, drawn) if marker == "registers" else LoopbackMarker(drawn)
    waiting = deque(fate for well, ill, many in spells for fate in [WELL] * well + [ill] * many)

    def next_fate() -> Fate:
        # A steady lag repeats its sequence for ever; otherwise the line is well in the end.
        if steady:
            waiting.rotate(-1)
            return waiting[-1]
        return waiting.popleft() if waiting else WELL

    def heard_by_lane(event: DeviceEvent) -> None:
        if isinstance(event, BarrierMoved):
            told.append((loop.time(), event.position))

    async def lived() -> None:
        async def opened(heard: Heard, _lost: Down) -> Wire:
            return SimulatedLine(heard, next_fate, lambda: truth[-1][1] is BarrierPosition.UP)

        line = ModbusLine("simulated", RtuFraming(), opened, 0.2)
        made = ModbusRtu(driver="modbus-rtu", port=Path("simulated"))
        io = ModbusIo(line, made, "lane-1", LoopClock(loop), fitted=LANE, marker=mark)
        task = asyncio.create_task(io.run(heard_by_lane))
        try:
            for pause in flips:
                await asyncio.sleep(pause)
                was_up = truth[-1][1] is BarrierPosition.UP
                truth.append((loop.time(), BarrierPosition.DOWN if was_up else BarrierPosition.UP))
            if not steady:
                waiting.clear()
                await asyncio.sleep(15.0)
                assert told[-1][1] is truth[-1][1], "a line that is well again is believed again"
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    _live(loop, lived())
    for at, until, position in _spells(told, loop.time()):
        if position is not BarrierPosition.UNKNOWN:
            assert _true_within(truth, position, at - BELIEVED_SECONDS, at)
            assert _last_true(truth, position, until) >= until - BELIEVED_SECONDS - 0.001


class BehindLine:
    """A serial line that still holds the answers an earlier gate never fetched: each question brings one."""

    def __init__(self, heard: Heard, behind: list[bytes]) -> None:
        self._heard = heard
        self._answers = deque(answer + crc16(answer) for answer in behind)

    async def write(self, data: bytes) -> None:
        """The board answers now, and what arrives is the oldest of all answers."""
        answer = bytes([1, 2, 1, 0b0111]) if data[1] == 2 else bytes([1, 3, 2 * data[5]]) + bytes(2 * data[5])
        self._answers.append(answer + crc16(answer))
        asyncio.get_running_loop().call_soon(self._heard, self._answers.popleft())

    def close(self) -> None:
        """Nothing to give back."""


@pytest.mark.parametrize("behind", range(1, 13))
def test_a_line_some_answers_behind_is_never_believed(behind: int) -> None:
    """Left by a gate that ended: markers and polls saying "down". The boom is up, and never told down."""
    loop = VirtualLoop()
    told: list[BarrierPosition] = []
    marker, poll = bytes([1, 3, 10]) + bytes(10), bytes([1, 2, 1, 0b1011])
    left = [poll if number % 2 else marker for number in range(behind)]
    left = [marker] * 4 + [poll, marker] * 4 if behind == 12 else left[::-1]

    async def lived() -> None:
        async def opened(heard: Heard, _lost: Down) -> Wire:
            return BehindLine(heard, left)

        mark = RegistersMarker(0x1000, random.Random(behind))  # noqa: S311  the same lots every time
        line = ModbusLine("behind", RtuFraming(), opened, 0.2)
        made = ModbusRtu(driver="modbus-rtu", port=Path("behind"))
        io = ModbusIo(line, made, "lane-1", LoopClock(loop), fitted=LANE, marker=mark)
        task = asyncio.create_task(
            io.run(lambda event: told.append(event.position) if isinstance(event, BarrierMoved) else None)
        )
        await asyncio.sleep(60.0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    _live(loop, lived())
    assert BarrierPosition.DOWN not in told
    assert told == [BarrierPosition.UNKNOWN]


def _live(loop: VirtualLoop, lived: Coroutine[Any, Any, None]) -> None:
    try:
        loop.run_until_complete(lived)
    finally:
        loop.close()


def _spells(
    told: list[tuple[float, BarrierPosition]], end: float
) -> list[tuple[float, float, BarrierPosition]]:
    ends = [at for at, _ in told[1:]] + [end]
    return [(at, until, position) for (at, position), until in zip(told, ends, strict=True)]


def _true_within(
    truth: list[tuple[float, BarrierPosition]], position: BarrierPosition, since: float, until: float
) -> bool:
    first = max(0, bisect_right([at for at, _ in truth], since) - 1)
    return any(was is position for at, was in truth[first:] if at <= until)


def _last_true(truth: list[tuple[float, BarrierPosition]], position: BarrierPosition, until: float) -> float:
    """The latest moment up to `until` at which `position` was the truth."""
    latest = 0.0
    for number, (at, was) in enumerate(truth):
        ended = truth[number + 1][0] if number + 1 < len(truth) else until
        if was is position and at <= until:
            latest = min(ended, until)
    return latest
