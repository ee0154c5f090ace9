"""The first screen in a real browser: by keyboard alone, counting by the gate's clock, and heard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gate.lanes.acts import AcknowledgeCall, ReleaseVisit
from gate.lanes.duty_acts import DutyAct
from tests.console.browsing import chromium, log_in, screen
from tests.console.conftest import Room
from tests.console.full_ground import MorningClock, full_ground, sixteen_lanes
from tests.console.serving import PASSWORD
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with chromium() as started:
        yield started


async def _focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.id"))


async def test_a_whole_release_by_keyboard_alone(browser: Browser, room: Room) -> None:
    """Log in, say that one is coming, go to lane 4, open its release, name what was checked, send it."""
    gate = full_ground(room.evidence)
    async with screen(browser, room, gate, clock=MorningClock()) as (page, _, complaints):
        keys = page.keyboard
        await expect(page.get_by_label("Name")).to_be_focused()
        await keys.type("Leyla")
        await keys.press("Tab")
        await keys.type(PASSWORD)
        await keys.press("Enter")
        await page.locator("html.ready").wait_for()
        await keys.press("a")
        await expect(page.locator("#call-c-2")).to_contain_text("Leyla is on the way")
        await keys.press("4")
        assert await _focused(page) == "point-lane-4"
        await keys.press("Enter")
        sheet = page.get_by_role("dialog")
        await expect(sheet).to_contain_text("34KLM06")
        while await page.evaluate("document.activeElement.value") != "goods":
            await keys.press("Tab")
        await keys.press("Space")
        while await page.evaluate("document.activeElement.textContent.trim()") != "Release":
            await keys.press("Tab")
        await keys.press("Enter")
        await expect(page.locator("#notice")).to_contain_text("Released by Leyla: goods")
        await expect(sheet).not_to_be_visible()
        await expect(page.locator("#visit-v-103")).to_contain_text("Released")
        # The release is no longer offered: the keyboard is back at the lane, not at the top of the page.
        await expect(page.locator("#point-lane-4")).to_be_focused()
        assert gate.acts == [
            AcknowledgeCall(officer="Leyla", call_id="c-2"),
            ReleaseVisit(officer="Leyla", visit_id="v-103", checked=("goods",)),
        ]
        assert complaints == []


async def test_keys_lead_everywhere_and_the_focus_outlives_what_happens(browser: Browser, room: Room) -> None:
    """Digits, letters and arrows go from card to card; a card drawn anew keeps the keyboard's place."""
    gate = sixteen_lanes(room.evidence)
    async with screen(browser, room, gate, clock=MorningClock()) as (page, _, complaints):
        await log_in(page)
        keys = page.keyboard
        for pressed, there in (
            (("1", "2"), "point-lane-12"),
            (("ArrowUp",), "point-lane-10"),
            (("ArrowLeft",), "point-lane-9"),
            (("ArrowLeft",), "point-approach"),
            (("ArrowDown",), "point-hall-1"),
            (("g", "h"), "bay-H"),
            (("g", "a"), "point-approach"),
            (("ArrowRight", "ArrowRight", "ArrowRight"), "visit-v-105"),
            (("w",), "point-approach"),
        ):
            for key in pressed:
                await keys.press(key)
            assert await _focused(page) == there, pressed
        await keys.press("8")
        await keys.press("Tab")
        assert await _focused(page) == "crop-lane-8"
        await keys.press("Tab")
        button = await _focused(page)
        assert button == "point-ConfirmPlate-lane-8"
        gate.change_point("lane-8", queue=2)
        await gate.tell()
        await expect(page.locator("#point-lane-8")).to_contain_text("2 on the way")
        assert await _focused(page) == button
        gate.change_point("lane-8", phase="free", plate=None, read=None)
        await gate.tell()
        await expect(page.locator("#point-lane-8")).to_contain_text("Free")
        assert await _focused(page) == "point-lane-8"
        await keys.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Single keys")
        await must_be_accessible(page)
        await keys.press("Escape")
        await expect(page.get_by_role("dialog")).not_to_be_visible()
        await keys.press("/")
        await keys.type("34klm")
        await expect(page.get_by_label("Plate or notification number")).to_have_value("34klm")
        assert complaints == []


async def test_only_what_changed_is_drawn_anew(browser: Browser, room: Room) -> None:
    """The neighbours of a lane that changed are the same elements as before; so for a stream's first word."""
    gate = full_ground(room.evidence)
    async with screen(browser, room, gate, clock=MorningClock()) as (page, _, _complaints):
        await log_in(page)
        await page.evaluate("for (const card of document.querySelectorAll('#live .card')) card.marked = true")
        gate.change_point("lane-2", queue=3)
        await gate.tell()
        await expect(page.locator("#point-lane-2")).to_contain_text("3 on the way")
        unmarked = (
            "[...document.querySelectorAll('#live .card')].filter(one => !one.marked).map(one => one.id)"
        )
        assert await page.evaluate(unmarked) == ["point-lane-2"]
        # A stream begun anew tells everything; a page that has it all keeps its elements.
        await page.evaluate("htmx.trigger('#fresh', 'fresh')")
        gate.change_point("lane-3", queue=4)
        await gate.tell()
        await expect(page.locator("#point-lane-3")).to_contain_text("4 on the way")
        assert await page.evaluate(unmarked) == ["point-lane-2", "point-lane-3"]


async def test_timers_run_by_the_gates_clock_whatever_the_browsers_says(browser: Browser, room: Room) -> None:
    """The gate's morning lies far from the browser's day: what has lasted counts from what the gate says."""
    gate = full_ground(room.evidence)
    asked: list[str] = []
    async with screen(browser, room, gate, clock=MorningClock()) as (page, _, _complaints):
        await log_in(page)
        page.on("request", lambda request: asked.append(request.url))
        lane = page.locator("#point-lane-1 .timers")
        await expect(lane).to_have_text(re.compile(r"here 0:\d\d"))
        await expect(lane).to_have_text(re.compile(r"limit in (1:\d\d|\d\d s)"))
        before = await lane.inner_text()
        await expect(lane).not_to_have_text(before, use_inner_text=True)
        await expect(page.locator("#call-c-1 time")).to_have_text(re.compile(r"^[01]:\d\d$"))
        assert asked == [], "nobody was asked for the time"


async def test_alarms_are_heard_once_the_browser_lets_them(browser: Browser, room: Room) -> None:
    """Blocked until a key is pressed, and said so; then it plays; silence is not for the next alarm."""
    gate = full_ground(room.evidence)
    async with screen(browser, room, gate, clock=MorningClock()) as (first, _, _complaints):
        await log_in(first)
        page = await first.context.new_page()  # nobody has touched this one
        await page.goto("/")
        await page.locator("html.ready").wait_for()
        await expect(page.locator(".sound")).to_contain_text("Sound is blocked")
        root = page.locator("html")
        await expect(root).to_have_attribute("data-sound", "suspended")
        assert await root.get_attribute("data-played") is None
        await page.keyboard.press("Shift")
        await expect(root).to_have_attribute("data-sound", "running")
        await expect(root).to_have_attribute("data-played", re.compile(r"\d"))
        await page.keyboard.press("m")
        await expect(root).not_to_have_class(re.compile("sounding"))
        await expect(page.locator(".sound")).not_to_be_visible()
        gate.call("c-9", "lane-2", "the barrier was forced", alarm=True)
        await gate.tell()
        await expect(root).to_have_class(re.compile("sounding"))
        await page.locator("#call-c-9").get_by_role("button").click()
        await expect(root).not_to_have_class(re.compile("sounding"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_booths_screen_shows_six_points_whole_and_sixteen_lanes_usably(
    browser: Browser, room: Room, dark: bool
) -> None:
    """At 1366x768 nothing is cut off: six points without scrolling, sixteen lanes two abreast; axe agrees."""
    look = "dark" if dark else "light"
    six = full_ground(room.evidence)
    async with screen(browser, room, six, clock=MorningClock(), dark=dark) as (page, _, complaints):
        await log_in(page)
        await page.keyboard.press("Shift")
        cut = """[...document.querySelectorAll('.map .card')].filter(card => {
            const at = card.getBoundingClientRect();
            return at.bottom > innerHeight || at.right > innerWidth
                || card.scrollWidth > card.clientWidth + 1;
        }).map(card => card.id)"""
        assert await page.evaluate(cut) == []
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        await must_be_accessible(page)
        await keep_picture(page, f"console-six-{look}")
        assert complaints == []
    many = sixteen_lanes(room.evidence)
    async with screen(browser, room, many, clock=MorningClock(), dark=dark) as (page, _, _complaints):
        await log_in(page)
        await page.keyboard.press("Shift")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.locator("#ground .lane").count() == 17
        high = "Math.max(...[...document.querySelectorAll('.lanes .lane')].map(lane => lane.offsetHeight))"
        assert await page.evaluate(high) <= 96
        await must_be_accessible(page)
        await keep_picture(page, f"console-sixteen-{look}")


async def test_light_or_dark_is_the_officers_choice(browser: Browser, room: Room) -> None:
    """Chosen in the list of keys, kept by a cookie from the very next page on, the login's included."""
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    async with screen(browser, room) as (page, gate, complaints):
        await log_in(page)
        light = await page.evaluate(paper)
        await page.get_by_role("link", name="Keys").click()
        await page.get_by_role("dialog").get_by_role("button", name="Dark").click()
        await expect(page.get_by_role("dialog")).not_to_be_visible()
        await page.locator("html.ready").wait_for()
        assert await page.evaluate(paper) != light
        await page.get_by_role("link", name="Keys").click()
        await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("button", name="Off").click()
        await expect(page.get_by_role("dialog")).not_to_be_visible()
        await page.locator("html.ready").wait_for()
        await page.keyboard.press("a")
        await page.get_by_role("button", name="Log out").click()
        await expect(page).to_have_url(re.compile(r"/login$"))
        assert await page.evaluate(paper) != light
        await must_be_accessible(page)
        assert not [act for act in gate.acts if not isinstance(act, DutyAct)], "single keys were off"
        assert complaints == []
