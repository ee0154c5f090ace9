"""Officers at the glass: released by mouse and by keyboard, two at once, four eyes, a login that ends."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from gate.clock import SystemClock
from gate.console.sessions import SESSION_COOKIE
from gate.lanes.events import BarrierPosition
from gate.model import Corridor
from gate.store.officers import Officers
from tests.console.serving import PASSWORD
from tests.glass.artefacts import keep_picture
from tests.glass.crossing import LANES, Crossing
from tests.glass.people import card, officer, presses, release_form, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

RED = LANES[Corridor.RED]


async def drives_away(crossing: Crossing, before: int) -> None:
    """The released vehicle passes; its barrier has felt one pulse since `before`, and is down again."""
    await crossing.drives_through(RED)
    assert crossing.raises(RED) == before + 1


async def test_a_red_vehicle_is_released_after_checks(crossing: Crossing, browser: Browser) -> None:
    """Rules 5.8: the boom stays down until an officer has named what was checked; then it rises once."""
    before = crossing.raises(RED)
    visit, mark = await crossing.waits_for_control(Corridor.RED)
    async with officer(browser, crossing, "Leyla") as page:
        await expect(card(page, RED)).to_contain_text(mark)
        sheet = await release_form(page, RED)
        assert await presses(page, sheet, "Release") in (409, 422), "a release that names nothing is none"
        await expect(sheet.get_by_role("alert")).to_be_visible()
        assert crossing.raises(RED) == before
        await sheet.get_by_label("Goods").check()
        await sheet.get_by_label("Seals").check()
        await keep_picture(page, "console-release-red")
        assert await presses(page, sheet, "Release") == 200
        await expect(sheet).to_be_hidden()
        await crossing.barrier(RED, BarrierPosition.UP)
        await expect(card(page, RED).get_by_text("barrier up")).to_be_visible()
        await drives_away(crossing, before)
        await expect(card(page, RED).get_by_text("barrier down")).to_be_visible()
    assert crossing.releases(visit) == [("officer", "Leyla", json.dumps(["goods", "seals"]))]


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on what the selector names, as somebody without a mouse does."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab never came to {wanted}")


async def test_a_red_vehicle_is_released_by_keyboard_alone(crossing: Crossing, browser: Browser) -> None:
    """From the login to the open barrier nothing is touched but the keyboard."""
    before = crossing.raises(RED)
    visit, _ = await crossing.waits_for_control(Corridor.RED)
    async with window(browser, crossing.daemon.console) as context:
        page = await context.new_page()
        await page.goto("/login")
        await expect(page.get_by_label("Name")).to_be_focused()
        await page.keyboard.type("Leyla")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Password")).to_be_focused()
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator("html.ready").wait_for()
        await tab_to(page, f"#point-{RED} a[href*='/acts/ReleaseVisit']")
        await page.keyboard.press("Enter")
        sheet = page.get_by_role("dialog")
        await expect(sheet.get_by_role("heading", name="Release")).to_be_visible()
        await tab_to(page, "input[name=checked][value=goods]")
        await page.keyboard.press("Space")
        await expect(sheet.get_by_label("Goods")).to_be_checked()
        await keep_picture(page, "console-release-by-keyboard")
        await page.keyboard.press("Enter")
        await expect(sheet).to_be_hidden()
        await crossing.barrier(RED, BarrierPosition.UP)
        await drives_away(crossing, before)
    assert crossing.releases(visit) == [("officer", "Leyla", json.dumps(["goods"]))]


async def test_two_officers_release_one_vehicle_at_once(crossing: Crossing, browser: Browser) -> None:
    """Both press; one release, one pulse, and the other is told that it was done already."""
    before = crossing.raises(RED)
    visit, _ = await crossing.waits_for_control(Corridor.RED)
    async with officer(browser, crossing, "Leyla") as first, officer(browser, crossing, "Kamran") as second:
        sheets = {
            name: await release_form(page, RED) for name, page in (("Leyla", first), ("Kamran", second))
        }
        for sheet in sheets.values():
            await sheet.get_by_label("Goods").check()
        page = {"Leyla": first, "Kamran": second}
        statuses = await asyncio.gather(*(presses(page[name], sheets[name], "Release") for name in page))
        assert sorted(statuses) == [200, 409]
        winner, loser = page if statuses[0] == 200 else reversed(page)
        await expect(sheets[winner]).to_be_hidden()
        await expect(sheets[loser].get_by_role("alert")).to_be_visible()
        await keep_picture(page[loser], "console-released-by-somebody-else")
        await crossing.barrier(RED, BarrierPosition.UP)
        await drives_away(crossing, before)
    assert crossing.releases(visit) == [("officer", winner, json.dumps(["goods"]))]


async def test_a_login_that_ends_in_mid_act_does_nothing(crossing: Crossing, browser: Browser) -> None:
    """The login is over when the officer presses Release: not done; after a new login done, once."""
    before = crossing.raises(RED)
    visit, _ = await crossing.waits_for_control(Corridor.RED)
    async with officer(browser, crossing, "Leyla") as page:
        sheet = await release_form(page, RED)
        await sheet.get_by_label("Goods").check()
        cookies = await page.context.cookies()
        (token,) = [cookie["value"] for cookie in cookies if cookie["name"].endswith(SESSION_COOKIE)]
        officers = Officers(crossing.daemon.data / "officers.db", SystemClock())
        officers.log_out(token)
        officers.close()
        assert await presses(page, sheet, "Release") == 401
        again = page.get_by_role("dialog", name="Log in again")
        await expect(again).to_contain_text("nothing was done")
        await keep_picture(page, "console-login-ended")
        assert (crossing.raises(RED), crossing.releases(visit)) == (before, [])
        await again.get_by_label("Password").fill(PASSWORD)
        await again.get_by_role("button", name="Log in").click()
        await expect(again).to_be_hidden()
        await expect(sheet.get_by_label("Goods")).to_be_checked()
        assert await presses(page, sheet, "Release") == 200
        await drives_away(crossing, before)
    assert len(crossing.releases(visit)) == 1


async def _second(sheet: Locator, name: str) -> None:
    """A colleague names himself at the first one's screen."""
    second = sheet.get_by_role("group", name="Second officer")
    await second.get_by_label("Name").fill(name)
    await second.get_by_label("Password").fill(PASSWORD)


async def test_four_eyes_confirm_a_plate_nobody_read(crossing: Crossing, browser: Browser) -> None:
    """Rules 8.0.1: a plate far from the one that was read takes a colleague with his own password."""
    mark, seen = crossing.mark(), crossing.mark()
    await crossing.declared(Corridor.GREEN, mark)
    visit = await crossing.is_held(seen)
    async with officer(browser, crossing, "Leyla") as page:
        held = page.locator(f"#visit-{visit}")
        await expect(held).to_contain_text(seen)
        await held.get_by_role("link", name="Confirm plate").click()
        sheet = page.get_by_role("dialog")
        await sheet.get_by_label("The plate as it is on the vehicle").fill(mark)
        assert await presses(page, sheet, "Confirm") == 409
        await _second(sheet, "Leyla")
        alone = await sheet.get_by_role("alert").inner_text()
        assert (await crossing.watcher.visit(visit))["corridor"] is None
        assert await presses(page, sheet, "Confirm") in (403, 409), "nobody is his own second"
        await expect(sheet.get_by_role("alert")).not_to_have_text(alone)
        assert (await crossing.watcher.visit(visit))["status"] == "held"
        await _second(sheet, "Kamran")
        await keep_picture(page, "console-four-eyes")
        assert await presses(page, sheet, "Confirm") == 200
        await expect(sheet).to_be_hidden()
        await expect(page.locator(f"#visit-{visit}")).to_contain_text(mark)
    assert (await crossing.watcher.visit(visit))["corridor"] == "GREEN"
    bodies = [body for (body,) in crossing.journal("SELECT body FROM journal_full WHERE visit = ?", visit)]
    assert any("Leyla" in body and "Kamran" in body for body in bodies), "both names are on record"
    await crossing.rolls_up(LANES[Corridor.GREEN], mark)
    await crossing.drives_through(LANES[Corridor.GREEN])
