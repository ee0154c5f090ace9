"""Without what the gate needs to direct anybody: it raises nothing, and its console says what is wrong."""

from __future__ import annotations

import socket
import sqlite3
import ssl
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import expect

from gate.store.store import open_store
from tests.app.daemon import Daemon
from tests.cli.calling import gate
from tests.console.browsing import chromium
from tests.glass.accessible import must_be_accessible
from tests.glass.artefacts import keep_picture
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


async def test_a_broken_configuration_is_told_whole_and_the_console_comes_up(daemon: Daemon) -> None:
    """Every error as file:line, key and what may stand there, on the terminal and at the console's address.

    Nobody can log in, so what stood there is repeated on the terminal alone. Not a file is made.
    """
    text = daemon.config.read_text(encoding="utf-8")
    for good, bad in (
        ("engine: gate", "engine: hunter2"),
        ("pull_seconds: 0.25", "pull_seconds: soon"),
        ("holding_bay: H", "holding_bay: H\ncolour: blue"),
        ("driver: modbus-rtu", "driver: telepathy"),
    ):
        assert good in text
        text = text.replace(good, bad, 1)
    daemon.config.write_text(text, encoding="utf-8")
    await daemon.start()
    health = await daemon.until_answering()
    page = (await daemon.get("/")).text
    assert health["http"] == 503
    lines = text.splitlines()
    for key, value in (
        ("anpr.engine", "hunter2"),
        ("central.pull_seconds", "soon"),
        ("colour", "colour"),
        ("points[0].io.driver", "telepathy"),
    ):
        line = next(number for number, line in enumerate(lines, start=1) if value in line)
        assert f"{daemon.config}:{line}: {key}: " in daemon.output
        assert f"{daemon.config}:{line}: {key}: " in health["safe_mode"]
        assert f"<code>{daemon.config}:{line}</code> <b>{key}</b>" in page
    for value in ("hunter2", "telepathy"):
        assert value in daemon.output
        assert value not in page + health["safe_mode"]
    assert "ppocr" in page  # what may stand there
    assert "gate check-config" in page
    assert "Traceback" not in daemon.output
    assert not (daemon.data / "journal.db").exists()
    assert (await daemon.stop())[0] == 2


async def test_a_file_that_is_no_yaml_any_more_still_says_where_the_console_is(daemon: Daemon) -> None:
    """A bracket that is never closed; the address is made out of what can be read."""
    text = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(f"{text}\ntiming: {{read: [1, 2\n", encoding="utf-8")
    await daemon.start()
    assert "is not YAML" in (await daemon.until_answering())["safe_mode"]
    assert (await daemon.stop())[0] == 2


async def test_a_configuration_that_is_not_there_ends_it(daemon: Daemon) -> None:
    """A mistyped name on the command line is no checkpoint: exit 2, and what is missing."""
    done = await gate("run", "-c", daemon.config.with_name("sight.yaml"))
    assert done.code == 2
    assert "sight.yaml: cannot be read" in done.err
    assert "Traceback" not in done.err


def _under_a_file(daemon: Daemon) -> None:
    """The data folder cannot be made where it should be."""
    blocked = daemon.data.parent / "a-file"
    blocked.write_bytes(b"")
    daemon.site["data"] = str(blocked / "edge")
    daemon.site["keys"] = {name: str(daemon.data / path) for name, path in daemon.site["keys"].items()}
    daemon.write_config()


async def test_a_data_folder_that_takes_no_files_is_named(daemon: Daemon) -> None:
    """Read-only, gone, or no folder: the console comes up all the same, without a log file."""
    _under_a_file(daemon)
    await daemon.start()
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE  # a passing certificate is nobody's to verify
    health = await daemon.until_answering(anybody)
    assert "takes no files" in health["safe_mode"]
    assert "free some room there or make it writable" in (await daemon.get("/", anybody)).text
    assert "gate.safe_mode" in daemon.output
    assert "Traceback" not in daemon.output
    assert (await daemon.stop())[0] == 0


async def test_a_disk_that_takes_no_more_is_found_before_the_first_vehicle(daemon: Daemon) -> None:
    """A journal that was good and cannot grow: named at the console, not met by a lorry in a lane."""
    open_store(daemon.data, "boot", lambda: None, KEYS.central_public).close()
    await daemon.start(limit_bytes=4096)
    health = await daemon.until_answering()
    assert "journal.db" in health["safe_mode"]
    assert "Traceback" not in daemon.output
    await daemon.stop()


async def test_an_address_that_is_taken_is_said_where_it_can_be(daemon: Daemon) -> None:
    """Nothing can be served, so it ends, says why, and whoever begins it anew may have more luck."""
    _key_missing(daemon.data)
    port = daemon.site["console"]["port"]
    with socket.create_server(("127.0.0.1", port)):
        done = await gate("run", "-c", daemon.config)
    assert done.code == 1
    assert "web.not_served" in done.err
    assert f"127.0.0.1:{port}" in done.err
    assert "site.key" in done.err


async def test_what_a_stranger_sees_in_a_browser(daemon: Daemon) -> None:
    """The page with its style and nothing against it in accessibility; its picture is kept."""
    text = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(text.replace("engine: gate", "engine: hunter2"), encoding="utf-8")
    await daemon.start()
    await daemon.until_answering()
    async with chromium() as browser:
        # Its chain is verified by the client above; this browser was not told of the site's authority.
        page = await browser.new_page(viewport={"width": 1366, "height": 768}, ignore_https_errors=True)
        await page.goto(daemon.console)
        await expect(page.get_by_role("alert")).to_contain_text("anpr.engine")
        await must_be_accessible(page)
        await keep_picture(page, "safe-mode")
    await daemon.stop()
