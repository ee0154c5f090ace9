"""Rules 3.6: a RED verdict shows nowhere before its vehicle has come, and where it should once it has."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Response, expect

from gate.model import Corridor
from tests.console.browsing import log_in
from tests.glass.artefacts import keep_picture
from tests.glass.crossing import APPROACH, STAFF, Crossing
from tests.glass.people import TONGUES, chooses, kiosk, says, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

_TELLING = re.compile(r"green|blue|yellow|red\b|lane-\d|low|medium|high|selec|risk|route", re.IGNORECASE)
_STREAM = re.compile(r"(?:event: (?:changed|logged-out)|data: \d*|: ping.*|retry: \d+|)\r?\n?")
Words = dict[str, Counter[str]]
"""Address -> how often each telling word stands in what came from there."""


def words_of(bodies: list[tuple[str, str]]) -> Words:
    """What an attentive reader would compare."""
    return {address: Counter(_TELLING.findall(body.lower())) for address, body in bodies}


@dataclass
class Looker:
    """Somebody with a browser; every body it receives is kept."""

    page: Page
    received: list[asyncio.Task[tuple[str, str]]] = field(default_factory=list)

    def note(self, response: Response) -> None:
        """Keep it; but files are the same to all, and an event stream is listened to apart."""
        if not urlsplit(response.url).path.startswith(("/events", "/static/")):
            self.received.append(asyncio.ensure_future(self._read(response)))

    @staticmethod
    async def _read(response: Response) -> tuple[str, str]:
        asked = urlsplit(response.url)
        address = f"{asked.path}?{asked.query}" if asked.query else asked.path
        return address, (await response.body()).decode("utf-8", "replace")

    async def around(self) -> Words:
        """The first screen with all that belongs to it, and what programs may ask."""
        self.received.clear()
        await self.page.goto("/")
        await self.page.locator("html.ready").wait_for()
        paths = ("/api/overview", "/fragments/checkpoint", "/refused", "/healthz", "/lanes/lane-4")
        return words_of(await self._bodies(paths))

    async def searches(self, number: str, mark: str) -> Words:
        """Look for one declaration in every way; the addresses do not say which."""
        self.received.clear()
        bodies = []
        for word, query in (("number", number), ("plate", mark)):
            await self.page.goto(f"/search?q={query}")
            found = await self._bodies((f"/api/search?q={query}",))
            bodies += [(f"{word} {address.replace(query, 'Q')}", body) for address, body in found]
            self.received.clear()
        return words_of(bodies)

    async def _bodies(self, paths: tuple[str, ...]) -> list[tuple[str, str]]:
        asked = [(path, await (await self.page.request.get(path)).text()) for path in paths]
        return [*await asyncio.gather(*self.received), *asked]


@asynccontextmanager
async def lookers(browser: Browser, crossing: Crossing) -> AsyncIterator[dict[str, Looker]]:
    """One of each role."""
    async with AsyncExitStack() as stack:
        found = {}
        for name, role in STAFF.items():
            if role.value in found:
                continue
            context = await stack.enter_async_context(window(browser, crossing.daemon.console))
            page = await context.new_page()
            await page.goto("/")
            await log_in(page, name)
            found[role.value] = Looker(page)
            page.on("response", found[role.value].note)
        yield found


@asynccontextmanager
async def overheard(crossing: Crossing, cookies: dict[str, str]) -> AsyncIterator[list[str]]:
    """The lines of a screen's event stream."""
    lines: list[str] = []

    async def listen() -> None:
        async with crossing.http.stream(
            "GET", f"{crossing.daemon.console}/events", cookies=cookies, timeout=None
        ) as stream:
            async for line in stream.aiter_lines():
                lines.extend((line,))

    listening = asyncio.create_task(listen())
    try:
        await crossing.until(lambda: bool(lines), "the stream to begin")
        yield lines
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def kiosk_bodies(crossing: Crossing) -> list[str]:
    """Everything a kiosk is sent while nobody stands there."""
    paths = ("/approach", "/approach/en", "/api/approach", "/hall-1/en", "/api/hall-1")
    return [(await crossing.http.get(f"{crossing.daemon.kiosk}{path}")).text for path in paths]


async def test_red_shows_nowhere_before_arrival_and_then_it_does(
    crossing: Crossing, browser: Browser
) -> None:
    """Pages, searches, API, stream, every role, the kiosk: RED looks like GREEN until it is there."""
    red, green = crossing.mark(), crossing.mark()
    async with lookers(browser, crossing) as everybody, kiosk(browser, crossing, APPROACH) as driver:
        leyla = everybody["officer"].page
        cookies = {cookie["name"]: cookie["value"] for cookie in await leyla.context.cookies()}
        async with overheard(crossing, cookies) as stream:
            nobody_declared = {role: await looker.around() for role, looker in everybody.items()}
            kiosk_before = await kiosk_bodies(crossing)
            red_number = await crossing.declared(Corridor.RED, red)
            green_number = await crossing.declared(Corridor.GREEN, green)
            for role, looker in everybody.items():
                assert await looker.around() == nobody_declared[role], role
                as_red, as_green = [
                    await looker.searches(number, mark)
                    for number, mark in ((red_number, red), (green_number, green))
                ]
                assert as_red == as_green, role
            assert await kiosk_bodies(crossing) == kiosk_before
            told = [line for line in stream if not _STREAM.fullmatch(line)]
            assert told == [], "a stream says that something changed, and nothing else"
        await chooses(driver, TONGUES["az"])
        await leyla.goto("/")
        await crossing.rolls_up(APPROACH, red)
        await says(driver, TONGUES["az"], "Red corridor")
        visit = await crossing.visit_at(APPROACH)
        await expect(leyla.locator(f"#visit-{visit}")).to_contain_text("RED")
        await keep_picture(leyla, "console-red-arrived")
        as_red = await everybody["officer"].searches(red_number, red)
        as_green = await everybody["officer"].searches(green_number, green)
        assert as_red != as_green, "the comparison is not blind: after arrival it sees the difference"
        crossing.rolls_off(APPROACH)
        await crossing.phase(APPROACH, "free")
