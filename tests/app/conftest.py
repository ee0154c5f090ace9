"""A daemon for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.daemon import Daemon, ended


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """Configured, not started; nothing of it is left after the test."""
    async with ended(Daemon(tmp_path)) as daemon:
        yield daemon
