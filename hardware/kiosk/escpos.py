"""Slip printers that speak ESC/POS, on a serial line or as a USB printer device."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from gate.clock import Clock
from gate.errors import DeviceError
from gate.kiosk.ports import PrinterState, Slip
from gate.kiosk.refusing import Refusals
from gate.lanes.events import DeviceRole
from gate.lanes.ports import Post
from gate.settings import EscPosPrinter
from hardware.kiosk.escpos_codec import (
    ASK_CAUSE,
    ASK_PAPER,
    ASK_PRINTER,
    CLEAR,
    Pages,
    Printed,
    Realtime,
    build_slip,
    hear,
    state_of,
)
from hardware.kiosk.telling import Trouble
from hardware.links.backoff import Backoff
from hardware.links.character_device import CharacterDevice
from hardware.links.serial import SerialLine

_ANSWER_SECONDS = 1.0
_PRINT_SECONDS = 10.0
_CHECK_SECONDS = 2.0

_ADVICE = {
    PrinterState.PAPER_LOW: "the slip printer's paper is nearly out: have a new roll ready",
    PrinterState.PAPER_OUT: "the slip printer is out of paper: put a new roll in",
    PrinterState.COVER_OPEN: "the slip printer's cover is open: close it",
    PrinterState.OFFLINE: "the slip printer is off line: look at its lamp and its feed button",
}


class EscPosSlips:
    """Asks the printer how it is every few seconds; prints only on one that says it can."""

    def __init__(
        self,
        settings: EscPosPrinter,
        point: str,
        clock: Clock,
        *,
        check_seconds: float = _CHECK_SECONDS,
        answer_seconds: float = _ANSWER_SECONDS,
        print_seconds: float = _PRINT_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._check_seconds = check_seconds
        self._answer_seconds = answer_seconds
        self._print_seconds = print_seconds
        self._refusals = Refusals(point, DeviceRole.PRINTER)
        self._trouble = Trouble(DeviceRole.PRINTER, point, clock)
        self._line: SerialLine | CharacterDevice | None = None
        self._turn = asyncio.Lock()
        self._realtime: asyncio.Future[Realtime] | None = None
        self._printed: asyncio.Future[None] | None = None
        self._hung_up = asyncio.Event()
        self._state = PrinterState.AWAY
        self._changed: Callable[[], None] = lambda: None

    @property
    def state(self) -> PrinterState:
        """As last heard."""
        return self._state

    async def run(self, post: Post, changed: Callable[[], None]) -> None:
        """Hold the link and watch the paper until cancelled."""
        self._trouble.attend(post)
        self._changed = changed
        backoff = Backoff()
        while True:
            try:
                self._open()
                await self._attend(backoff)
            except DeviceError as error:
                self._gone(str(error))
            finally:
                line, self._line = self._line, None
                if line is not None:
                    line.close()
            await self._clock.sleep(backoff.next())

    async def print_slip(self, slip: Slip, wanted: Callable[[], bool]) -> PrinterState:
        """Print one slip, once, if it is wanted still."""
        async with self._turn:
            try:
                await self._look()
                if not self._state.prints or not wanted():
                    return self._state
                return await self._print(slip)
            except DeviceError as error:
                self._gone(str(error))
                # An answer that comes late must not be taken for the next question's: open it anew.
                self._hung_up.set()
                return PrinterState.AWAY

    async def _print(self, slip: Slip) -> PrinterState:
        line = self._linked()
        pages = Pages(self._settings.turkish_page, self._settings.cyrillic_page)
        self._printed = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._print_seconds):
                await line.write(build_slip(slip, pages))
                await self._printed
        except TimeoutError:
            # It stopped on the way. The rest must not come out later, for another driver to take.
            await self._forget(line)
            await self._look()
            return PrinterState.OFFLINE if self._state.prints else self._state
        finally:
            self._printed = None
        return self._state

    async def _forget(self, line: SerialLine | CharacterDevice) -> None:
        try:
            async with asyncio.timeout(self._answer_seconds):
                await line.write(CLEAR)
        except TimeoutError:
            raise DeviceError(f"the slip printer on {self._settings.port} takes no data") from None

    async def _attend(self, backoff: Backoff) -> None:
        while not self._hung_up.is_set():
            async with self._turn:
                await self._look()
            backoff.reset()
            try:
                async with asyncio.timeout(self._check_seconds):
                    await self._hung_up.wait()
            except TimeoutError:
                continue
        raise DeviceError(f"{self._settings.port} hung up")

    async def _look(self) -> None:
        """Ask the printer how it is. The caller holds the turn."""
        state = await self._hear_state()
        if state is PrinterState.OFFLINE:
            # Paper or cover may have changed between two of the answers: that looks the same for once.
            state = await self._hear_state()
        if state is PrinterState.READY:
            self._trouble.over()
        else:
            self._trouble.tell(_ADVICE[state], state.value)
        self._become(state)

    async def _hear_state(self) -> PrinterState:
        answers = [await self._ask(question) for question in (ASK_PRINTER, ASK_CAUSE, ASK_PAPER)]
        return state_of(*answers)

    async def _ask(self, question: bytes) -> Realtime:
        line = self._linked()
        self._realtime = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._answer_seconds):
                await line.write(question)
                return await self._realtime
        except TimeoutError:
            raise DeviceError(
                f"the slip printer on {self._settings.port} does not answer: look at its power and cable"
            ) from None
        finally:
            self._realtime = None

    def _heard(self, data: bytes) -> None:
        for byte in data:
            answer = hear(byte)
            waiting = self._realtime if isinstance(answer, Realtime) else self._printed
            if answer is None:
                self._refusals.refuse("damaged", self._clock.now().mono)
            elif waiting is None or waiting.done():
                self._refusals.refuse("unasked", self._clock.now().mono)
            elif isinstance(answer, Printed):
                if self._printed is not None:
                    self._printed.set_result(None)
            elif self._realtime is not None:
                self._realtime.set_result(answer)

    def _linked(self) -> SerialLine | CharacterDevice:
        if self._line is None:
            raise DeviceError(f"{self._settings.port} is not open")
        return self._line

    def _open(self) -> None:
        self._hung_up.clear()
        if self._settings.link == "serial":
            self._line = SerialLine(self._settings.port, self._settings.baud, self._heard, self._lost)
        else:
            self._line = CharacterDevice(self._settings.port, self._heard, self._lost, opened=_open_printer)

    def _lost(self, reason: str) -> None:
        self._hung_up.set()
        for waiting in (self._realtime, self._printed):
            if waiting is not None and not waiting.done():
                waiting.set_exception(DeviceError(reason))

    def _gone(self, reason: str) -> None:
        self._trouble.tell(reason)
        self._become(PrinterState.AWAY)

    def _become(self, state: PrinterState) -> None:
        if state is not self._state:
            self._state = state
            self._changed()


def _open_printer(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
