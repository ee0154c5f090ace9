"""The reference central as the demo starts it: a process of its own, killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from gate.errors import ConfigError
from gate.sealing import load_central_public, make_site_keys
from gate.sync import OutboxPusher
from gate.sync.central.cli import app
from gate.sync.central.serve import listen
from gate.sync.transports.catalogue import open_transport
from tests.clocks import trusted
from tests.sync.fakes import PATIENCE, SqliteOutbox, WatchedClock, settings
from tests.sync.loopback import SITE


@asynccontextmanager
async def _served(folder: Path, port: int = 0) -> AsyncIterator[tuple[Process, int]]:
    if not (folder / "site.pub").exists():
        make_site_keys(folder / "site.key", folder / "site.pub")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gate.sync.central.cli", "serve", "--data", str(folder / "central")),
        *("--port", str(port), "--site", f"{SITE}={folder / 'site.pub'}"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE * 2):
            line = ""
            while "Gate reference central on http://" not in line:
                line = (await process.stdout.readline()).decode()
                assert line, "central ended before it listened"
        yield process, int(line.split("http://127.0.0.1:")[1].split(",")[0])
    finally:
        if process.returncode is None:
            process.terminate()
        # Read on: a process with a full pipe would never end.
        async with asyncio.timeout(PATIENCE):
            await process.communicate()


async def test_serve_makes_keys_and_tokens_and_ends_on_sigterm(tmp_path: Path) -> None:
    """First start: central.pub, tokens; healthz answers; SIGTERM ends it within seconds."""
    async with _served(tmp_path) as (process, port):
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            assert (await http.get("/v1/healthz")).json() == {"status": "ok"}
        load_central_public(tmp_path / "central/central.pub")
        names = {path.name for path in (tmp_path / "central/tokens").iterdir()}
        assert names == {"trader", "admin", f"site-{SITE}"}
        process.terminate()
        async with asyncio.timeout(5):
            await process.communicate()
    assert process.returncode in (0, -signal.SIGTERM)


async def test_central_killed_in_mid_batch_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Kill -9 with batches on the way, twice: central.db holds each of 6,000 events once."""
    outbox, clock = SqliteOutbox(tmp_path / "journal.db"), WatchedClock()
    outbox.write(6000)
    async with _served(tmp_path) as (process, port):
        transport = open_transport(
            settings(f"http://127.0.0.1:{port}", tmp_path / f"central/tokens/site-{SITE}"), SITE, trusted()
        )
        pusher = OutboxPusher(
            site=SITE,
            outbox=outbox,
            transport=transport,
            clock=clock,
            settings=settings("http://127.0.0.1:1", tmp_path / "token"),
        )
        task = asyncio.create_task(pusher.run())
        # The next batch is on its way as soon as this one is acknowledged.
        await outbox.until_acknowledged(500)
        process.kill()
        await clock.until(lambda: pusher.status.startswith("away since"))
    async with _served(tmp_path, port) as (process, _):
        await outbox.until_acknowledged(2500)
        process.kill()
        await clock.until(lambda: pusher.status.startswith("away since"))
    async with _served(tmp_path, port):
        await outbox.until_acknowledged(6000)
    task.cancel()
    await asyncio.wait([task])
    await transport.aclose()
    with closing(sqlite3.connect(tmp_path / "central/central.db")) as db:
        kept = db.execute("SELECT seq, json_extract(body, '$.n') FROM events ORDER BY id").fetchall()
    assert kept == [(seq, seq) for seq in range(1, 6001)]


async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    """Two centrals on one port: the second says so instead of a traceback."""
    assert tmp_path
    with closing(listen("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="choose another --port"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_serve_tells_what_is_wrong_with_its_options(tmp_path: Path) -> None:
    """A site without a key file, or with a wrong one, or a wrong name: told, exit 2."""
    runner = CliRunner()
    data = ["serve", "--port", "0", "--data", str(tmp_path / "c"), "--site"]
    for site, said in (
        ("samur", "NAME=PUBLIC_KEY_FILE"),
        (f"samur={tmp_path / 'missing.pub'}", "missing.pub"),
    ):
        result = runner.invoke(app, [*data, site])
        assert result.exit_code == 2
        assert said in result.output
    make_site_keys(tmp_path / "s.key", tmp_path / "s.pub")
    result = runner.invoke(app, [*data, f"Samur!={tmp_path / 's.pub'}"])
    assert (result.exit_code, "lower-case letters" in result.output) == (2, True)


def test_every_option_of_serve_is_explained() -> None:
    """The help names each option the demo relies on."""
    result = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    for option in ("--data", "--host", "--port", "--site", "--trust-received-at", "--seed", "--draw-low"):
        assert option in result.output


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("mqtt://central", "t", "http:// and https:// are known"),
        ("http://central", None, "cannot be read"),
        ("http://central", "", "one token on one line"),
        ("http://central", "two\nlines", "one token on one line"),
        ("http://central", "\u0259", "cannot be read"),
    ],
)
def test_a_wrong_central_section_is_told(tmp_path: Path, url: str, token: str | None, said: str) -> None:
    """An unknown scheme or an unusable token file stops the start with a sentence."""
    path = tmp_path / "token"
    if token is not None:
        path.write_text(token, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        open_transport(settings("http://x", path).model_copy(update={"url": url}), SITE, trusted())
