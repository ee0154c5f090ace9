"""Twenty screens at once, nonsense at a hundred a second, and the daemon killed under open pages."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter

import httpx2
import pytest
from playwright.async_api import Browser, expect

from gate.lanes.events import BarrierPosition
from gate.model import Corridor
from tests.app.daemon import figures
from tests.console.serving import csrf_of
from tests.glass.artefacts import keep_picture
from tests.glass.consoles import consoles
from tests.glass.crossing import LANES, Crossing
from tests.glass.people import TONGUES, card, chooses, kiosk, officer, presses, release_form, says, types

pytestmark = pytest.mark.asyncio(loop_scope="module")

RED, GREEN = LANES[Corridor.RED], LANES[Corridor.GREEN]
EN = TONGUES["en"]


async def test_twenty_consoles_follow_one_vehicle(crossing: Crossing, browser: Browser) -> None:
    """Two pages and eighteen more screens: all show who stands where, and the gate goes on answering."""
    async with (
        officer(browser, crossing, "Leyla") as first,
        officer(browser, crossing, "Kamran") as second,
        consoles(crossing.daemon.console, crossing.daemon.trust, 18) as others,
    ):
        visit, mark = await crossing.waits_for_control(Corridor.RED)
        for page in (first, second):
            await expect(card(page, RED)).to_contain_text(mark)
        await asyncio.gather(*(console.until_shows(f"visit-{visit}") for console in others))
        before = crossing.raises(RED)
        sheet = await release_form(second, RED)
        await sheet.get_by_label("Documents").check()
        assert await presses(second, sheet, "Release") == 200
        await crossing.drives_through(RED)
        assert crossing.raises(RED) == before + 1
        for page in (first, second):
            await expect(page.locator(f"#visit-{visit}")).to_have_count(0)


NONSENSE = (
    b'{"number": "12"}',
    b'{"number": "1234567890124"}',
    b'{"number": "' + b"9" * 39 + b'"}',
    b'{"number": "' + b"9" * 40_000 + b'"}',
    b'{"number": "4829\\u001d137\\u0000560129"}',
    b'{"number": "\\u06f4\\u06f8\\u06f2\\u06f9137560129"}',
    b'{"number": ["4829137560129"]}',
    b'{"number": null}',
    b'{"act": "ReleaseVisit"}',
    b'{"act": "ReleaseVisit", "visit_id": "x", "checked": []}',
    b'{"act": "OpenEverything"}',
    b"[" * 900,
    b"\xff\xfe\x00",
    b"",
)


async def flood(http: httpx2.AsyncClient, address: str, headers: dict[str, str], times: int) -> Counter[int]:
    """So many requests of nonsense, twenty at a time, as fast as they are answered; the answers counted."""
    bodies = itertools.islice(itertools.cycle(NONSENSE), times)
    statuses: Counter[int] = Counter()

    async def one(body: bytes) -> None:
        statuses[(await http.post(address, content=body, headers=headers)).status_code] += 1

    for some in iter(lambda: list(itertools.islice(bodies, 20)), []):
        await asyncio.gather(*map(one, some))
    return statuses


async def test_nonsense_is_refused_and_counted_while_vehicles_pass(crossing: Crossing) -> None:
    """Kiosk and console at a hundred a second and more: each refused, each counted; the lane goes on."""
    mark = crossing.mark()
    await crossing.declared(Corridor.GREEN, mark)
    await crossing.attended("hall-2")
    visits = "SELECT count(*) FROM visits"
    ((known,),) = crossing.journal(visits)
    before = await refused(crossing)
    typed = {"Content-Type": "application/json"}
    async with consoles(crossing.daemon.console, crossing.daemon.trust, 1) as (screen,):
        acting = typed | {"X-CSRF-Token": await csrf_of(screen.http)}
        told = await asyncio.gather(
            flood(crossing.http, f"{crossing.daemon.kiosk}/api/hall-2/number", typed, 200),
            flood(crossing.http, f"{crossing.daemon.kiosk}/api/hall-2/help", typed, 200),
            flood(screen.http, "/api/acts", acting, 200),
            flood(screen.http, "/api/acts", typed, 100),
            flood(crossing.http, f"{crossing.daemon.console}/api/acts", typed, 100),
            crossing.passes(mark),
        )
    number, help_, acts, unsigned, unknown, _visit = told
    assert set(number) == {413, 429} | (set(number) & {400, 422}), number
    assert set(help_) <= {400, 413, 422, 429}, help_
    assert set(acts) <= {400, 413, 422}, acts
    assert set(unsigned) == {403, 413}, unsigned
    assert set(unknown) == {401, 413}, unknown
    ((now,),) = crossing.journal(visits)
    assert now == known + 1, "the vehicle's, and no visit out of nonsense"
    after = await refused(crossing)
    assert after - before >= 400, "whatever a kiosk refused is counted"


async def refused(crossing: Crossing) -> int:
    """What the gate says it refused at the glass."""
    text = (await crossing.http.get(f"{crossing.daemon.console}/metrics")).text
    names = ("gate_kiosk_refused_total", "gate_glass_bodies_refused_total", "gate_console_acts_total")
    counted = {name: value for name, value in figures(text).items() if name.startswith(names)}
    return int(sum(value for name, value in counted.items() if '"done"' not in name))


async def test_fingers_pastes_and_scanners_at_the_page(crossing: Crossing, browser: Browser) -> None:
    """Letters, control characters, a paste, too many digits, a slip: only a good number goes on."""
    number = await crossing.declared(Corridor.BLUE, None, mode="baggage")
    await crossing.attended("hall-3")
    async with kiosk(browser, crossing, "hall-3") as page:
        await chooses(page, EN)
        shown, onward = page.locator("#number"), page.locator("#continue")
        for key in ("a", "%", "-", "Escape", "Control+a", "Control+v", "Shift+Insert"):
            await page.keyboard.press(key)
        await page.keyboard.insert_text(f"\x02{number}\x1d\x03")
        await expect(shown).to_have_text("")
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        await page.keyboard.type(f"{wrong}77777")
        await expect(shown).to_have_text(wrong)
        await says(
            page, EN, "This number has a slip in it. Please compare it with your notice, digit by digit."
        )
        await expect(onward).to_be_disabled()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Backspace")
        await page.keyboard.type(number[-1])
        await page.keyboard.press("Enter")
        await says(page, EN, "Blue corridor")


async def test_the_daemon_is_killed_under_open_pages(crossing: Crossing, browser: Browser) -> None:
    """Power cut while the boom is up: pages say so, follow again by themselves; nothing is acted twice."""
    await crossing.attended("hall-1")
    number = await crossing.declared(Corridor.GREEN, None, mode="baggage")
    visit, _ = await crossing.waits_for_control(Corridor.RED)
    async with officer(browser, crossing, "Leyla") as page, kiosk(browser, crossing, "hall-1") as driver:
        await chooses(driver, EN)
        before = crossing.raises(RED)
        sheet = await release_form(page, RED)
        await sheet.get_by_label("Goods").check()
        assert await presses(page, sheet, "Release") == 200
        await crossing.barrier(RED, BarrierPosition.UP)
        await crossing.kill()
        await expect(page.get_by_text("No connection to the gate")).to_be_visible()
        await keep_picture(page, "console-cut-off")
        await expect(driver.locator("body.cut-off")).to_be_visible()
        await crossing.start(at_rest=False)
        await expect(page.get_by_text("No connection to the gate")).to_be_hidden()
        await expect(card(page, RED)).to_contain_text("barrier up")
        assert crossing.raises(RED) == before + 1
        assert crossing.releases(visit) == [("officer", "Leyla", json.dumps(["goods"]))]
        await keep_picture(page, "console-after-restart")
        await expect(driver.locator("body.cut-off")).to_have_count(0)
        await crossing.attended("hall-1")  # after a restart somebody says so again
        await types(driver, number)
        await says(driver, EN, "Green corridor")
        await crossing.drives_through(RED)
        await expect(card(page, RED)).to_contain_text("barrier down")
    assert crossing.raises(RED) == before + 1
