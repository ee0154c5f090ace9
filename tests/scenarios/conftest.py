"""A running checkpoint for each module of scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gate.demo.stage import Stage
from tests.lanes.gatehouse import assert_replays
from tests.scenarios.day import Day


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """A quiet checkpoint: central, broker, devices and daemon, no traffic but the test's; its day replays."""
    async with Stage(tmp_path_factory.mktemp("site"), seed=5) as stage:
        day = Day(stage)
        await day.begin()
        yield day
        await day.end()
    assert_replays(stage.edge)
