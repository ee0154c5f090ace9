"""Officers' orders as an officer gives them: in a real browser, by keyboard alone where it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from gate.lanes.order_acts import OpenOnce, OrderCheck, ReviewEmergency
from gate.lanes.ports import ReviewLine
from gate.model import CheckSource, Corridor, NoGoods, VisitStatus
from tests.console.browsing import chromium, log_in, screen
from tests.console.conftest import Room
from tests.console.tiny_checkpoint import MORNING
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE = 30_000
"""Milliseconds for what must come; a busy machine may be slow."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def test_a_check_is_filled_in_with_the_keyboard_alone(browser: Browser, room: Room) -> None:
    """Source by arrow key, facts typed, sent by Enter on the button; the card then says so."""
    async with screen(browser, room) as (page, gate, complaints):
        gate.arrive("v-900", "10AA900", "approach", corridor=Corridor.GREEN, status=VisitStatus.DIRECTED)
        page.set_default_timeout(PATIENCE)
        await log_in(page)
        # The live part may be fetched again at any moment, and takes a focus with it; the sheet never is.
        await page.locator("#visit-OrderCheck-v-900").click()
        sheet = page.get_by_role("dialog")
        await expect(sheet.get_by_label("Own observation")).to_be_focused(timeout=PATIENCE)
        await page.keyboard.press("ArrowDown")
        await expect(sheet.get_by_label("The dog")).to_be_checked(timeout=PATIENCE)
        await page.keyboard.press("Tab")
        await page.keyboard.type("the dog sat down at the rear axle")
        await must_be_accessible(page)
        await keep_picture(page, "order-check")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#visit-v-900")).to_contain_text("Check ordered", timeout=PATIENCE)
        await expect(sheet).not_to_be_visible(timeout=PATIENCE)
        facts = "the dog sat down at the rear axle"
        assert gate.acts == [
            OrderCheck(officer="Leyla", visit_id="v-900", source=CheckSource.CANINE, facts=facts)
        ]
        assert complaints == []


async def test_an_empty_lorry_is_opened_for_from_its_lane(browser: Browser, room: Room) -> None:
    """The button stands on the lane's card; the form asks what it is and why."""
    async with screen(browser, room) as (page, gate, complaints):
        gate.change_point("lane-1", phase="held", plate="77BC401", visit_id=None)
        page.set_default_timeout(PATIENCE)
        await log_in(page)
        await page.locator("#point-OpenOnce-lane-1").click()
        sheet = page.get_by_role("dialog")
        await sheet.get_by_label("Empty lorry").check()
        await sheet.get_by_label("Reason").fill("doors open, looked inside")
        await must_be_accessible(page)
        await keep_picture(page, "open-once")
        await sheet.get_by_role("button", name="Open once").click()
        await expect(sheet).not_to_be_visible(timeout=PATIENCE)
        assert gate.acts == [
            OpenOnce(
                officer="Leyla", point="lane-1", category=NoGoods.EMPTY, reason="doors open, looked inside"
            )
        ]
        assert complaints == []


async def test_an_emergency_is_looked_back_at_by_the_shift_lead(browser: Browser, room: Room) -> None:
    """It stands at the top of every officer's page until somebody else than who declared it says what was."""
    async with screen(browser, room) as (page, gate, complaints):
        gate.reviews = [ReviewLine(("e-1", "e-2"), ("lane-1", "lane-2"), "Leyla", "fire", MORNING, MORNING)]
        page.set_default_timeout(PATIENCE)
        await log_in(page, "Nigar")
        panel = page.get_by_role("region", name="Emergencies to review")
        await expect(panel).to_contain_text("lane-1, lane-2", timeout=PATIENCE)
        await must_be_accessible(page)
        await keep_picture(page, "reviews")
        await panel.get_by_role("link", name="Review").click()
        sheet = page.get_by_role("dialog")
        await sheet.get_by_label("What did you find?").fill("a burnt toaster; drill the booth")
        await keep_picture(page, "review")
        await sheet.get_by_role("button", name="Review the emergency").click()
        await expect(panel).to_have_count(0, timeout=PATIENCE)
        assert gate.acts == [
            ReviewEmergency(officer="Nigar", emergency_id="e-1", finding="a burnt toaster; drill the booth")
        ]
        assert complaints == []
