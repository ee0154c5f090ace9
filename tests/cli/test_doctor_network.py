"""`gate doctor` and the neighbours: a real broker, and HTTP servers on loopback."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from gate.cli.doctor.check import Check, Verdict
from gate.cli.doctor.network import (
    ask_gate,
    check_apart,
    check_broker,
    check_camera,
    check_central,
    stays_here,
)
from gate.config import load_site
from gate.settings import Face, MjpegCamera, MqttSettings, RtspCamera
from hardware.emulators.camera import CameraServer
from hardware.emulators.rtsp_camera import RtspServer
from tests.cli.calling import DEMO

NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """The port of a mosquitto that knows one account: gate, with the password "open"."""
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert mosquitto, "mosquitto is missing: sudo apt-get install mosquitto"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    accounts = tmp_path / "accounts"
    subprocess.run(["mosquitto_passwd", "-b", "-c", accounts, "gate", "open"], check=True, timeout=30)
    accounts.chmod(0o644)  # mosquitto started by root reads it as another user
    tmp_path.chmod(0o755)
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\npassword_file {accounts}\nuser root\nlog_dest stderr\n")
    process = subprocess.Popen([mosquitto, "-c", settings], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:  # its own word that it listens
        if " running" in line:
            break
    yield port
    process.terminate()
    process.communicate(timeout=10)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """A server that meets every connection with this; yields its address."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def central(url: str) -> list[Check]:
    """The checks of central, off the loop that serves it."""
    return await asyncio.to_thread(lambda: list(check_central(url)))


def test_broker(broker: int, tmp_path: Path) -> None:
    """It answers with the right password, and refuses with a wrong one."""
    password = tmp_path / "password"
    settings = MqttSettings(port=broker, username="gate", password_file=password)
    password.write_text("open\n")
    assert check_broker(settings).verdict is Verdict.OK
    password.write_text("sesame\n")
    refused = check_broker(settings)
    assert refused.verdict is Verdict.FAIL
    assert "refuses us" in refused.found
    password.unlink()
    assert check_broker(settings).verdict is Verdict.FAIL


async def test_no_broker_there() -> None:
    """Nothing listening, and something else listening, both fail."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert check_broker(MqttSettings(port=taken.getsockname()[1])).verdict is Verdict.FAIL
    async with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        port = int(address.rsplit(":", 1)[1])
        check = await asyncio.to_thread(check_broker, MqttSettings(port=port))
    assert check.verdict is Verdict.FAIL


async def test_central() -> None:
    """Any answer shows the line works, also a refusal; its Date is compared with our clock."""
    async with answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") as url:
        reached, clocks = await central(url)
    assert reached.verdict is Verdict.OK
    assert clocks.verdict is Verdict.WARN
    async with answering(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as url:
        assert (await central(url))[0].verdict is Verdict.WARN
    assert [check.verdict for check in await central(url)] == [Verdict.FAIL]


@pytest.mark.parametrize(
    ("date", "verdict", "said"),
    [
        ("Mon, 04 May 2026 12:00:01 GMT", Verdict.OK, "agree"),
        ("Mon, 04 May 2026 11:59:40 GMT", Verdict.WARN, "20 s ahead of central"),
        ("Mon, 04 May 2026 13:00:00 GMT", Verdict.FAIL, "3600 s behind central"),
        ("Mon, 04 May 2026 12:00:00 -0000", Verdict.OK, "agree"),
        ("yesterday", Verdict.WARN, "does not tell its time"),
        ("", Verdict.WARN, "does not tell its time"),
    ],
)
def test_clocks(date: str, verdict: Verdict, said: str) -> None:
    """Lead times (2.2) run from central's clock to ours: they must agree."""
    check = check_apart(date, NOON)
    assert check.verdict is verdict
    assert said in check.found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "not a multipart"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "credentials_file"),
    ],
)
async def test_no_camera_there(answer: bytes, said: str) -> None:
    """What does not serve pictures is no camera, and the driver's own words say why."""
    async with answering(answer) as url:
        settings = MjpegCamera(driver="http-mjpeg", url=url)
        check = await asyncio.to_thread(check_camera, "camera", settings)
    assert check.verdict is Verdict.FAIL
    assert said in check.found


async def test_cameras() -> None:
    """A camera that sends a picture is well, over HTTP and RTSP; its size is told."""
    picture = np.full((240, 320, 3), 90, dtype=np.uint8)
    async with CameraServer() as http, RtspServer() as rtsp:
        http.show("lane-1", picture)
        rtsp.show("lane-1", picture)
        for settings in (
            MjpegCamera(driver="http-mjpeg", url=http.url("lane-1")),
            RtspCamera(driver="rtsp", url=rtsp.url("lane-1")),
        ):
            check = await asyncio.to_thread(check_camera, "camera", settings)
            assert check.verdict is Verdict.OK, check.found
            assert check.found == f"{settings.url}: 320x240"


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ('{"site": "samur", "safe_mode": null, "broker": "connected"}', True),
        ('{"site": "samur", "safe_mode": null, "broker": "away since 2026-05-04"}', False),
        ('{"site": "elsewhere", "safe_mode": null, "broker": "connected"}', False),
        ("[]", False),
        ("hello", False),
    ],
)
async def test_a_gate_that_is_connected_is_not_thrown_out_to_see_whether_it_could_be(
    told: str, taken: bool
) -> None:
    """Where accounts are client names a second login ends the first: the running gate's word is taken."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(told)}\r\n\r\n"
    async with answering((head + told).encode()) as address:
        console = Face.model_validate({"port": int(address.rsplit(":", 1)[1]), "tls": "off"})
        site = load_site(DEMO).model_copy(update={"site": "samur", "console": console})
        check = await asyncio.to_thread(ask_gate, site)
    assert (check is not None) is taken
    assert check is None or check.verdict is Verdict.OK


def test_what_stays_on_this_machine_needs_no_tls() -> None:
    """Loopback alone may carry a password in the clear."""
    assert [stays_here(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [stays_here(host) for host in ("10.20.0.1", "broker.example.az", "0.0.0.0")] == [False] * 3
