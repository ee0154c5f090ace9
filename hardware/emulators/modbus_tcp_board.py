"""Relay boards behind one TCP socket, speaking Modbus TCP by a framing of their own."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from gate.settings import Input
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.relay_board import HeldAnswers, RelayBoard
from hardware.emulators.tcp_port import TcpConnection, TcpPort

_HEADER_BYTES = 7
_LONGEST = 254
"""Unit and PDU."""


class ModbusTcpBoard(RelayBoard):
    """As ModbusBoard, on a network. `wrong_transactions` makes it answer under other ids than asked."""

    def __init__(
        self,
        lane: EmulatedLane,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        unit: int = 1,
        inputs: Mapping[Input, int] | None = None,
        watchdog: bool = True,
    ) -> None:
        super().__init__(lane, inputs=inputs, watchdog=watchdog)
        self.garbage = 0
        self.held = HeldAnswers()
        self.wrong_transactions: int | None = None
        self._boards: dict[int, RelayBoard] = {unit: self}
        self._port = TcpPort(host, port, self._heard)
        self._serving = False
        lane.on_change(self._lane_changed)

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._port.host

    @property
    def port(self) -> int:
        """On which port."""
        return self._port.port

    def add(self, unit: int, board: RelayBoard) -> None:
        """Another board behind the same socket."""
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
        """Send bytes nobody asked for to every client."""
        for connection in self._port.connections:
            connection.write(data)

    def _lane_changed(self) -> None:
        if not self._serving:
            return
        if self.lane.plugged and not self._port.is_open:
            self._port.open()
        elif not self.lane.plugged and self._port.is_open:
            self.held.drop()
            self._port.close()

    def _heard(self, connection: TcpConnection, data: bytes) -> None:
        connection.buffer += data
        while len(connection.buffer) >= _HEADER_BYTES:
            transaction, protocol, length, unit = struct.unpack_from(">HHHB", connection.buffer)
            if protocol != 0 or not 1 < length <= _LONGEST:
                self.garbage += len(connection.buffer)
                connection.close()  # there is no way to find the next frame
                return
            if len(connection.buffer) < _HEADER_BYTES - 1 + length:
                return
            pdu = bytes(connection.buffer[_HEADER_BYTES : _HEADER_BYTES - 1 + length])
            del connection.buffer[: _HEADER_BYTES - 1 + length]
            board = self._boards.get(unit)
            answer = board.answer(pdu) if board is not None else None
            if answer is not None:
                said = transaction if self.wrong_transactions is None else self.wrong_transactions
                self._send(connection, struct.pack(">HHHB", said, 0, len(answer) + 1, unit) + answer)

    def _send(self, connection: TcpConnection, frame: bytes) -> None:
        self.held.put(lambda: connection.write(frame))
