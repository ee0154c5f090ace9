"""A checkpoint whose numbers are written another way: page, keypad, scanner and slip all go by it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from gate.clock import SystemClock
from gate.kiosk.app import create_kiosk
from gate.kiosk.dialogue import Dialogue, Give
from gate.kiosk.ports import Key
from gate.kiosk.scanned import find_number
from gate.kiosk.slips import make_slip, speakers_of
from gate.kiosk.speech import load_device_tongues, load_tongues, with_length
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Check, Corridor, NotificationNumber, NumberFormat, NumberFormats
from tests.console.browsing import chromium
from tests.console.conftest import HandClock
from tests.console.serving import client_of, served
from tests.console.tiny_checkpoint import TinyCheckpoint, number

FORMATS = NumberFormats(NumberFormat(10, Check.LUHN, (3, 3, 4)), NumberFormat(8, Check.DAMM, (4, 4)))
GOOD, CODE = FORMATS.notification.complete("123456789"), FORMATS.preliminary.complete("7654321")


@pytest.mark.parametrize("typed", [GOOD, CODE, "123 456 7897"])
async def test_both_spaces_are_taken_and_the_old_one_is_not(typed: str) -> None:
    """What is no number here is a slip, however good it is elsewhere."""
    gate = TinyCheckpoint()
    async with client_of(create_kiosk(gate, HandClock(), {"hall-1": "terminal"}, FORMATS)) as driver:
        taken = await driver.post("/api/hall-1/number", json={"number": typed})
        other = await driver.post("/api/hall-1/number", json={"number": number("482913756012")})
        assert (taken.status_code, other.status_code) == (202, 422)
        page = (await driver.get("/hall-1/en")).text
    assert 'data-formats="10 luhn 3-3-4,8 damm 4-4"' in page
    assert "8/10 digits, on the notice you received" in page
    await gate.heard("numbers", 1)
    assert gate.numbers == [("hall-1", FORMATS.parse(typed))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, GOOD),
        (f"https://customs.example.az/?number={GOOD}", GOOD),
        (f"code: {CODE}", CODE),
        ("Bildiriş 123 456 7897, 24.11.2026 14:05", GOOD),
        ("123-456 7897 x", None),
        (f"{GOOD} {CODE}", None),
        (f"1{GOOD} x", None),
        ("482913756012 x", None),
    ],
)
def test_a_code_is_searched_for_this_sites_numbers(text: str, found: str | None) -> None:
    """Named, or alone, in the groups its notice has."""
    assert find_number(text, FORMATS) == found


def test_the_keypad_groups_as_the_notice_and_asks_for_as_many() -> None:
    """No digit more than the longest has, and a shorter one may be given."""
    dialogue = Dialogue(load_device_tongues(), load_tongues(), "en", FORMATS)
    assert dialogue.screen().lines == ("Type your number", "8/10 digits")
    for digit in CODE:
        dialogue.press(Key(digit), 1.0)
    assert dialogue.press(Key.ENTER, 1.0) == Give(CODE)
    for digit in "999":
        dialogue.press(Key(digit), 1.0)
    assert dialogue.screen().lines[1] == f"{CODE[:3]} {CODE[3:6]} {CODE[6:]}99"


def test_persian_digits_are_counted_too() -> None:
    """The hint is translated with its digits."""
    said = with_length(load_tongues()["fa"].say("13 digits, on the notice you received"), FORMATS)
    assert "\u06f8/\u06f1\u06f0" in said
    assert "\u06f1\u06f3" not in said


def test_a_slip_prints_each_number_as_its_notice_does() -> None:
    """The carrier compares it with the paper in his hand."""
    message = BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN)
    speakers = speakers_of("en", load_tongues(), load_device_tongues())
    numbers = (GOOD, NotificationNumber(CODE))
    slip = make_slip(message, "v1", numbers, datetime(2026, 5, 4, tzinfo=UTC), "x", speakers, FORMATS)
    assert slip is not None
    assert {"123 456 7897", f"{CODE[:4]} {CODE[4:]}"} <= {line.text for line in slip.lines}


async def test_the_page_checks_each_space_by_its_own_digit() -> None:
    """In a real browser: Luhn's for the notification, Damm's for the code, and a slip in either is told."""
    gate = TinyCheckpoint()
    app = create_kiosk(gate, SystemClock(), {"hall-1": "terminal"}, FORMATS)
    async with chromium() as browser, served(app) as address:
        page = await browser.new_page(base_url=address)
        for digits, well_formed in ((GOOD, True), (GOOD[:-1] + "0", False), (CODE, True)):
            await page.goto("/hall-1/en")
            for digit in digits:
                await page.locator(f"[data-digit='{digit}']").click()
            button = page.get_by_role("button", name="Continue")
            await (expect(button).to_be_enabled() if well_formed else expect(button).to_be_disabled())
        await page.get_by_role("button", name="Continue").click()
        await expect(page.locator("body")).to_have_attribute("data-screen", "thanks")
    await gate.heard("numbers", 1)
    assert gate.numbers == [("hall-1", CODE)]
