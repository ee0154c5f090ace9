"""A checkpoint at rest, for the tests of what officers do there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.lanes.gatehouse import House, gatehouse


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[House]:
    """A checkpoint at rest: approach, a green, a red and an exit lane, and a baggage terminal."""
    async with gatehouse(tmp_path, ("approach", "green", "red", "exit", "terminal")) as running:
        await running.rests("approach", "lane-1", "lane-4", "exit-1")
        yield running
