"""Boards that speak the Alpha sign protocol on a serial line."""

from __future__ import annotations

import asyncio

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage
from gate.lanes.signage import DEFAULT, Wording, sign
from gate.model import Corridor
from gate.settings import AlphaSerial
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
from hardware.signboards.health import BoardHealth
from hardware.signboards.polled import CHECK_SECONDS, PolledSign

_ANSWER_SECONDS = 1.0
_TRIES = 3
"""Showing a text twice does no harm, unlike a pulse: a garbled frame is sent again."""

_COLOURS = {
    Corridor.GREEN: Colour.GREEN,
    Corridor.BLUE: Colour.BLUE,
    Corridor.YELLOW: Colour.YELLOW,
    Corridor.RED: Colour.RED,
}


def sign_text(message: BoardMessage, wording: Wording = DEFAULT) -> Text:
    """`message` in the sign's letters; amber unless it names a corridor, so that WAIT never hints at one."""
    said = sign(message, wording)
    colour = Colour.AMBER if said.corridor is None else _COLOURS[said.corridor]
    return Text(tuple(fold(line) for line in said.lines) if any(said.lines) else ("",), colour)


class AlphaSign(PolledSign[Text]):
    """The sign at the end of the serial line that `settings` name."""

    def __init__(
        self, settings: AlphaSerial, point: str, clock: Clock, *, check_seconds: float = CHECK_SECONDS
    ) -> None:
        health = BoardHealth(point, clock)
        wording = settings.wording
        super().__init__(
            AlphaLink(settings, health),
            lambda message: sign_text(message, wording),
            health,
            point,
            clock,
            check_seconds,
        )


class AlphaLink:
    """One question at a time, one answer each; see SignLink."""

    def __init__(self, settings: AlphaSerial, health: BoardHealth) -> None:
        self.name = f"the sign on {settings.port}"
        self.hung_up = asyncio.Event()
        self._settings = settings
        self._health = health
        self._line: SerialLine | None = None
        self._parser = FrameParser()
        self._awaited: type[Acknowledged | Frame] | None = None
        self._answer: asyncio.Future[Heard] | None = None

    async def open(self) -> None:
        """Take the line."""
        self.hung_up.clear()
        self._parser = FrameParser()
        self._line = SerialLine(self._settings.port, self._settings.baud, self._heard, self._line_lost)

    async def close(self) -> None:
        """Give it back."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    async def write(self, text: Text) -> None:
        """Acknowledged, or DeviceError."""
        for _ in range(_TRIES):
            answer = await self._ask(write_text(text), Acknowledged)
            if answer == Acknowledged(ok=True):
                return
        raise DeviceError(f"{self.name} refuses the text ({answer})")

    async def read(self) -> Text | None:
        """What its text file holds; None when that is no text of our kind."""
        for _ in range(_TRIES):
            answer = await self._ask(read_text(), Frame)
            if isinstance(answer, Frame):
                return parse_text(answer.body)
        raise DeviceError(f"{self.name} cannot be read back ({answer})")

    async def _ask(self, body: bytes, awaited: type[Acknowledged | Frame]) -> Heard:
        """One frame out, one answer in: of the awaited kind, a NAK, or damage."""
        line = self._line
        if line is None:
            raise DeviceError(f"{self._settings.port} is not open")
        self._awaited = awaited
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await line.write(build_frame(Frame(body)))
                return await self._answer
        except TimeoutError:
            raise DeviceError(f"{self.name} does not answer") from None
        finally:
            self._answer = None

    def _heard(self, data: bytes) -> None:
        for item in self._parser.feed(data):
            if isinstance(item, Damaged):
                self._health.refuse("damaged", item.reason)
            elif self._answer is None or self._answer.done() or not self._is_awaited(item):
                # The answer to a question given up, or a second master on the line.
                self._health.refuse("unsolicited", type(item).__name__)
                continue
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(item)

    def _is_awaited(self, item: Acknowledged | Frame) -> bool:
        refusal = isinstance(item, Acknowledged) and not item.ok
        return refusal or type(item) is self._awaited

    def _line_lost(self, reason: str) -> None:
        self.hung_up.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DeviceError(reason))
