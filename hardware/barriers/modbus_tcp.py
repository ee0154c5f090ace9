"""Barrier and inputs on a Modbus TCP board or behind a gateway: the link under hardware/barriers/modbus.

A connection on which an answer is missing is reset at once and made anew: nothing that was sent and not
answered can still arrive, and no old answer can. The markers stay, because a gateway can do with the
serial line behind it everything that hardware/barriers/modbus_marker guards against.
"""

from __future__ import annotations

from gate.clock import Clock
from gate.lanes.fitted import Fitted
from gate.settings import ModbusTcp
from hardware.barriers.modbus import ModbusIo
from hardware.links.modbus_frames import TcpFraming
from hardware.links.modbus_line import Down, Heard, ModbusLine, Wire, shared_line
from hardware.links.tcp import open_tcp


class ModbusTcpIo(ModbusIo):
    """Units behind one gateway share its connection: many gateways have only one to give."""

    def __init__(self, settings: ModbusTcp, lane: str, clock: Clock, *, fitted: Fitted) -> None:
        async def opened(heard: Heard, lost: Down) -> Wire:
            return await open_tcp(settings.host, settings.port, heard, lost)

        where = f"{settings.host}:{settings.port}"
        line = shared_line(where, lambda: ModbusLine(where, TcpFraming(), opened, None))
        super().__init__(line, settings, lane, clock, fitted=fitted)
