"""Modbus drivers over lines that spoil what passes: nothing false is told, no pulse is doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gate.clock import SystemClock
from gate.errors import DeviceError
from gate.lanes.commands import RaiseBarrier
from gate.lanes.events import BarrierMoved, BarrierPosition, Detector, DetectorChanged, Occupancy
from gate.lanes.fitted import LANE
from gate.lanes.ports import LaneIo
from gate.settings import ModbusRtu, ModbusTcp
from hardware.barriers.modbus import FLASH_ON, FLASH_TENTHS, RAISE
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.modbus_tcp import ModbusTcpIo
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard, crc16
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.emulators.null_modem import (
    SerialNullModem,
    Spoiling,
    TcpNullModem,
    corrupted,
    doubled,
    lost,
    passed,
    truncated,
)
from tests.hardware.conftest import running
from tests.hardware.posted import Posted, eventually

DRIVERS = ["modbus-rtu", "modbus-tcp"]
PULSE = (FLASH_ON + RAISE, FLASH_TENTHS)


def refused(reason: str) -> float:
    """The counter now."""
    return REGISTRY.get_sample_value("gate_modbus_refused_total", {"reason": reason}) or 0.0


@dataclass
class Bench:
    """A driver, its board, and the line between them."""

    board: ModbusBoard | ModbusTcpBoard
    modem: SerialNullModem | TcpNullModem
    io: LaneIo
    posted: Posted

    @property
    def lane(self) -> EmulatedLane:
        """The lane on the board."""
        return self.board.lane

    def known(self) -> bool:
        """Every input is told as it is at rest."""
        return (
            self.posted.detector(Detector.ARMING) is Occupancy.CLEAR
            and self.posted.detector(Detector.SAFETY) is Occupancy.CLEAR
            and self.posted.barrier is BarrierPosition.DOWN
            and not self.posted.faulted
        )


@asynccontextmanager
async def _bench(driver: str, folder: Path) -> AsyncIterator[Bench]:
    lane, clock = EmulatedLane("lane-1"), SystemClock()
    if driver == "modbus-rtu":
        async with (
            ModbusBoard(lane, folder / "board") as rtu,
            SerialNullModem(folder / "gate", folder / "board") as modem,
        ):
            serial = ModbusRtu(driver="modbus-rtu", port=folder / "gate", poll_seconds=0.02)
            yield Bench(rtu, modem, ModbusRtuIo(serial, "lane-1", clock, fitted=LANE), Posted())
    else:
        async with ModbusTcpBoard(lane) as tcp, TcpNullModem(tcp.host, tcp.port) as bridge:
            network = ModbusTcp(driver="modbus-tcp", host="127.0.0.1", port=bridge.port, poll_seconds=0.02)
            yield Bench(tcp, bridge, ModbusTcpIo(network, "lane-1", clock, fitted=LANE), Posted())


@pytest.fixture(params=DRIVERS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Running, every input known."""
    async with _bench(request.param, tmp_path) as made, running(made.io, made.posted):
        await made.posted.until(made.known)
        yield made


async def seen_coming_and_going(bench: Bench) -> None:
    """The line is well: what happens on the lane is told."""
    bench.lane.set_detector(Detector.ARMING, True)
    await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    bench.lane.set_detector(Detector.ARMING, False)
    await bench.posted.until(bench.known)


def garbage(_piece: bytes) -> list[bytes]:
    """Something else altogether."""
    return [b"\x7f\xfe\x00\x00\x99\x01\x02\x03\x04"]


def followed_by_noise(piece: bytes) -> list[bytes]:
    """The answer, and more than the answer."""
    return [piece + b"\x00\x01"]


def of_another_unit(piece: bytes) -> list[bytes]:
    """A whole and healthy frame of unit 9, serial or TCP."""
    if piece[2:4] == b"\x00\x00" and len(piece) == 6 + int.from_bytes(piece[4:6], "big"):
        return [piece[:6] + b"\x09" + piece[7:]]
    body = b"\x09" + piece[1:-2]
    return [body + crc16(body)]


def of_another_function(piece: bytes) -> list[bytes]:
    """A whole and healthy answer to function 01."""
    if piece[2:4] == b"\x00\x00" and len(piece) == 6 + int.from_bytes(piece[4:6], "big"):
        return [piece[:4] + b"\x00\x04" + piece[6:7] + b"\x01\x01\x00"]
    body = piece[:1] + b"\x01\x01\x00"
    return [body + crc16(body)]


KINDS: list[tuple[Spoiling, str, set[str]]] = [
    (lost, "modbus-rtu", {"no-answer"}),
    (lost, "modbus-tcp", {"no-answer"}),
    (truncated, "modbus-rtu", {"truncated", "no-answer"}),
    (truncated, "modbus-tcp", {"truncated", "no-answer"}),
    (corrupted, "modbus-rtu", {"checksum"}),
    (garbage, "modbus-rtu", {"garbled", "checksum", "truncated"}),
    (garbage, "modbus-tcp", {"garbled"}),
    (followed_by_noise, "modbus-rtu", {"unsolicited"}),
    (followed_by_noise, "modbus-tcp", {"unsolicited"}),
    (of_another_unit, "modbus-rtu", {"other-unit"}),
    (of_another_unit, "modbus-tcp", {"other-unit"}),
    (of_another_function, "modbus-rtu", {"other-function"}),
    (of_another_function, "modbus-tcp", {"other-function"}),
]


@pytest.mark.parametrize(("spoil", "driver", "reasons"), KINDS)
async def test_a_spoilt_answer_is_counted_and_costs_no_more_than_a_moment(
    spoil: Spoiling, driver: str, reasons: set[str], tmp_path: Path
) -> None:
    """One bad answer: its kind is counted, nothing false is told, no fault, and the next change is seen."""
    async with _bench(driver, tmp_path) as bench, running(bench.io, bench.posted):
        await bench.posted.until(bench.known)
        told = len(bench.posted.events)
        before = sum(refused(reason) for reason in reasons)
        bench.modem.to_gate.script.append(spoil)
        await eventually(lambda: sum(refused(reason) for reason in reasons) > before)
        await eventually(lambda: not bench.modem.to_gate.script)
        await seen_coming_and_going(bench)
        occupied = [e for e in bench.posted.events[told:] if isinstance(e, DetectorChanged)]
        assert {event.detector for event in occupied} <= {Detector.ARMING, Detector.SAFETY}
        assert Occupancy.OCCUPIED not in {e.state for e in occupied if e.detector is Detector.SAFETY}


@pytest.mark.parametrize("spoil", [garbage, of_another_unit])
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_line_that_spoils_everything_is_a_fault_until_it_is_well(
    spoil: Spoiling, driver: str, tmp_path: Path
) -> None:
    """No answer can be believed: one fault, everything unknown, no pulse sent; then all is known again."""
    async with _bench(driver, tmp_path) as bench, running(bench.io, bench.posted):
        await bench.posted.until(bench.known)
        bench.modem.to_gate.always = spoil
        await bench.posted.until(lambda: bench.posted.barrier is BarrierPosition.UNKNOWN)
        assert bench.posted.detector(Detector.SAFETY) is Occupancy.UNKNOWN
        with pytest.raises(DeviceError, match="not sent"):
            await bench.io.raise_barrier(RaiseBarrier("release-1"))
        bench.modem.to_gate.always = passed
        await bench.posted.until(bench.known)
        assert bench.lane.pulses == []


@pytest.mark.parametrize("way", ["to_device", "to_gate"])
@pytest.mark.parametrize("spoil", [lost, truncated, doubled])
async def test_no_pulse_is_sent_twice(bench: Bench, way: str, spoil: Spoiling) -> None:
    """Whatever befalls a pulse or its answer, the driver wrote it once. A line that doubles may double it."""
    wire = getattr(bench.modem, way)
    pulses: list[bytes] = []

    def watched(piece: bytes) -> list[bytes]:
        if b"\x05\x02\x00" in piece:
            pulses.append(piece)
            return spoil(piece)
        return [piece]

    wire.always = watched
    try:
        await bench.io.raise_barrier(RaiseBarrier("release-1"))
    except DeviceError:
        assert spoil is not passed
    wire.always = passed
    # Seen by a poll that began after it: whatever else the line still carried has been dealt with.
    bench.lane.set_detector(Detector.ARMING, True)
    await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    # A line that doubles what it carries has the relay flashed twice within a millisecond.
    heard = 2 if spoil is doubled and way == "to_device" else 1
    assert list(bench.board.writes).count(PULSE) <= heard
    assert len(pulses) == 1


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_pulse_acknowledged_as_another_is_an_error(driver: str, tmp_path: Path) -> None:
    """The board's word for relay 2 is no word for relay 0: an error for the lane, and the pulse went once."""

    def of_relay_two(piece: bytes) -> list[bytes]:
        if driver == "modbus-tcp":
            return [piece.replace(b"\x05\x02\x00", b"\x05\x02\x02")]
        if not piece.startswith(b"\x01\x05\x02\x00"):
            return [piece]
        body = b"\x01\x05\x02\x02" + piece[4:-2]
        return [body + crc16(body)]

    async with _bench(driver, tmp_path) as bench, running(bench.io, bench.posted):
        await bench.posted.until(bench.known)
        bench.modem.to_gate.always = of_relay_two
        with pytest.raises(DeviceError, match="answered by"):
            await bench.io.raise_barrier(RaiseBarrier("release-1"))
        assert list(bench.board.writes) == [PULSE]


async def test_doubled_answers_are_never_taken_for_the_next(bench: Bench) -> None:
    """Every answer arrives twice: unknown, or true; and counted as unsolicited."""
    before = refused("unsolicited")
    bench.modem.to_gate.always = doubled
    await eventually(lambda: refused("unsolicited") > before)
    bench.lane.set_detector(Detector.SAFETY, True)
    told = len(bench.posted.events)
    bench.modem.to_gate.always = passed
    await bench.posted.until(lambda: bench.posted.detector(Detector.SAFETY) is Occupancy.OCCUPIED)
    safety = [
        event.state
        for event in bench.posted.events[told:]
        if isinstance(event, DetectorChanged) and event.detector is Detector.SAFETY
    ]
    assert Occupancy.CLEAR not in safety


async def test_a_far_side_that_vanishes_without_a_word_is_a_fault(bench: Bench) -> None:
    """Half-open: nobody hangs up, nothing passes. A fault within moments; when it is back, known again."""
    bench.modem.vanish()
    await bench.posted.until(lambda: bench.posted.faulted, seconds=3.0)
    assert bench.posted.barrier is BarrierPosition.UNKNOWN
    bench.modem.come_back()
    await bench.posted.until(bench.known)
    assert bench.lane.pulses == []


async def test_a_slow_line_is_still_a_line(bench: Bench) -> None:
    """Fifty milliseconds each way: slow, and believed."""
    bench.modem.to_device.held.seconds = bench.modem.to_gate.held.seconds = 0.05
    await seen_coming_and_going(bench)
    assert bench.posted.detector(Detector.SAFETY) is Occupancy.CLEAR


async def test_what_a_spoilt_line_says_of_the_boom_is_true_or_unknown(bench: Bench) -> None:
    """A third of the answers spoilt in turn, while the boom goes up: only positions it was in."""
    kinds: list[Callable[[bytes], list[bytes]]] = [lost, corrupted_in_the_crc, followed_by_noise]
    turn = 0

    def now_and_then(piece: bytes) -> list[bytes]:
        nonlocal turn
        turn += 1
        return kinds[turn // 12 % len(kinds)](piece) if turn % 12 == 0 else [piece]

    bench.modem.to_gate.always = now_and_then
    bench.lane.push_by_hand(up=True)
    await bench.posted.until(lambda: bench.posted.barrier is BarrierPosition.UP)
    said = [event.position for event in bench.posted.of(BarrierMoved)]
    assert said[0] is BarrierPosition.DOWN
    moving = said.index(BarrierPosition.MOVING) if BarrierPosition.MOVING in said else len(said)
    assert BarrierPosition.DOWN not in said[moving:]


def corrupted_in_the_crc(piece: bytes) -> list[bytes]:
    """The last byte is wrong: a checksum's on a serial line; TCP has none, so there it is lost."""
    if piece[2:4] == b"\x00\x00":
        return []
    return corrupted(piece)
