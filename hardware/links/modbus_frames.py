"""Modbus framing as a client needs it: a request's bytes, and what may pass for its answer.

Strict on purpose. pymodbus' own framers hunt for a frame among noise, wait on whatever a length
byte says, and let a TCP answer with transaction id 0 pass for any; here an answer begins with the
first byte, fits the request, and is alone, or the exchange has failed. PDUs and the checksum are
pymodbus'.
"""

from __future__ import annotations

import struct
from typing import Literal, Protocol

from pymodbus.exceptions import ModbusException
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU, ModbusPDU

from gate.errors import DeviceError

Reason = Literal[
    "no-answer",
    "truncated",
    "checksum",
    "garbled",
    "other-unit",
    "other-function",
    "late",
    "unsolicited",
    "exception",
]
"""Why bytes on a Modbus line were not believed; the words of `gate_modbus_refused_total`."""

_ERROR_BIT = 0x80
_SHORTEST_RTU = 5
"""Unit, function, at least one byte, checksum."""
_MBAP = struct.Struct(">HHHB")
_LONGEST_PDU = 253

DECODER = DecodePDU(is_server=False)


class ModbusRefusedError(DeviceError):
    """An answer that did not come, or cannot be believed. `reason` is one of few words."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason


def pdu_bytes(pdu: ModbusPDU) -> bytes:
    """Function code and data, as they travel inside every frame."""
    return bytes([pdu.function_code]) + pdu.encode()


class Framing(Protocol):
    """Bytes of one kind of link."""

    def frame(self, request: ModbusPDU) -> bytes:
        """`request` (its unit and transaction id set) as it travels."""
        ...

    def answer(self, heard: bytes, request: ModbusPDU) -> bytes | None:
        """The answer's function and data; None while more must come; ModbusRefusedError otherwise."""
        ...


class RtuFraming:
    """Serial lines: unit, PDU, CRC-16. Nothing says which request an answer belongs to."""

    def frame(self, request: ModbusPDU) -> bytes:
        """Unit, PDU, checksum."""
        body = bytes([request.dev_id]) + pdu_bytes(request)
        return body + _checksum(body)

    def answer(self, heard: bytes, request: ModbusPDU) -> bytes | None:
        """As Framing says."""
        if len(heard) < _SHORTEST_RTU:
            return None
        size = _rtu_size(heard)
        if len(heard) < size:
            return None
        body, checksum = heard[: size - 2], heard[size - 2 : size]
        if _checksum(body) != checksum:
            raise ModbusRefusedError("checksum", f"a frame with a wrong checksum ({heard[:size].hex(' ')})")
        if len(heard) > size:
            raise ModbusRefusedError("unsolicited", f"{len(heard) - size} bytes more than an answer has")
        return _of_request(body[0], body[1:], request)


class TcpFraming:
    """TCP: transaction id, protocol 0, length, unit, PDU. The ids are compared, 0 as any other."""

    def frame(self, request: ModbusPDU) -> bytes:
        """MBAP header and PDU."""
        pdu = pdu_bytes(request)
        return _MBAP.pack(request.transaction_id, 0, len(pdu) + 1, request.dev_id) + pdu

    def answer(self, heard: bytes, request: ModbusPDU) -> bytes | None:
        """As Framing says."""
        if len(heard) < _MBAP.size:
            return None
        transaction, protocol, length, unit = _MBAP.unpack_from(heard)
        if protocol != 0 or not 2 < length <= _LONGEST_PDU + 1:  # noqa: PLR2004  unit, function and a byte at least
            raise ModbusRefusedError("garbled", f"no Modbus header ({heard[: _MBAP.size].hex(' ')})")
        size = _MBAP.size - 1 + length
        if len(heard) < size:
            return None
        if len(heard) > size:
            raise ModbusRefusedError("unsolicited", f"{len(heard) - size} bytes more than an answer has")
        if transaction != request.transaction_id:
            asked = request.transaction_id
            raise ModbusRefusedError("late", f"an answer to transaction {transaction}, not {asked}")
        return _of_request(unit, heard[_MBAP.size : size], request)


def _rtu_size(heard: bytes) -> int:
    try:
        kind = DECODER.lookupPduClass(heard)
        size = kind.calculateRtuFrameSize(heard) if kind is not None else 0
    except (ModbusException, LookupError, ValueError):
        size = 0
    if size < _SHORTEST_RTU:
        raise ModbusRefusedError("garbled", f"no Modbus answer ({heard[:_SHORTEST_RTU].hex(' ')})")
    return size


def _checksum(body: bytes) -> bytes:
    return struct.pack(">H", FramerRTU.compute_CRC(body))


def _of_request(unit: int, pdu: bytes, request: ModbusPDU) -> bytes:
    if unit != request.dev_id:
        raise ModbusRefusedError("other-unit", f"an answer of unit {unit}, not {request.dev_id}")
    if pdu[0] & ~_ERROR_BIT != request.function_code:
        raise ModbusRefusedError(
            "other-function", f"an answer to function {pdu[0]}, not {request.function_code}"
        )
    if pdu[0] & _ERROR_BIT:
        raise ModbusRefusedError("exception", f"refused, Modbus exception {pdu[1]}")
    return pdu
