"""No task is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest


@pytest.fixture(autouse=True)
async def nothing_left_behind() -> AsyncIterator[None]:
    """A test that leaves a task running has failed."""
    yield
    await asyncio.sleep(0)
    left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"tasks left: {left}"
