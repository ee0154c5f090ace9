"""Nothing at rest, in a backup or in memory holds a verdict before arrival (3.6)."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from gate.clock import SystemClock
from gate.demo.officer import Officer
from gate.model import Corridor
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.serve import listen, uvicorn_server
from gate.sync.central.system import Central, open_central
from gate.sync.central.web import create_app
from hardware.emulators.broker import free_port
from tests.app.daemon import ACCOUNT, Daemon, ended
from tests.app.test_feed import HALL, attended
from tests.secrecy.border import SITE, Border, Dice
from tests.secrecy.central import _no_signals
from tests.secrecy.day import Day, live
from tests.secrecy.fates import RED
from tests.secrecy.scanning import (
    back_up,
    corridors_beside,
    files_under,
    found_in,
    lines_beside,
    memory_of,
    spellings,
)

SECRET = "Zerdab-kv7q-Mingecevir-x9w2-Goygol"
"""A destination nobody else has. Central puts it into V's route, and the route travels sealed."""
HOURS = 7919
"""A deadline nobody else has."""


@pytest.mark.parametrize("how", spellings(SECRET))
@pytest.mark.parametrize("beside", [b"", b"a", b"ab"])
def test_a_scan_sees_a_secret_however_it_is_spelt(tmp_path: Path, how: str, beside: bytes) -> None:
    """Planted in a file among other bytes, it is found."""
    planted = spellings(SECRET)[how]
    (tmp_path / "file").write_bytes(secrets.token_bytes(999) + beside + planted + secrets.token_bytes(99))
    assert any(found_in(files_under(tmp_path), SECRET))


def test_nothing_on_disk_holds_vs_verdict_after_a_whole_day(checkpoint: Border, tmp_path: Path) -> None:
    """Data folder, write-ahead logs, log, pictures and backups, after everything but V's arrival."""
    fate = replace(RED, destination=SECRET, deadline_hours=HOURS)
    numbers: list[str] = []

    async def morning(day: Day) -> None:
        await day.morning()
        numbers.append(day.v)
        back_up(checkpoint.data, tmp_path / "backups")
        shutil.copytree(checkpoint.data, tmp_path / "running", ignore=shutil.ignore_patterns("dev"))

    live(checkpoint, fate, Day.evening, morning)
    shutil.copytree(checkpoint.data, tmp_path / "stopped")
    (v,) = numbers
    assert list(found_in(files_under(tmp_path), SECRET)) == []
    assert list(found_in(files_under(tmp_path), f'deadline_hours": {HOURS}')) == []
    for copy in ("running", "stopped", "backups"):
        for name in ("journal.db", "cache.db"):
            assert corridors_beside(tmp_path / copy / name, v) == []
    assert lines_beside(tmp_path / "stopped/log.jsonl", v) == []
    assert any(found_in(files_under(tmp_path / "backups"), v)), "the control: V's number is there to be found"
    assert any(found_in(files_under(checkpoint.central_data), SECRET)), "and central holds its route"


@asynccontextmanager
async def _central(daemon: Daemon, folder: Path, port: int) -> AsyncIterator[Central]:
    """The reference central in true time, with the key that the daemon knows."""
    shutil.copy(daemon.data.parent / "central.key", folder / "central.key")
    policy = CentralPolicy(deadline_hours=dict.fromkeys(Corridor, HOURS))
    central = await open_central(
        folder, clock=SystemClock(), rng=Dice(), policy=policy, trust_received_at=True
    )
    await central.register_site(SITE, daemon.site_public)
    shutil.copy(folder / f"tokens/site-{SITE}", daemon.data / "keys/token")
    listener = listen("127.0.0.1", port)
    server = uvicorn_server(create_app(central))
    server.capture_signals = _no_signals  # type: ignore[method-assign]  # pytest owns them here
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield central
    finally:
        server.should_exit = True
        await serving
        listener.close()


async def _declare(folder: Path, port: int, destination: str) -> str:
    """Accompanied baggage of a high-risk importer, two hours ago; its number."""
    form = {
        "importer": "the-importer",
        "mode": "baggage",
        "site": SITE,
        "goods": [{"code": "8703", "description": "parts", "gross_kg": 8.0, "origin": "TR"}],
        "destination": destination,
        "received_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
    }
    token = (folder / "tokens/trader").read_text().strip()
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"http://127.0.0.1:{port}/v1/declarations",
            json=form,
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["notification_number"])


async def _looks_for(daemon: Daemon, number: str) -> None:
    """An officer searches for it, and somebody types it where nobody attends."""
    officer = Officer(daemon.console, *ACCOUNT, trust=daemon.trust)
    try:
        await officer.log_in()
        found = (await officer._get(f"/api/search?q={number}")).json()
        assert [one["number"] for one in found["declarations"]] == [number]
    finally:
        await officer.aclose()
    async with daemon.client(daemon.kiosk) as kiosk:
        for point in ("approach", HALL):
            assert (await kiosk.post(f"/api/{point}/number", json={"number": number})).status_code == 202


async def test_a_running_daemons_memory_holds_no_verdict_before_arrival(tmp_path: Path) -> None:
    """`gate run`, its feed pulled, V looked for and typed: its memory and files hold neither route nor
    deadline. After V's arrival they are found in the same memory, and RED beside V in the journal.
    """
    port, folder = free_port(), tmp_path / "central"
    for made in (tmp_path / "site", folder):
        made.mkdir()
    async with ended(Daemon(tmp_path / "site", central=f"http://127.0.0.1:{port}")) as daemon:
        daemon.add_officer()
        async with _central(daemon, folder, port) as central:
            await central.decide_group("the-importer", RiskGroup.HIGH, "a test's")
            other = await _declare(folder, port, "Quba")
            v, *others = [await _declare(folder, port, SECRET) for _ in range(4)]
            await daemon.start()
            await daemon.until_healthy(lambda health: health["central"] == "connected", "central")
            await _looks_for(daemon, v)
            async with attended(daemon) as hall:
                opened = await hall.type(other)
                assert opened["corridor"] == "RED", "the daemon opens verdicts, and has opened one"
                back_up(daemon.data, tmp_path / "backups")
                assert any(found_in(memory_of(daemon.pid), v)), "the control: V's number is in this memory"
                assert list(found_in(memory_of(daemon.pid), SECRET)) == []
                assert list(found_in(files_under(daemon.data), SECRET)) == []
                assert list(found_in(files_under(tmp_path / "backups"), SECRET)) == []
                for name in ("journal.db", "cache.db"):
                    assert corridors_beside(daemon.data / name, v) == []
                assert lines_beside(daemon.data / "log.jsonl", v) == []
                visit = await hall.type(v)
                assert visit["corridor"] == "RED"
                # Freed memory may be written over at once; not four times in a row.
                while others and not any(found_in(memory_of(daemon.pid), SECRET)):
                    await hall.type(others.pop())
                assert any(found_in(memory_of(daemon.pid), SECRET)), "the control: it was opened here"
                assert corridors_beside(daemon.data / "journal.db", v)
            await daemon.stop()
