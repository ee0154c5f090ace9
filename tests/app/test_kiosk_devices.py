"""The daemon with a scanner, a keypad and a slip printer at its baggage terminal (8.0.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gate.model import Corridor, group_number
from hardware.emulators.keypad import KeypadDevice
from hardware.emulators.scanner import SerialScannerDevice
from hardware.emulators.slip_printer import SlipPrinterDevice
from tests.app.central import FakeCentral
from tests.app.daemon import Daemon, ended, faults
from tests.app.test_feed import HALL, attended

SETTINGS = {
    "scanner": {"driver": "serial", "port": "dev/scanner", "terminator": "lf"},
    "keypad": {"driver": "gate-keypad", "port": "dev/keypad", "language": "en"},
    "printer": {"driver": "escpos", "port": "dev/printer"},
}


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """Configured with the three devices and an officer's account; not started."""
    async with ended(Daemon(tmp_path)) as daemon:
        (hall,) = (point for point in daemon.site["points"] if point["name"] == HALL)
        hall.update(SETTINGS)
        daemon.write_config()
        daemon.add_officer()
        yield daemon


async def test_a_scanned_notice_is_directed_printed_once_and_never_again(daemon: Daemon) -> None:
    """QR to slip through the whole daemon; the devices' faults come and go; a restart prints nothing."""
    central = FakeCentral(daemon.central_key, daemon.site_public)
    number = central.publish(central.declaration(Corridor.BLUE))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(central.serving(urlsplit(daemon.site["central"]["url"]).port or 0))
        await daemon.start()
        everything = {"scanner", "keypad", "printer"}
        await daemon.until_healthy(lambda health: faults(health, HALL).keys() == everything, "three faults")
        dev = daemon.data / "dev"
        scanner = await stack.enter_async_context(SerialScannerDevice(dev / "scanner", terminator=b"\n"))
        keypad = await stack.enter_async_context(KeypadDevice(dev / "keypad"))
        printer = await stack.enter_async_context(SlipPrinterDevice(dev / "printer"))
        await daemon.until_healthy(
            lambda health: not faults(health, HALL) and health["central"] == "connected", "all well"
        )
        async with attended(daemon):
            await _shows(keypad, "Type your number")
            scanner.scan("https://example.com/not-a-number")
            await _shows(keypad, "Number has a slip")
            scanner.scan(f"https://customs.example.az/?number={number}")
            await printer.wait_until(lambda: len(printer.slips) == 1, 20)
            await _shows(keypad, "Go to lane 2")
        slip = printer.slips[0]
        assert "# 2" in slip
        assert group_number(number) in slip
        assert not {"blue", "mavi"} & set(" ".join(slip).lower().split())
        counted = 'gate_kiosk_device_refused_total{device="scanner",reason="no-number"}'
        assert (await daemon.metrics())[counted] == 1
        assert number not in daemon.output
        printer.load(0)
        told = await daemon.until_healthy(lambda health: "printer" in faults(health, HALL), "no paper")
        assert "new roll" in faults(told, HALL)["printer"]
        printer.load()
        code, _ = await daemon.stop()
        assert code == 0
        await daemon.start()
        asked = printer.asked
        await daemon.until_healthy(
            lambda health: not faults(health, HALL) and printer.asked > asked + 6, "a printer asked again"
        )
        assert len(printer.slips) == 1
        assert printer.torn == []


async def _shows(keypad: KeypadDevice, line: str) -> None:
    shown: Callable[[], bool] = lambda: keypad.screen.lines[0] == line  # noqa: E731 - read at each change
    async with asyncio.timeout(25):
        await keypad.wait_until(shown, 20)
