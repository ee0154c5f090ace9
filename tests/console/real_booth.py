"""A console over the real core: real store, real machines, officers of each role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI

from gate.console.app import create_console
from gate.store.officers import Officers
from tests.console.conftest import Accounts
from tests.console.serving import client_of, csrf_of, log_in
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import read

SHOWN = [*reversed(read().evidence)]
"""The pictures of every read here as they are shown: the plate by itself, then the scene."""


@dataclass(frozen=True)
class Booth:
    """The checkpoint, and the console that officers reach it by."""

    house: House
    app: FastAPI
    officers: Officers

    @asynccontextmanager
    async def officer(self, name: str, address: str = "10.0.0.7") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody logged in at a screen of his own."""
        async with client_of(self.app, address) as client:
            await log_in(client, name)
            yield client


@asynccontextmanager
async def real_booth(folder: Path, accounts: Accounts) -> AsyncIterator[Booth]:
    """A running checkpoint at rest, with its console."""
    path = folder / "officers.db"
    path.write_bytes(accounts.path.read_bytes())
    for name in read().evidence:
        picture = folder / "evidence" / name[:2] / f"{name}.jpg"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(b"\xff\xd8\xff\xd9")
    async with gatehouse(folder, ("approach", "green", "red")) as house:
        await house.rests("approach", "lane-1", "lane-4")
        officers = Officers(path, house.clock)
        try:
            app = create_console(house.checkpoint, officers, folder / "evidence", house.clock)
            yield Booth(house, app, officers)
        finally:
            officers.close()


async def asks(client: httpx.AsyncClient, fields: dict[str, Any]) -> httpx.Response:
    """An act by a program, as it stands."""
    headers = {"X-CSRF-Token": await csrf_of(client)}
    return await client.post("/api/acts", json=fields, headers=headers)
