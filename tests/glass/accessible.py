"""axe-core over a page: WCAG 2.2 up to AA, with nothing serious left."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_GRAVE = ("serious", "critical")


async def must_be_accessible(page: Page) -> None:
    """Fail with rule, element and advice for every serious or critical finding on the page as it is now."""
    results = await Axe().run(page, options={"runOnly": {"type": "tag", "values": _WCAG}})
    grave = [found for found in results.response["violations"] if found["impact"] in _GRAVE]
    assert not grave, "\n".join(
        f"{found['id']} ({found['impact']}): {found['help']}\n"
        + "\n".join(f"    {node['html'][:200]}\n      {node['failureSummary']}" for node in found["nodes"])
        for found in grave
    )
