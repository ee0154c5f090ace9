"""A point's kiosk devices joined: numbers, help and what the keypad says."""

from __future__ import annotations

from structlog.testing import capture_logs

from gate.kiosk.booth import booth_in
from gate.kiosk.ports import OnScan
from gate.kiosk.stand import Stand
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post
from tests.console.tiny_checkpoint import BLANK, WAIT, number
from tests.hardware.kiosk_benches import (
    going,
    refused,
)
from tests.hardware.posted import eventually
from tests.kiosk.stand_bench import GOOD, OTHER, POINT, WRONG, Kiosk


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
