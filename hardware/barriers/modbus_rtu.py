"""Barrier and inputs on a Modbus RTU board: the serial line under hardware/barriers/modbus."""

from __future__ import annotations

from gate.clock import Clock
from gate.lanes.fitted import Fitted
from gate.settings import ModbusRtu
from hardware.barriers.modbus import ModbusIo
from hardware.links.modbus_frames import RtuFraming
from hardware.links.modbus_line import Down, Heard, ModbusLine, Wire, shared_line
from hardware.links.serial import SerialLine


class ModbusRtuIo(ModbusIo):
    """Boards of different units may share a port; their drivers then share its line."""

    def __init__(self, settings: ModbusRtu, lane: str, clock: Clock, *, fitted: Fitted) -> None:
        async def opened(heard: Heard, lost: Down) -> Wire:
            return SerialLine(settings.port, settings.baud, heard, lost)

        where = str(settings.port)
        line = shared_line(where, lambda: ModbusLine(where, RtuFraming(), opened, settings.settle_seconds))
        super().__init__(line, settings, lane, clock, fitted=fitted)
