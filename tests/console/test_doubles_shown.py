"""What officers see of doubles, of calls nobody came to, and of a holding bay that is full."""

from __future__ import annotations

import os
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.async_api import expect

from gate.clock import SystemClock
from gate.console.app import create_console
from gate.lanes.places import PlaceView
from gate.model import Corridor, Finding, Outcome, VisitStatus
from tests.console.browsing import chromium
from tests.console.busy_morning import busy_morning
from tests.console.conftest import Room
from tests.console.serving import PASSWORD, served
from tests.console.tiny_checkpoint import TinyCheckpoint

CLONED = Finding(
    "cloned-plate",
    "8.0.1",
    Outcome.HOLD,
    "two vehicles with the plate 10AA123, unless one came back: this is visit v-2, and that of visit v-1"
    " stands at lane-4",
)
TRAILER = Finding(
    "trailer-mismatch", "8.0.1", Outcome.HOLD, "trailer 44TT444 was read, declaration 1 names 33TT333"
)


def doubled(gate: TinyCheckpoint) -> None:
    """A plate came twice, a strange trailer came, nobody answered a call, and the bay overflows."""
    gate.arrive(
        "v-1", "10AA123", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED, lane="lane-4"
    )
    gate.arrive("v-2", "10AA123", "approach", minutes=5, finding=CLONED, lane="H1")
    gate.arrive("v-3", "77BC401", "approach", minutes=6, finding=TRAILER, lane="H2")
    gate.call("c-8", "approach", "the driver has no notification number", level=2, alarm=True)
    gate.call("c-9", "approach", CLONED.detail, level=3, alarm=True, visit_id="v-2")
    gate.change_point("lane-2", queue=3)
    gate.places = (PlaceView("H1", 1, 2, overfull=True), PlaceView("H2", 4, 1, overfull=False))


async def test_a_double_links_to_the_other_visit(room: Room, leyla: httpx.AsyncClient) -> None:
    """The held visit's card and page lead to the visit that has its plate."""
    doubled(room.checkpoint)
    card = (await leyla.get("/fragments/checkpoint")).text
    assert "The same plate:" in card
    page = (await leyla.get("/visits/v-2")).text
    assert 'href="/visits/v-1"' in page
    assert "The same plate:" not in (await leyla.get("/visits/v-3")).text


async def test_a_call_nobody_came_to_heads_every_page(room: Room, leyla: httpx.AsyncClient) -> None:
    """From level 2, until somebody says they are coming; a call of level 1 is the checkpoint's alone."""
    doubled(room.checkpoint)
    room.checkpoint.call("c-1", "lane-1", "an ordinary call")
    for path in ("/", "/visits/v-3", "/acts/TurnBack?visit_id=v-3"):
        page = (await leyla.get(path)).text
        assert "nobody came, central told" in page
        assert page.index("click-AcknowledgeCall-c-9") < page.index("click-AcknowledgeCall-c-8")
        assert ("an ordinary call" in page) is (path == "/")
    room.checkpoint.calls.clear()
    assert "nobody came" not in (await leyla.get("/fragments/banner")).text


async def test_places_say_how_full_they_are(room: Room, leyla: httpx.AsyncClient) -> None:
    """Each holding place with its vehicles; one that overflows says so; lanes tell their queues."""
    doubled(room.checkpoint)
    page = (await leyla.get("/fragments/checkpoint")).text
    assert "2 of 1 places" in page
    assert "1 of 4 places" in page
    assert page.count("Over-full") == 1
    assert "3 on the way" in page
    room.checkpoint.places = ()
    assert "2 waiting for an officer" in (await leyla.get("/fragments/checkpoint")).text


@pytest.mark.timeout(60)
async def test_the_alarm_sounds_until_acknowledged(room: Room) -> None:
    """In a real browser: the page of one visit shows the call as it goes up, and is quiet once taken."""
    gate = busy_morning(room.evidence)
    doubled(gate)
    gate.calls.clear()
    app = create_console(gate, room.officers, room.evidence, SystemClock())
    async with served(app) as address, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1366, "height": 900}, base_url=address)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/")
        await page.get_by_label("Name").fill("Leyla")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await page.goto("/visits/v-3")
        gate.call("c-9", "approach", CLONED.detail, level=3, alarm=True, visit_id="v-2")
        await gate.tell()
        await expect(page.locator("#banner .call.escalated")).to_contain_text("central told")
        await expect(page.locator("html")).to_have_class("sounding", timeout=10_000)
        await _photograph(page.screenshot, "visit")
        await page.get_by_role("button", name="I am coming").click()
        await gate.heard("acts", 1)
        await expect(page.locator("#banner .call")).to_have_count(0)
        await expect(page.locator("html")).not_to_have_class("sounding", timeout=10_000)
        doubled(gate)
        await page.goto("/")
        await expect(page.locator(".bay.overfull")).to_have_count(1)
        await _photograph(page.screenshot, "checkpoint")
        assert complaints == []


async def _photograph(take: object, name: str) -> None:
    """For eyes: GATE_SCREENSHOTS names a folder."""
    folder = os.environ.get("GATE_SCREENSHOTS")
    if folder and callable(take):
        await take(path=str(Path(folder) / f"{name}.png"), full_page=True)
