"""Relay boards at the far end of a pseudo-terminal, speaking Modbus RTU by a framing of their own."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from gate.settings import Input
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.pty_port import PtyPort
from hardware.emulators.relay_board import REQUEST_PDU_BYTES, HeldAnswers, RelayBoard

_REQUEST_BYTES = REQUEST_PDU_BYTES + 3
"""Unit, PDU, checksum."""


def crc16(data: bytes) -> bytes:
    """Modbus CRC-16, low byte first as it travels."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


class ModbusBoard(RelayBoard):
    """`async with ModbusBoard(lane, path):` serves until the end of the block.

    The line is plugged as this board's lane is; `add()` puts another board on it. `garbage` counts
    bytes skipped to find a request. `held.seconds` keeps answers back, in their order.
    """

    def __init__(
        self,
        lane: EmulatedLane,
        path: Path,
        *,
        unit: int = 1,
        inputs: Mapping[Input, int] | None = None,
        watchdog: bool = True,
    ) -> None:
        super().__init__(lane, inputs=inputs, watchdog=watchdog)
        self.garbage = 0
        self.held = HeldAnswers()
        self._boards: dict[int, RelayBoard] = {unit: self}
        self._port = PtyPort(path, self._heard)
        self._buffer = bytearray()
        self._serving = False
        lane.on_change(self._lane_changed)

    def add(self, unit: int, board: RelayBoard) -> None:
        """Another board on the same two wires."""
        self._boards[unit] = board

    async def start(self) -> None:
        """Plug in, unless the lane is unplugged."""
        self._serving = True
        self._lane_changed()

    async def stop(self) -> None:
        """Unplug for good."""
        self._serving = False
        self.held.drop()
        self._port.close()
        for board in self._boards.values():
            board.power_off()
            board.lane.close()

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
        if self.lane.plugged and not self._port.is_open:
            self._buffer.clear()
            self._port.open()
        elif not self.lane.plugged and self._port.is_open:
            self.held.drop()
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
            board = self._boards.get(frame[0])
            answer = board.answer(frame[1:-2]) if board is not None else None
            if answer is not None:
                body = frame[:1] + answer
                self._send(body + crc16(body))

    def _send(self, frame: bytes) -> None:
        self.held.put(lambda: self._port.write(frame))
