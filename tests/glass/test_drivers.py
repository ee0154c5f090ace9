"""Drivers at the kiosk, in each of the six languages, with the whole checkpoint behind the glass."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from gate.model import Corridor
from tests.glass.artefacts import keep_picture
from tests.glass.crossing import APPROACH, LANES, Crossing
from tests.glass.people import TONGUES, chooses, kiosk, says, types

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEUTRAL = "Please wait here. An officer is coming to you."


@pytest.mark.parametrize(
    ("language", "hall", "corridor"),
    [
        ("az", "hall-1", Corridor.GREEN),
        ("tr", "hall-2", Corridor.YELLOW),
        ("ka", "hall-3", Corridor.BLUE),
        ("fa", "hall-4", Corridor.RED),
    ],
)
async def test_a_carrier_types_his_number_in_the_hall(
    crossing: Crossing, browser: Browser, language: str, hall: str, corridor: Corridor
) -> None:
    """Rules 8.0.2: language, number, and his own lane and corridor; then the page is the next one's."""
    tongue = TONGUES[language]
    number = await crossing.declared(corridor, None, mode="baggage")
    await crossing.attended(hall)
    async with kiosk(browser, crossing, hall) as page:
        await chooses(page, tongue)
        await types(page, number)
        await says(page, tongue, f"{corridor.value.capitalize()} corridor")
        await expect(page.locator("#lane")).to_have_text(LANES[corridor].removeprefix("lane-"))
        for other in set(Corridor) - {corridor}:
            words = page.get_by_text(tongue.say(f"{other.value.capitalize()} corridor"))
            await expect(words.filter(visible=True)).to_have_count(0)
        await keep_picture(page, f"kiosk-hall-{language}-{corridor.value.lower()}")


async def test_a_driver_whose_plate_was_read_sees_his_lane(crossing: Crossing, browser: Browser) -> None:
    """Rules 8.0.1, in English: nothing is typed; when he has driven on the kiosk greets the next one."""
    mark = crossing.mark()
    await crossing.declared(Corridor.RED, mark)
    async with kiosk(browser, crossing, APPROACH) as page:
        await chooses(page, TONGUES["en"])
        await crossing.rolls_up(APPROACH, mark)
        await says(page, TONGUES["en"], "Red corridor")
        await expect(page.locator("#lane")).to_have_text("4")
        await keep_picture(page, "kiosk-approach-en-red")
        crossing.rolls_off(APPROACH)
        await page.wait_for_url(f"**/{APPROACH}")
        await expect(page.get_by_role("link", name="English", exact=True)).to_be_visible()


async def test_a_driver_whose_plate_was_not_read_types_and_an_officer_comes(
    crossing: Crossing, browser: Browser
) -> None:
    """Rules 8.0.1, in Russian: a good number without its plate gets the neutral text, and officers a call."""
    tongue = TONGUES["ru"]
    number = await crossing.declared(Corridor.GREEN, crossing.mark())
    async with kiosk(browser, crossing, APPROACH) as page:
        await chooses(page, tongue)
        await crossing.rolls_up(APPROACH, None)
        await types(page, number)
        await says(page, tongue, NEUTRAL)
        await crossing.phase(APPROACH, "held")
        await expect(page.locator("#lane")).to_be_hidden()
        await keep_picture(page, "kiosk-approach-ru-wait")
        visit = await crossing.visit_at(APPROACH)
        calls = (await crossing.watcher.overview())["calls"]
        assert visit in {call["visit_id"] for call in calls}
        assert (await crossing.watcher.visit(visit))["corridor"] is None
        crossing.rolls_off(APPROACH)
        await crossing.phase(APPROACH, "free")
