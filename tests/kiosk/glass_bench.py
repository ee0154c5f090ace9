"""A kiosk's page in a real browser, and what must hold of it whatever it shows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from playwright.async_api import Browser, Page, expect

from gate.clock import SystemClock
from gate.kiosk.app import create_kiosk
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor, Onward
from tests.console.serving import served
from tests.console.tiny_checkpoint import TinyCheckpoint, number

SIZES = ((1024, 768), (800, 480))
KIOSKS = {"approach": "approach", "hall-1": "terminal"}
GOOD = number("482913756012")
SLIP = GOOD[:-1] + str((int(GOOD[-1]) + 1) % 10)
VISIT = "approach-7f3a21c9-112"
FAR = Onward(("khanoba - Naxçıvan Muxtar Respublikası, Culfa rayonu, sərbəst zona",), 48)  # noqa: RUF001
"""A long way: a route as long as a payload is likely to hold."""

_MISFITS = """() => {
    const edge = 1.5, misfits = new Set();
    const outside = (a, b) => a.left < b.left - edge || a.right > b.right + edge
        || a.top < b.top - edge || a.bottom > b.bottom + edge;
    const zones = '.key, .way, .then, figure, .talk, .strip, footer, main, section';
    const glass = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
    const writings = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = writings.nextNode());) {
        const seen = text.parentElement.checkVisibility({visibilityProperty: true});
        if (!text.data.trim() || !seen) { continue; }
        const range = document.createRange();
        range.selectNodeContents(text);
        const zone = text.parentElement.closest(zones).getBoundingClientRect();
        for (const box of range.getClientRects()) {
            if (outside(box, zone) || outside(box, glass)) { misfits.add(text.data.trim()); }
        }
    }
    const shown = [...document.querySelectorAll('.key, .next li, figure, .strip, .gentle, #number, h1')]
        .filter(e => e.checkVisibility({visibilityProperty: true}));
    for (const one of shown) {
        for (const other of shown) {
            const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
            const apart = a.right <= b.left + edge || b.right <= a.left + edge
                || a.bottom <= b.top + edge || b.bottom <= a.top + edge;
            if (one !== other && !apart && !one.contains(other) && !other.contains(one)) {
                misfits.add(one.textContent.trim() + ' | ' + other.textContent.trim());
            }
        }
    }
    const whole = document.documentElement;
    if (whole.scrollHeight > innerHeight || whole.scrollWidth > innerWidth) {
        misfits.add('it scrolls');
    }
    return [...misfits];
}"""
"""What does not fit: text that leaves its key or panel or the glass, and things that lie on one another."""


async def misfits(page: Page) -> list[str]:
    """What does not fit on the page as it is now."""
    found: list[str] = await page.evaluate(_MISFITS)
    return found


@asynccontextmanager
async def kiosk_page(
    browser: Browser, gate: TinyCheckpoint, width: int = 1024, height: int = 768
) -> AsyncIterator[Page]:
    """A screen of this size before a kiosk of `gate`; its timers can be hurried."""
    async with (
        served(create_kiosk(gate, SystemClock(), KIOSKS)) as address,
        screen_at(browser, address, width, height) as page,
    ):
        yield page


@asynccontextmanager
async def screen_at(
    browser: Browser, address: str, width: int = 1024, height: int = 768
) -> AsyncIterator[Page]:
    """A screen of this size; its timers can be hurried."""
    context = await browser.new_context(viewport={"width": width, "height": height}, base_url=address)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.clock.install()
    try:
        yield page
        assert complaints == []
    finally:
        await context.close()


def free_port() -> int:
    """A port of loopback that nobody uses, for a server that ends and begins anew."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@asynccontextmanager
async def served_at(gate: TinyCheckpoint, port: int) -> AsyncIterator[str]:
    """The kiosks of `gate` at just this port, without anything left of a server before."""
    app = create_kiosk(gate, SystemClock(), KIOSKS)
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


def direct(corridor: Corridor, lane: str = "2") -> BoardMessage:
    """Sent to a lane."""
    return BoardMessage(MessageKind.DIRECT, lane, corridor)


async def says(
    page: Page,
    gate: TinyCheckpoint,
    message: BoardMessage,
    *,
    point: str = "approach",
    onward: Onward | None = None,
) -> None:
    """The point's message changes, and the page shows it."""
    gate.onward = {} if onward is None else {point: onward}
    gate.change_point(point, message=message, visit_id=VISIT)
    await page.clock.run_for(600)
    await expect(page.locator("body")).to_have_attribute("data-kind", message.kind.value)
    corridor = "" if message.corridor is None else message.corridor.value.lower()
    await expect(page.locator("body")).to_have_attribute("data-corridor", corridor)
    if message.kind is MessageKind.DIRECT:
        await page.locator("#code").evaluate("picture => picture.decode()")


async def typed(page: Page, digits: str) -> None:
    """Touch the keys one after another."""
    for digit in digits:
        await page.locator(f"[data-digit='{digit}']").click()
