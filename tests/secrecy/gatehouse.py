"""The gate as it is composed in service, emulated devices at the far end of its links, and our ears."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
import structlog

from gate import logs
from gate.anpr.process.supervisor import PlateReaders
from gate.app import lifecycle
from gate.app.assembly import Assembly, Site
from gate.lanes.events import Detector
from gate.notify import Notifier
from gate.settings import AlphaSerial
from gate.settings import MqttBoard as MqttBoardSettings
from hardware.emulators.alpha_board import AlphaBoard
from hardware.emulators.keypad import KeypadDevice
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.mqtt_board import MqttBoard
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.emulators.scanner import SerialScannerDevice
from hardware.links.mqtt_session import Message, MqttSession
from tests.clocks import adrift
from tests.secrecy.border import SITE, Border
from tests.secrecy.emissions import Emissions, statement_without_blobs
from tests.secrecy.steady import DayClock, DayLoop
from tests.secrecy.wires import Wires


@dataclass
class Yard:
    """The ground: lanes, boards, the kiosk's devices. Switched on one after another, so in one order."""

    border: Border
    loop: DayLoop
    lanes: dict[str, EmulatedLane] = field(default_factory=dict)
    scanner: SerialScannerDevice | None = None
    keypad: KeypadDevice | None = None
    _on: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def wire(self) -> None:
        """What hangs on serial lines has power before the gate starts."""
        for point in self.border.settings().points:
            if isinstance(point.board, AlphaSerial):
                await self._on.enter_async_context(AlphaBoard(self.border.data / point.board.port))
        self.scanner = SerialScannerDevice(self.border.data / "dev/approach-scanner")
        self.keypad = KeypadDevice(self.border.data / "dev/approach-keypad")
        await self._on.enter_async_context(self.scanner)
        await self._on.enter_async_context(self.keypad)

    async def power(self) -> None:
        """What hangs on the broker comes up, one by one."""
        host, port = self.border.broker.host, self.border.broker.port
        for point in self.border.settings().points:
            if point.io is not None:
                lane = self.lanes.setdefault(point.name, EmulatedLane(point.name))
                await self._on.enter_async_context(MqttIoDevice(host, port, SITE, lane))
                await self.loop.rest()
            if isinstance(point.board, MqttBoardSettings):
                await self._on.enter_async_context(MqttBoard(host, port, SITE, point.name))
                await self.loop.rest()

    async def off(self) -> None:
        """A power cut."""
        await self._on.aclose()

    def stands(self, point: str, *, occupied: bool, detector: Detector = Detector.ARMING) -> None:
        """A vehicle comes to stand on a detector, or leaves it."""
        self.lanes[point].set_detector(detector, occupied=occupied)


@dataclass
class Gatehouse:
    """The running gate."""

    site: Site
    emissions: Emissions
    border: Border

    def note_files(self) -> None:
        """Every file of the data folder, its size, and for pictures its bytes; the rows of journal.db."""
        for path in sorted(self.border.data.rglob("*")):
            if not path.is_symlink() and path.is_file():
                told = f"{path.relative_to(self.border.data)} {path.stat().st_size}"
                if path.suffix == ".jpg":
                    told += f" {sha256(path.read_bytes()).hexdigest()}"
                self.emissions.note("files", told)
            elif path.is_dir():
                self.emissions.note("files", f"{path.relative_to(self.border.data)}/")
        thread = self.site.store.thread
        for name, database in (("journal.db", thread.journal), ("cache.db", thread.cache)):
            for table in database.table_names():
                for row in database[table].rows:
                    values = row.values() if name == "journal.db" else map(_without_blob, row.values())
                    told = str(tuple(values))
                    self.emissions.note(f"rows of {name} {table}", told)


def _without_blob(value: object) -> object:
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else value


@asynccontextmanager
async def gate_at(border: Border, clock: DayClock, emissions: Emissions) -> AsyncIterator[Gatehouse]:
    """`gate run`, less signals and the process that reads pictures: our cameras read by themselves."""
    assembly = Assembly(border.settings(), clock, adrift())
    site = assembly.build()
    thread = site.store.thread

    def executed(database: str, statement: str) -> None:
        text = statement_without_blobs(statement) if database == "cache.db" else statement
        emissions.note(f"statements on {database}", text)

    thread.journal.conn.set_trace_callback(lambda statement: executed("journal.db", statement))
    thread.cache.conn.set_trace_callback(lambda statement: executed("cache.db", statement))
    await assembly.restore_queues(site.store)
    stop = asyncio.Event()
    living = asyncio.create_task(lifecycle._live(site, Notifier(None), stop), name="the gate")
    try:
        yield Gatehouse(site, emissions, border)
        stop.set()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, DayLoop)
        while not living.done():
            await loop.forward(0.5)
        await living
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        site.store.close()
        site.officers.close()


@asynccontextmanager
async def eavesdropper(border: Border, emissions: Emissions) -> AsyncIterator[None]:
    """A subscriber to everything at the broker, beside the devices.

    Each device's own messages are kept apart: in which order two devices speak is theirs, not the gate's.
    The gate's commands are kept together, in the order in which it gave them.
    """

    def heard(message: Message) -> None:
        *_, lane, device, kind = message.topic.split("/")
        channel = "mqtt commands" if kind == "cmd" else f"mqtt {lane} {device}"
        told = f"{message.topic} retained={message.retained} expiry={message.expiry} "
        emissions.note(channel, told + message.payload.decode("utf-8", "backslashreplace"))

    ear = MqttSession(border.broker.host, border.broker.port, "eavesdropper", heard, lambda _: None)
    await ear.open(["#"])
    try:
        yield
    finally:
        await ear.close()


class _Said(io.StringIO):
    """A terminal that notes each line."""

    def __init__(self, emissions: Emissions) -> None:
        super().__init__()
        self._emissions = emissions

    def write(self, text: str) -> int:
        self._emissions.note("terminal", text)
        return len(text)


@contextmanager
def log_to(path: Path, emissions: Emissions) -> Iterator[None]:
    """The gate's log as `gate run` sets it up, each line noted as it is written."""
    root = logging.getLogger()
    level = root.level
    logs.configure(path, console=_Said(emissions))
    file = next(handler for handler in root.handlers if isinstance(handler, RotatingFileHandler))
    write = file.emit

    def noted(record: logging.LogRecord) -> None:
        emissions.note("log.jsonl", file.format(record))
        write(record)

    file.emit = noted  # type: ignore[method-assign]  # an ear on it: the line still goes to its file
    try:
        yield
    finally:
        for handler in [handler for handler in root.handlers if handler.name == "gate"]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
        structlog.reset_defaults()


def leave_out_pictures(patch: pytest.MonkeyPatch) -> None:
    """The process that reads pictures lives on the machine's own time; no point here has such a camera."""

    async def idle(_readers: PlateReaders) -> None:
        await asyncio.Event().wait()

    patch.setattr(PlateReaders, "run", idle)


def wires_of(emissions: Emissions, loop: DayLoop, patch: pytest.MonkeyPatch) -> None:
    """Watch every wire; the day rests only when they are quiet."""
    wires = Wires(emissions.note, loop)
    wires.watch(patch)
    loop.busy.append(wires.busy)
