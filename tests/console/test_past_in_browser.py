"""Search, story, day and repairs as an officer sees them: in a browser, light and dark, by keyboard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.console.browsing import chromium
from tests.console.conftest import Accounts, Room
from tests.console.past import BAKU, a_days_traffic, past_of, red_all_the_way
from tests.console.serving import served
from tests.console.test_repairs import WELL
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture
from tests.lanes.gatehouse import gatehouse
from tests.lanes.stories import LORRY

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def test_an_officer_looks_back(
    browser: Browser, room: Room, accounts: Accounts, tmp_path: Path
) -> None:
    """Found by part of a plate, its story read, the day it came on, and what there is to repair."""
    data = tmp_path / "data"
    async with gatehouse(data, ("approach", "red")) as house:
        await house.rests("approach", "lane-4")
        visit_id = await red_all_the_way(house, room.evidence)
        visit = await house.knows(visit_id)
    room.checkpoint.visits[visit_id] = visit
    room.checkpoint.system = WELL
    room.checkpoint.change_point("lane-4", faults=("io: no heartbeat for 6 s",), barrier="unknown")
    room.checkpoint.change_point(
        "hall-1", faults=("printer: the slip printer is out of paper: put a new roll in",)
    )
    async with past_of(room, data) as past, served(past.app) as address:
        await a_days_traffic(past, room.evidence, datetime(2026, 5, 3, tzinfo=BAKU))
        context = await browser.new_context(viewport={"width": 1366, "height": 768}, base_url=address)
        await context.add_cookies([{"name": "gate_session", "value": accounts.token, "url": address}])
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)

        await page.goto("/passages")
        await _must_look_right(page, "passages")
        await page.get_by_label("Plate, or part of it").fill(LORRY[2:6])
        await page.keyboard.press("Enter")
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(1)
        await expect(rows.get_by_role("img")).to_have_count(2)
        await expect(rows).to_contain_text("RED")
        await rows.get_by_role("link", name=LORRY, exact=True).click()

        await expect(page.get_by_role("heading", name="What happened")).to_be_visible()
        await page.get_by_text("For the auditor").click()
        await expect(page.locator(".audit code").last).to_have_text(re.compile(r"[0-9a-f]{64}"))
        await page.get_by_text("For the auditor").click()
        await _must_look_right(page, "story")

        await page.goto("/day?date=2026-05-03")
        await expect(page.locator(".chart").first.locator("rect.green")).not_to_have_count(0)
        await _must_look_right(page, "day")
        await page.goto("/repairs")
        await expect(page.get_by_text("Put a new roll into the slip printer.")).to_be_visible()
        await _must_look_right(page, "repairs")
        assert complaints == []
        await context.close()


async def _must_look_right(page: Page, name: str) -> None:
    """Nothing cut off sideways, nothing serious against it, in both lights; pictures of it are kept."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.evaluate("scrollTo(0, 0)")
    await page.emulate_media(color_scheme="dark")
    await must_be_accessible(page)
    await keep_picture(page, f"{name}-dark")
    await page.emulate_media(color_scheme="light")
    await must_be_accessible(page)
    await keep_picture(page, f"{name}-light")
