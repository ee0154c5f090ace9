"""One contract, the slip printer on each kind of link."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import pytest

from gate.kiosk.codes import code_as_modules
from gate.kiosk.ports import PrinterState, Slip, SlipLine
from gate.lanes.events import DeviceFaulted, DeviceRole
from tests.hardware.kiosk_benches import PrinterBench, going, printer_bench, refused
from tests.hardware.posted import eventually

SLIP = Slip((SlipLine("khanoba A1"), SlipLine("Go to lane"), SlipLine("2", large=True)))
ON_PAPER = ["khanoba A1", "Go to lane", "# 2"]


def always() -> bool:
    """Its driver stands there."""
    return True


@pytest.fixture(params=["serial", "usb"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PrinterBench]:
    """A printer and its driver, not running."""
    async with printer_bench(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def live(bench: PrinterBench) -> AsyncIterator[PrinterBench]:
    """The same, running, and ready."""
    async with going(bench.driver.run(bench.posted, bench.changed)):
        await eventually(lambda: bench.driver.state is PrinterState.READY)
        yield bench


async def test_a_slip_is_printed_once_and_cut(live: PrinterBench) -> None:
    """READY means that it is on paper, not that it was sent."""
    assert await live.driver.print_slip(SLIP, always) is PrinterState.READY
    assert live.device.slips == [ON_PAPER]
    assert live.device.torn == []
    assert live.device.unknown == []


async def test_the_code_on_paper_is_read_back(live: PrinterBench) -> None:
    """Between the lines and its letters, black on white, and OpenCV reads what was meant."""
    visit = "approach-7f3a21c9-112"
    slip = Slip(SLIP.lines, code_as_modules(visit), (SlipLine(visit),))
    assert await live.driver.print_slip(slip, always) is PrinterState.READY
    assert live.device.slips == [[*ON_PAPER, "", visit]]
    (picture,) = live.device.pictures
    assert picture.shape[1] <= 384
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == visit
    assert live.device.unknown == []


async def test_a_slip_that_nobody_wants_any_more_is_not_begun(live: PrinterBench) -> None:
    """Asked at the last moment, when the printer has said that it is well."""
    asked = live.device.asked
    found: list[int] = []

    def gone() -> bool:
        found.append(live.device.asked - asked)
        return False

    await live.driver.print_slip(SLIP, gone)
    assert len(found) == 1
    assert found[0] >= 3
    assert (live.device.slips, live.device.torn) == ([], [])


async def test_slips_asked_for_at_once_come_one_after_another(live: PrinterBench) -> None:
    """No line of one stands on the other."""
    other = Slip((SlipLine("Go to the general lane"),))
    await asyncio.gather(live.driver.print_slip(SLIP, always), live.driver.print_slip(other, always))
    assert sorted(live.device.slips) == sorted([ON_PAPER, ["Go to the general lane"]])


async def test_paper_that_runs_low_still_prints(live: PrinterBench) -> None:
    """It is told before it is out."""
    live.device.load(8)
    await live.posted.until(lambda: live.posted.faulted)
    fault = live.posted.of(DeviceFaulted)[0]
    assert fault.device is DeviceRole.PRINTER
    assert "nearly out" in fault.reason
    assert await live.driver.print_slip(SLIP, always) is PrinterState.PAPER_LOW
    assert live.device.slips == [ON_PAPER]


async def test_paper_out_is_a_state_and_not_an_exception(live: PrinterBench) -> None:
    """Told with what to do, once; nothing is sent to the printer meanwhile; a new roll ends it."""
    live.device.load(0)
    await live.posted.until(lambda: live.posted.faulted)
    assert "new roll" in live.posted.of(DeviceFaulted)[0].reason
    taken = live.device.taken
    assert await live.driver.print_slip(SLIP, always) is PrinterState.PAPER_OUT
    asked = live.device.asked
    await eventually(lambda: live.device.asked > asked + 9)
    assert len(live.posted.of(DeviceFaulted)) == 1
    assert live.device.taken == taken
    live.device.load()
    await live.until_well()
    assert live.device.slips == []
    assert live.device.torn == []
    assert live.changes == ["ready", "paper out", "ready"]


async def test_a_slip_that_runs_out_of_paper_half_way_does_not_come_out_later(live: PrinterBench) -> None:
    """Its rest is taken back: with the new roll the printer begins with the next driver's slip."""
    live.driver._print_seconds = 0.5
    live.device.paper = 2
    assert await live.driver.print_slip(SLIP, always) is PrinterState.PAPER_OUT
    live.device.load()
    await live.until_well()
    assert live.device.slips == []
    live.driver._print_seconds = 8.0
    assert await live.driver.print_slip(SLIP, always) is PrinterState.READY
    assert live.device.slips == [ON_PAPER]


@pytest.mark.parametrize("trouble", ["cover_open", "offline"])
async def test_an_open_cover_and_a_printer_off_line_are_told_apart(live: PrinterBench, trouble: str) -> None:
    """Each with what to do."""
    setattr(live.device, trouble, True)
    await live.posted.until(lambda: live.posted.faulted)
    said = live.posted.of(DeviceFaulted)[0].reason
    assert ("close it" in said) == (trouble == "cover_open")
    state = await live.driver.print_slip(SLIP, always)
    assert state is (PrinterState.COVER_OPEN if trouble == "cover_open" else PrinterState.OFFLINE)
    setattr(live.device, trouble, False)
    await live.until_well()


async def test_one_trouble_after_another_is_told_by_its_own_name(live: PrinterBench) -> None:
    """Who comes with a roll and finds the cover open reads that."""
    live.device.load(0)
    await live.posted.until(lambda: live.posted.faulted)
    live.device.open_cover()
    await live.posted.until(lambda: len(live.posted.of(DeviceFaulted)) == 2)
    assert "cover" in live.posted.of(DeviceFaulted)[1].reason


async def test_a_roll_put_in_between_two_answers_is_no_other_trouble(live: PrinterBench) -> None:
    """The answers do not fit together for once: that is not told as a printer off line."""
    live.device.load(0)
    await live.posted.until(lambda: live.posted.faulted)
    live.device.between = live.device.load
    await live.until_well()
    assert live.changes == ["ready", "paper out", "ready"]


async def test_a_silent_printer_is_away_and_mends_itself(live: PrinterBench) -> None:
    """A slip asked for meanwhile is answered by AWAY within the time of one question."""
    live.device.mute()
    live.driver._answer_seconds = 0.3
    assert await live.driver.print_slip(SLIP, always) is PrinterState.AWAY
    assert live.posted.faulted
    live.driver._answer_seconds = 4.0
    live.device.unmute()
    await live.until_well()
    assert await live.driver.print_slip(SLIP, always) is PrinterState.READY
    assert live.device.slips == [ON_PAPER]


async def test_a_pulled_plug_in_the_middle_is_away(live: PrinterBench) -> None:
    """The slip is answered at once, not after its whole patience."""
    live.device.offline = True  # takes the slip into its buffer and stops there
    live.device.unplug()
    assert await live.driver.print_slip(SLIP, always) is PrinterState.AWAY
    live.device.offline = False
    live.device.plug()
    await eventually(lambda: live.driver.state is PrinterState.READY)
    assert live.device.slips == []


async def test_before_its_first_word_a_printer_is_away(bench: PrinterBench) -> None:
    """Nothing is believed of it."""
    assert bench.driver.state is PrinterState.AWAY
    assert await bench.driver.print_slip(SLIP, always) is PrinterState.AWAY


async def test_noise_from_the_printer_is_counted_and_confirms_nothing(live: PrinterBench) -> None:
    """Not even bytes that look like an answer, when nothing was asked."""
    before = refused("printer", "damaged"), refused("printer", "unasked")
    live.device.send(b"\xff\x93" + b"\x00\x00")
    await eventually(lambda: refused("printer", "damaged") - before[0] >= 2)
    await eventually(lambda: refused("printer", "unasked") - before[1] >= 2)
    live.device.send(os.urandom(500))
    asked = live.device.asked
    # What the noise had it believe is put right by the next answers.
    await eventually(lambda: live.device.asked > asked + 9)
    await eventually(lambda: live.driver.state is PrinterState.READY)
    assert await live.driver.print_slip(SLIP, always) in (PrinterState.READY, PrinterState.PAPER_LOW)
