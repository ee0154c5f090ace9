"""Boards that speak the Alpha sign protocol on a serial line."""

from __future__ import annotations

import asyncio

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post
from gate.lanes.signage import board_lines
from gate.model import Corridor
from gate.settings import AlphaSerial
from hardware.links.backoff import Backoff
from hardware.links.serial import SerialLine
from hardware.signboards.alpha_codec import (
    Acknowledged,
    Colour,
    Damaged,
    Frame,
    FrameParser,
    Heard,
    Text,
    build_frame,
    fold,
    parse_text,
    read_text,
    write_text,
)

log = structlog.get_logger()

_ANSWER_SECONDS = 1.0
_TRIES = 3
"""Showing a text twice does no harm, unlike a pulse: a garbled frame is sent again."""
_CHECK_SECONDS = 5.0
_MISSES = 2

_COLOURS = {
    Corridor.GREEN: Colour.GREEN,
    Corridor.BLUE: Colour.BLUE,
    Corridor.YELLOW: Colour.YELLOW,
    Corridor.RED: Colour.RED,
}


def sign_text(message: BoardMessage) -> Text:
    """`message` in the sign's letters; amber unless it names a corridor, so that WAIT never hints at one."""
    colour = Colour.AMBER if message.corridor is None else _COLOURS[message.corridor]
    lines = board_lines(message)
    return Text(tuple(fold(line) for line in lines) if any(lines) else ("",), colour)


class AlphaSign:
    """Reads its text back every few seconds: a sign that lost its memory, or was exchanged, is written anew.

    What was last asked for stays wanted while the sign is away, and is shown when it returns.
    """

    def __init__(
        self, settings: AlphaSerial, point: str, clock: Clock, *, check_seconds: float = _CHECK_SECONDS
    ) -> None:
        self._settings = settings
        self._point = point
        self._clock = clock
        self._check_seconds = check_seconds
        self._line: SerialLine | None = None
        self._parser = FrameParser()
        self._turn = asyncio.Lock()
        self._orders = 0
        self._answer: asyncio.Future[Heard] | None = None
        self._hung_up = asyncio.Event()
        self._wanted: Text | None = None
        self._fault: str | None = None
        self._post: Post | None = None

    async def run(self, post: Post) -> None:
        """Hold the line, check what the sign shows, until cancelled."""
        self._post = post
        self._fault = None
        backoff = Backoff()
        while True:
            try:
                self._open()
                await self._attend(backoff)
            except DeviceError as error:
                self._set_fault(str(error))
            finally:
                self._close()
            await self._clock.sleep(backoff.next())

    async def show(self, message: BoardMessage) -> None:
        """Return once the sign acknowledged the text.

        A sign that is away is an error at once, not after a wait: the lane's next command may be
        a raise. The text is on it when it returns.
        """
        self._wanted = sign_text(message)
        if self._fault is not None or self._line is None:
            raise DeviceError(self._fault or f"{self._settings.port} is not open yet")
        self._orders += 1
        try:
            async with self._turn:
                # A text asked for while we waited for the line is newer: show that one.
                await self._write(self._wanted)
                self._well()
        except DeviceError as error:
            self._set_fault(str(error))
            raise
        finally:
            self._orders -= 1

    async def _attend(self, backoff: Backoff) -> None:
        misses = 0
        while not self._hung_up.is_set():
            try:
                async with self._turn:
                    await self._check()
            except DeviceError as error:
                misses += 1
                if misses >= _MISSES or self._fault is not None:
                    self._set_fault(str(error))
            else:
                misses = 0
                backoff.reset()
                self._well()
            try:
                # A silent sign is asked more often, so that its return is seen soon.
                async with asyncio.timeout(self._check_seconds if not misses else self._check_seconds / 5):
                    await self._hung_up.wait()
            except TimeoutError:
                continue
        raise DeviceError(f"{self._settings.port} hung up")

    async def _check(self) -> None:
        answer = await self._ask(read_text())
        shown = parse_text(answer.body) if isinstance(answer, Frame) else None
        # An order that waits its turn will set it right itself.
        if not self._orders and self._wanted is not None and shown != self._wanted:
            await self._write(self._wanted)

    async def _write(self, text: Text) -> None:
        for _ in range(_TRIES):
            answer = await self._ask(write_text(text))
            if answer == Acknowledged(ok=True):
                return
        raise DeviceError(f"the sign on {self._settings.port} refuses the text ({answer})")

    async def _ask(self, body: bytes) -> Heard:
        """One frame out, one answer in. The caller holds the turn."""
        line = self._line
        if line is None:
            raise DeviceError(f"{self._settings.port} is not open")
        self._parser = FrameParser()
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await line.write(build_frame(Frame(body)))
                return await self._answer
        except TimeoutError:
            raise DeviceError(f"the sign on {self._settings.port} does not answer") from None
        finally:
            self._answer = None

    def _heard(self, data: bytes) -> None:
        for item in self._parser.feed(data):
            if isinstance(item, Damaged):
                log.warning("board.answer_damaged", point=self._point, reason=item.reason)
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(item)

    def _open(self) -> None:
        self._hung_up.clear()
        self._line = SerialLine(self._settings.port, self._settings.baud, self._heard, self._line_lost)

    def _line_lost(self, reason: str) -> None:
        self._hung_up.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DeviceError(reason))

    def _close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _set_fault(self, reason: str) -> None:
        if self._fault is None and self._post is not None:
            self._fault = reason
            log.warning("board.faulted", point=self._point, reason=reason)
            self._post(DeviceFaulted(at=self._clock.now(), device=DeviceRole.BOARD, reason=reason))

    def _well(self) -> None:
        if self._fault is not None and self._post is not None:
            self._fault = None
            log.info("board.recovered", point=self._point)
            self._post(DeviceRecovered(at=self._clock.now(), device=DeviceRole.BOARD))
