"""A point's kiosk devices joined: real drivers, emulated devices at the far end of real links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from gate.clock import SystemClock
from gate.kiosk.app import create_kiosk
from gate.kiosk.booth import booth_in
from gate.kiosk.ports import OnScan, PrinterState
from gate.kiosk.stand import Stand
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post
from gate.model import Corridor, VisitStatus
from tests.console.serving import client_of
from tests.console.tiny_checkpoint import BLANK, WAIT, TinyCheckpoint, number
from tests.hardware.kiosk_benches import (
    KeypadBench,
    PrinterBench,
    ScannerBench,
    going,
    keypad_bench,
    printer_bench,
    refused,
    scanner_bench,
)
from tests.hardware.posted import Posted, eventually

POINT = "approach"
GOOD = number("482913756012")
OTHER = number("118273645546")
WRONG = f"{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10}"
DIRECT = BoardMessage(MessageKind.DIRECT, "2", Corridor.RED)


class Hurried(SystemClock):
    """Right about the time, and impatient."""

    async def sleep(self, seconds: float) -> None:
        """A hundredth of a second at most."""
        await asyncio.sleep(min(seconds, 0.01))


@dataclass
class Kiosk:
    """A whole kiosk at the approach: page, scanner, keypad, printer."""

    gate: TinyCheckpoint
    app: FastAPI
    driver: httpx.AsyncClient
    scanner: ScannerBench
    keypad: KeypadBench
    printer: PrinterBench
    posted: Posted = field(default_factory=Posted)
    keep_seconds: float = 60.0

    def stand(self) -> Stand:
        """Its devices, joined, not running."""
        return Stand(
            booth_in(self.app),
            POINT,
            place="khanoba A",
            scanner=self.scanner.driver,
            keypad=self.keypad.driver,
            printer=self.printer.driver,
            language="en",
            keep_seconds=self.keep_seconds,
        )

    @property
    def shown(self) -> tuple[str, str]:
        """What stands on the keypad's display."""
        return self.keypad.device.screen.lines

    async def shows(self, *lines: str) -> None:
        """Return once the keypad shows this."""
        await self.keypad.device.wait_until(lambda: self.shown[: len(lines)] == lines)

    async def says(self, message: BoardMessage, visit_id: str | None = None) -> None:
        """The point's message changes, for this visit."""
        self.gate.change_point(POINT, message=message, visit_id=visit_id)
        await self.gate.tell()

    async def directed(self, visit_id: str, message: BoardMessage = DIRECT) -> None:
        """A vehicle's verdict is opened and the board shows its lane."""
        self.gate.arrive(
            visit_id, "10AA001", POINT, corridor=message.corridor, status=VisitStatus.DIRECTED, lane="lane-4"
        )
        await self.says(message, visit_id)

    @property
    def slips(self) -> list[list[str]]:
        """What has come out of the printer."""
        return self.printer.device.slips

    async def printed(self, count: int) -> None:
        """Return once so many slips have."""
        await self.printer.device.wait_until(lambda: len(self.slips) >= count)

    async def settled(self) -> None:
        """Return once a slip that was wanted by now would have come out.

        The printer is asked three questions at a time, and between them slips have their turn.
        """
        for _ in range(3):
            asked = self.printer.device.asked
            await eventually(lambda asked=asked: self.printer.device.asked > asked + 3)  # type: ignore[misc]

    async def scan(self, text: str) -> None:
        """Hold a code before the scanner."""
        self.scanner.device.scan(text)


@pytest.fixture(params=["serial", "evdev"])
async def still(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kiosk]:
    """The kiosk with each kind of scanner, not running."""
    gate = TinyCheckpoint()
    app = create_kiosk(gate, Hurried(), {POINT: "approach"})
    async with AsyncExitStack() as stack:
        yield Kiosk(
            gate,
            app,
            await stack.enter_async_context(client_of(app)),
            await stack.enter_async_context(scanner_bench(request.param, tmp_path / "s")),
            await stack.enter_async_context(keypad_bench(tmp_path / "k")),
            await stack.enter_async_context(printer_bench("serial", tmp_path / "p")),
        )


@pytest.fixture
async def kiosk(still: Kiosk) -> AsyncIterator[Kiosk]:
    """The same, running, every device found."""
    async with going(still.stand().run(still.posted)):
        await _found(still)
        yield still


async def _found(kiosk: Kiosk) -> None:
    """Return once keypad, printer and scanner are heard; the try is spent on a foreign code."""
    await kiosk.shows("Type your number")
    await eventually(lambda: kiosk.printer.driver.state is PrinterState.READY)
    before = refused("scanner", "no-number")
    tries = iter(range(1000))

    def heard() -> bool:
        if refused("scanner", "no-number") == before:
            kiosk.scanner.device.scan(f"hello {next(tries)}")
        return refused("scanner", "no-number") > before

    await eventually(heard, pause=0.05)
    await kiosk.shows("Number has a slip")


async def test_a_scanned_number_is_given_to_the_checkpoint(kiosk: Kiosk) -> None:
    """Out of a QR's address; the keypad thanks, and nothing of it is logged."""
    with capture_logs() as logs:
        await kiosk.scan(f"https://customs.example.az/?number={GOOD}")
        await kiosk.gate.heard("numbers", 1)
        await kiosk.shows("Thank you", "Please wait")
    assert kiosk.gate.numbers == [(POINT, GOOD)]
    assert GOOD not in str(logs)


async def test_a_keyed_number_is_given_to_the_checkpoint(kiosk: Kiosk) -> None:
    """Digit by digit, grouped as on the notice."""
    kiosk.keypad.device.press(GOOD[:6])
    await kiosk.shows("Your number", f"{GOOD[:4]} {GOOD[4:6]}")
    kiosk.keypad.device.press(GOOD[6:] + "E")
    await kiosk.gate.heard("numbers", 1)
    assert kiosk.gate.numbers == [(POINT, GOOD)]


async def test_help_reaches_an_officer(kiosk: Kiosk) -> None:
    """One key."""
    kiosk.keypad.device.press("H")
    await kiosk.gate.heard("help", 1)
    assert kiosk.gate.help == [(POINT, "call")]
    await kiosk.shows("Officer called", "Please wait here")


async def test_a_foreign_code_and_a_slip_are_answered_alike(kiosk: Kiosk) -> None:
    """A wrong check digit, another code, a keyed slip: the same screen, and the gate hears nothing."""
    screens = len(kiosk.keypad.device.screens)
    for code in (WRONG, "5901234123457", "https://example.com/"):
        await _refused_once(kiosk, code)
    before = refused("keypad", "no-number")
    kiosk.keypad.device.press(WRONG + "E")
    await eventually(lambda: refused("keypad", "no-number") > before)
    await kiosk.shows("Number has a slip")
    assert kiosk.gate.numbers == []
    lines = {screen.lines[0] for screen in kiosk.keypad.device.screens[screens:]}
    assert lines <= {"Your number", "Number has a slip"}


async def _refused_once(kiosk: Kiosk, code: str) -> None:
    """Hold a code before the scanner; return once it was found to hold no number."""
    before = refused("scanner", "no-number")
    await kiosk.scan(code)
    await eventually(lambda: refused("scanner", "no-number") > before)


async def test_scanned_keyed_and_typed_numbers_share_one_allowance(kiosk: Kiosk) -> None:
    """Guessing with three devices is no faster than with one, and help is still called."""
    statuses = []
    for index in range(6):
        await _scanned_or_slowed(kiosk, number(f"{index:012d}"))
        typed = {"number": number(f"{index + 500:012d}")}
        statuses.append((await kiosk.driver.post(f"/api/{POINT}/number", json=typed)).status_code)
    # Ten in ten seconds, whoever asked: the foreign codes at the start were the first of them.
    assert statuses[:3] == [202, 202, 202]
    assert statuses[-2:] == [429, 429]
    before = refused("scanner", "too-often"), refused("keypad", "too-often")
    await kiosk.scan(OTHER)
    await kiosk.shows("Please wait a little", "then try again")
    kiosk.keypad.device.press(GOOD + "E")
    await eventually(lambda: refused("keypad", "too-often") > before[1])
    assert refused("scanner", "too-often") > before[0]
    assert 6 <= len(kiosk.gate.numbers) <= 9
    kiosk.keypad.device.press("H")
    await kiosk.gate.heard("help", 1)


async def _scanned_or_slowed(kiosk: Kiosk, code: str) -> None:
    """Hold a code before the scanner; return once it was taken or slowed down."""
    given, slowed = len(kiosk.gate.numbers), refused("scanner", "too-often")
    await kiosk.scan(code)
    await eventually(lambda: len(kiosk.gate.numbers) > given or refused("scanner", "too-often") > slowed)


async def test_a_code_held_before_the_scanner_is_one_scan(kiosk: Kiosk) -> None:
    """A presentation scanner reads it ten times; the gate hears it once, and no try is spent on the rest."""
    before = refused("scanner", "repeated")
    for _ in range(30):
        await kiosk.scan(GOOD)
    await eventually(lambda: refused("scanner", "repeated") - before == 29)
    assert kiosk.gate.numbers == [(POINT, GOOD)]
    await kiosk.scan(OTHER)
    await kiosk.gate.heard("numbers", 2)


async def test_the_keypad_says_what_the_board_says(kiosk: Kiosk) -> None:
    """WAIT, the lane, and then the next driver's welcome."""
    await kiosk.says(WAIT)
    kiosk.keypad.device.press("5C")
    await kiosk.shows("Please wait here", "Officer is coming")
    await kiosk.directed("v1")
    await kiosk.shows("Go to lane 2", "Red corridor")
    await kiosk.says(BLANK)
    await kiosk.shows("Type your number")


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
        await _found(still)
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


async def test_a_device_that_is_away_costs_the_others_nothing(kiosk: Kiosk) -> None:
    """Scanner and printer pulled: the keypad goes on, and each is named once."""
    kiosk.scanner.device.unplug()
    kiosk.printer.device.unplug()
    await kiosk.posted.until(lambda: {fault.device for fault in kiosk.posted.of(DeviceFaulted)} == _PULLED)
    kiosk.keypad.device.press(GOOD + "E")
    await kiosk.gate.heard("numbers", 1)


_PULLED = {DeviceRole.SCANNER, DeviceRole.PRINTER}


async def test_a_mistake_of_ours_is_told_and_begun_anew(still: Kiosk) -> None:
    """A driver that raises what it must not: faults on the console, then everything works again."""

    class Broken:
        def __init__(self) -> None:
            self.runs = 0

        async def run(self, post: Post, scanned: OnScan) -> None:
            self.runs += 1
            if self.runs == 1:
                raise ZeroDivisionError
            await still.scanner.driver.run(post, scanned)

    broken = Broken()
    stand = Stand(
        booth_in(still.app), POINT, place="x", scanner=broken, keypad=still.keypad.driver, language="en"
    )
    with capture_logs() as logs:
        async with going(stand.run(still.posted)):
            await still.posted.until(lambda: len(still.posted.of(DeviceRecovered)) >= 2)
            await eventually(lambda: _typed_one(still), pause=0.05)
            still.keypad.device.press("C" * 13 + GOOD + "E")
            await still.gate.heard("numbers", 1)
    assert "ZeroDivisionError" in str([line for line in logs if line["event"] == "kiosk.devices_stopped"])
    assert {fault.device for fault in still.posted.of(DeviceFaulted)} == {
        DeviceRole.SCANNER,
        DeviceRole.KEYPAD,
    }


def _typed_one(kiosk: Kiosk) -> bool:
    """A key pressed before the line is open again is lost: press until one is seen."""
    if kiosk.shown[0] != "Your number":
        kiosk.keypad.device.press("5")
    return kiosk.shown[0] == "Your number"
