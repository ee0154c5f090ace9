"""A small site on emulated devices, and an engineer who talks to `gate device` in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.store.database import open_database, transaction
from hardware.emulators.alpha_board import AlphaBoard
from hardware.emulators.broker import Broker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard
from hardware.emulators.mqtt_board import MqttBoard
from hardware.emulators.mqtt_io import MqttIoDevice
from tests.cli.calling import ROOT

LANE = "exit-1"
PATIENCE = 30.0
_SITE = """
site: samur
mode: {mode}
data: {data}
keys: {{site_private: site.key, central_public: central.pub}}
{mqtt}
console: {{host: 127.0.0.1, port: 8441}}
kiosk: {{host: 127.0.0.1, port: 8442}}
policy: {{version: "1"}}
points:
  - {{name: exit-1, label: X, kind: exit, hard_wired: [safety], io: {io}, board: {board}}}
"""
_SERIAL_IO = "{driver: modbus-rtu, port: dev/io, poll_seconds: 0.02}"
_SERIAL_BOARD = "{driver: alpha-serial, port: dev/board}"


@dataclass
class Lane:
    """The ground, and the configuration that leads to it."""

    config: Path
    data: Path
    ground: EmulatedLane
    io: ModbusBoard | MqttIoDevice
    board: AlphaBoard | MqttBoard
    broker: Broker | None = None

    @property
    def modbus(self) -> ModbusBoard:
        """A serial lane's relay board."""
        assert isinstance(self.io, ModbusBoard)
        return self.io

    def add_camera(self, url: str) -> None:
        """Hang a camera over the lane."""
        camera = f"camera: {{driver: http-mjpeg, url: '{url}'}}, board:"
        self.config.write_text(self.config.read_text().replace("board:", camera))

    def phase(self, phase: str) -> None:
        """Leave a journal behind in which the lane is in this phase."""
        database = open_database(self.data / "journal.db", "journal")
        with transaction(database) as connection:
            state = json.dumps({"phase": phase})
            connection.execute("INSERT INTO snapshots VALUES (?, ?, '2026-05-04T06:00:00Z')", (LANE, state))
        database.close()

    def record(self) -> list[dict[str, Any]]:
        """What commissioning.jsonl says."""
        file = self.data / "commissioning.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def moved(self) -> list[str]:
        """The pulses that reached the barrier."""
        return [pulse.kind for pulse in self.ground.pulses]


@asynccontextmanager
async def serial_lane(folder: Path, *, mode: str = "production") -> AsyncIterator[Lane]:
    """A lane on two serial lines."""
    data, ground = folder / "edge", EmulatedLane(LANE, travel_seconds=0.4)
    config = _write(folder, mode=mode, data=data, mqtt="", io=_SERIAL_IO, board=_SERIAL_BOARD)
    async with ModbusBoard(ground, data / "dev/io") as io, AlphaBoard(data / "dev/board") as board:
        yield Lane(config, data, ground, io, board)


@asynccontextmanager
async def mqtt_lane(folder: Path, *, mode: str = "production") -> AsyncIterator[Lane]:
    """A lane on a broker."""
    data, ground = folder / "edge", EmulatedLane(LANE, travel_seconds=0.4)
    async with Broker(folder / "broker") as broker:
        mqtt = f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}"
        device = "{driver: mqtt}"
        config = _write(folder, mode=mode, data=data, mqtt=mqtt, io=device, board=device)
        async with (
            MqttIoDevice(broker.host, broker.port, "samur", ground, heartbeat=0.2) as io,
            MqttBoard(broker.host, broker.port, "samur", LANE, heartbeat=0.2) as board,
        ):
            yield Lane(config, data, ground, io, board, broker)


def _write(folder: Path, **words: object) -> Path:
    file = folder / "site.yaml"
    file.write_text(_SITE.format(**words))
    return file


class Talk:
    """`gate device ...` running: what it says, and what the engineer answers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._heard = ""

    async def until(self, words: str) -> str:
        """Everything said on stderr up to these words, which are then behind us."""
        assert self.process.stderr is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while words not in self._heard:
                    more = await self.process.stderr.read(4096)
                    assert more, f"it ended before it said {words!r}:\n{self._heard}"
                    self._heard += more.decode()
        except TimeoutError:
            raise AssertionError(f"it never said {words!r}:\n{self._heard}") from None
        said, _, self._heard = self._heard.partition(words)
        return said

    def answer(self, words: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(words.encode() + b"\n")

    async def line(self) -> dict[str, Any]:
        """The next JSON line on stdout."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        assert line, "it ended"
        told: dict[str, Any] = json.loads(line)
        return told

    async def line_of(self, **wanted: object) -> dict[str, Any]:
        """The next JSON line that says all of this."""
        while True:
            told = await self.line()
            if told.items() >= wanted.items():
                return told

    async def ends(self) -> tuple[int, str]:
        """Its exit code, and what was left on stdout."""
        async with asyncio.timeout(PATIENCE):
            out, err = await self.process.communicate()
        self._heard += err.decode()
        assert "Traceback" not in self._heard, self._heard
        assert self.process.returncode is not None
        return self.process.returncode, out.decode()


@asynccontextmanager
async def device(*words: str | Path) -> AsyncIterator[Talk]:
    """`gate device WORDS...`, for certain over at the end of the block."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GATE_CONFIG", "FORCE_COLOR")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gate", "device", *map(str, words)),
        cwd=ROOT,
        env={**kept, "COLUMNS": "200"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Talk(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
