"""Proof that a Modbus board answers the question just asked, and not one of a while ago.

Answers on a serial line carry no transaction id, and a gateway may give a late one a fresh id. Answers
held back somewhere (a USB adapter, a radio modem, a serial server) for longer than we wait then
answer the question after next, for ever, and every input is seconds old while the line looks well.
Answers do not overtake each other, so one that repeats something we have just made up shows that
everything heard after it is younger than that question.

| marker | question | what comes back | for |
|---|---|---|---|
| registers | 03, `marker_register`, 1 to 8 registers by lot | as many | relay boards of the Waveshare kind: their eight control modes at 0x1000 |
| loopback | 08 sub 00 and sixteen bits by lot | the same | boards that have the standard's diagnostics |

Eight lots are few: a run of them (`RUN`) is asked before a board is believed, one thereafter. Nothing
is written: registers of such boards are flash memory, and relays wear.
"""  # noqa: E501  the table

from __future__ import annotations

import random
from typing import Literal, Protocol

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.diag_message import ReturnQueryDataRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest

from hardware.links.modbus_frames import pdu_bytes

_REGISTERS = 8
RUN = 4
"""Markers in a row before the first poll: 4,096 lots of registers."""


class Marker(Protocol):
    """A question whose answer cannot be another's."""

    run: int
    """How many in a row prove a line afresh."""
    what: str
    """For people: what the board was asked."""

    def question(self, unit: int) -> ModbusPDU:
        """The next one."""
        ...

    def answers(self, question: ModbusPDU, answer: bytes) -> bool:
        """Whether `answer` (function and data) is this question's."""
        ...


class RegistersMarker:
    """The number of registers asked for is the mark. Two questions in a row never ask alike."""

    run = RUN

    def __init__(self, register: int, lots: random.Random) -> None:
        self._register = register
        self._lots = lots
        self._last = 0
        self.what = f"function 03 at register {register:#06x}, 8 registers"

    def question(self, unit: int) -> ModbusPDU:
        """Read one to eight registers."""
        self._last = self._lots.choice([n for n in range(1, _REGISTERS + 1) if n != self._last])
        return ReadHoldingRegistersRequest(dev_id=unit, address=self._register, count=self._last)

    def answers(self, question: ModbusPDU, answer: bytes) -> bool:
        """As many registers as asked for."""
        return len(answer) == 2 + 2 * question.count and answer[1] == 2 * question.count


class LoopbackMarker:
    """Sixteen bits there and back."""

    run = 1
    what = "function 08, sub-function 00 (return query data)"

    def __init__(self, lots: random.Random) -> None:
        self._lots = lots
        self._last = -1

    def question(self, unit: int) -> ModbusPDU:
        """Return these two bytes."""
        lot = self._lots.randrange(0xFFFF)
        self._last = lot if lot != self._last else 0xFFFF
        return ReturnQueryDataRequest(message=self._last, dev_id=unit)

    def answers(self, question: ModbusPDU, answer: bytes) -> bool:
        """The question itself."""
        return answer == pdu_bytes(question)


def marker_for(
    kind: Literal["registers", "loopback"], register: int, lots: random.Random | None = None
) -> Marker:
    """The marker named in the settings."""
    lots = lots or random.SystemRandom()
    return RegistersMarker(register, lots) if kind == "registers" else LoopbackMarker(lots)
