"""What of NTCIP 1203 a text needs: object identifiers, states, codes. Pure.

A message table has rows by memory type and number. A row is asked for (modifyReq), written, checked
(validateReq), and then activated by a code that names its checksum, so that nothing but what was
checked can come to stand on the road. What stands there is a row of its own (the current buffer), and
the table source says which row it came from.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

DMS = "1.3.6.1.4.1.1206.4.2.3"
_MESSAGE = f"{DMS}.5.8.1"
VALIDATE_ERROR = f"{DMS}.5.9.0"
CONTROL_MODE = f"{DMS}.6.1.0"
ACTIVATE = f"{DMS}.6.3.0"
TABLE_SOURCE = f"{DMS}.6.5.0"
ACTIVATE_ERROR = f"{DMS}.6.17.0"

FOREVER = 0xFFFF
LOCAL_MODE = 2
_CODE = struct.Struct(">HBBHH4s")
_SOURCE = struct.Struct(">BHH")


class Memory(IntEnum):
    """Where a message lies."""

    PERMANENT = 2
    CHANGEABLE = 3
    VOLATILE = 4
    CURRENT = 5
    SCHEDULE = 6
    BLANK = 7


class Status(IntEnum):
    """The state of a row, and what may be asked of it (the last three)."""

    NOT_USED = 1
    MODIFYING = 2
    VALIDATING = 3
    VALID = 4
    ERROR = 5
    MODIFY_REQ = 6
    VALIDATE_REQ = 7
    NOT_USED_REQ = 8


class ActivateError(IntEnum):
    """Why a sign refuses to activate."""

    OTHER = 1
    NONE = 2
    PRIORITY = 3
    MESSAGE_STATUS = 4
    MEMORY_TYPE = 5
    MESSAGE_NUMBER = 6
    MESSAGE_CRC = 7
    SYNTAX = 8
    LOCAL_MODE = 9
    CENTRAL_MODE = 10
    CENTRAL_OVERRIDE = 11


class ValidateError(IntEnum):
    """Why a sign finds a message invalid."""

    OTHER = 1
    NONE = 2
    BEACONS = 3
    PIXEL_SERVICE = 4
    SYNTAX = 5


ACTIVATE_WORDS = {
    ActivateError.PRIORITY: "another centre's message of higher priority stands on it",
    ActivateError.MESSAGE_STATUS: "the message is not valid",
    ActivateError.MEMORY_TYPE: "it has no such memory",
    ActivateError.MESSAGE_NUMBER: "it has no such message",
    ActivateError.MESSAGE_CRC: "the message's checksum is another",
    ActivateError.SYNTAX: "it cannot show the message's mark-up",
    ActivateError.LOCAL_MODE: "it is in local mode: someone works at its cabinet",
}
"""For people; what is not here is told by its number."""


class Column(IntEnum):
    """The columns of a message row."""

    MULTI = 3
    OWNER = 4
    CRC = 5
    BEACON = 6
    PIXEL_SERVICE = 7
    PRIORITY = 8
    STATUS = 9


def cell(column: Column, memory: Memory, number: int = 1) -> str:
    """The identifier of one cell of the message table."""
    return f"{_MESSAGE}.{column.value}.{memory.value}.{number}"


def message_crc(multi: bytes, beacon: int = 0, pixel_service: int = 0) -> int:
    """CRC-16 of ISO 3309 over a row's text, beacon and pixel service; low byte first, as signs say it."""
    crc = 0xFFFF
    for byte in (*multi, beacon, pixel_service):
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return int.from_bytes((crc ^ 0xFFFF).to_bytes(2, "little"), "big")


@dataclass(frozen=True, slots=True)
class ActivationCode:
    """What is written to dmsActivateMessage. `duration` in minutes, FOREVER without end."""

    priority: int
    memory: int
    number: int
    crc: int
    duration: int = FOREVER
    source: bytes = bytes(4)

    def dump(self) -> bytes:
        """Twelve octets."""
        return _CODE.pack(self.duration, self.priority, self.memory, self.number, self.crc, self.source)

    @classmethod
    def parse(cls, data: bytes) -> Self | None:
        """None when these are not twelve octets."""
        if len(data) != _CODE.size:
            return None
        duration, priority, memory, number, crc, source = _CODE.unpack(data)
        return cls(priority, memory, number, crc, duration, source)


@dataclass(frozen=True, slots=True)
class TableSource:
    """Which row the text on the road came from."""

    memory: int
    number: int
    crc: int

    def dump(self) -> bytes:
        """Five octets."""
        return _SOURCE.pack(self.memory, self.number, self.crc)

    @classmethod
    def parse(cls, data: bytes) -> Self | None:
        """None when these are not five octets."""
        return cls(*_SOURCE.unpack(data)) if len(data) == _SOURCE.size else None
