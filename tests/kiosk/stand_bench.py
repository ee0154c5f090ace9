"""A whole kiosk at the approach: real drivers, emulated devices at the far end of real links."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx2 as httpx
from fastapi import FastAPI

from gate.clock import SystemClock
from gate.kiosk.booth import booth_in
from gate.kiosk.ports import PrinterState
from gate.kiosk.stand import Stand
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor, VisitStatus
from tests.console.tiny_checkpoint import TinyCheckpoint, number
from tests.hardware.kiosk_benches import (
    KeypadBench,
    PrinterBench,
    ScannerBench,
    refused,
)
from tests.hardware.posted import Posted, eventually

POINT = "approach"
GOOD = number("482913756012")
OTHER = number("118273645546")
WRONG = f"{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10}"
DIRECT = BoardMessage(MessageKind.DIRECT, "2", Corridor.RED)


class Hurried(SystemClock):
    """Right about the time, and impatient."""

    async def sleep(self, seconds: float) -> None:
        """A hundredth of a second at most."""
        await asyncio.sleep(min(seconds, 0.01))


@dataclass
class Kiosk:
    """A whole kiosk at the approach: page, scanner, keypad, printer."""

    gate: TinyCheckpoint
    app: FastAPI
    driver: httpx.AsyncClient
    scanner: ScannerBench
    keypad: KeypadBench
    printer: PrinterBench
    posted: Posted = field(default_factory=Posted)
    keep_seconds: float = 60.0

    def stand(self) -> Stand:
        """Its devices, joined, not running."""
        return Stand(
            booth_in(self.app),
            POINT,
            place="khanoba A",
            scanner=self.scanner.driver,
            keypad=self.keypad.driver,
            printer=self.printer.driver,
            language="en",
            keep_seconds=self.keep_seconds,
        )

    @property
    def shown(self) -> tuple[str, str]:
        """What stands on the keypad's display."""
        return self.keypad.device.screen.lines

    async def shows(self, *lines: str) -> None:
        """Return once the keypad shows this."""
        await self.keypad.device.wait_until(lambda: self.shown[: len(lines)] == lines)

    async def says(self, message: BoardMessage, visit_id: str | None = None) -> None:
        """The point's message changes, for this visit."""
        self.gate.change_point(POINT, message=message, visit_id=visit_id)
        await self.gate.tell()

    async def directed(self, visit_id: str, message: BoardMessage = DIRECT) -> None:
        """A vehicle's verdict is opened and the board shows its lane."""
        self.gate.arrive(
            visit_id, "10AA001", POINT, corridor=message.corridor, status=VisitStatus.DIRECTED, lane="lane-4"
        )
        await self.says(message, visit_id)

    @property
    def slips(self) -> list[list[str]]:
        """What has come out of the printer."""
        return self.printer.device.slips

    async def printed(self, count: int) -> None:
        """Return once so many slips have."""
        await self.printer.device.wait_until(lambda: len(self.slips) >= count)

    async def settled(self) -> None:
        """Return once a slip that was wanted by now would have come out.

        The printer is asked three questions at a time, and between them slips have their turn.
        """
        for _ in range(3):
            asked = self.printer.device.asked
            await eventually(lambda asked=asked: self.printer.device.asked > asked + 3)  # type: ignore[misc]

    async def scan(self, text: str) -> None:
        """Hold a code before the scanner."""
        self.scanner.device.scan(text)


async def found(kiosk: Kiosk) -> None:
    """Return once keypad, printer and scanner are heard; the try is spent on a foreign code."""
    await kiosk.shows("Type your number")
    await eventually(lambda: kiosk.printer.driver.state is PrinterState.READY)
    before = refused("scanner", "no-number")
    tries = iter(range(1000))

    def heard() -> bool:
        if refused("scanner", "no-number") == before:
            kiosk.scanner.device.scan(f"hello {next(tries)}")
        return refused("scanner", "no-number") > before

    await eventually(heard, pause=0.05)
    await kiosk.shows("Number has a slip")
