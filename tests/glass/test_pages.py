"""The pages themselves, a busy checkpoint behind: within everybody's reach, light, from one place."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from gate.model import Corridor
from tests.console.browsing import log_in
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture
from tests.glass.crossing import LANES, Crossing
from tests.glass.people import TONGUES, Theme, chooses, kiosk, release_form, says, types, window
from tests.glass.pictures import busy_morning
from tests.glass.weighing import MOST_BYTES, console_weight, kiosk_weight

pytestmark = pytest.mark.asyncio(loop_scope="module")

THEMES: tuple[Theme, ...] = ("light", "dark")


async def in_both(page: Page, name: str) -> None:
    """The page as it is, in light and dark, is within everybody's reach; pictures of both are kept."""
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme)
        await keep_picture(page, f"{name}-{theme}")
        await must_be_accessible(page)


async def test_the_console_is_within_everybodys_reach(crossing: Crossing, browser: Browser) -> None:
    """axe-core, WCAG 2.2 AA: login, first screen, a release, a lane, a visit's story, search, account."""
    async with window(browser, crossing.daemon.console) as context:
        page = await context.new_page()
        await page.goto("/login")
        await in_both(page, "console-login")
        visit, mark = await busy_morning(crossing)
        await log_in(page, "Nigar")
        await expect(page.locator(f"#visit-{visit}")).to_be_visible()
        await in_both(page, "console-first-screen")
        await release_form(page, LANES[Corridor.RED])
        await in_both(page, "console-release")
        for name, path in (
            ("lane", f"/lanes/{LANES[Corridor.RED]}"),
            ("visit", f"/visits/{visit}"),
            ("search", f"/search?q={mark}"),
            ("account", "/account"),
        ):
            await page.goto(path)
            await in_both(page, f"console-{name}")


async def test_the_kiosk_is_within_everybodys_reach(crossing: Crossing, browser: Browser) -> None:
    """axe-core, WCAG 2.2 AA: choosing a language, typing from left and right, a slip, an answer."""
    number = await crossing.declared(Corridor.GREEN, None, mode="baggage")
    await crossing.attended("hall-2")
    async with kiosk(browser, crossing, "hall-2") as page:
        await in_both(page, "kiosk-start")
        await chooses(page, TONGUES["fa"])
        await page.keyboard.type("0000000000001")
        await in_both(page, "kiosk-slip-fa")
        await page.goto("/hall-2")
        await chooses(page, TONGUES["en"])
        await in_both(page, "kiosk-keypad")
        await types(page, number)
        await says(page, TONGUES["en"], "Green corridor")
        await in_both(page, "kiosk-answer")
        await page.get_by_role("button", name="Call an officer").click()
        await says(page, TONGUES["en"], "An officer has been called. Please wait here.")
        await in_both(page, "kiosk-called")


async def test_the_first_load_is_light_and_asks_nobody_else(crossing: Crossing, browser: Browser) -> None:
    """Under 150 KB each, pictures of vehicles apart; a console and a kiosk need nothing but the gate."""
    assert 5_000 < await console_weight(browser, crossing) < MOST_BYTES
    assert 2_000 < await kiosk_weight(browser, crossing) < MOST_BYTES
