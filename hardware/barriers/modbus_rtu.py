"""Barrier and detectors on a Modbus RTU relay and input board.

Register map (as Waveshare-type boards have it; addresses from zero):

| what | function, address | meaning |
|---|---|---|
| raise, lower, stop | 05, 0x0200 + 0, 1, 2 | flash-on: close the relay for value x 100 ms, then open it |
| signal | 05, 0x0000 + 3 | FF00 green, 0000 red |
| arming, safety | 02, 0 and 1 | closed = clear, open = occupied |
| limit-up, limit-down | 02, 2 and 3 | closed = the boom is at that end |

Pulses are timed by the board, so that a crash here cannot leave a contact closed. The stop relay's
normally-closed contact lies in the barrier's stop circuit: flashing it opens that circuit. Loop detectors
are wired fail-safe: a cut wire or a dead detector reads as occupied. Both limits at once is
a broken switch, and the position unknown.
"""

from __future__ import annotations

import asyncio
import logging
import struct

from pymodbus.client import AsyncModbusSerialClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
    WriteSingleCoilRequest,
)

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import Aspect, BarrierPosition, Detector
from gate.lanes.fitted import Fitted
from gate.lanes.ports import Post
from gate.settings import ModbusRtu
from hardware.detectors.debounce import ClearDelay
from hardware.detectors.inputs import LaneInputs
from hardware.links.backoff import Backoff

RAISE, LOWER, STOP, SIGNAL = 0, 1, 2, 3
FLASH_ON = 0x0200
FLASH_TENTHS = 5
COIL_ON, COIL_OFF = 0xFF00, 0x0000
INPUT_ARMING, INPUT_SAFETY, INPUT_UP, INPUT_DOWN = 0, 1, 2, 3
INPUT_COUNT = 4

_ANSWER_SECONDS = 0.25
_MISSES = 2
"""Polls without an answer in a row before the board counts as silent: one may be noise on the line."""
_SILENT_POLL_SECONDS = 0.5
_CLEAR_SECONDS = 0.2

# pymodbus logs every unanswered poll as an error; we tell a fault once, in our own words.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)


class _WriteCoil(WriteSingleCoilRequest):
    """Function 05 with any value: pymodbus knows only on and off, flash registers take a duration."""

    def __init__(self, unit: int, address: int, value: int) -> None:
        super().__init__(dev_id=unit, address=address)
        self._value = value

    def encode(self) -> bytes:
        """Address and raw value."""
        return struct.pack(">HH", self.address, self._value)


class ModbusRtuIo:
    """Polls the inputs, sends pulses. One request is on the line at a time; none is ever repeated."""

    def __init__(
        self,
        settings: ModbusRtu,
        lane: str,
        clock: Clock,
        *,
        fitted: Fitted,
    ) -> None:
        self._settings = settings
        self._lane = lane
        self._clock = clock
        self._barrier = fitted.barrier
        self._inputs = LaneInputs(clock, lane, fitted)
        self._delays = {
            Detector.ARMING: ClearDelay(_CLEAR_SECONDS),
            Detector.SAFETY: ClearDelay(_CLEAR_SECONDS),
        }
        self._client: AsyncModbusSerialClient | None = None
        self._hurry = asyncio.Event()
        self._aspect: Aspect | None = None
        self._aspect_due = False

    async def run(self, post: Post) -> None:
        """Open the port and poll, again and again, until cancelled."""
        self._inputs.bind(post)
        backoff = Backoff()
        while True:
            try:
                await self._hold_line(backoff)
            except DeviceError as error:
                self._lost(str(error))
            finally:
                self._close()
            await self._clock.sleep(backoff.next())

    async def raise_barrier(self, command: RaiseBarrier) -> None:
        """One opening pulse. Function 05 carries no id: `command` stays with the caller."""
        del command
        await self._pulse(RAISE, "raise")

    async def lower_barrier(self, command: LowerBarrier) -> None:
        """One closing pulse."""
        del command
        await self._pulse(LOWER, "lower")

    async def stop_barrier(self) -> None:
        """Open the stop circuit, even if the board is silent: it may still hear. No barrier, no stop."""
        if self._barrier:
            await self._write(FLASH_ON + STOP, FLASH_TENTHS, "stop")

    async def set_signal(self, aspect: Aspect) -> None:
        """Show red or green. What is shown last stays wanted: a board that returns is set to it."""
        self._aspect, self._aspect_due = aspect, True
        if self._inputs.fault is not None:
            raise DeviceError(f"{self._lane} io: {self._inputs.fault}; signal {aspect} not sent")
        await self._write_aspect(aspect)

    async def _write_aspect(self, aspect: Aspect) -> None:
        await self._write(SIGNAL, COIL_ON if aspect is Aspect.GREEN else COIL_OFF, f"signal {aspect}")
        if self._aspect is aspect:
            self._aspect_due = False

    async def _pulse(self, coil: int, what: str) -> None:
        if not self._barrier:
            raise DeviceError(f"{self._lane} has no barrier to {what}")
        if self._inputs.fault is not None:
            raise DeviceError(f"{self._lane} io: {self._inputs.fault}; {what} not sent")
        await self._write(FLASH_ON + coil, FLASH_TENTHS, what)
        self._hurry.set()

    async def _write(self, address: int, value: int, what: str) -> None:
        request = _WriteCoil(self._settings.unit, address, value)
        answer = await self._ask(request, what)
        # A late answer to another request must not pass for this one's.
        if answer.function_code != request.function_code or answer.address != address:
            raise DeviceError(f"{self._lane} io: {what} answered by something else: {answer}")

    async def _ask(self, request: ModbusPDU, what: str) -> ModbusPDU:
        client = self._client
        if client is None:
            raise DeviceError(f"{self._lane} io: {self._settings.port} is not open; {what} not sent")
        try:
            answer: ModbusPDU = await client.execute(False, request)
        except (ModbusException, OSError) as error:
            raise DeviceError(f"{self._lane} io: no answer to {what} ({error})") from error
        _honour_cancellation()
        if answer.isError():
            raise DeviceError(f"{self._lane} io: {what} refused, Modbus exception {answer.exception_code}")
        return answer

    async def _hold_line(self, backoff: Backoff) -> None:
        """Poll until the line itself fails (DeviceError)."""
        settings = self._settings
        client = AsyncModbusSerialClient(
            str(settings.port),
            baudrate=settings.baud,
            timeout=_ANSWER_SECONDS,
            retries=0,
            reconnect_delay=0,
        )
        self._client = client
        if not await self._opened(client):
            raise DeviceError(f"cannot open {settings.port}: is the adapter plugged in?")
        misses = 0
        while True:
            try:
                await self._poll()
                if self._aspect is not None and self._aspect_due:
                    await self._write_aspect(self._aspect)
                misses = 0
                backoff.reset()
            except DeviceError as error:
                if not client.connected:
                    raise DeviceError(f"lost {settings.port}") from error
                misses += 1
                if misses >= _MISSES:
                    self._lost(f"the board on {settings.port} (unit {settings.unit}) does not answer")
            await self._pause(settings.poll_seconds if misses < _MISSES else _SILENT_POLL_SECONDS)

    @staticmethod
    async def _opened(client: AsyncModbusSerialClient) -> bool:
        try:
            opened = bool(await client.connect())
        except (ModbusException, OSError, ValueError):
            return False
        _honour_cancellation()
        return opened

    async def _poll(self) -> None:
        request = ReadDiscreteInputsRequest(dev_id=self._settings.unit, address=0, count=INPUT_COUNT)
        answer = await self._ask(request, "poll")
        if not isinstance(answer, ReadDiscreteInputsResponse) or len(answer.bits) < INPUT_COUNT:
            raise DeviceError(f"{self._lane} io: poll answered by something else: {answer}")
        bits = answer.bits
        now = self._clock.now().mono
        detectors = {
            Detector.ARMING: self._delays[Detector.ARMING].sample(not bits[INPUT_ARMING], now),
            Detector.SAFETY: self._delays[Detector.SAFETY].sample(not bits[INPUT_SAFETY], now),
        }
        self._inputs.report(detectors, _position(bits[INPUT_UP], bits[INPUT_DOWN]))

    async def _pause(self, seconds: float) -> None:
        """Until the next poll; at once after a pulse, to see the boom leave its end."""
        self._hurry.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return

    def _lost(self, reason: str) -> None:
        for delay in self._delays.values():
            delay.forget()
        # A board that lost power has its relays open; one that was cut off still shows what was.
        self._aspect_due = self._aspect is not None
        self._inputs.lost(reason)

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _honour_cancellation() -> None:
    """Raise the cancellation that pymodbus may have lost.

    It waits with asyncio.wait_for, which in Python 3.11 drops a cancellation arriving in the same
    turn of the loop as the answer: the daemon would then never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _position(up: bool, down: bool) -> BarrierPosition:
    match (up, down):
        case (True, False):
            return BarrierPosition.UP
        case (False, True):
            return BarrierPosition.DOWN
        case (False, False):
            return BarrierPosition.MOVING
        case _:
            return BarrierPosition.UNKNOWN
