"""What is asked of one Modbus board, and what may count as its answer.

Everything here is asked within a turn of the line. A board is `proved` while nothing has disturbed its
line since its last markers (modbus_marker) came back; only then is a poll or a pulse's answer its own.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Literal, NoReturn

from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest, ReadDiscreteInputsResponse
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    WriteSingleRegisterRequest,
)

from gate.errors import DeviceError
from gate.settings import BoardWatchdog
from hardware.barriers.modbus_marker import Marker
from hardware.links.modbus_frames import ModbusRefusedError, pdu_bytes
from hardware.links.modbus_line import ModbusLine


class _WriteCoil(ModbusPDU):
    """Function 05 with any value: pymodbus knows only on and off, flash registers take a duration."""

    function_code = 5

    def __init__(self, unit: int, address: int, value: int) -> None:
        super().__init__(dev_id=unit, address=address)
        self._value = value

    def encode(self) -> bytes:
        """Address and raw value."""
        return struct.pack(">HH", self.address, self._value)


class BoardTalk:
    """One board on its line. DeviceError says what the board did not answer, and where to look."""

    def __init__(
        self, line: ModbusLine, unit: int, lane: str, marker: Marker, watchdog: BoardWatchdog | None
    ) -> None:
        self._line = line
        self._unit = unit
        self._lane = lane
        self._marker = marker
        self._watchdog = watchdog
        self._proved_at: int | None = None

    @property
    def proved(self) -> bool:
        """It answers today's questions."""
        return self._proved_at == self._line.epoch

    def doubt(self) -> None:
        """Prove it anew before the next poll."""
        self._proved_at = None

    async def prove(self) -> None:
        """A run of markers, and the board's own watchdog."""
        epoch = self._line.epoch
        for _ in range(self._marker.run):
            await self._mark()
        await self._arm_watchdog()
        if self._line.epoch != epoch:
            raise ModbusRefusedError("unsolicited", "the line was disturbed while the board was proved")
        self._proved_at = epoch

    async def poll(self, count: int) -> Sequence[bool]:
        """The first `count` inputs, closed or not, with a marker after them."""
        bits = await self._read_inputs(count)
        await self._mark()
        if not self.proved:
            raise ModbusRefusedError("unsolicited", "the line was disturbed during the poll")
        return bits

    async def write(self, address: int, value: int, what: str) -> None:
        """Function 05, once. `what` names it for people."""
        request = _WriteCoil(self._unit, address, value)
        answer = await self._ask(request, what)
        if answer != pdu_bytes(request):
            self._disbelieve("late", f"{what} answered by {answer.hex(' ')}")

    @property
    def where(self) -> str:
        """For people: which board."""
        return f"the board on {self._line.where} (unit {self._unit})"

    def in_words(self, error: DeviceError) -> str:
        """What a fault says of a board that gave this error."""
        if not isinstance(error, ModbusRefusedError):
            return str(error)
        if error.reason == "no-answer":
            return f"{self.where} does not answer"
        return f"{self.where} gives no answer that can be believed ({error.reason})"

    async def _mark(self) -> None:
        question = self._marker.question(self._unit)
        try:
            answer = await self._ask(question, "marker")
        except ModbusRefusedError as error:
            if error.reason == "exception":
                raise DeviceError(
                    f"{self.where} refuses {self._marker.what}, by which answers are proved fresh: "
                    "set `marker:` or `marker_register:` to what the board can (docs/wiring/modbus.md)"
                ) from error
            raise
        if not self._marker.answers(question, answer):
            self._disbelieve("late", "the answer to an earlier marker")

    async def _arm_watchdog(self) -> None:
        """Set the board's own watchdog, and see that it is set. Written only where it differs."""
        watchdog = self._watchdog
        if watchdog is None:
            return
        refusal = (
            f"{self.where} refuses its watchdog (register {watchdog.address:#06x}, {watchdog.steps} steps): "
            "its relays would stay as they are when the line dies; correct `watchdog:`, or take it out "
            "if this board has none (docs/wiring/modbus.md)"
        )
        try:
            if await self._read_register(watchdog.address) == watchdog.steps:
                return
            write = WriteSingleRegisterRequest(
                dev_id=self._unit, address=watchdog.address, registers=[watchdog.steps]
            )
            await self._ask(write, "watchdog")
            held = await self._read_register(watchdog.address)
        except ModbusRefusedError as error:
            if error.reason == "exception":
                raise DeviceError(refusal) from error
            raise
        if held != watchdog.steps:
            raise DeviceError(f"{refusal}; it holds {held}")

    async def _read_inputs(self, count: int) -> Sequence[bool]:
        request = ReadDiscreteInputsRequest(dev_id=self._unit, address=0, count=count)
        answer = await self._ask(request, "poll")
        size = (count + 7) // 8
        if len(answer) != 2 + size or answer[1] != size:
            self._disbelieve("garbled", f"{len(answer) - 2} bytes of inputs, not {size}")
        read = ReadDiscreteInputsResponse()
        read.decode(answer[1:])
        return read.bits

    async def _read_register(self, address: int) -> int:
        answer = await self._ask(
            ReadHoldingRegistersRequest(dev_id=self._unit, address=address, count=1), "watchdog"
        )
        read = ReadHoldingRegistersResponse()
        try:
            read.decode(answer[1:])
        except ModbusException as error:
            self._disbelieve("garbled", str(error))
        if len(read.registers) != 1:
            self._disbelieve("late", "an answer of another length")
        return int(read.registers[0])

    async def _ask(self, request: ModbusPDU, what: str) -> bytes:
        try:
            return await self._line.exchange(request)
        except ModbusRefusedError as error:
            told = f"{self._lane} io: no answer to {what} that can be believed ({error.reason}: {error})"
            raise ModbusRefusedError(error.reason, told) from error

    def _disbelieve(self, reason: Literal["late", "garbled"], detail: str) -> NoReturn:
        self._line.refuse(reason, detail)
        self._line.disturbed()
        raise ModbusRefusedError(reason, f"{self._lane} io: {detail}")
