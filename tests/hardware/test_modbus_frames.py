"""Modbus framing, the driver's and the emulators' (which share nothing): whole round, and never a crash."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest

from hardware.barriers.modbus_marker import LoopbackMarker, Marker, RegistersMarker
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard, crc16
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.emulators.relay_board import RelayBoard
from hardware.links.modbus_frames import Framing, ModbusRefusedError, RtuFraming, TcpFraming, pdu_bytes

UNITS = st.integers(1, 247)
FRAMINGS: list[Framing] = [RtuFraming(), TcpFraming()]


def poll(unit: int = 1, transaction: int = 1) -> ModbusPDU:
    """Eight inputs, please."""
    request = ReadDiscreteInputsRequest(dev_id=unit, address=0, count=8)
    request.transaction_id = transaction
    return request


def framed(framing: Framing, unit: int, transaction: int, pdu: bytes) -> bytes:
    """As a device frames its answer, by the emulators' rules."""
    if isinstance(framing, RtuFraming):
        body = bytes([unit]) + pdu
        return body + crc16(body)
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


@pytest.mark.parametrize("framing", FRAMINGS)
@given(unit=UNITS, transaction=st.integers(1, 0xFFFF), count=st.integers(1, 32), data=st.data())
def test_an_answer_in_pieces_is_whole_at_its_last_byte(
    framing: Framing, unit: int, transaction: int, count: int, data: st.DataObject
) -> None:
    """However it is cut: nothing before the last byte, the answer with it."""
    size = (count + 7) // 8
    pdu = bytes([2, size]) + data.draw(st.binary(min_size=size, max_size=size))
    whole = framed(framing, unit, transaction, pdu)
    request = poll(unit, transaction)
    for upto in range(len(whole)):
        assert framing.answer(whole[:upto], request) is None
    assert framing.answer(whole, request) == pdu


@pytest.mark.parametrize("framing", FRAMINGS)
@given(garbage=st.binary(max_size=300))
def test_garbage_is_awaited_or_refused(framing: Framing, garbage: bytes) -> None:
    """No other exception comes out, and nothing that is not framed as an answer goes in."""
    with suppress(ModbusRefusedError):
        answer = framing.answer(garbage, poll())
        assert answer is None or garbage == framed(framing, 1, 1, answer)


@pytest.mark.parametrize("framing", FRAMINGS)
@given(pdu=st.binary(min_size=2, max_size=252), unit=UNITS)
def test_a_well_framed_anything_is_the_answer_or_refused(framing: Framing, pdu: bytes, unit: int) -> None:
    """Right checksum or header, any content: only this unit's answer to this function passes."""
    with suppress(ModbusRefusedError):
        answer = framing.answer(framed(framing, unit, 1, pdu), poll())
        assert answer is None or (unit == 1 and answer[0] == 2)


@given(flip=st.integers(0, 8 * 6 - 1))
def test_no_flipped_bit_passes_on_a_serial_line(flip: int) -> None:
    """The checksum, or the form, refuses every answer with one bit wrong."""
    whole = bytearray(framed(RtuFraming(), 1, 0, bytes([2, 1, 0b1011])))
    whole[flip // 8] ^= 1 << flip % 8
    with suppress(ModbusRefusedError):
        assert RtuFraming().answer(bytes(whole), poll()) is None


@pytest.mark.parametrize(
    ("framing", "heard", "reason"),
    [
        (RtuFraming(), framed(RtuFraming(), 9, 0, b"\x02\x01\x00"), "other-unit"),
        (RtuFraming(), framed(RtuFraming(), 1, 0, b"\x01\x01\x00"), "other-function"),
        (RtuFraming(), framed(RtuFraming(), 1, 0, b"\x82\x02"), "exception"),
        (RtuFraming(), framed(RtuFraming(), 1, 0, b"\x02\x01\x00") + b"\x00", "unsolicited"),
        (RtuFraming(), framed(RtuFraming(), 1, 0, b"\x02\x01\x00")[:-1] + b"\x00", "checksum"),
        (RtuFraming(), b"\x01\x63\x00\x00\x00\x00", "garbled"),
        (TcpFraming(), framed(TcpFraming(), 9, 1, b"\x02\x01\x00"), "other-unit"),
        (TcpFraming(), framed(TcpFraming(), 1, 2, b"\x02\x01\x00"), "late"),
        (TcpFraming(), framed(TcpFraming(), 1, 0, b"\x02\x01\x00"), "late"),
        (TcpFraming(), framed(TcpFraming(), 1, 1, b"\x03\x02\x00\x00"), "other-function"),
        (TcpFraming(), framed(TcpFraming(), 1, 1, b"\x82\x02"), "exception"),
        (TcpFraming(), framed(TcpFraming(), 1, 1, b"\x02\x01\x00") + b"\x00", "unsolicited"),
        (TcpFraming(), b"HTTP/1.1 400 Bad Request", "garbled"),
    ],
)
def test_each_kind_of_wrong_answer_has_its_word(framing: Framing, heard: bytes, reason: str) -> None:
    """The counter's reasons."""
    with pytest.raises(ModbusRefusedError) as refused:
        framing.answer(heard, poll())
    assert refused.value.reason == reason


@pytest.mark.parametrize("kind", ["registers", "loopback"])
@given(seed=st.integers(0, 2**32))
def test_a_marker_is_never_answered_by_the_one_before(kind: str, seed: int) -> None:
    """Two markers in a row always differ; each board's answer is its own marker's."""
    lots = random.Random(seed)  # noqa: S311  hypothesis chooses the seed
    marker: Marker = RegistersMarker(0x1000, lots) if kind == "registers" else LoopbackMarker(lots)
    board, before = RelayBoard(EmulatedLane("lane-1")), b""
    for _ in range(20):
        question = marker.question(1)
        answer = board.answer(pdu_bytes(question))
        assert answer is not None
        assert marker.answers(question, answer)
        assert not marker.answers(question, before)
        before = answer


@settings(max_examples=300)
@given(pdu=st.binary(max_size=12))
async def test_no_request_crashes_the_board(pdu: bytes) -> None:
    """Any bytes: an answer of this function, or its refusal, and never more than a frame holds."""
    board = RelayBoard(EmulatedLane("lane-1"))
    answer = board.answer(pdu)
    board.power_off()
    board.lane.close()
    assert answer is not None
    assert answer[0] & 0x7F == (pdu[0] & 0x7F if pdu else 0)
    assert len(answer) <= 253


@given(pieces=st.lists(st.binary(max_size=40), max_size=8))
def test_no_noise_crashes_a_serial_board(pieces: list[bytes]) -> None:
    """After any noise a whole request is found again, once the noise cannot be its beginning."""
    board = ModbusBoard(EmulatedLane("lane-1"), Path("never-opened"))
    for piece in pieces:
        board._heard(piece)
    asked = board.requests
    request = RtuFraming().frame(poll())
    for _ in range(2):
        board._heard(request)
    assert board.requests > asked


async def test_no_noise_crashes_a_network_board() -> None:
    """Garbage ends the connection it came on; the next one is served."""
    lots = random.Random(7)  # noqa: S311  fixed noise
    async with ModbusTcpBoard(EmulatedLane("lane-1")) as board:
        for size in (1, 6, 7, 8, 60, 3000):
            _, writer = await asyncio.open_connection(board.host, board.port)
            writer.write(lots.randbytes(size))
            await writer.drain()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        reader, writer = await asyncio.open_connection(board.host, board.port, family=socket.AF_INET)
        request = ReadHoldingRegistersRequest(dev_id=1, address=0x1000, count=2)
        request.transaction_id = 77
        writer.write(TcpFraming().frame(request))
        answer = await reader.readexactly(13)
        assert TcpFraming().answer(answer, request) == b"\x03\x04\x00\x00\x00\x00"
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
