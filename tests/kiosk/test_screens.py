"""Every screen of the kiosk, in every language, on both sizes of glass: it fits, and anybody can use it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor
from tests.console.browsing import chromium
from tests.console.tiny_checkpoint import BLANK, WAIT, TinyCheckpoint
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture
from tests.kiosk.glass_bench import FAR, SIZES, SLIP, direct, kiosk_page, misfits, says
from tests.kiosk.test_words import LANGUAGES

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS = (
    *(direct(corridor) for corridor in Corridor),
    WAIT,
    BoardMessage(MessageKind.REFER, "G"),
    BoardMessage(MessageKind.CLOSED),
)
_SMALLEST = """() => [...document.querySelectorAll('.key')].filter(e => e.checkVisibility()).map(e => {
    const box = e.getBoundingClientRect();
    return Math.min(box.width, box.height);
}).reduce((a, b) => Math.min(a, b))"""
GLOVED = 54
"""CSS pixels. A 7-inch 800x480 has 5.2 of them to a millimetre: over a centimetre, twice what 2.5.8 asks."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def _fits(page: Page, where: str, *, keep: bool) -> None:
    """On both sizes of glass; the small one's picture is kept."""
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await misfits(page) == [], f"{where} at {width}x{height}"
        assert await page.locator("footer [data-help]:visible").count() == 2, where
        assert await page.evaluate(_SMALLEST) >= GLOVED, f"{where} at {width}x{height}"
    if keep:
        await keep_picture(page, where)


@pytest.mark.parametrize("language", [None, *LANGUAGES])
async def test_no_screen_scrolls_and_help_is_always_there(browser: Browser, language: str | None) -> None:
    """Start or keypad, a slip in the number, thanks, called, and every answer with the longest way on."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        name = f"kiosk-{language or 'start'}"
        await page.goto("/approach" if language is None else f"/approach/{language}")
        await _fits(page, f"{name}-ask", keep=True)
        if language is None:
            gate.change_point("approach", message=WAIT)
            await page.clock.run_for(600)
            await expect(page.locator("body")).to_have_class("start held")
            await _fits(page, f"{name}-held", keep=True)
        else:
            await page.keyboard.type(SLIP)
            await expect(page.locator("#slip")).to_be_visible()
            await _fits(page, f"{name}-slip", keep=True)
        for screen in ("thanks", "called"):
            await page.evaluate("screen => document.body.dataset.screen = screen", screen)
            await _fits(page, f"{name}-{screen}", keep=screen == "called")
        for answer in ANSWERS:
            await says(page, gate, answer, onward=FAR)
            await _fits(
                page, f"{name}-{answer.kind}{'-' + answer.corridor if answer.corridor else ''}", keep=True
            )


async def test_in_the_hall_nobody_is_told_to_drive(browser: Browser) -> None:
    """A carrier on foot walks; no barrier, no vehicle, and it fits in every language."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate) as page:
        for language in LANGUAGES:
            gate.change_point("hall-1", message=BLANK)
            await page.goto(f"/hall-1/{language}")
            for corridor, lane in ((Corridor.BLUE, "G2"), (Corridor.RED, "R123")):
                await says(page, gate, direct(corridor, lane), point="hall-1", onward=FAR)
                await _fits(page, f"kiosk-hall-{language}-{corridor}", keep=corridor is Corridor.BLUE)
            if language == "en":
                words = await page.locator("#answer").inner_html()
                assert "Walk through with your goods." in words
                assert not any(word in words for word in ("Drive", "vehicle", "barrier"))


@pytest.mark.parametrize("language", [None, *LANGUAGES])
async def test_nothing_serious_is_found_by_axe(browser: Browser, language: str | None) -> None:
    """On the small glass: the start, each language's keypad with its word about a slip, and every answer."""
    gate = TinyCheckpoint()
    async with kiosk_page(browser, gate, *SIZES[-1]) as page:
        await page.goto("/approach" if language is None else f"/approach/{language}")
        if language is not None:
            await page.keyboard.type(SLIP)
            await expect(page.locator("#slip")).to_be_visible()
        await must_be_accessible(page)
        # Colours and sizes are the same in every language: the answers are looked at in one.
        for answer in ANSWERS if language == "en" else ():
            await says(page, gate, answer, onward=FAR)
            await must_be_accessible(page)
