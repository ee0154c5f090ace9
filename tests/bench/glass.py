"""From an input that changed to the pixels that say so: a real page among twenty consoles, sixteen lanes."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from playwright.async_api import Page

from gate.lanes.events import Detector
from gate.model import Corridor
from tests.bench.crowd import crowd
from tests.bench.idle import seconds_of
from tests.bench.measuring import Figure, Times
from tests.console.browsing import chromium
from tests.glass.crossing import Crossing, crossing_at
from tests.glass.people import officer
from tests.glass.weighing import MOST_BYTES, console_weight, kiosk_weight

LANES, CONSOLES = 16, 20
ARRIVALS = 100
BETWEEN_SECONDS = 0.6
"""From one vehicle's going to the next one's coming: a busy site's lanes change some three times a second."""

_WATCH = """point => {
    // Drawn anew it has another digest; its timers run on in between.
    const said = () => document.querySelector('#point-' + point).dataset.is;
    const before = said();
    window.pixels = new Promise(told => {
        const watching = new MutationObserver(() => {
            if (!document.querySelector('#point-' + point) || said() === before) { return; }
            watching.disconnect();
            // The frame after the next begins when the one that shows it has been handed over.
            requestAnimationFrame(() => requestAnimationFrame(() => told(Date.now() / 1000)));
        });
        const all = { subtree: true, childList: true, characterData: true, attributes: true };
        watching.observe(document.body, all);
    });
}"""
"""The moment by the machine's clock at which a lane's card had changed on the screen."""


async def figures(folder: Path) -> list[Figure]:
    """State change to pixels, what the daemon spends on it, and what the first load weighs."""
    corridors = [tuple(Corridor)[number % len(Corridor)] for number in range(LANES)]
    async with crossing_at(folder, corridors, halls=1, serial=True) as crossing, chromium() as browser:
        light = await console_weight(browser, crossing), await kiosk_weight(browser, crossing)
        async with officer(browser, crossing, "Leyla") as page, crowd(crossing.daemon, CONSOLES - 1):
            began, spent = time.monotonic(), seconds_of(crossing.daemon.pid)
            by_link = await _watch(page, crossing)
            share = (seconds_of(crossing.daemon.pid) - spent) / (time.monotonic() - began) * 100
    every = Times()
    every.taken = [taken for times in by_link.values() for taken in times.taken]
    changes = f"{ARRIVALS} vehicles one after the other, {CONSOLES - 1} other screens follow"
    pages = zip(("console", "kiosk"), light, strict=True)
    return [
        Figure(f"state change -> pixels, {LANES} lanes, {CONSOLES} consoles", every.told(), changes),
        *(Figure(f"  {link}", times.told()) for link, times in by_link.items()),
        Figure("  the daemon meanwhile", f"{share:.0f} % of a core"),
        *(
            Figure(
                f"first load of the {name}",
                f"{size / 1000:.1f} KB",
                "headers and all, no request to anybody else",
                f"< {MOST_BYTES // 1000} KB: {'met' if size < MOST_BYTES else 'MISSED'}",
            )
            for name, size in pages
        ),
    ]


async def _watch(page: Page, crossing: Crossing) -> dict[str, Times]:
    by_link = {"on the broker": Times(), "on a serial line (polled every 0.1 s)": Times()}
    mqtt, serial = by_link.values()
    dice = random.Random(3)  # noqa: S311 - which lane
    for _ in range(ARRIVALS):
        number = dice.randrange(LANES) + 1
        point = f"lane-{number}"
        lane = crossing.place(point).lane
        await page.evaluate(_WATCH, point)
        changed = time.time()
        lane.set_detector(Detector.ARMING, occupied=True)
        shown = await page.evaluate("window.pixels")
        (serial if number % 2 else mqtt).taken.append(shown - changed)
        await crossing.phase(point, "reading")
        crossing.rolls_off(point)
        await crossing.phase(point, "free")
        await asyncio.sleep(BETWEEN_SECONDS)
    return by_link
