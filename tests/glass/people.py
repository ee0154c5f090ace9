"""Officers at their screens and drivers at the kiosk: real pages, found by what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from gate.kiosk.speech import Tongue, load_tongues
from tests.console.browsing import log_in
from tests.glass.crossing import Crossing

TONGUES = load_tongues()
PATIENCE_MS = 30_000
"""A condition may take so long on a machine with other things to do; no page is judged by it."""

Theme = Literal["light", "dark"]
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def window(
    browser: Browser, address: str, *, width: int = 1366, height: int = 768, theme: Theme = "light"
) -> AsyncIterator[BrowserContext]:
    """A browser of its own: its own cookies. No script on its pages may fail, nor be refused by the CSP."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        base_url=address,
        color_scheme=theme,
        # It takes authorities from its user's store alone; that it trusts ours there is test_one_origin's.
        ignore_https_errors=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "console",
        lambda message: (
            complaints.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    try:
        yield context
        assert complaints == []
    finally:
        await context.close()


@asynccontextmanager
async def officer(browser: Browser, crossing: Crossing, name: str) -> AsyncIterator[Page]:
    """An officer at the first screen of the console, which follows."""
    async with window(browser, crossing.daemon.console) as context:
        page = await context.new_page()
        await page.goto("/")
        await log_in(page, name)
        yield page


@asynccontextmanager
async def kiosk(browser: Browser, crossing: Crossing, point: str) -> AsyncIterator[Page]:
    """The kiosk of this point, at its start."""
    async with window(browser, crossing.daemon.kiosk, width=1024) as context:
        page = await context.new_page()
        await page.goto(f"/{point}")
        yield page


def card(page: Page, point: str) -> Locator:
    """A point on the first screen."""
    return page.locator(f"#point-{point}")


async def release_form(page: Page, point: str) -> Locator:
    """The form that releases whoever stands there, open."""
    await card(page, point).get_by_role("link", name="Release", exact=True).click()
    sheet = page.get_by_role("dialog", name="Act")
    await expect(sheet.get_by_role("heading", name="Release")).to_be_visible()
    return sheet


async def presses(page: Page, sheet: Locator, button: str) -> int:
    """Send the form; the status of the gate's answer: 200 done, 409 and 422 not."""
    async with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        await sheet.get_by_role("button", name=button).click()
    return (await answer.value).status


async def says(page: Page, tongue: Tongue, text: str) -> None:
    """The kiosk shows this text in the driver's language."""
    await expect(page.get_by_text(tongue.say(text)).filter(visible=True).first).to_be_visible()


async def chooses(page: Page, tongue: Tongue) -> None:
    """The driver touches his language."""
    await page.get_by_role("link", name=tongue.name, exact=True).click()
    await expect(page.locator("html")).to_have_attribute("lang", tongue.code)
    await page.wait_for_load_state()  # its script hears keys and fingers from here on


async def types(page: Page, number: str) -> None:
    """The driver touches the digits, then goes on."""
    for digit in number:
        await page.locator(f"[data-digit='{digit}']").click()
    await page.locator("#continue").click()
