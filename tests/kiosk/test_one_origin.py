"""A kiosk's browser under the policy `gate tls kiosk` writes: Debian's Chromium, the real thing.

Chromium reads its policy in /etc/chromium alone. The browser is started in a mount namespace of its own,
where that folder is the test's: nothing is left on the machine, and no other browser here meets it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Error, Page, async_playwright, expect

from gate.certificates.authority import Paths, open_authority
from gate.certificates.kiosk_policy import kiosk_policy
from gate.certificates.making import Pair
from gate.certificates.serving import FaceCertificate
from gate.clock import SystemClock
from gate.kiosk.app import create_kiosk
from tests.certificates.faces import TODAY, face, served_over_tls
from tests.console.browsing import CHROMIUM, QUIET
from tests.console.serving import served
from tests.console.tiny_checkpoint import TinyCheckpoint

pytestmark = pytest.mark.asyncio(loop_scope="module")

DRIVEN = ("DeveloperToolsAvailability", "IncognitoModeAvailability")
"""What keeps developers' tools out keeps Playwright out: these two alone are left to the eye."""


@asynccontextmanager
async def browser_under(policy: dict[str, object], folder: Path) -> AsyncIterator[BrowserContext]:
    """Chromium with this policy and a new profile; it trusts nobody the policy does not name."""
    managed = folder / "etc/policies/managed"
    managed.mkdir(parents=True)
    (managed / "gate.json").write_text(json.dumps(policy))
    start = folder / "chromium"
    # As root the mount needs a namespace of mounts, as anybody else one of users, too.
    unshare = "unshare --mount" if os.geteuid() == 0 else "unshare --user --map-root-user --mount"
    mount = f'mount --bind {folder}/etc /etc/chromium && exec {CHROMIUM} "$@"'
    start.write_text(f"#!/bin/sh\nexec {unshare} sh -c '{mount}' sh \"$@\"\n")
    start.chmod(0o755)
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(folder / "profile"), executable_path=start, args=QUIET
        )
        try:
            yield context
        finally:
            await context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gate_over_tls(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Pair]]:
    """The drivers' face over TLS by the site's own authority."""
    paths = Paths.of(tmp_path_factory.mktemp("gate"))
    authority = open_authority(paths, "samur", TODAY)
    shown = FaceCertificate("kiosk", face(), "samur", paths)
    shown.show(shown.choose(authority, TODAY))
    app = create_kiosk(TinyCheckpoint(), SystemClock(), {"approach": "approach"})
    async with served_over_tls(app, shown.context, "kiosk") as address:
        yield address, authority


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(
    gate_over_tls: tuple[str, Pair], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Page]:
    """A kiosk's page under the written policy."""
    address, authority = gate_over_tls
    policy = kiosk_policy(address, authority.certificate)
    driven = {name: value for name, value in policy.items() if name not in DRIVEN}
    async with browser_under(driven, tmp_path_factory.mktemp("kiosk")) as context:
        shown = context.pages[0]
        shown.set_default_timeout(20_000)
        yield shown


async def test_the_gates_page_opens_by_the_authority_alone(
    page: Page, gate_over_tls: tuple[str, Pair]
) -> None:
    """Nothing was told to overlook anything: the policy's authority is what makes it a page."""
    address, _ = gate_over_tls
    await page.goto(f"{address}/approach")
    await expect(page.get_by_role("link").first).to_be_visible()
    assert await page.evaluate("window.isSecureContext")


async def test_no_other_origin_opens(page: Page, gate_over_tls: tuple[str, Pair]) -> None:
    """Not another port of the same machine that answers, not a file, not the source of a page."""
    address, _ = gate_over_tls
    async with served(create_kiosk(TinyCheckpoint(), SystemClock(), {"approach": "approach"})) as other:
        for place in (
            f"{other}/approach",
            address.replace("https:", "http:"),
            "https://example.com/",
            "file:///etc/hostname",
            "data:text/html,hello",
            f"view-source:{address}/approach",
        ):
            with pytest.raises(Error, match="ERR_BLOCKED_BY_ADMINISTRATOR"):
                await page.goto(place)


async def test_chromium_takes_every_line_of_the_policy(page: Page, gate_over_tls: tuple[str, Pair]) -> None:
    """By its own account each is known, valid and mandatory: a misspelt one would be ignored in silence."""
    address, authority = gate_over_tls
    await page.goto("chrome://policy")
    await page.wait_for_function(f"({_ROWS})().length > 0")
    rows = await page.evaluate(f"({_ROWS})()")
    taken = {row["name"] for row in rows if row["level"] == "mandatory" and not row["error"]}
    assert not [row for row in rows if row["error"]]
    assert taken == set(kiosk_policy(address, authority.certificate)) - set(DRIVEN)


_ROWS = """() => {
  const found = [];
  const walk = (node) => {
    if (node.shadowRoot) walk(node.shadowRoot);
    for (const child of node.children || []) walk(child);
    if (node.tagName === "POLICY-ROW" && node.policy && node.policy.level)
      found.push({name: node.policy.name, level: node.policy.level, error: node.policy.error || ""});
  };
  walk(document);
  return found;
}"""
