"""The month of May, written once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.report.making import write_may
from tests.store.kept import a_store


@pytest.fixture(scope="session")
def may(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its journal, at rest."""
    data = tmp_path_factory.mktemp("may")

    async def write() -> None:
        with a_store(data) as store:
            await write_may(store)

    asyncio.run(write())
    return data / "journal.db"
