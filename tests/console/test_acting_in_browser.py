"""How acts are done, in a real browser over the real core: choosing, two officers, a login that ends."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gate.lanes.state import Phase
from gate.model import Corridor, PlateRead
from tests.console.browsing import chromium, log_in
from tests.console.busy_morning import crop, keep, scene
from tests.console.conftest import Accounts
from tests.console.real_booth import Booth, real_booth
from tests.console.serving import PASSWORD, served
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture
from tests.lanes.looks import journalled_acts
from tests.lanes.officers import in_control
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, declared, openings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


@asynccontextmanager
async def screens(browser: Browser, booth: Booth, *names: str) -> AsyncIterator[list[Page]]:
    """A screen for each of these officers, logged in, at the live page."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(booth.app))
        pages = []
        for name in names:
            context = await browser.new_context(
                viewport={"width": 1366, "height": 768}, base_url=address, reduced_motion="reduce"
            )
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(20_000)
            await page.goto("/")
            await log_in(page, name)
            pages.append(page)
        yield pages


def photographed(booth: Booth, seen: PlateRead) -> PlateRead:
    """The read, with its scene and the plate cut out of it kept as evidence is."""
    folder = booth.house.data / "evidence"
    return replace(seen, evidence=(keep(folder, scene(seen.mark)), keep(folder, crop(seen.mark))))


async def test_a_near_match_is_chosen_with_the_keyboard(
    browser: Browser, tmp_path: Path, accounts: Accounts
) -> None:
    """8.0.1: crop large, read with confidence, the candidate's signs that differ marked; Enter does it."""
    async with real_booth(tmp_path, accounts) as booth, screens(browser, booth, "Leyla") as (page,):
        await booth.house.files(declared(booth.house, Corridor.RED))
        near = photographed(booth, read(type(LORRY)("1OAA128")))
        visit_id = await booth.house.approaches(near)
        await page.locator(f"#visit-{visit_id}").get_by_role("link", name="Confirm plate").press("Enter")
        sheet = page.get_by_role("dialog", name="Act")
        await expect(sheet.get_by_role("img", name="The plate as the reader saw it")).to_be_visible()
        await expect(sheet).to_contain_text(f"1OAA128 {near.confidence:.0%}".replace("%", " %"))
        candidate = sheet.get_by_role("button", name=f"{LORRY} is on the vehicle")
        await expect(candidate.locator("mark")).to_have_text(["0", "3"])
        await must_be_accessible(page)
        await keep_picture(page, "confirm-plate")
        await sheet.get_by_label("Another one, as it is on the vehicle").fill("99ZZ999")
        await page.keyboard.press("Enter")
        await expect(sheet.get_by_role("alert")).to_contain_text("not near to 99ZZ999")
        await candidate.press("Enter")
        await expect(page.locator("#notice")).to_contain_text("done")
        await expect(sheet).not_to_be_visible()
        await booth.house.phase("approach", Phase.DIRECTED)
        (typed, kept) = journalled_acts(booth.house)
        assert (typed["act"]["mark"], kept["act"]["mark"]) == ("99ZZ999", LORRY)
        assert kept["act"]["seen"]["sight"]["evidence"] == [*reversed(near.evidence)]


async def test_a_second_officer_agrees_at_another_screen(
    browser: Browser, tmp_path: Path, accounts: Accounts
) -> None:
    """Four eyes over two screens: asked from the form, loud on the other's page, answered there."""
    async with (
        real_booth(tmp_path, accounts) as booth,
        screens(browser, booth, "Leyla", "Nigar") as (leyla, nigar),
    ):
        await booth.house.files(declared(booth.house))
        visit_id = await booth.house.approaches(photographed(booth, read(VAN)))
        await booth.house.moves_on()
        await leyla.locator(f"#visit-{visit_id}").get_by_role("link", name="Confirm plate").click()
        sheet = leyla.get_by_role("dialog", name="Act")
        await sheet.get_by_label("The plate as it is on the vehicle").fill(LORRY)
        await sheet.get_by_role("button", name="Confirm the plate by sight").click()
        await expect(sheet.get_by_role("alert")).to_contain_text("not near")
        await keep_picture(leyla, "second-wanted")
        await sheet.get_by_role("button", name="Ask another officer to agree").click()
        await expect(leyla.locator(".request.own")).to_contain_text("You ask another officer to agree")

        card = nigar.locator(".request")
        await expect(card).to_contain_text("Leyla asks you to agree")
        await expect(card).to_contain_text(re.compile(r"[0-3]:\d\d left"))
        await must_be_accessible(nigar)
        await keep_picture(nigar, "second-asked")
        await card.get_by_role("link", name="Look and answer").click()
        answer = nigar.get_by_role("dialog", name="Act")
        await expect(answer.get_by_label("Your password again")).to_be_focused()
        await must_be_accessible(nigar)
        await keep_picture(nigar, "second-answers")
        await answer.get_by_label("Your password again").fill("wrong words here")
        await nigar.keyboard.press("Enter")
        await expect(answer.get_by_role("alert")).to_contain_text("not your password")
        assert openings(booth.house) == []
        await answer.get_by_label("Your password again").fill(PASSWORD)
        await answer.get_by_role("button", name="I agree", exact=True).click()
        await expect(nigar.locator("#notice")).to_contain_text("directed to lane 1")
        await expect(leyla.locator(".request.own .answer")).to_contain_text(
            "Nigar agreed: directed to lane 1"
        )
        await expect(nigar.locator(".request")).to_have_count(0)
        assert openings(booth.house) == [(ONE, "GREEN")]


async def test_two_officers_at_one_lane_by_their_pages(
    browser: Browser, tmp_path: Path, accounts: Accounts
) -> None:
    """Both have the form open; who presses second reads who was first and when, and the barrier rose once."""
    async with (
        real_booth(tmp_path, accounts) as booth,
        screens(browser, booth, "Leyla", "Nigar") as (leyla, nigar),
    ):
        await in_control(booth.house)
        for page in (leyla, nigar):
            await page.locator("#point-lane-4").get_by_role("link", name="Release").click()
            await page.get_by_role("dialog", name="Act").get_by_label("Goods").check()
        for page in (leyla, nigar):
            await page.get_by_role("dialog", name="Act").get_by_role("button", name="Release").click()
            if page is leyla:
                await expect(leyla.locator("#notice")).to_contain_text("done")
        told = nigar.get_by_role("dialog", name="Act").get_by_role("alert")
        await expect(told).to_have_text(re.compile(r"Leyla released it at \d\d:\d\d:\d\d\. "))
        await expect(nigar.get_by_role("dialog", name="Act").get_by_label("Goods")).to_be_checked()
        await keep_picture(nigar, "told-who-was-first")
        await booth.house.until(lambda: bool(booth.house.io["lane-4"].told("raise")))
        assert len(booth.house.io["lane-4"].told("raise")) == 1


async def test_a_login_that_ends_in_mid_act_loses_nothing(
    browser: Browser, tmp_path: Path, accounts: Accounts
) -> None:
    """The form waits under the login; nothing was done, and it is done once, when it is pressed again."""
    async with real_booth(tmp_path, accounts) as booth, screens(browser, booth, "Leyla") as (page,):
        visit_id = await in_control(booth.house)
        await page.locator("#point-lane-4").get_by_role("link", name="Release").click()
        sheet = page.get_by_role("dialog", name="Act")
        await sheet.get_by_label("Goods").check()
        await sheet.get_by_label("Anything else").fill("fuel tank")
        booth.officers.end_logins(None, "root")
        await sheet.get_by_role("button", name="Release").click()
        again = page.get_by_role("dialog", name="Log in again")
        await expect(again).to_contain_text("nothing was done")
        await expect(again.get_by_label("Name")).to_have_value("Leyla")
        await expect(page.locator("#point-lane-4")).to_be_empty()
        await must_be_accessible(page)
        await keep_picture(page, "login-ended")
        await page.keyboard.press("Escape")
        await again.get_by_label("Password").fill("wrong words here")
        await page.keyboard.press("Enter")
        await expect(again.get_by_role("alert")).to_contain_text("not right")
        await again.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(again).not_to_be_visible()
        await expect(page.locator("#point-lane-4")).to_contain_text("Lane 4")
        assert booth.house.points["lane-4"].state.phase is Phase.CONTROL, "nothing is sent again by itself"
        await expect(sheet.get_by_label("Anything else")).to_have_value("fuel tank")
        await sheet.get_by_role("button", name="Release").click()
        await expect(page.locator("#notice")).to_contain_text("done")
        (kept,) = journalled_acts(booth.house)
        assert (kept["act"]["visit_id"], kept["act"]["checked"]) == (visit_id, ["goods", "fuel tank"])


async def test_another_officer_does_not_go_on_with_a_colleagues_form(
    browser: Browser, tmp_path: Path, accounts: Accounts
) -> None:
    """The booth changed hands while nobody was logged in: the page begins anew in the other's name."""
    async with real_booth(tmp_path, accounts) as booth, screens(browser, booth, "Leyla") as (page,):
        await in_control(booth.house)
        await page.locator("#point-lane-4").get_by_role("link", name="Release").click()
        await page.get_by_role("dialog", name="Act").get_by_label("Goods").check()
        booth.officers.end_logins(None, "root")
        await page.get_by_role("dialog", name="Act").get_by_role("button", name="Release").click()
        again = page.get_by_role("dialog", name="Log in again")
        await again.get_by_label("Name").fill("Nigar")
        await again.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-officer='Nigar']")).to_be_visible()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert journalled_acts(booth.house) == []
