"""A Modbus RTU relay and input board at the far end of a pseudo-terminal, wired to an emulated lane.

Its framing is its own, so that a mistake in the client library cannot hide behind itself. The
register map is the one in hardware/barriers/modbus_rtu.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from gate.lanes.events import Aspect, Detector
from hardware.emulators.lane import EmulatedLane, PulseKind
from hardware.emulators.pty_port import PtyPort

log = structlog.get_logger()

_REQUEST_BYTES = 8
"""Functions 01, 02 and 05 all ask in eight bytes: unit, function, two words, CRC."""
_WRITE_COIL = 5
_FLASH_ON = range(0x0200, 0x0208)
_COILS = range(8)
_MOTOR: dict[int, PulseKind] = {0: "raise", 1: "lower", 2: "stop"}
_SIGNAL = 3
_ON, _OFF = 0xFF00, 0x0000
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_MAX_FLASH = 0x7FFF


def crc16(data: bytes) -> bytes:
    """Modbus CRC-16, low byte first as it travels."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


class ModbusBoard:
    """`async with ModbusBoard(lane, path):` serves until the end of the block.

    `requests` counts requests answered, `garbage` bytes skipped to find one; `writes` are the latest
    (address, value) written on the wire to this unit, obeyed or, while muted, not.
    """

    def __init__(self, lane: EmulatedLane, path: Path, *, unit: int = 1) -> None:
        self._lane = lane
        self._unit = unit
        self._port = PtyPort(path, self._heard)
        self._buffer = bytearray()
        self._coils = [False] * len(_COILS)
        self._flashes: dict[int, asyncio.TimerHandle] = {}
        self.requests = 0
        self.garbage = 0
        self.writes: deque[tuple[int, int]] = deque(maxlen=1000)
        self.broken_limit = False
        """The upper limit switch is stuck closed."""
        lane.on_change(self._lane_changed)
        self._serving = False

    async def start(self) -> None:
        """Plug in, unless the lane is unplugged."""
        self._serving = True
        self._lane_changed()

    async def stop(self) -> None:
        """Unplug for good."""
        self._serving = False
        for flash in self._flashes.values():
            flash.cancel()
        self._flashes.clear()
        self._port.close()
        self._lane.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    def send_noise(self, data: bytes) -> None:
        """Put bytes on the wire nobody asked for."""
        self._port.write(data)

    def _lane_changed(self) -> None:
        if not self._serving:
            return
        if self._lane.plugged and not self._port.is_open:
            self._buffer.clear()
            self._port.open()
        elif not self._lane.plugged and self._port.is_open:
            self._port.close()

    def _heard(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= _REQUEST_BYTES:
            frame = bytes(self._buffer[:_REQUEST_BYTES])
            if crc16(frame[:-2]) != frame[-2:]:
                del self._buffer[0]
                self.garbage += 1
                continue
            del self._buffer[:_REQUEST_BYTES]
            address, value = struct.unpack(">HH", frame[2:6])
            if frame[0] == self._unit and frame[1] == _WRITE_COIL:
                self.writes.append((address, value))
            if frame[0] == self._unit and not self._lane.muted:
                self.requests += 1
                answer = self._answer(frame[1], address, value)
                body = bytes([self._unit]) + answer
                self._port.write(body + crc16(body))

    def _answer(self, function: int, address: int, value: int) -> bytes:
        match function:
            case 1:
                return self._bits(function, self._coils, address, value)
            case 2:
                lane = self._lane
                inputs = [
                    not lane.occupied(Detector.ARMING),
                    not lane.occupied(Detector.SAFETY),
                    lane.limit_up or self.broken_limit,
                    lane.limit_down,
                    *[False] * 4,
                ]
                return self._bits(function, inputs, address, value)
            case 5:
                return self._write(address, value)
            case _:
                return bytes([function | 0x80, _ILLEGAL_FUNCTION])

    @staticmethod
    def _bits(function: int, bits: list[bool], address: int, count: int) -> bytes:
        if count < 1 or address + count > len(bits):
            return bytes([function | 0x80, _ILLEGAL_ADDRESS])
        packed = sum(1 << at for at, bit in enumerate(bits[address : address + count]) if bit)
        return bytes([function, 1, packed])

    def _write(self, address: int, value: int) -> bytes:
        if address in _COILS:
            if value not in (_ON, _OFF):
                return bytes([0x85, _ILLEGAL_VALUE])
            self._set_coil(address, value == _ON, timed=False)
        elif address in _FLASH_ON:
            if not 1 <= value <= _MAX_FLASH:
                return bytes([0x85, _ILLEGAL_VALUE])
            self._flash(address - _FLASH_ON.start, value / 10)
        else:
            return bytes([0x85, _ILLEGAL_ADDRESS])
        return bytes([5]) + struct.pack(">HH", address, value)

    def _flash(self, coil: int, seconds: float) -> None:
        running = self._flashes.pop(coil, None)
        if running is not None:
            running.cancel()
        self._coils[coil] = False
        self._set_coil(coil, True, timed=True)
        self._flashes[coil] = asyncio.get_running_loop().call_later(seconds, self._open_contact, coil)

    def _open_contact(self, coil: int) -> None:
        self._flashes.pop(coil, None)
        self._coils[coil] = False

    def _set_coil(self, coil: int, closed: bool, *, timed: bool) -> None:
        was, self._coils[coil] = self._coils[coil], closed
        if coil == _SIGNAL:
            self._lane.set_signal(Aspect.GREEN if closed else Aspect.RED)
        elif coil in _MOTOR and closed and not was:
            self._lane.pulse(_MOTOR[coil], timed=timed)
