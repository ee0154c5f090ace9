"""A console over a checkpoint in memory, with one account of each role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from gate.clock import Instant
from gate.console.app import create_console
from gate.store.officers import Login, Officers, Role
from tests.console.serving import PASSWORD, client_of
from tests.console.tiny_checkpoint import TinyCheckpoint


class HandClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self._now = Instant(datetime(2026, 5, 4, 6, 0, tzinfo=UTC), 1000.0)

    def now(self) -> Instant:
        """The moment the test has moved to."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Let others run; time itself moves by hand."""
        del seconds
        await asyncio.sleep(0)

    def forward(self, seconds: float) -> None:
        """Time passes."""
        self._now = Instant(self._now.utc + timedelta(seconds=seconds), self._now.mono + seconds)


@dataclass(frozen=True)
class Room:
    """A console and everything behind it."""

    app: FastAPI
    checkpoint: TinyCheckpoint
    officers: Officers
    evidence: Path
    clock: HandClock


@dataclass(frozen=True)
class Accounts:
    """A file with one account of each role, and a login of the officer's."""

    path: Path
    token: str


@pytest.fixture(scope="session")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    """Hashing is slow on purpose, so it is done once."""
    path = tmp_path_factory.mktemp("officers") / "officers.db"
    officers = Officers(path, HandClock())
    for name, role in (
        ("Leyla", Role.OFFICER),
        ("Nigar", Role.SHIFT_LEAD),
        ("Rauf", Role.AUDITOR),
        ("Togrul", Role.TECHNICIAN),
    ):
        officers.add(name, PASSWORD, role)
    login = officers.log_in("Leyla", PASSWORD, "127.0.0.1")
    assert isinstance(login, Login)
    officers.close()
    return Accounts(path, login.token)


@pytest.fixture
def room(tmp_path: Path, accounts: Accounts) -> Iterator[Room]:
    """A console nobody is logged into."""
    path = tmp_path / "officers.db"
    path.write_bytes(accounts.path.read_bytes())
    clock = HandClock()
    officers = Officers(path, clock)
    checkpoint = TinyCheckpoint()
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    yield Room(create_console(checkpoint, officers, evidence, clock), checkpoint, officers, evidence, clock)
    officers.close()


@pytest.fixture
async def leyla(room: Room, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an officer logged in."""
    async with client_of(room.app) as client:
        client.cookies.set("gate_session", accounts.token)
        yield client
