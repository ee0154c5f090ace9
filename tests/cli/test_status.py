"""`gate status` against the real console, and against everything else that may answer."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gate.cli.status import health_url
from gate.clock import SystemClock
from gate.console.app import create_console
from gate.console.safe_mode import create_safe_mode_console
from gate.settings import Face
from gate.store.officers import Officers
from tests.cli.calling import DEMO, gate
from tests.console.serving import served
from tests.console.tiny_checkpoint import TinyCheckpoint


def site_at(folder: Path, address: str) -> Path:
    """The demo site with its console at this address, in the clear as these tests serve it."""
    file = folder / "site.yaml"
    file.write_text(DEMO.read_text().replace("port: 8441", f"port: {urlsplit(address).port}, tls: off"))
    return file


@pytest.mark.parametrize(("faults", "code"), [((), 0), (("barrier: no answer for 3 s",), 1)])
async def test_the_running_daemon(tmp_path: Path, faults: tuple[str, ...], code: int) -> None:
    """Site, neighbours and points as the daemon sees them; a fault makes it exit 1."""
    checkpoint = TinyCheckpoint()
    checkpoint.change_point("lane-2", faults=faults)
    officers = Officers(tmp_path / "officers.db", SystemClock())
    app = create_console(checkpoint, officers, tmp_path, SystemClock())
    async with served(app) as address:
        site = site_at(tmp_path, address)
        spoken, told = await gate("status", "-c", site), await gate("status", "-c", site, "--json")
    officers.close()
    assert (spoken.code, told.code) == (code, code)
    assert "samur" in spoken.out
    assert all(name in spoken.out for name in ("approach", "lane-2", "connected", *faults))
    assert told.told["answered"] is True
    assert told.told["site"] == "samur"
    assert [tuple(point["faults"]) for point in told.told["points"] if point["name"] == "lane-2"] == [faults]


async def test_safe_mode(tmp_path: Path) -> None:
    """A daemon in safe mode says why, and the exit code says it is not well."""
    async with served(create_safe_mode_console("journal.db is damaged", "restore it")) as address:
        done = await gate("status", "-c", site_at(tmp_path, address))
    assert done.code == 1
    assert "journal.db is damaged" in done.out


async def test_nobody_answers(tmp_path: Path) -> None:
    """No daemon: exit 3, with what to do."""
    with socket.socket() as taken:  # bound but not listening: refused for certain
        taken.bind(("127.0.0.1", 0))
        site = site_at(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}")
        spoken, told = await gate("status", "-c", site), await gate("status", "-c", site, "--json")
    assert (spoken.code, told.code) == (3, 3)
    assert "gate run -c FILE" in spoken.err
    assert told.told["answered"] is False


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\xff\xfe\xff\xfe\xff\xfe",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
)
async def test_something_else_answers(tmp_path: Path, answer: bytes) -> None:
    """Another program on the port is not taken for a gate."""

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        done = await gate("status", "-c", site_at(tmp_path, f"http://127.0.0.1:{port}"))
    assert done.code == 3
    assert "no answer at" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "https://127.0.0.1:8441/healthz"),
        ("0.0.0.0", "https://127.0.0.1:8441/healthz"),
        ("::", "https://[::1]:8441/healthz"),
        ("10.1.2.3", "https://10.1.2.3:8441/healthz"),
        ("gate.local", "https://gate.local:8441/healthz"),
    ],
)
def test_where_it_asks(host: str, url: str) -> None:
    """A daemon that listens everywhere is asked on loopback."""
    assert health_url(Face(host=host, port=8441)) == url
