"""The kiosk as a driver meets it: in a real browser, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gate.clock import SystemClock
from gate.kiosk.app import create_kiosk
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor
from tests.console.browsing import chromium
from tests.console.serving import served
from tests.console.tiny_checkpoint import BLANK, WAIT, TinyCheckpoint, number
from tests.kiosk.test_words import LANGUAGES

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD = number("482913756012")
_CUT_OFF = """() => {
    const box = e => e.getBoundingClientRect();
    const slip = document.querySelector('#slip'), help = document.querySelector('.help');
    const bad = [...document.querySelectorAll('#ask .key, #ask h1, #number, #slip')].filter(e =>
        e.offsetParent && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1
            || box(e).bottom > innerHeight || box(e).right > innerWidth || box(e).left < 0));
    if (slip && box(slip).bottom > box(help).top) { bad.push(slip); }
    return bad.map(e => e.textContent.trim());
}"""
"""What does not fit: cut off inside, outside the screen, or running into the buttons below."""
SLIP = GOOD[:-1] + str((int(GOOD[-1]) + 1) % 10)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


@asynccontextmanager
async def _kiosk(
    browser: Browser, gate: TinyCheckpoint, width: int = 1024, height: int = 768
) -> AsyncIterator[Page]:
    app = create_kiosk(gate, SystemClock(), {"approach": "approach", "hall-1": "terminal"})
    async with served(app) as address:
        context = await browser.new_context(viewport={"width": width, "height": height}, base_url=address)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            yield page
            assert complaints == []
        finally:
            await context.close()


async def _type(page: Page, digits: str) -> None:
    for digit in digits:
        await page.locator(f"[data-digit='{digit}']").click()


async def test_a_driver_types_a_number_in_azerbaijani_and_is_directed(browser: Browser) -> None:
    """Language, keypad, a gentle word about a slip, then lane, corridor and shape; and back to the start."""
    gate = TinyCheckpoint()
    async with _kiosk(browser, gate) as page:
        await page.goto("/hall-1")
        await page.get_by_role("link", name="Azərbaycanca").click()
        await _type(page, SLIP)
        await expect(page.get_by_role("alert")).to_contain_text("Nömrədə səhv var")
        await expect(page.get_by_role("button", name="Davam")).to_be_disabled()
        await page.get_by_role("button", name="Sil").click()
        await expect(page.get_by_role("alert")).to_have_count(0)
        await _type(page, GOOD[-1])
        groups = await page.locator("#number > span").all_inner_texts()
        assert ["".join(group.split()) for group in groups] == [GOOD[:4], GOOD[4:7], GOOD[7:10], GOOD[10:]]
        await page.get_by_role("button", name="Davam").click()
        await expect(page.get_by_text("Təşəkkür edirik")).to_be_visible()
        await gate.heard("numbers", 1)
        assert gate.numbers == [("hall-1", GOOD)]

        gate.change_point("hall-1", message=BoardMessage(MessageKind.DIRECT, "2", Corridor.BLUE))
        await expect(page.get_by_text("Mavi dəhliz")).to_be_visible()
        await expect(page.locator("#lane")).to_have_text("2")
        await expect(page.locator(".corridor.blue svg")).to_be_visible()
        await expect(page.locator(".corridor.red")).not_to_be_visible()
        gate.change_point("hall-1", message=BLANK)
        await page.wait_for_url("**/hall-1")


async def test_a_driver_without_a_number_is_answered_in_persian(browser: Browser) -> None:
    """From the right, digits from the left; the neutral text comes whatever the cause."""
    gate = TinyCheckpoint()
    async with _kiosk(browser, gate) as page:
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
        await expect(page.get_by_text("مأمور فراخوانده شد")).to_be_visible()
        await gate.heard("help", 1)
        assert gate.help == [("approach", "no-number")]
        gate.change_point("approach", message=WAIT)
        await expect(page.locator("#answer .wait")).to_be_visible()
        await expect(page.locator("#answer .wait")).to_contain_text("مأمور نزد شما می‌آید")


async def test_the_neutral_answer_leaves_the_keypad_to_a_held_driver(browser: Browser) -> None:
    """Held before typing: the number can still be typed; afterwards the same neutral text again."""
    gate = TinyCheckpoint()
    gate.change_point("approach", message=WAIT)
    async with _kiosk(browser, gate) as page:
        await page.goto("/approach")
        await expect(page.get_by_text("An officer is coming to you.").first).to_be_visible()
        await page.get_by_role("link", name="English").click()
        await page.keyboard.type(GOOD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#answer .wait")).to_have_text(
            "Please wait here. An officer is coming to you."
        )
        gate.change_point("approach", message=BoardMessage(MessageKind.DIRECT, "1", Corridor.GREEN))
        await expect(page.get_by_text("Green corridor")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (800, 480)])
async def test_everything_fits_without_scrolling(browser: Browser, width: int, height: int) -> None:
    """In every language, with the longest word about a slip showing; no key hides under another."""
    gate = TinyCheckpoint()
    async with _kiosk(browser, gate, width, height) as page:
        for path in ("/approach", *(f"/approach/{language}" for language in LANGUAGES)):
            await page.goto(path)
            if path != "/approach":
                await page.keyboard.type(SLIP)
                await expect(page.locator("#slip")).to_be_visible()
            assert await page.evaluate(_CUT_OFF) == [], path
