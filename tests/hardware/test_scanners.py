"""One contract, every scanner driver."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gate.clock import SystemClock
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.settings import EvdevScanner
from hardware.emulators.code_camera import CodeCameraDevice
from hardware.emulators.scanner import KeyboardScannerDevice, SerialScannerDevice
from hardware.kiosk.scanner import keyboard_scanner, open_grabbed
from tests.hardware.kiosk_benches import ScannerBench, going, refused, scanner_bench
from tests.hardware.posted import Posted, eventually

NUMBER = "4829137560129"


@pytest.fixture(params=["serial", "evdev", "camera"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ScannerBench]:
    """A scanner and its driver, not running."""
    async with scanner_bench(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def live(bench: ScannerBench) -> AsyncIterator[ScannerBench]:
    """The same, running, its first scan heard."""
    async with going(bench.driver.run(bench.posted, bench.scanned)):
        await _heard_first(bench)
        yield bench


@pytest.fixture(params=["serial", "evdev"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ScannerBench]:
    """A scanner that sends what it reads over a line, running."""
    async with (
        scanner_bench(request.param, tmp_path) as made,
        going(made.driver.run(made.posted, made.scanned)),
    ):
        await _heard_first(made)
        yield made


async def _heard_first(bench: ScannerBench) -> None:
    """A scan before the line is open is lost, as in life: scan until one is heard."""
    if isinstance(bench.device, CodeCameraDevice):
        bench.device.scan("first")  # held there until it is

    def tried() -> bool:
        if not bench.scans and not isinstance(bench.device, CodeCameraDevice):
            bench.device.scan("first")
        return bool(bench.scans)

    await eventually(tried, pause=0.02)
    bench.scans.clear()
    # Whatever else of these tries is on its way comes before this marker.
    bench.device.scan("marker")
    await eventually(lambda: "marker" in bench.scans)
    bench.scans.clear()


async def test_each_scan_comes_once_and_in_order(live: ScannerBench) -> None:
    """As it was printed, with capitals and signs."""
    codes = [NUMBER, "4829 137 560 129", "https://Example.az/n?Number=4829137560129", "x" * 200]
    for code in codes:
        live.device.scan(code)
    await live.until_scanned(len(codes))
    assert live.scans == codes
    assert live.posted.events == []


async def test_a_silent_scanner_is_well(live: ScannerBench) -> None:
    """Nobody scans, and nothing is said of it."""
    assert live.posted.of(DeviceFaulted) == []


async def test_a_pulled_plug_is_one_fault_and_mends_itself(live: ScannerBench) -> None:
    """Named with the device file, told once, over when it is back, and scans are heard again."""
    live.device.unplug()
    await live.posted.until(lambda: live.posted.faulted)
    (fault,) = live.posted.of(DeviceFaulted)
    assert fault.device is DeviceRole.SCANNER
    live.device.plug()
    await live.posted.until(lambda: not live.posted.faulted)
    assert len(live.posted.of(DeviceRecovered)) == 1
    live.device.scan(NUMBER)
    await live.until_scanned(1)
    assert live.scans == [NUMBER]


async def test_a_scanner_that_is_not_there_is_a_fault_from_the_start(bench: ScannerBench) -> None:
    """It says which file is missing; plugged in later, it is heard."""
    bench.device.unplug()
    async with going(bench.driver.run(bench.posted, bench.scanned)):
        await bench.posted.until(lambda: bench.posted.faulted)
        assert "dev/scanner" in bench.posted.of(DeviceFaulted)[0].reason
        bench.device.plug()
        await bench.posted.until(lambda: not bench.posted.faulted)


async def test_a_flood_is_refused_and_counted_and_the_next_scan_is_heard(line: ScannerBench) -> None:
    """A line without an end costs nothing but itself; the log has one line of it and no content."""
    before = refused("scanner", "too-long")
    with capture_logs() as logs:
        line.device.scan("7" * 600)
        line.device.scan("7" * 600)
        line.device.scan(NUMBER)
        await line.until_scanned(1)
    assert line.scans == [NUMBER]
    assert refused("scanner", "too-long") - before == 2
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("kiosk.device_refused", "too-long")]
    assert "777" not in str(logs)


async def test_binary_noise_never_ends_the_driver(line: ScannerBench) -> None:
    """Ten thousand random bytes; what comes out of them is text, and the next scan is heard."""
    noise = bytes(os.urandom(10_000))
    assert not isinstance(line.device, CodeCameraDevice)
    for at in range(0, len(noise), 240):
        line.device.send(noise[at : at + 240])
    if isinstance(line.device, KeyboardScannerDevice):
        line.device.send(bytes(24 - len(noise) % 24))  # events are 24 bytes: the noise ends with a whole one
        line.device.scan("end")  # whatever the noise began is refused with this
    else:
        line.device.send(b"\r")
    line.device.scan(NUMBER)
    await eventually(lambda: line.scans[-1:] == [NUMBER])
    assert all(text.isprintable() for text in line.scans)


async def test_a_line_that_is_no_text_is_counted(tmp_path: Path) -> None:
    """An escape sequence is nobody's number."""
    async with scanner_bench("serial", tmp_path) as bench:
        assert isinstance(bench.device, SerialScannerDevice)
        async with going(bench.driver.run(bench.posted, bench.scanned)):
            await _heard_first(bench)
            before = refused("scanner", "not-text")
            bench.device.send(b"\x1b[2J\xff\r")
            bench.device.scan(NUMBER)
            await bench.until_scanned(1)
            assert refused("scanner", "not-text") - before == 1


async def test_a_stuck_key_and_an_overrun_are_counted(tmp_path: Path) -> None:
    """What only a typing scanner can suffer."""
    async with scanner_bench("evdev", tmp_path) as bench:
        assert isinstance(bench.device, KeyboardScannerDevice)
        async with going(bench.driver.run(bench.posted, bench.scanned)):
            await _heard_first(bench)
            before = refused("scanner", "stuck-key"), refused("scanner", "overrun")
            bench.device.hold(6, 40)
            bench.device.overrun()
            bench.device.scan("lost with the overrun")
            bench.device.scan(NUMBER)
            await eventually(lambda: bench.scans[-1:] == [NUMBER])
            after = refused("scanner", "stuck-key"), refused("scanner", "overrun")
            assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_what_cannot_be_grabbed_is_no_input_device(tmp_path: Path) -> None:
    """A path that is something else is a fault that says so, not a scanner that never scans."""
    path = tmp_path / "scanner"
    os.mkfifo(path)
    driver = keyboard_scanner(EvdevScanner(driver="evdev", device=path), "hall-1", SystemClock())
    posted = Posted()
    async with going(driver.run(posted, lambda _: None)):
        await posted.until(lambda: posted.faulted)
    assert "no input device" in posted.of(DeviceFaulted)[0].reason
    with pytest.raises(OSError, match="no input device"):
        open_grabbed(path)
