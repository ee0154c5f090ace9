"""Without what the gate needs to direct anybody: it raises nothing, and its console says what is wrong."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gate.store.store import open_store
from tests.app.daemon import Daemon
from tests.cli.calling import gate
from tests.sealing.made import KEYS

PAGE = 4096


def _journal_of_another_kind(data: Path) -> None:
    (data / "journal.db").write_bytes(b"this was a journal once\n" * 500)


def _journal_with_holes(data: Path) -> None:
    """A journal that was good, with pages in its middle overwritten."""
    open_store(data, "boot", lambda: None, KEYS.central_public).close()
    with closing(sqlite3.connect(data / "journal.db")) as journal:
        rows = [(f"visit-{n}", "lane-1", "completed", "2026-05-04T06:30:00+00:00") for n in range(2000)]
        with journal:
            journal.executemany(
                "INSERT INTO visits (visit_id, point, status, first_presence) VALUES (?, ?, ?, ?)", rows
            )
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (data / "journal.db").open("r+b") as file:
        pages = file.seek(0, 2) // PAGE
        for page in range(pages // 2, pages // 2 + 4):
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)


def _officers_of_another_kind(data: Path) -> None:
    (data / "officers.db").write_bytes(b"not a database\n" * 500)


def _key_missing(data: Path) -> None:
    (data / "keys/site.key").unlink()


def _key_open_to_others(data: Path) -> None:
    (data / "keys/site.key").chmod(0o640)


def _central_key_torn(data: Path) -> None:
    (data / "keys/central.pub").write_text("Z2F0ZQ==\n", encoding="ascii")


@pytest.mark.parametrize(
    ("breaks", "named", "advice"),
    [
        (_journal_of_another_kind, "journal.db", "safe mode and directs"),
        (_journal_with_holes, "journal.db", "restore it from a backup"),
        (_officers_of_another_kind, "officers.db", "safe mode and directs"),
        (_key_missing, "keys/site.key", "cannot be read"),
        (_key_open_to_others, "keys/site.key", "chmod 600"),
        (_central_key_torn, "keys/central.pub", "a key has 32"),
    ],
)
async def test_it_comes_up_in_safe_mode_and_says_what_to_do(
    daemon: Daemon, breaks: Callable[[Path], None], named: str, advice: str
) -> None:
    """Console and /healthz (503) name file and remedy, nothing runs or is touched, SIGTERM ends it."""
    breaks(daemon.data)
    file = daemon.data / named
    before = file.read_bytes() if file.exists() else None
    await daemon.start()
    health = await daemon.until_answering()
    assert health["http"] == 503
    assert named in health["safe_mode"]
    assert "points" not in health
    page = await daemon.get("/")
    assert named in page.text
    assert advice in page.text
    assert (await daemon.get("/login")).status_code == 503
    code, seconds = await daemon.stop()
    assert (code, seconds < 5.0) == (0, True)
    (said,) = daemon.log("gate.safe_mode")
    assert said["level"] == "error"
    assert not daemon.log("lane.phase")
    # A damaged journal is evidence, and perhaps the only copy.
    assert (file.read_bytes() if file.exists() else None) == before


async def test_gate_status_tells_safe_mode_by_its_exit_code(daemon: Daemon) -> None:
    """`gate status` ends with 1 and repeats the reason; with 3 once the daemon is gone."""
    _journal_of_another_kind(daemon.data)
    await daemon.start()
    await daemon.until_answering()
    told = await gate("status", "-c", daemon.config)
    assert told.code == 1
    assert "journal.db" in told.out
    await daemon.stop()
    assert (await gate("status", "-c", daemon.config)).code == 3


async def test_a_broken_configuration_is_told_whole_before_anything_starts(daemon: Daemon) -> None:
    """Every error at once as file:line: key, exit code 2, and not a file made."""
    text = daemon.config.read_text(encoding="utf-8")
    for good, bad in (
        ("engine: ppocr", "engine: guesswork"),
        ("pull_seconds: 0.25", "pull_seconds: soon"),
        ("holding_bay: H", "holding_bay: H\ncolour: blue"),
        ("driver: modbus-rtu", "driver: telepathy"),
    ):
        assert good in text
        text = text.replace(good, bad, 1)
    daemon.config.write_text(text, encoding="utf-8")
    began = time.monotonic()
    done = await gate("run", "-c", daemon.config)
    assert done.code == 2
    assert time.monotonic() - began < 20
    lines = text.splitlines()
    for key, value in (
        ("anpr.engine", "guesswork"),
        ("central.pull_seconds", "soon"),
        ("colour", "colour"),
        ("points[0].io.driver", "telepathy"),
    ):
        line = next(number for number, line in enumerate(lines, start=1) if value in line)
        assert f"{daemon.config}:{line}: {key}: " in done.err
    assert "Traceback" not in done.err
    assert not (daemon.data / "journal.db").exists()
