"""The daemon with nothing else running, and what stands around it: systemd, a hung world, taken ports."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.app.daemon import Daemon, ended, faults, maps_of

POINTS = {"approach", "lane-1", "lane-2", "lane-3", "lane-4", "exit-1", "hall-1"}
DEVICES = {name: {"io", "board", "camera"} for name in POINTS} | {"hall-1": set()}
SECONDS_TO_END = 5.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """A running daemon without central, broker, camera or device, its plate reader loaded."""
    async with ended(Daemon(tmp_path_factory.mktemp("alone"))) as daemon:
        await daemon.start()
        await daemon.until_healthy(lambda health: health["anpr"] == "ok", "the plate reader")
        yield daemon


@pytest.mark.asyncio(loop_scope="module")
async def test_alone_it_starts_and_names_what_every_point_lacks(alone: Daemon) -> None:
    """Every device that is not there is named at its point; the terminal, which needs none, is free."""
    health = await alone.until_healthy(
        lambda health: all(faults(health, name).keys() == DEVICES[name] for name in POINTS),
        "every device's fault",
    )
    assert health["http"] == 200
    assert health["safe_mode"] is None
    assert {point["name"] for point in health["points"]} == POINTS
    assert health["central"].startswith("away since")
    assert health["broker"].startswith("away since")
    phases = {point["name"]: point["phase"] for point in health["points"]}
    assert phases == dict.fromkeys(POINTS, "recovery") | {"hall-1": "free"}
    assert str(alone.data / "dev/lane-1-io") in faults(health, "lane-1")["io"]
    assert f"broker 127.0.0.1:{alone.site['mqtt']['port']}" in faults(health, "lane-2")["board"]


@pytest.mark.asyncio(loop_scope="module")
async def test_neither_the_daemon_nor_its_reader_loads_torch(alone: Daemon) -> None:
    """Torch costs gigabytes and seconds: only the EasyOCR engine may bring it in."""
    (started,) = alone.log("anpr.child_started")
    for pid, owns in ((alone.pid, "_sqlite3"), (started["pid"], "onnxruntime")):
        mapped = maps_of(pid)
        assert owns in mapped, f"{pid} is not the process it is taken for"
        assert "torch" not in mapped


async def test_systemd_hears_ready_the_watchdog_and_the_end(daemon: Daemon, tmp_path: Path) -> None:
    """READY=1 once it serves, WATCHDOG=1 while the lanes live, STOPPING=1 at SIGTERM; code 0 within 5 s."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        await daemon.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="10000000")
        heard: list[str] = []

        def pings(_: object) -> bool:
            heard.extend(_datagrams(systemd))
            return heard.count("WATCHDOG=1") >= 3

        await daemon.until_healthy(pings, "three watchdog pings")
        assert [line for line in heard if line.startswith("READY=1")] == ["READY=1\nSTATUS=7 points"]
        assert not any(line.startswith("STOPPING") for line in heard)
        code, seconds = await daemon.stop()
        heard.extend(_datagrams(systemd))
    assert (code, seconds < SECONDS_TO_END) == (0, True)
    assert [line for line in heard if line.startswith("STOPPING=1")] == ["STOPPING=1"]
    assert daemon.log("gate.stopped")


async def test_a_world_that_swallows_everything_does_not_hold_up_the_end(daemon: Daemon) -> None:
    """Serial devices that never answer, hosts that never accept, a hung plate reader: still 5 s, code 0."""
    with _black_hole() as port, _dumb_lines(daemon):
        daemon.site["mqtt"]["port"] = port
        daemon.site["central"]["url"] = f"http://127.0.0.1:{port}"
        daemon.write_config()
        await daemon.start()
        await daemon.until_healthy(
            lambda health: (
                health["anpr"] == "ok"
                and "not answer" in faults(health, "lane-1").get("io", "")
                and "io" in faults(health, "lane-2")
            ),
            "silent devices and a silent broker",
        )
        (reader,) = (line["pid"] for line in daemon.log("anpr.child_started"))
        os.kill(reader, signal.SIGSTOP)
        code, seconds = await daemon.stop()
    assert (code, seconds < SECONDS_TO_END) == (0, True), f"code {code} after {seconds:.1f} s"
    assert not maps_of(reader), "the hung reader was left behind"


async def test_a_taken_address_costs_that_face_and_nothing_else(daemon: Daemon) -> None:
    """The kiosk's port is taken by another program: said in the log, and the rest runs."""
    with socket.create_server(("127.0.0.1", daemon.site["kiosk"]["port"])):
        await daemon.start()
        health = await daemon.until_answering()
        assert health["http"] == 200
        (said,) = daemon.log("web.not_served")
        assert said["address"] == daemon.kiosk.removeprefix("https://")
        async with daemon.client() as client:
            assert (await client.get(f"{daemon.console}/login")).status_code == 200


def _datagrams(systemd: socket.socket) -> Iterator[str]:
    while True:
        try:
            yield systemd.recv(4096).decode()
        except BlockingIOError:
            return


@contextmanager
def _black_hole() -> Iterator[int]:
    """A port whose backlog is full: a connect there is never answered, neither yes nor no."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        waiting = [socket.socket() for _ in range(6)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(hole.getsockname())
            yield hole.getsockname()[1]
        finally:
            for each in waiting:
                each.close()


@contextmanager
def _dumb_lines(daemon: Daemon) -> Iterator[None]:
    """A serial port for every serial device, with nobody at its far end."""
    ends: list[int] = []
    (daemon.data / "dev").mkdir()
    try:
        for point in daemon.site["points"]:
            for part in ("io", "board"):
                port = point.get(part, {}).get("port")
                if port:
                    ends += (pair := os.openpty())
                    (daemon.data / port).symlink_to(os.ttyname(pair[1]))
        yield
    finally:
        for end in ends:
            os.close(end)
