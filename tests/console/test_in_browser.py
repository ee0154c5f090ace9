"""The console as an officer meets it: in a real browser, over HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from gate.lanes.acts import AcknowledgeCall, ReleaseVisit
from gate.model import VisitStatus
from tests.console.browsing import chromium, log_in, screen
from tests.console.conftest import Room
from tests.console.test_searching import DECLARED

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def test_a_red_visit_is_released_by_form(browser: Browser, room: Room) -> None:
    """A wrong password first; then: the sheet, nothing ticked is refused, ticked is done and named."""
    async with screen(browser, room) as (page, gate, complaints):
        await log_in(page, password="not the password", ready=False)
        await expect(page.get_by_role("alert")).to_contain_text("not right")
        await log_in(page)
        await page.locator("#point-lane-4").get_by_role("link", name="Release").click()
        sheet = page.get_by_role("dialog")
        await expect(sheet).to_contain_text("34KLM06")
        await sheet.get_by_role("button", name="Release").click()
        await expect(sheet.get_by_role("alert")).to_contain_text("Name at least one thing")
        await sheet.get_by_label("Goods").check()
        await sheet.get_by_label("Seals").check()
        await sheet.get_by_label("Anything else").fill("fuel tank")
        await sheet.get_by_role("button", name="Release").click()
        await expect(page.locator("#notice")).to_contain_text("Released by Leyla: goods, seals, fuel tank")
        await expect(sheet).not_to_be_visible()
        await expect(page.locator("#visit-v-103")).to_contain_text("Released")
        assert gate.acts == [
            ReleaseVisit(officer="Leyla", visit_id="v-103", checked=("goods", "seals", "fuel tank"))
        ]
        assert gate.visits["v-103"].status is VisitStatus.RELEASED
        assert complaints == []


async def test_calls_are_acknowledged_and_changes_come_by_themselves(browser: Browser, room: Room) -> None:
    """One click answers an alarm; what happens appears without a reload; a half-typed form stays."""
    async with screen(browser, room) as (page, gate, complaints):
        await log_in(page)
        alarm = page.locator(".call.alarm")
        await expect(alarm).to_contain_text("not directed here")
        await alarm.get_by_role("button", name="I am coming").click()
        await expect(alarm).to_contain_text("Leyla is on the way")
        assert gate.acts == [AcknowledgeCall(officer="Leyla", call_id="c-2")]

        await page.locator("#visit-v-106").get_by_role("link", name="Confirm plate").click()
        await page.get_by_role("dialog").get_by_label("The plate").fill("99BA")
        gate.arrive("v-200", "07SS007", "approach", minutes=30)
        gate.call("c-3", "hall-1", "a carrier wants an officer")
        await gate.tell()
        await expect(page.locator("#visit-v-200")).to_contain_text("07SS007")
        await expect(page.locator(".calls")).to_contain_text("a carrier wants an officer")
        await expect(page.get_by_role("dialog").get_by_label("The plate")).to_have_value("99BA")
        await page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
        await expect(page.get_by_role("dialog")).not_to_be_visible()

        await page.get_by_role("button", name="Leave").click()
        await expect(page.locator("#point-hall-1")).to_contain_text("not attended")
        await page.get_by_title("Its story").first.click()
        await expect(page.get_by_role("heading", name="What happened")).to_be_visible()
        assert complaints == []


async def test_a_login_ended_elsewhere_ends_thisscreen(browser: Browser, room: Room) -> None:
    """The screen goes to the login page by itself and shows nothing any more."""
    async with screen(browser, room) as (page, gate, _):
        await log_in(page)
        await expect(page.locator("#point-lane-1")).to_be_visible()
        room.officers.end_logins(None, "root")
        await gate.tell()
        # Two answers may lead there, the second aborting the first: the place counts, not the way.
        await expect(page).to_have_url(re.compile(r"/login$"))


async def test_it_fits_the_officers_screen_and_works_without_scripts(browser: Browser, room: Room) -> None:
    """Nothing is cut off sideways at 1366x768; with scripts off, forms are pages."""
    async with screen(browser, room) as (page, gate, _):
        await log_in(page)
        await expect(page.locator("#point-lane-1")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        plain = await browser.new_context(
            java_script_enabled=False, base_url=page.url, storage_state=await page.context.storage_state()
        )
        bare = await plain.new_page()
        await bare.goto("/")
        await expect(bare.get_by_role("note")).to_contain_text("does not follow what happens by itself")
        await bare.locator("#visit-v-105").get_by_role("link", name="Turn back").click()
        await bare.get_by_label("Reason").fill("the driver asks to go back")
        await bare.get_by_role("button", name="Turn back").click()
        await expect(bare.locator("#point-lane-1")).to_be_visible()
        assert gate.visits["v-105"].status is VisitStatus.LEFT_UNRELEASED
        await plain.close()


async def test_a_declaration_is_found_from_any_page(browser: Browser, room: Room) -> None:
    """Typed at the top and sent with Enter; the declaration has no corridor, the visit beside it has."""
    async with screen(browser, room) as (page, gate, complaints):
        gate.declared.append(DECLARED)
        await log_in(page)
        await page.get_by_label("Plate or notification number").fill("34 klm")
        await page.keyboard.press("Enter")
        visits, declarations = (page.locator(".found section").nth(at) for at in (0, 1))
        await expect(visits).to_contain_text("RED")
        await expect(declarations).to_contain_text("4829 137 560 129")
        await expect(declarations).not_to_contain_text("RED")
        await visits.get_by_role("link", name="34KLM06").click()
        await expect(page.get_by_role("heading", name="34KLM06")).to_be_visible()
        assert complaints == []
