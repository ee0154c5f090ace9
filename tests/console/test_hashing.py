"""Passwords are hashed beside the loop the lanes live on, and no officer waits behind a flood."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher

from gate.console.app import create_console
from gate.console.hashing import MOST_OF_ONE_SOURCE, Line, LineFullError
from gate.store.officers import Officers, Role
from tests.console.conftest import HandClock, Room
from tests.console.quick import quick_officers
from tests.console.serving import PASSWORD, client_of, csrf_of, log_in


class Watched(PasswordHasher):
    """Hashes as ever, and remembers in which thread, and how many at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.threads: list[int] = []
        self.now = 0
        self.most = 0
        self.go = threading.Event()
        self.go.set()
        self.two = threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - theirs
        """As ever, and watched."""
        self.threads.append(threading.get_ident())
        self.now += 1
        self.most = max(self.most, self.now)
        if self.now == 2:
            self.two.set()
        self.go.wait(30)
        try:
            return super().verify(hash, password)
        finally:
            self.now -= 1


@pytest.fixture
def hasher() -> Watched:
    """One for each test."""
    return Watched()


@pytest.fixture
def officers(tmp_path: Path, hasher: Watched) -> Any:
    """Leyla, hashed by a hasher that is watched."""
    opened = Officers(tmp_path / "watched.db", HandClock(), hasher=hasher)
    opened.add("Leyla", PASSWORD, Role.OFFICER)
    yield opened
    opened.close()


async def test_no_password_is_hashed_on_the_loop(room: Room, officers: Officers, hasher: Watched) -> None:
    """Login, second officer's words, own password: each in another thread than the lanes'."""
    async with client_of(create_console(room.checkpoint, officers, room.evidence, room.clock)) as client:
        await log_in(client, "Leyla")
        await client.post(
            "/account/end-others", data={"csrf": await csrf_of(client), "current": "wrong words here"}
        )
        form = {"csrf": await csrf_of(client), "current": "x", "new": "nine crooked willows"}
        await client.post("/account/password", data=form | {"again": form["new"]})
    assert len(hasher.threads) == 3
    assert threading.get_ident() not in hasher.threads


async def test_a_flood_of_logins_keeps_nobody_at_a_known_browser_waiting(
    room: Room, officers: Officers, hasher: Watched
) -> None:
    """Strangers hash one at a time and queue; too many are turned away at once; Leyla walks past them."""
    app = create_console(room.checkpoint, officers, room.evidence, room.clock)
    async with client_of(app) as booth, client_of(app, "10.0.0.66") as stranger:
        await log_in(booth, "Leyla")
        booth.cookies.delete("gate_session")
        await stranger.get("/login")
        form = {"name": "Nigar", "password": "x", "csrf": stranger.cookies["gate_login"]}
        hasher.go.clear()
        flood = [asyncio.create_task(stranger.post("/login", data=form)) for _ in range(20)]
        done, waiting = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 20 - MOST_OF_ONE_SOURCE:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        answers = [task.result() for task in done]
        assert {answer.status_code for answer in answers} == {429}
        assert {answer.headers["retry-after"] for answer in answers} == {"2"}
        hers = asyncio.create_task(log_in(booth, "Leyla"))
        assert await asyncio.to_thread(hasher.two.wait, 30), "hers is hashed beside the stranger's that hangs"
        hasher.go.set()
        assert (await hers).status_code == 303
        await asyncio.gather(*waiting)
    assert hasher.most == 2


async def test_the_line_is_short_for_each_and_for_all() -> None:
    """Four of one source, sixty-four in all; whoever leaves makes room."""
    line = Line()
    async with line.turn("a"):
        waiting = [asyncio.create_task(_once(line, "a")) for _ in range(MOST_OF_ONE_SOURCE - 1)]
        await asyncio.sleep(0)
        with pytest.raises(LineFullError):
            await _once(line, "a")
        others = [asyncio.create_task(_once(line, f"b{at}")) for at in range(60)]
        await asyncio.sleep(0)
        with pytest.raises(LineFullError):
            await _once(line, "c")
    await asyncio.gather(*waiting, *others)
    await _once(line, "a")


async def _once(line: Line, source: str) -> None:
    async with line.turn(source):
        pass


def test_officers_of_a_quick_file_are_officers(tmp_path: Path) -> None:
    """Cheap parameters are for tests alone: a file opened as the daemon opens it uses RFC 9106's."""
    with quick_officers(tmp_path, HandClock()):
        pass
    real = Officers(tmp_path / "quick.db", HandClock())
    real.set_password("Leyla", "nine crooked willows", "root")
    kept = real._file.one("SELECT password_hash FROM officer WHERE account = 'leyla'")
    assert kept is not None
    assert str(kept[0]).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    real.close()
