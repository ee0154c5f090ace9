"""Slips at a whole kiosk: once a direction, in the driver's language, and never for the next one."""

from __future__ import annotations

import pytest

from gate.kiosk.ports import PrinterState
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceFaulted, DeviceRecovered
from gate.model import Corridor, VisitStatus
from tests.console.tiny_checkpoint import BLANK, WAIT
from tests.hardware.kiosk_benches import (
    going,
)
from tests.hardware.posted import eventually
from tests.kiosk.stand_bench import DIRECT, POINT, Kiosk, found


async def test_a_direction_is_printed_once(kiosk: Kiosk) -> None:
    """However often the checkpoint changes; the lane, not the corridor, nor why."""
    await kiosk.directed("v1")
    await kiosk.printed(1)
    for _ in range(5):
        await kiosk.gate.tell()
    await kiosk.settled()
    assert len(kiosk.slips) == 1
    await kiosk.says(BLANK)
    await kiosk.directed("v2", BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN))
    await kiosk.printed(2)
    assert ["# 2" in kiosk.slips[0], "# 1" in kiosk.slips[1], len(kiosk.slips)] == [True, True, 2]
    words = " ".join(kiosk.slips[0]).lower()
    assert not any(word in words for word in ("red", "corridor", "dehliz", "assigned", "10aa001"))


async def test_a_wait_and_then_a_direction_are_two_slips(kiosk: Kiosk) -> None:
    """The first says nothing but to wait."""
    kiosk.gate.arrive("v1", "10AA001", POINT)
    await kiosk.says(WAIT, "v1")
    await kiosk.printed(1)
    await kiosk.directed("v1")
    await kiosk.printed(2)
    assert "Please wait here. An officer is coming to you." in " ".join(kiosk.slips[0])
    assert "# 2" in kiosk.slips[1]


async def test_the_slip_is_in_the_language_chosen_at_page_or_keypad(kiosk: Kiosk) -> None:
    """And in the board's two again for the next driver, who chose none."""
    for chosen in ("page", "", "keypad", ""):
        if chosen == "page":
            await kiosk.driver.get(f"/{POINT}/ru")
        elif chosen == "keypad":
            kiosk.keypad.device.press("LL")
            await kiosk.shows("Numaranizi girin")
        await kiosk.directed(f"v{len(kiosk.slips)}")
        await kiosk.printed(len(kiosk.slips) + 1)
        await kiosk.says(BLANK)
        await kiosk.shows("Type your number")
    said = [" ".join(slip) for slip in kiosk.slips]
    assert ["Следуйте" in text for text in said] == [True, False, False, False]
    assert ["Şu şeride" in text for text in said] == [False, False, True, False]
    assert ["Bu zolağa" in text and "Go to lane" in text for text in said] == [False, True, False, True]


async def test_after_a_restart_no_slip_is_printed_again(still: Kiosk) -> None:
    """Not for the vehicle that stood there, not for its visit after it was read again; for the next one."""
    still.gate.change_point(POINT, message=DIRECT, visit_id="v1")
    still.gate.arrive("v1", "10AA001", POINT, corridor=Corridor.RED, status=VisitStatus.DIRECTED)
    async with going(still.stand().run(still.posted)):
        await eventually(lambda: still.printer.driver.state is PrinterState.READY)
        await still.gate.tell()
        await still.settled()
        await still.says(BLANK)
        await still.says(DIRECT, "v1")
        await still.settled()
        await still.says(BLANK)
        await still.directed("v2", BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN))
        await still.printed(1)
        assert "# 1" in still.slips[0]


@pytest.mark.parametrize("found", [WAIT, BLANK], ids=["waiting", "not read again yet"])
async def test_a_vehicle_held_over_a_restart_gets_its_direction_printed(
    still: Kiosk, found: BoardMessage
) -> None:
    """What it was told before is not repeated, even when it is said anew; what it is told now is new."""
    still.gate.arrive("v1", "10AA001", POINT)
    still.gate.change_point(POINT, message=found, visit_id="v1" if found is WAIT else None)
    async with going(still.stand().run(still.posted)):
        await eventually(lambda: still.printer.driver.state is PrinterState.READY)
        await still.says(WAIT, "v1")
        await still.settled()
        assert still.slips == []
        await still.directed("v1")
        await still.printed(1)
        assert "# 2" in still.slips[0]


async def test_a_slip_waits_for_paper_while_its_driver_is_there(kiosk: Kiosk) -> None:
    """The new roll brings it."""
    await _paper_out(kiosk)
    await kiosk.directed("v1")
    await eventually(lambda: DIRECT.kind is kiosk.gate.points[POINT].message.kind)
    kiosk.printer.device.load()
    await kiosk.printed(1)
    assert "# 2" in kiosk.slips[0]


async def test_a_slip_whose_driver_has_gone_is_never_printed(kiosk: Kiosk) -> None:
    """The console is told; with new paper the next driver gets his own, and the note is gone."""
    await _paper_out(kiosk)
    await kiosk.directed("v1")
    await kiosk.shows("Go to lane 2")
    await kiosk.says(BLANK)
    await kiosk.posted.until(lambda: _noted(kiosk))
    kiosk.printer.device.load()
    await kiosk.posted.until(lambda: isinstance(kiosk.posted.events[-1], DeviceRecovered))
    await kiosk.directed("v2", BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN))
    await kiosk.printed(1)
    assert "# 1" in kiosk.slips[0]


async def test_a_slip_that_waits_too_long_is_dropped_with_a_note(still: Kiosk) -> None:
    """Although its driver still stands there: the board told him long ago."""
    still.keep_seconds = 0.2
    async with going(still.stand().run(still.posted)):
        await found(still)
        await _paper_out(still)
        await still.directed("v1")
        await still.posted.until(lambda: _noted(still))
        still.printer.device.load()
        await still.posted.until(lambda: isinstance(still.posted.events[-1], DeviceRecovered))
        await still.says(BLANK)
        await still.directed("v2", BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN))
        await still.printed(1)
        assert "# 1" in still.slips[0]


async def _paper_out(kiosk: Kiosk) -> None:
    kiosk.printer.device.load(0)
    await kiosk.posted.until(lambda: "new roll" in _last_fault(kiosk))


def _last_fault(kiosk: Kiosk) -> str:
    faults = kiosk.posted.of(DeviceFaulted)
    return faults[-1].reason if faults else ""


def _noted(kiosk: Kiosk) -> bool:
    return "was not printed" in _last_fault(kiosk)
