"""One checkpoint and one browser for each module of scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.browsing import chromium
from tests.glass.crossing import Crossing, crossing_at
from tests.lanes.gatehouse import assert_replays


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crossing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """A quiet checkpoint, no traffic but the test's; its day replays."""
    async with crossing_at(tmp_path_factory.mktemp("crossing")) as crossing:
        yield crossing
    assert_replays(crossing.daemon.data)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all scenarios of a module."""
    async with chromium() as started:
        yield started
