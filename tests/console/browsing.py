"""A real browser for tests: Debian's Chromium, driven by Playwright, talking to nobody but the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

from gate.clock import Clock, SystemClock
from gate.console.app import create_console
from tests.console.busy_morning import busy_morning
from tests.console.conftest import Room
from tests.console.serving import PASSWORD, served
from tests.console.tiny_checkpoint import TinyCheckpoint

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that ends with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def screen(
    browser: Browser,
    room: Room,
    checkpoint: TinyCheckpoint | None = None,
    *,
    clock: Clock | None = None,
    dark: bool = False,
    size: tuple[int, int] = (1366, 768),
) -> AsyncIterator[tuple[Page, TinyCheckpoint, list[str]]]:
    """An officer's screen at the login page. The list gathers what the browser complains of."""
    checkpoint = checkpoint or busy_morning(room.evidence)
    app = create_console(checkpoint, room.officers, room.evidence, clock or SystemClock())
    async with served(app) as address:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            base_url=address,
            color_scheme="dark" if dark else "light",
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )
        try:
            await page.goto("/")
            yield page, checkpoint, complaints
        finally:
            await context.close()


async def log_in(page: Page, name: str = "Leyla", *, password: str = PASSWORD, ready: bool = True) -> None:
    """Log in; unless told otherwise, return once the live page says that its acts open in place."""
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()
    if ready:
        await page.locator("html.ready").wait_for()
