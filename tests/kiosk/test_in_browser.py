"""The kiosk as a driver meets it: in a real browser, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor
from tests.console.browsing import chromium
from tests.console.tiny_checkpoint import BLANK, WAIT, TinyCheckpoint
from tests.kiosk.glass_bench import (
    GOOD,
    SLIP,
    VISIT,
    direct,
    free_port,
    kiosk_page,
    says,
    screen_at,
    served_at,
    typed,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""
_SCRIPTED = """number => Promise.all(Array.from({length: 30}, () => fetch("/api/approach/number", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({number})
})))"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def test_a_driver_types_a_number_in_azerbaijani_and_is_directed(browser: Browser) -> None:
    """Language, keypad, a gentle word about a slip, then lane, corridor and shape; and back to the start."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        await page.goto("/hall-1")
        await page.get_by_role("link", name="Azərbaycanca").click()
        await typed(page, SLIP)
        await expect(page.get_by_role("alert")).to_contain_text("Nömrədə səhv var")
        await expect(page.get_by_role("button", name="Davam")).to_be_disabled()
        await page.get_by_role("button", name="Sil").click()
        await expect(page.get_by_role("alert")).to_have_count(0)
        await typed(page, GOOD[-1])
        groups = await page.locator("#number > span").all_inner_texts()
        assert ["".join(group.split()) for group in groups] == [GOOD[:4], GOOD[4:7], GOOD[7:10], GOOD[10:]]
        await page.get_by_role("button", name="Davam").click()
        await expect(page.get_by_text("Təşəkkür edirik")).to_be_visible()
        await gate.heard("numbers", 1)
        assert gate.numbers == [("hall-1", GOOD)]

        gate.change_point("hall-1", message=direct(Corridor.BLUE), visit_id=VISIT)
        await expect(page.get_by_text("Mavi dəhliz")).to_be_visible()
        await expect(page.locator("#lane")).to_have_text("2")
        await expect(page.locator(".corridor.blue svg")).to_be_visible()
        await expect(page.locator(".corridor.red")).not_to_be_visible()
        gate.change_point("hall-1", message=BLANK)
        await page.wait_for_url("**/hall-1")
        await expect(page.get_by_role("heading", name="Dilinizi seçin")).to_be_visible()


async def test_a_driver_without_a_number_is_answered_in_persian(browser: Browser) -> None:
    """From the right, digits from the left; the neutral text comes whatever the cause."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach")
        await page.get_by_role("link", name="فارسی").click()
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await expect(page.locator("#number")).to_have_css("direction", "ltr")
        keypad = await page.locator(".keypad").bounding_box()
        talk = await page.locator(".talk").bounding_box()
        assert keypad is not None
        assert talk is not None
        assert keypad["x"] < talk["x"]
        await page.get_by_role("button", name="شماره ندارم").click()
        await expect(page.locator("#called")).to_contain_text("مأمور فراخوانده شد")
        await gate.heard("help", 1)
        assert gate.help == [("approach", "no-number")]
        gate.change_point("approach", message=WAIT)
        await expect(page.locator("#answer .wait")).to_be_visible()
        await expect(page.locator("#answer .wait")).to_contain_text("مأمور نزد شما می‌آید")


async def test_the_neutral_answer_leaves_the_keypad_to_a_held_driver(browser: Browser) -> None:
    """Held before typing: the number can still be typed; afterwards the same neutral text again."""
    gate = TinyCheckpoint()
    gate.change_point("approach", message=WAIT)
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach")
        await expect(page.get_by_text("An officer is coming to you.").first).to_be_visible()
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("body.dialogue")).to_be_visible()
        await page.keyboard.type(GOOD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#answer .wait")).to_have_text(
            "Please wait here. An officer is coming to you."
        )
        gate.change_point("approach", message=BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN))
        await expect(page.get_by_text("Green corridor")).to_be_visible()


async def test_a_pasted_number_is_taken_and_anything_else_gently_refused(browser: Browser) -> None:
    """With its groups, in Persian digits, with marks of direction around it; no letters, no half, no two."""
    gate = TinyCheckpoint()
    grouped = " ".join((GOOD[:4], GOOD[4:7], GOOD[7:10], GOOD[10:]))
    persian = "\u200f" + GOOD.translate({ord(digit): 0x06F0 + int(digit) for digit in "0123456789"})
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach/en")
        for text in (SLIP, "hello", GOOD[:9], GOOD + GOOD, f"<b>{GOOD}</b>", "9" * 5000, "\x1b[2J"):
            await page.evaluate(_PASTE, text)
            await expect(page.locator("#slip")).to_be_visible()
            await expect(page.get_by_role("button", name="Continue")).to_be_disabled()
            await page.evaluate(_PASTE, grouped)
            await expect(page.locator("#slip")).to_be_hidden()
            await expect(page.get_by_role("button", name="Continue")).to_be_enabled()
            for _ in GOOD:
                await page.keyboard.press("Backspace")
        await page.evaluate(_PASTE, persian)
        await page.get_by_role("button", name="Continue").click()
        await gate.heard("numbers", 1)
        assert gate.numbers == [("approach", GOOD)]


async def test_a_scanner_that_types_control_characters_types_a_number(browser: Browser) -> None:
    """Tabs, escapes and spaces between the digits press nothing; Enter ends it."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach/en")
        await page.get_by_role("button", name="1", exact=True).click()
        await page.get_by_role("button", name="Delete").click()
        for key in ("Escape", *GOOD[:4], "Space", *GOOD[4:7], "F2", *GOOD[7:], "Enter"):
            await page.keyboard.press(key)
        await gate.heard("numbers", 1)
        assert (gate.numbers, gate.help) == ([("approach", GOOD)], [])


async def test_help_is_called_from_the_start_and_from_under_an_answer(browser: Browser) -> None:
    """Before a language is chosen, and again while a lane is shown: the lane stays where it is."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach")
        await page.locator("[data-help=no-number]").click()
        await expect(page.locator("#called")).to_be_visible()
        await says(page, gate, direct(Corridor.GREEN))
        await page.locator("[data-help=call]").click()
        await expect(page.locator(".strip.called")).to_be_visible()
        await expect(page.locator("#lane")).to_have_text("2")
        await gate.heard("help", 2)
        assert gate.help == [("approach", "no-number"), ("approach", "call")]


async def test_a_page_left_alone_goes_back_to_the_start_by_itself(browser: Browser) -> None:
    """Half a number is on nobody's screen for longer than a minute; thanks and a call are not either."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach/ru")
        await page.keyboard.type(GOOD[:7])
        await page.clock.run_for(61_000)
        await expect(page.locator("body.start")).to_be_visible()
        await page.locator("[data-help=call]").click()
        await expect(page.locator("#called")).to_be_visible()
        await page.clock.run_for(46_000)
        await expect(page.get_by_role("link", name="English")).to_be_visible()


async def test_too_many_tries_are_asked_to_wait(browser: Browser) -> None:
    """A word, and the digits stay."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        await page.goto("/approach/en")
        await page.evaluate(_SCRIPTED, GOOD)
        await page.evaluate(_PASTE, GOOD)
        await page.get_by_role("button", name="Continue").click()
        await expect(page.locator("#often")).to_be_visible()
        await expect(page.locator("#number")).to_have_text(GOOD)


async def test_an_open_page_outlives_the_server(browser: Browser) -> None:
    """Ended in the middle of a number and left beyond the idle minute, then begun anew at its address."""
    gate = TinyCheckpoint()
    port = free_port()
    async with AsyncExitStack() as first:
        address = await first.enter_async_context(served_at(gate, port))
        async with screen_at(browser, address) as page:
            await page.goto("/approach/en")
            await page.keyboard.type(GOOD[:7])
            await first.aclose()
            await page.clock.run_for(1_000)
            await expect(page.locator(".strip.lost")).to_be_visible()
            await page.locator("[data-help=call]").click()
            await page.get_by_role("link", name="Back").click()
            await page.clock.run_for(62_000)
            await expect(page.get_by_role("heading")).to_have_text("Type your notification number")
            async with served_at(gate, port):
                await page.clock.run_for(3_000)
                await expect(page.get_by_role("heading")).to_have_text("Dilinizi seçinChoose your language")
                await expect(page.locator(".strip.lost")).to_be_hidden()
                await page.get_by_role("link", name="English").click()
                await expect(page.locator("body.dialogue")).to_be_visible()
                await page.keyboard.type(GOOD)
                await page.keyboard.press("Enter")
                await gate.heard("numbers", 1)
                assert gate.numbers == [("approach", GOOD)]
