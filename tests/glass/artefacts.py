"""Screenshots that a test leaves for people to look at: `test-artefacts/`, never committed."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

_FOLDER = Path(__file__).parents[2] / "test-artefacts"


async def keep_picture(page: Page, name: str) -> Path:
    """The page as it is on the screen now, as `test-artefacts/NAME.png`."""
    _FOLDER.mkdir(exist_ok=True)
    path = _FOLDER / f"{name}.png"
    await page.screenshot(path=path)
    return path
