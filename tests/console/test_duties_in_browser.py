"""Emergencies, work by hand and the roll-call as an officer meets them: in a real browser, over HTTP."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from gate.lanes.duty_acts import AnswerRollCall, HoldToRun, LetGo, OpenForEmergency, SayPassed
from gate.lanes.ports import RollCallLine
from gate.model import Corridor, VisitStatus
from tests.console.browsing import chromium, log_in, screen
from tests.console.conftest import Room
from tests.console.tiny_checkpoint import MORNING, TinyCheckpoint

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRESSED = HoldToRun(officer="Leyla", point="lane-4", visit_id="v-103", checked=("goods", "seals"))
GONE = LetGo(officer="Leyla", point="lane-4")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def _photograph(page: Page, name: str) -> None:
    """For eyes: GATE_SCREENSHOTS names a folder. Once as the desk has it, once narrow."""
    folder = os.environ.get("GATE_SCREENSHOTS")
    if not folder:
        return
    for width, height in ((1366, 768), (430, 900)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
    await page.set_viewport_size({"width": 1366, "height": 768})


async def test_one_lane_is_opened_in_an_emergency(browser: Browser, room: Room) -> None:
    """The card's red button asks first: which lane, and what the emergency is; then the lane says so."""
    async with screen(browser, room) as (page, gate, complaints):
        await log_in(page)
        await page.locator("#point-lane-2").get_by_role("link", name="Emergency").click()
        sheet = page.get_by_role("dialog")
        await expect(sheet).to_contain_text("Lane 2 (lane-2)")
        await _photograph(page, "emergency-sheet")
        await sheet.get_by_role("button", name="Open lane 2 now").click()
        assert gate.acts == [], "the browser itself asks for the reason"
        await sheet.get_by_label("What is the emergency?").fill("a fire behind the lane")
        await sheet.get_by_role("button", name="Open lane 2 now").click()
        await expect(page.locator("#point-lane-2")).to_contain_text("EMERGENCY")
        await expect(sheet).not_to_be_visible()
        assert gate.acts == [
            OpenForEmergency(officer="Leyla", points=("lane-2",), reason="a fire behind the lane")
        ]
        assert complaints == []


async def test_all_lanes_are_opened_and_everybody_is_called_over(browser: Browser, room: Room) -> None:
    """From the top of the page behind one sheet; afterwards each vehicle is answered for."""
    async with screen(browser, room) as (page, gate, complaints):
        await log_in(page)
        await page.get_by_role("link", name="EMERGENCY: open all lanes").click()
        sheet = page.get_by_role("dialog")
        await expect(sheet).to_contain_text("Every lane:")
        await sheet.get_by_label("What is the emergency?").fill("earthquake")
        await sheet.get_by_role("button", name="Open all lanes now").click()
        for lane in ("lane-1", "lane-4", "exit-1"):
            await expect(page.locator(f"#point-{lane}")).to_contain_text("EMERGENCY")
        await _photograph(page, "emergency")

        for lane in ("lane-1", "lane-2", "lane-3", "lane-4", "exit-1"):
            gate.change_point(lane, phase="free", visit_id=None)
        gate.roll_call = [RollCallLine(visit, MORNING) for visit in ("v-103", "v-104", "v-106")]
        await gate.tell()
        panel = page.get_by_role("region", name="Roll-call")
        await expect(panel).to_contain_text("3 to answer for")
        await _photograph(page, "roll-call")
        await page.locator("#roll-v-103").get_by_role("button", name="Here").click()
        await expect(page.locator("#roll-v-103")).to_have_count(0)
        await page.locator("#roll-v-104").get_by_role("button", name="Gone").click()
        await expect(panel).to_contain_text("1 to answer for")
        await page.locator("#roll-v-106").get_by_role("button", name="Here").click()
        await expect(panel).to_have_count(0)
        assert gate.acts == [
            OpenForEmergency(officer="Leyla", points=(), reason="earthquake"),
            AnswerRollCall(officer="Leyla", visit_id="v-103", present=True),
            AnswerRollCall(officer="Leyla", visit_id="v-104", present=False),
            AnswerRollCall(officer="Leyla", visit_id="v-106", present=True),
        ]
        assert complaints == []


async def test_a_lane_is_given_into_an_officers_hands(browser: Browser, room: Room) -> None:
    """More… shows everything about the lane; from there it is attended, naming the inputs that failed."""
    async with screen(browser, room) as (page, gate, complaints):
        gate.change_point("lane-2", inputs=(("photo-eye", "clear"), ("fire", "normal"), ("mains", "active")))
        await log_in(page)
        await page.locator("#more-lane-2").click()
        sheet = page.get_by_role("dialog")
        await expect(sheet).to_contain_text("mains away")
        await _photograph(page, "lane")
        await sheet.get_by_role("link", name="Attend").click()
        await sheet.get_by_label("Reason").fill("the loop is cut")
        await sheet.get_by_role("button", name="Work the lane by hand").click()
        await expect(sheet.get_by_role("alert")).to_contain_text("tick those that have failed")
        await sheet.get_by_label("The detector under the boom").check()
        await _photograph(page, "attend")
        await sheet.get_by_role("button", name="Work the lane by hand").click()
        await expect(page.locator("#point-lane-2")).to_contain_text("by Leyla, who answers for: under")
        assert complaints == []


async def _at_the_button(page: Page, gate: TinyCheckpoint) -> Locator:
    """Leyla works lane 4 by hand, a matched RED vehicle stands there, and what was checked is ticked."""
    gate.change_point("lane-4", phase="attended", attended_by="Leyla", failed=("safety",))
    await log_in(page)
    await page.locator("#point-lane-4").get_by_role("link", name="Hold to open").click()
    button = page.get_by_role("button", name="HOLD TO OPEN")
    await page.get_by_label("Goods").check()
    await page.get_by_label("Seals").check()
    return button


async def _kept(page: Page, times: int) -> None:
    """The gate has heard that many more words of the hand on the button."""
    for _ in range(times):
        async with page.expect_response("**/api/hold/lane-4") as answered:
            pass
        assert (await answered.value).status == 204


async def test_the_boom_rises_while_the_button_is_held(browser: Browser, room: Room) -> None:
    """Pressed once, kept while it is held, let go the moment the hand is gone."""
    async with screen(browser, room) as (page, gate, complaints):
        button = await _at_the_button(page, gate)
        await _photograph(page, "hold")
        await button.hover()
        await page.mouse.down()
        await _kept(page, 4)
        await expect(page.locator("[data-hold-says]")).to_have_text("Opening. Keep holding.")
        await expect(page.locator("#point-lane-4")).to_contain_text("Opening by hand")
        await _photograph(page, "holding")
        await page.mouse.up()
        await gate.heard("acts", 2)
        kept = len(gate.held)
        await expect(page.locator("[data-hold-says]")).to_contain_text("Let go")
        assert gate.acts == [PRESSED, GONE]
        assert set(gate.held) == {("lane-4", "Leyla")}
        await page.get_by_role("button", name="Passed, and the boom is down").click()
        await expect(page.get_by_role("dialog")).not_to_be_visible()
        assert gate.acts[2:] == [SayPassed(officer="Leyla", point="lane-4")]
        assert len(gate.held) == kept, "nothing was heard after the hand had gone"
        assert complaints == []


async def test_the_space_bar_holds_too_and_slipping_off_lets_go(browser: Browser, room: Room) -> None:
    """By keyboard; and a pointer that leaves the button is a hand that is gone. Each press is its own act."""
    async with screen(browser, room) as (page, gate, complaints):
        button = await _at_the_button(page, gate)
        await button.focus()
        await page.keyboard.down(" ")
        await page.keyboard.down(" ")  # the keyboard's own repeat
        await _kept(page, 2)
        await page.keyboard.up(" ")
        await gate.heard("acts", 2)
        await button.hover()
        await page.mouse.down()
        await _kept(page, 2)
        await page.mouse.move(5, 5)
        await gate.heard("acts", 4)
        await page.mouse.up()
        await button.hover()
        await page.mouse.down()
        await _kept(page, 1)
        await page.keyboard.press("Escape")
        await gate.heard("acts", 6)
        assert gate.acts == [PRESSED, GONE] * 3
        assert complaints == []


async def test_nothing_checked_opens_nothing(browser: Browser, room: Room) -> None:
    """The sentence stands under the button, and the button is not held any more."""
    async with screen(browser, room) as (page, gate, _):
        button = await _at_the_button(page, gate)
        await page.get_by_label("Goods").uncheck()
        await page.get_by_label("Seals").uncheck()
        await button.hover()
        await page.mouse.down()
        await expect(page.locator("[data-hold-says]")).to_contain_text("Name at least one thing")
        await expect(page.locator(".hold-button.held")).to_have_count(0)
        await page.mouse.up()
        assert gate.acts == []


async def test_a_closed_tab_lets_go(browser: Browser, room: Room) -> None:
    """Closing it says so to the gate at once, and nothing keeps the button held afterwards."""
    async with screen(browser, room) as (page, gate, _):
        await page.context.new_page()  # the browser stays when the officer's tab goes
        await page.bring_to_front()
        button = await _at_the_button(page, gate)
        await button.hover()
        await page.mouse.down()
        await _kept(page, 2)
        await page.close(run_before_unload=True)
        await gate.heard("acts", 2)
        kept = len(gate.held)
        assert gate.acts == [PRESSED, GONE]
    assert len(gate.held) == kept, "not until the last connection was over"


async def test_a_lost_connection_lets_go_on_the_page_too(browser: Browser, room: Room) -> None:
    """The page says so, stops, and does not press again by itself; the gate lets go within its second."""
    async with screen(browser, room) as (page, gate, _):
        button = await _at_the_button(page, gate)
        await button.focus()
        await page.keyboard.down(" ")
        await _kept(page, 1)
        await page.context.set_offline(True)
        await expect(page.locator("[data-hold-says]")).to_contain_text("lets go by itself")
        await expect(page.locator(".hold-button.held")).to_have_count(0)
        kept = len(gate.held)
        await page.context.set_offline(False)
        await page.keyboard.down(" ")  # the keyboard's own repeat: still the same press
        assert await page.locator(".hold-button.held").count() == 0
        await page.keyboard.up(" ")
        await expect(page.locator("#point-lane-4")).to_be_visible()
        assert len(gate.held) == kept
        assert gate.acts == [PRESSED]


async def test_a_login_that_ended_lets_go(browser: Browser, room: Room) -> None:
    """Without a login no hand is known: the page stops holding and says what to do."""
    async with screen(browser, room) as (page, gate, _):
        button = await _at_the_button(page, gate)
        await button.hover()
        await page.mouse.down()
        await _kept(page, 1)
        room.officers.end_logins(None, "root")
        await expect(page.locator(".hold-button.held")).to_have_count(0)
        assert gate.acts == [PRESSED]


async def test_without_scripts_duties_are_pages_and_holding_says_what_it_needs(
    browser: Browser, room: Room
) -> None:
    """An emergency can be opened from any browser; a button that must be held cannot be a form."""
    async with screen(browser, room) as (page, gate, _):
        gate.change_point("lane-4", phase="attended", attended_by="Leyla", failed=("safety",))
        await log_in(page)
        plain = await browser.new_context(
            java_script_enabled=False, base_url=page.url, storage_state=await page.context.storage_state()
        )
        bare = await plain.new_page()
        await bare.goto("/")
        await bare.locator("#point-lane-4").get_by_role("link", name="Hold to open").click()
        await expect(bare.get_by_text("Holding needs JavaScript")).to_be_visible()
        await bare.get_by_role("link", name="Back").click()
        await bare.get_by_role("link", name="EMERGENCY: open all lanes").click()
        await bare.get_by_label("What is the emergency?").fill("fire")
        await bare.get_by_role("button", name="Open all lanes now").click()
        await expect(bare.locator("#point-lane-1")).to_contain_text("EMERGENCY")
        assert gate.acts == [OpenForEmergency(officer="Leyla", points=(), reason="fire")]
        await plain.close()


async def test_every_phase_fits_the_screen(browser: Browser, room: Room) -> None:
    """Nothing is cut off sideways, on the officers' screen or on a narrow one, with every lane in trouble."""
    async with screen(browser, room) as (page, gate, _):
        contacts = (("photo-eye", "unknown"), ("exit", "occupied"), ("emergency-stop", "active"))
        gate.change_point(
            "lane-1",
            phase="attended",
            attended_by="Leyla",
            failed=("safety", "photo-eye"),
            inputs=contacts,
            visit_id=None,
        )
        gate.change_point("lane-2", phase="maintenance")
        gate.change_point("lane-3", phase="disarmed", convoy=("10AA123", "77BC401"))
        gate.change_point("lane-4", phase="emergency", crossings=3)
        gate.change_point("exit-1", phase="blocked", faults=())
        gate.arrive("v-9", "10AA123", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED)
        gate.roll_call = [RollCallLine("v-9", MORNING)]
        await log_in(page)
        await _photograph(page, "all-phases")
        for width in (1366, 1024, 430):
            await page.set_viewport_size({"width": width, "height": 768})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
