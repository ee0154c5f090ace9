"""`gate device watch`: what a lane's devices say, without a word to them."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import serial

from gate.cli.device.alone import LaneAlone
from gate.clock import SystemClock
from gate.config import load_site
from gate.lanes.events import Detector, DeviceRole
from hardware.emulators.camera import CameraServer
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.emulators.scanner import SerialScannerDevice
from hardware.links.mqtt_session import MqttSession
from tests.cli.calling import gate
from tests.cli.commissioning import LANE, device, mqtt_lane, serial_lane


async def test_a_serial_lane_is_watched(tmp_path: Path) -> None:
    """The table at the start, every change with the state of all inputs, a fault and its end; exit 0."""
    async with serial_lane(tmp_path) as lane, device("watch", LANE, "-c", lane.config, "--json") as talk:
        begun = await talk.line_of(event="watching")
        table = await talk.line_of(event="inputs")
        lane.ground.set_detector(Detector.SAFETY, True)
        occupied = await talk.line_of(event="input", input="safety")
        lane.ground.push_by_hand(up=True)
        up = await talk.line_of(event="input", input="barrier", **{"is": "up"})
        lane.ground.unplug()
        fault = await talk.line_of(event="fault", device="io")
        unknown = await talk.line_of(event="input", input="barrier", **{"is": "unknown"})
        lane.ground.plug()
        await talk.line_of(event="recovered", device="io")
        talk.process.send_signal(signal.SIGINT)
        code, _ = await talk.ends()
        assert list(lane.modbus.writes) == []
        assert lane.board.texts == []
    assert code == 0
    assert begun["devices"] == {"io": "modbus-rtu", "board": "alpha-serial"}
    assert table["inputs"] == {"arming": "clear", "safety": "clear", "barrier": "down"}
    assert (occupied["was"], occupied["is"], occupied["inputs"]["safety"]) == (
        "clear",
        "occupied",
        "occupied",
    )
    assert up["inputs"] == {"arming": "clear", "safety": "occupied", "barrier": "up"}
    assert str(lane.data) in fault["reason"]
    assert unknown["was"] == "up"


async def test_an_mqtt_lane_is_watched_beside_the_gate(tmp_path: Path) -> None:
    """A client of its own: the gate's connection stays, no device gets a command, a silent board is told."""
    async with mqtt_lane(tmp_path) as lane:
        assert lane.broker is not None
        lost: list[str] = []
        gates = MqttSession(lane.broker.host, lane.broker.port, "gate-samur", lambda _: None, lost.append)
        await gates.open(["gate/v1/#"])
        async with device("watch", "-c", lane.config, "--json") as talk:
            table = await talk.line_of(event="inputs")
            lane.ground.set_detector(Detector.ARMING, True)
            await talk.line_of(event="input", input="arming", **{"is": "occupied"})
            lane.board.unplug()
            fault = await talk.line_of(event="fault", device="board")
            talk.process.send_signal(signal.SIGTERM)
            code, _ = await talk.ends()
        still = gates.is_open
        await gates.close()
        assert isinstance(lane.io, MqttIoDevice)
        assert lane.io.commands == []
    assert (code, still, lost) == (0, True, [])
    assert table["inputs"] == {"arming": "clear", "safety": "clear", "barrier": "down"}
    assert fault["point"] == LANE


async def test_a_camera_is_watched(tmp_path: Path) -> None:
    """The size of its first picture, and a fault when no more come."""
    async with serial_lane(tmp_path) as lane, CameraServer() as cameras:
        cameras.show(LANE, None)
        lane.add_camera(cameras.url(LANE))
        async with device("watch", LANE, "-c", lane.config, "--json") as talk:
            picture = await talk.line_of(event="note", device="camera")
            await cameras.stop()
            fault = await talk.line_of(event="fault", device="camera")
            await cameras.start()
            await talk.line_of(event="recovered", device="camera")
            talk.process.send_signal(signal.SIGINT)
            code, _ = await talk.ends()
    assert code == 0
    assert picture["what"] == "a picture of 1280x720"
    assert str(cameras.port) in fault["reason"]


async def test_for_people(tmp_path: Path) -> None:
    """Without --json: the devices, the table, and lines with a time and the state of every input."""
    async with serial_lane(tmp_path) as lane, device("watch", LANE, "-c", lane.config) as talk:
        assert talk.process.stdout is not None
        heard = await talk.process.stdout.readuntil(b"    barrier         down\n")
        lane.ground.set_detector(Detector.SAFETY, True)
        async with asyncio.timeout(10):
            changed = await talk.process.stdout.readuntil(b"barrier down\n")
        talk.process.send_signal(signal.SIGINT)
        code, _ = await talk.ends()
    assert code == 0
    assert heard.decode().startswith("exit-1 (exit X): io modbus-rtu, board alpha-serial. Ctrl-C ends.\n")
    assert "exit-1  safety: clear -> occupied\n" in changed.decode()
    assert "arming clear, safety occupied, barrier down" in changed.decode()


async def test_a_port_the_gate_holds(tmp_path: Path) -> None:
    """A serial port has one user: exit 4, naming the port and what to do."""
    async with serial_lane(tmp_path) as lane:
        with serial.Serial(str(lane.data / "dev/io"), exclusive=True):
            done = await gate("device", "watch", LANE, "-c", lane.config)
    assert done.code == 4
    assert f"exit-1 io: {lane.data}/dev/io is in use" in done.err
    assert "maintenance" in done.err
    assert "systemctl stop gate" in done.err


async def test_a_lane_there_is_not(tmp_path: Path) -> None:
    """Wrong usage: exit 2 with the points there are."""
    async with serial_lane(tmp_path) as lane:
        done = await gate("device", "watch", "lane-9", "-c", lane.config)
    assert done.code == 2
    assert "this site has exit-1" in done.err
    assert lane.modbus.requests == 0


async def test_a_kiosks_scanner_is_watched_and_what_it_reads_is_not_told(tmp_path: Path) -> None:
    """That a code was scanned, and how long it was: never the notification number itself (3.6)."""
    (tmp_path / "dev").mkdir()
    site = tmp_path / "site.yaml"
    site.write_text(
        f"site: samur\nmode: demo\ndata: {tmp_path}\n"
        "keys: {site_private: site.key, central_public: central.pub}\n"
        "console: {port: 8441}\nkiosk: {port: 8442}\npolicy: {version: '1'}\n"
        "points:\n  - name: hall-1\n    label: T\n    kind: terminal\n    kiosk: true\n"
        "    scanner: {driver: serial, port: dev/scanner}\n"
        "  - name: lane-1\n    label: '1'\n    kind: entry\n    corridors: [GREEN, BLUE, YELLOW, RED]\n"
        "    io: {driver: modbus-rtu, port: dev/io}\n"
    )
    settings = load_site(site)
    noted: list[tuple[DeviceRole, str]] = []
    async with (
        SerialScannerDevice(tmp_path / "dev/scanner") as scanner,
        LaneAlone(
            settings,
            settings.points[0],
            None,
            SystemClock(),
            note=lambda role, what: noted.append((role, what)),
        ) as lane,
    ):
        assert set(lane.roles) == {DeviceRole.SCANNER}
        async with asyncio.timeout(20):
            while not noted:  # the port may not be open yet: people scan again
                scanner.scan("4646869589692")
                await lane.until(lambda: bool(noted), 0.5)
    assert noted[0] == (DeviceRole.SCANNER, "a scan of 13 characters")
