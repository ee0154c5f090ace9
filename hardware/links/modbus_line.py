"""One Modbus line, serial or TCP, shared by the drivers of its boards: one exchange at a time.

`epoch` grows with everything that may leave an answer outstanding: a new connection, an exchange
that failed, bytes nobody asked for. Whoever proved that its board answers today's questions must
prove it again when the epoch has changed. A line that was disturbed is not used before it has been
silent for `settle_seconds`; one that cannot be waited out (TCP) is closed instead, and opened anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter
from pymodbus.pdu import ModbusPDU

from gate.errors import DeviceError
from hardware.links.modbus_frames import Framing, ModbusRefusedError, Reason

log = structlog.get_logger()

REFUSED = Counter("gate_modbus_refused_total", "Answers on Modbus lines not believed, by reason", ["reason"])

ANSWER_SECONDS = 0.25
BABBLE_SECONDS = 2.0
"""A line that is not silent for so long has a board (or a loose end) that talks by itself."""
_LOG_SECONDS = 10.0

Heard = Callable[[bytes], None]
Down = Callable[[str], None]
"""Told why, when the line is lost or cannot be opened."""


class LineDownError(DeviceError):
    """The link cannot be opened: look at the adapter, the cable and the board's supply."""


class Wire(Protocol):
    """An open link."""

    async def write(self, data: bytes) -> None:
        """Send; DeviceError when the link is dead."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


Opener = Callable[[Heard, Down], Awaitable[Wire]]


class ModbusLine:
    """Take a `turn()`, then `exchange()` as often as the turn needs."""

    def __init__(self, where: str, framing: Framing, opener: Opener, settle_seconds: float | None) -> None:
        """`settle_seconds` None: a disturbed line is closed, not waited out."""
        self.where = where
        self.epoch = 0
        self._framing = framing
        self._opener = opener
        self._settle_seconds = settle_seconds
        self._wire: Wire | None = None
        self._users: list[Down] = []
        self._lock = asyncio.Lock()
        self._stops = 0
        self._stopping = asyncio.Event()
        self._settled = True
        self._noise_at = 0.0
        self._transaction = 0
        self._heard = bytearray()
        self._asked: ModbusPDU | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._logged: dict[Reason, float] = {}

    @property
    def users(self) -> int:
        """Drivers on this line."""
        return len(self._users)

    def join(self, down: Down) -> None:
        """A driver begins to use the line."""
        self._users.append(down)

    def leave(self, down: Down) -> None:
        """It ends; the last one closes the line."""
        self._users.remove(down)
        if not self._users:
            self._close()

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Have the line to oneself, open and silent; LineDownError when it cannot be opened.

        `urgent` waits for the exchange under way and not for silence: for stops.
        """
        if urgent:
            self._stops += 1
            self._stopping.set()
        try:
            async with self._lock:
                await self._open()
                if not urgent:
                    await self._settle()
                yield
        finally:
            if urgent:
                self._stops -= 1
                if not self._stops:
                    self._stopping.clear()

    async def exchange(self, request: ModbusPDU) -> bytes:
        """Send once, and return the answer's function and data. Within a turn only.

        ModbusRefusedError when no answer, or none of this request, came within ANSWER_SECONDS.
        """
        wire = self._wire
        if wire is None:
            raise DeviceError(f"{self.where} is not open")
        self._transaction = self._transaction % 0xFFFF + 1
        request.transaction_id = self._transaction
        self._heard.clear()
        self._asked = request
        self._answer = asyncio.get_running_loop().create_future()
        undisturbed = False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await wire.write(self._framing.frame(request))
                answer = await self._answer
            undisturbed = True
        except TimeoutError:
            reason: Reason = "truncated" if self._heard else "no-answer"
            self.refuse(reason, f"function {request.function_code} to unit {request.dev_id}")
            raise ModbusRefusedError(reason, "no answer") from None
        except ModbusRefusedError as error:
            self.refuse(error.reason, str(error))
            undisturbed = error.reason == "exception"  # a whole and timely answer, only not a kind one
            raise
        finally:
            if self._answer is not None and self._answer.done() and not self._answer.cancelled():
                self._answer.exception()  # a write that died leaves it unread
            self._asked = self._answer = None
            if not undisturbed:
                self.disturbed()
        return answer

    def refuse(self, reason: Reason, detail: str) -> None:
        """Count what was not believed; logged at most every ten seconds per reason."""
        REFUSED.labels(reason).inc()
        now = asyncio.get_running_loop().time()
        if now - self._logged.get(reason, -_LOG_SECONDS) >= _LOG_SECONDS:
            self._logged[reason] = now
            log.warning("modbus.refused", line=self.where, reason=reason, detail=detail)

    def disturbed(self) -> None:
        """An answer may be outstanding: nothing on this line is proved any more."""
        self.epoch += 1
        self._noise_at = asyncio.get_running_loop().time()
        if self._settle_seconds is None:
            self._close()
        else:
            self._settled = False

    async def _open(self) -> None:
        if self._wire is not None:
            return
        self.epoch += 1
        self._settled = True
        try:
            self._wire = await self._opener(self._hear, self._lost)
        except DeviceError as error:
            self._tell(str(error))
            raise LineDownError(str(error)) from error

    async def _settle(self) -> None:
        if self._settled or self._settle_seconds is None:
            return
        loop = asyncio.get_running_loop()
        give_up = loop.time() + BABBLE_SECONDS
        while (rest := self._noise_at + self._settle_seconds - loop.time()) > 0:
            if loop.time() > give_up:
                raise DeviceError(f"{self.where} does not fall silent: something on it talks by itself")
            try:
                async with asyncio.timeout(rest):
                    await self._stopping.wait()
            except TimeoutError:
                continue
            raise DeviceError(f"{self.where} is being stopped")
        if self._wire is None:
            raise DeviceError(f"{self.where} was lost")
        self._settled = True

    def _hear(self, data: bytes) -> None:
        if self._asked is None or self._answer is None or self._answer.done():
            self.refuse("unsolicited", f"{len(data)} bytes nobody asked for")
            self.disturbed()
            return
        self._heard += data
        # Ctrl-C cancels who waits from a signal handler, which runs between any two lines of this.
        with suppress(asyncio.InvalidStateError):
            try:
                answer = self._framing.answer(bytes(self._heard), self._asked)
            except ModbusRefusedError as error:
                self._answer.set_exception(error)
                return
            if answer is not None:
                self._answer.set_result(answer)

    def _lost(self, reason: str) -> None:
        self._wire = None
        self.epoch += 1
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DeviceError(f"lost {reason}"))
        self._tell(f"lost {reason}")

    def _tell(self, reason: str) -> None:
        for down in list(self._users):
            down(reason)

    def _close(self) -> None:
        wire, self._wire = self._wire, None
        self.epoch += 1
        if wire is not None:
            wire.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DeviceError(f"{self.where} was closed"))


# A serial port is held exclusively by this process: whoever names it again means the same line.
_LINES: WeakValueDictionary[str, ModbusLine] = WeakValueDictionary()


def shared_line(where: str, make: Callable[[], ModbusLine]) -> ModbusLine:
    """The line of this name, made by the first of its drivers and kept while one is left."""
    line = _LINES.get(where)
    if line is None:
        line = _LINES[where] = make()
    return line
