"""What several tests of lanes begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hardware.barriers import modbus
from tests.lanes.gatehouse import House, gatehouse


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[House]:
    """A checkpoint at rest: approach, a green, a red and an exit lane, and a baggage terminal."""
    async with gatehouse(tmp_path, ("approach", "green", "red", "exit", "terminal")) as running:
        await running.rests("approach", "lane-1", "lane-4", "exit-1")
        yield running


@pytest.fixture
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board is given up sooner than at a border, and its inputs bounce for less time."""
    monkeypatch.setattr(modbus, "_CLEAR_SECONDS", 0.02)
    monkeypatch.setattr(modbus, "_SILENT_POLL_SECONDS", 0.05)
