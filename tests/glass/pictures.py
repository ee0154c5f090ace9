"""The pictures README and docs show, taken anew: `python -m tests.glass.pictures`.

A whole checkpoint with emulated devices and a busy morning, a real Chromium before it; see CONTRIBUTING.md.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, expect

from gate.model import Corridor
from tests.console.browsing import chromium
from tests.glass.crossing import APPROACH, LANES, Crossing, crossing_at
from tests.glass.people import TONGUES, chooses, kiosk, officer, says, types

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 200_000


async def busy_morning(crossing: Crossing) -> tuple[str, str]:
    """One passes, one is coming, two at their control, one held, one arriving; the RED one: visit, plate."""
    await crossing.attended("hall-1")
    await crossing.waits_for_control(Corridor.YELLOW)
    red = await crossing.waits_for_control(Corridor.RED)
    await crossing.is_held(crossing.mark())
    on_the_way = crossing.mark()
    await crossing.declared(Corridor.BLUE, on_the_way)
    await crossing.is_directed(on_the_way)
    passing = crossing.mark()
    await crossing.declared(Corridor.GREEN, passing)
    await crossing.is_directed(passing)
    await crossing.rolls_up(LANES[Corridor.GREEN], passing)
    await crossing.phase(LANES[Corridor.GREEN], "passing")
    arriving = crossing.mark()
    await crossing.declared(Corridor.GREEN, arriving)
    await crossing.rolls_up(APPROACH, arriving)
    await crossing.phase(APPROACH, "directed")
    return red


async def _console(browser: Browser, crossing: Crossing) -> None:
    """The first screen of the booth."""
    async with officer(browser, crossing, "Leyla") as page:
        for point in (APPROACH, LANES[Corridor.RED]):
            await expect(page.locator(f"#point-{point} img").first).to_be_visible()
        await page.wait_for_function("[...document.images].every(image => image.complete)")
        await _keep(page, "console")


async def _kiosk(browser: Browser, crossing: Crossing) -> None:
    """The keypad half typed, and the answer, in the hall."""
    number = await crossing.declared(Corridor.YELLOW, None, mode="baggage")
    async with kiosk(browser, crossing, "hall-1") as page:
        await chooses(page, TONGUES["az"])
        await page.keyboard.type(number[:9])
        await _keep(page, "kiosk-keypad")
        await page.goto("/hall-1")
        await chooses(page, TONGUES["az"])
        await types(page, number)
        await says(page, TONGUES["az"], "Yellow corridor")
        await _keep(page, "kiosk-answer")


async def _keep(page: Page, name: str) -> None:
    path = DOCS / f"{name}.png"
    # 256 colours are plenty for a page with small pictures, and a third of the bytes.
    taken = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    taken.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    sys.stdout.write(f"{path.relative_to(DOCS.parent)}: {size / 1000:.0f} KB\n")
    if size > MOST_BYTES:
        raise SystemExit(f"{path} is too large to keep in the tree: show less, or a smaller window")


async def main() -> None:
    """Bring everything up, take the pictures, take everything down."""
    with tempfile.TemporaryDirectory(prefix="gate-pictures-") as folder:
        async with crossing_at(Path(folder), halls=1) as crossing, chromium() as browser:
            await busy_morning(crossing)
            await _console(browser, crossing)
            await _kiosk(browser, crossing)


if __name__ == "__main__":
    asyncio.run(main())
