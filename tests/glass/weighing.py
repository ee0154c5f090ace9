"""What a page's first load weighs, and whom it asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Request

from tests.console.browsing import log_in
from tests.glass.crossing import Crossing
from tests.glass.people import TONGUES, chooses, window

MOST_BYTES = 150_000


@dataclass
class Load:
    """What a browser that has never been here asks for, and what of it has come whole."""

    page: Page
    asked: list[str] = field(default_factory=list)
    came: dict[str, Request] = field(default_factory=dict)
    """By address: what is fetched anew because something happened belongs to no first load."""

    def note_asked(self, request: Request) -> None:
        """It has begun."""
        self.asked.append(request.url)

    def note_came(self, request: Request) -> None:
        """It has come whole: not what htmx took back for something fresher, nor an open stream."""
        self.came.setdefault(request.url, request)

    async def weight(self, own: str) -> int:
        """Bytes sent, headers and all, pictures of vehicles apart. Nothing may come from anywhere else."""
        elsewhere = [url for url in self.asked if urlsplit(url).netloc != urlsplit(own).netloc]
        assert elsewhere == []
        sizes = await asyncio.gather(
            *(one.sizes() for one in self.came.values() if "/evidence/" not in one.url)
        )
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


@asynccontextmanager
async def first_load(browser: Browser, address: str) -> AsyncIterator[Load]:
    """A fresh browser and its account of what it loads."""
    async with window(browser, address) as context:
        load = Load(await context.new_page())
        load.page.on("request", load.note_asked)
        load.page.on("requestfinished", load.note_came)
        yield load


async def console_weight(browser: Browser, crossing: Crossing) -> int:
    """The login and the first screen, pictures of vehicles apart."""
    address = crossing.daemon.console
    async with first_load(browser, address) as load:
        await load.page.goto("/login")
        await log_in(load.page, "Leyla")
        return await load.weight(address)


async def kiosk_weight(browser: Browser, crossing: Crossing) -> int:
    """The start and the keypad."""
    address = crossing.daemon.kiosk
    async with first_load(browser, address) as load:
        await load.page.goto("/hall-1")  # nobody stands there
        await chooses(load.page, TONGUES["ka"])
        await load.page.locator("[data-digit='1']").click()
        return await load.weight(address)
