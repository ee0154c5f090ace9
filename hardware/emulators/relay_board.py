"""A Modbus relay and input board without its link: registers, relays, flashes, watchdog, wired to a lane.

Its register map and its reading of requests are its own, so that a mistake in the driver or in the
client library cannot hide behind itself. Besides what hardware/barriers/modbus names: eight control
modes at 0x1000 (read only here), a watchdog at 0x1100 in tenths of a second, function 08 sub 00.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Mapping

from gate.lanes.events import Aspect, Contact, Detector
from gate.settings import Input
from gate.settings.io import BARRIER_INPUTS
from hardware.emulators.lane import EmulatedLane, PulseKind

WATCHDOG_REGISTER = 0x1100
_MODES = range(0x1000, 0x1008)
_TERMINALS = 32
_FLASH_ON = range(0x0200, 0x0208)
_COILS = range(8)
_MOTOR: dict[int, PulseKind] = {0: "raise", 1: "lower", 2: "stop"}
_SIGNAL = 3
_ON, _OFF = 0xFF00, 0x0000
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_MAX_FLASH = 0x7FFF
_WRITE_COIL = 5
REQUEST_PDU_BYTES = 5
"""Every function this board knows asks in five bytes: function and two words."""


class RelayBoard:
    """`answer()` obeys a request's PDU and returns the answer's; None when the lane is mute.

    `requests` counts requests answered; `writes` are the latest (address, value) of function 05,
    obeyed or, while muted, not.
    """

    def __init__(
        self, lane: EmulatedLane, *, inputs: Mapping[Input, int] | None = None, watchdog: bool = True
    ) -> None:
        self.lane = lane
        self.requests = 0
        self.writes: deque[tuple[int, int]] = deque(maxlen=1000)
        self.broken_limit = False
        """The upper limit switch is stuck closed."""
        self.has_watchdog = watchdog
        self.forgets_watchdog = False
        """Accepts the watchdog's setting and keeps none of it, as some boards do."""
        self.has_modes = True
        self._inputs = inputs or BARRIER_INPUTS
        self._coils = [False] * len(_COILS)
        self._flashes: dict[int, asyncio.TimerHandle] = {}
        self._watchdog_tenths = 0
        self._starving: asyncio.TimerHandle | None = None

    def answer(self, pdu: bytes) -> bytes | None:
        """Obey."""
        if len(pdu) != REQUEST_PDU_BYTES:
            return None if self.lane.muted else bytes([(pdu[0] if pdu else 0) | 0x80, _ILLEGAL_VALUE])
        function = pdu[0]
        address, value = struct.unpack(">HH", pdu[1:])
        if function == _WRITE_COIL:
            self.writes.append((address, value))
        if self.lane.muted:
            return None
        self.requests += 1
        answer = self._obey(function, address, value)
        self._fed()
        return answer

    def power_off(self) -> None:
        """Nothing runs any more."""
        for flash in self._flashes.values():
            flash.cancel()
        self._flashes.clear()
        if self._starving is not None:
            self._starving.cancel()
            self._starving = None

    def closed(self, terminal: int) -> bool:
        """Whether current flows into this input: everything is wired to be closed while all is well."""
        name = next((name for name, at in self._inputs.items() if at == terminal), None)
        match name:
            case None:
                return False
            case "barrier-up":
                return self.lane.limit_up or self.broken_limit
            case "barrier-down":
                return self.lane.limit_down
            case "arming" | "safety" | "photo-eye" | "exit":
                return not self.lane.occupied(Detector(name))
            case _:
                return not self.lane.active(Contact(name))

    def _obey(self, function: int, address: int, value: int) -> bytes:
        match function:
            case 1:
                return self._bits(function, self._coils, address, value)
            case 2:
                inputs = [self.closed(terminal) for terminal in range(_TERMINALS)]
                return self._bits(function, inputs, address, value)
            case 3:
                return self._registers(address, value)
            case 5:
                return self._write(address, value)
            case 6:
                return self._set_register(address, value)
            case 8 if address == 0:
                return struct.pack(">BHH", function, address, value)
            case _:
                return bytes([(function | 0x80) & 0xFF, _ILLEGAL_FUNCTION])

    @staticmethod
    def _bits(function: int, bits: list[bool], address: int, count: int) -> bytes:
        if count < 1 or address + count > len(bits):
            return bytes([function | 0x80, _ILLEGAL_ADDRESS])
        asked = bits[address : address + count]
        size = (count + 7) // 8
        packed = sum(1 << at for at, bit in enumerate(asked) if bit)
        return bytes([function, size]) + packed.to_bytes(size, "little")

    def _registers(self, address: int, count: int) -> bytes:
        held = dict.fromkeys(_MODES, 0) if self.has_modes else {}
        if self.has_watchdog:
            held[WATCHDOG_REGISTER] = self._watchdog_tenths
        asked = range(address, address + count)
        if not asked or any(register not in held for register in asked):
            return bytes([0x83, _ILLEGAL_ADDRESS])
        return bytes([3, 2 * count]) + b"".join(struct.pack(">H", held[register]) for register in asked)

    def _set_register(self, address: int, value: int) -> bytes:
        if address != WATCHDOG_REGISTER or not self.has_watchdog:
            return bytes([0x86, _ILLEGAL_ADDRESS])
        if not self.forgets_watchdog:
            self._watchdog_tenths = value
        return struct.pack(">BHH", 6, address, value)

    def _fed(self) -> None:
        if self._starving is not None:
            self._starving.cancel()
            self._starving = None
        if self._watchdog_tenths:
            seconds = self._watchdog_tenths / 10
            self._starving = asyncio.get_running_loop().call_later(seconds, self._starved)

    def _starved(self) -> None:
        """Nobody asks any more: open every relay."""
        self._starving = None
        for coil in _COILS:
            self._open_contact(coil)

    def _write(self, address: int, value: int) -> bytes:
        if address in _COILS:
            if value not in (_ON, _OFF):
                return bytes([0x85, _ILLEGAL_VALUE])
            if value == _ON:
                self._close_contact(address, timed=False)
            else:
                self._open_contact(address)
        elif address in _FLASH_ON:
            if not 1 <= value <= _MAX_FLASH:
                return bytes([0x85, _ILLEGAL_VALUE])
            self._flash(address - _FLASH_ON.start, value / 10)
        else:
            return bytes([0x85, _ILLEGAL_ADDRESS])
        return struct.pack(">BHH", _WRITE_COIL, address, value)

    def _flash(self, coil: int, seconds: float) -> None:
        self._coils[coil] = False
        self._close_contact(coil, timed=True)
        self._flashes[coil] = asyncio.get_running_loop().call_later(seconds, self._open_contact, coil)

    def _close_contact(self, coil: int, *, timed: bool) -> None:
        running = self._flashes.pop(coil, None)
        if running is not None:
            running.cancel()
        was, self._coils[coil] = self._coils[coil], True
        if coil == _SIGNAL:
            self.lane.set_signal(Aspect.GREEN)
        elif coil in _MOTOR and not was:
            self.lane.pulse(_MOTOR[coil], timed=timed)

    def _open_contact(self, coil: int) -> None:
        running = self._flashes.pop(coil, None)
        if running is not None:
            running.cancel()
        self._coils[coil] = False
        if coil == _SIGNAL and self.lane.signal is not Aspect.RED:
            self.lane.set_signal(Aspect.RED)


class HeldAnswers:
    """Answers on their way, in the order they were given. With `seconds` they take that long."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._queue: deque[tuple[float, Callable[[], None]]] = deque()
        self._next: asyncio.TimerHandle | None = None

    def put(self, deliver: Callable[[], None]) -> None:
        """Deliver now, or when its time and its turn have come."""
        if self.seconds <= 0 and not self._queue:
            deliver()
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + self.seconds
        if self._queue:
            due = max(due, self._queue[-1][0])
        self._queue.append((due, deliver))
        if self._next is None:
            self._next = loop.call_at(due, self._deliver)

    def drop(self) -> None:
        """What is on its way never arrives."""
        self._queue.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _deliver(self) -> None:
        self._next = None
        loop = asyncio.get_running_loop()
        while self._queue and self._queue[0][0] <= loop.time():
            self._queue.popleft()[1]()
        if self._queue:
            self._next = loop.call_at(self._queue[0][0], self._deliver)
