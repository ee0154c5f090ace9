"""Benches for kiosk devices: a driver, the emulated device at the far end of its link, what was posted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from prometheus_client import REGISTRY

from gate.clock import SystemClock
from gate.kiosk.ports import Key, Scanner
from gate.lanes.events import DeviceRecovered
from gate.settings import CameraScanner, EscPosPrinter, EvdevScanner, FolderCamera, GateKeypad, SerialScanner
from hardware.emulators.code_camera import CodeCameraDevice
from hardware.emulators.keypad import KeypadDevice
from hardware.emulators.scanner import KeyboardScannerDevice, SerialScannerDevice
from hardware.emulators.slip_printer import SlipPrinterDevice
from hardware.kiosk.camera_scanner import CodeCamera
from hardware.kiosk.escpos import EscPosSlips
from hardware.kiosk.keypad import KeypadTerminal
from hardware.kiosk.scanner import keyboard_scanner, line_scanner
from tests.hardware.posted import Posted

BEAT, SILENCE = 0.05, 1.5
"""A loaded machine may keep the loop waiting for a good part of a second."""


def refused(device: str, reason: str) -> float:
    """How often this was refused so far, in this process."""
    labels = {"device": device, "reason": reason}
    return REGISTRY.get_sample_value("gate_kiosk_device_refused_total", labels) or 0.0


@asynccontextmanager
async def going(what: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """It runs for the length of the block, and must not end by itself."""
    task = asyncio.create_task(what)
    try:
        yield
        assert not task.done(), f"it ended by itself: {task}"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def open_pipe(path: Path) -> int:
    """Where the kernel's device would be opened and grabbed: a named pipe cannot be."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


@dataclass
class ScannerBench:
    """One scanner driver with its scanner."""

    device: SerialScannerDevice | KeyboardScannerDevice | CodeCameraDevice
    driver: Scanner
    posted: Posted
    scans: list[str] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def scanned(self, text: str) -> None:
        """Pass it to the driver."""
        self.scans.append(text)
        if isinstance(self.device, CodeCameraDevice):
            self.device.heard()
        self._came.set()

    async def until_scanned(self, count: int) -> None:
        """Return once so many scans have come."""
        async with asyncio.timeout(10):
            while len(self.scans) < count:
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def scanner_bench(driver: str, folder: Path) -> AsyncIterator[ScannerBench]:
    """A bench for one scanner driver; the driver does not run yet."""
    path, clock = folder / "dev" / "scanner", SystemClock()
    if driver == "serial":
        async with SerialScannerDevice(path) as device:
            settings = SerialScanner(driver="serial", port=path)
            yield ScannerBench(device, line_scanner(settings, "hall-1", clock), Posted())
    elif driver == "camera":
        seen = FolderCamera(driver="folder", path=path)
        looks = CodeCamera(CameraScanner(driver="camera", camera=seen), "hall-1", clock)
        yield ScannerBench(CodeCameraDevice(path), looks, Posted())
    else:
        async with KeyboardScannerDevice(path) as typing:
            wedge = EvdevScanner(driver="evdev", device=path)
            held = keyboard_scanner(wedge, "hall-1", clock, opened=open_pipe)
            yield ScannerBench(typing, held, Posted())


@dataclass
class KeypadBench:
    """The keypad driver with its terminal."""

    device: KeypadDevice
    driver: KeypadTerminal
    posted: Posted
    keys: list[Key] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def pressed(self, key: Key) -> None:
        """Pass it to the driver."""
        self.keys.append(key)
        self._came.set()

    async def until_pressed(self, count: int) -> None:
        """Return once so many keys have come."""
        async with asyncio.timeout(10):
            while len(self.keys) < count:
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def keypad_bench(folder: Path) -> AsyncIterator[KeypadBench]:
    """A bench for the keypad; the driver does not run yet."""
    path = folder / "dev" / "keypad"
    settings = GateKeypad(driver="gate-keypad", port=path)
    driver = KeypadTerminal(settings, "hall-1", SystemClock(), heartbeat=BEAT, silence=SILENCE)
    async with KeypadDevice(path, heartbeat=BEAT, silence=SILENCE) as device:
        yield KeypadBench(device, driver, Posted())


@dataclass
class PrinterBench:
    """One printer driver with its printer."""

    device: SlipPrinterDevice
    driver: EscPosSlips
    posted: Posted
    changes: list[str] = field(default_factory=list)

    def changed(self) -> None:
        """Pass it to the driver."""
        self.changes.append(self.driver.state.value)

    async def until_well(self) -> None:
        """Return once the last word on it is that it is well."""
        await self.posted.until(lambda: isinstance(self.posted.events[-1], DeviceRecovered))


@asynccontextmanager
async def printer_bench(link: Literal["serial", "usb"], folder: Path) -> AsyncIterator[PrinterBench]:
    """A bench for the printer on one kind of link; the driver does not run yet."""
    path = folder / "dev" / "printer"
    settings = EscPosPrinter(driver="escpos", link=link, port=path)
    driver = EscPosSlips(
        settings, "hall-1", SystemClock(), check_seconds=0.05, answer_seconds=4.0, print_seconds=8.0
    )
    async with SlipPrinterDevice(path) as device:
        yield PrinterBench(device, driver, Posted())
