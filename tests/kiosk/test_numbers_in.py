"""Numbers from a kiosk's devices, by the one path that typed numbers take; time moved by hand."""

from __future__ import annotations

import pytest

from gate.kiosk.booth import Booth
from gate.kiosk.numbers_in import REPEAT_SECONDS, Answer, NumbersIn
from gate.kiosk.refusing import Refusals
from gate.kiosk.tries import TRIES
from gate.lanes.events import DeviceRole
from tests.console.conftest import HandClock
from tests.console.tiny_checkpoint import TinyCheckpoint, number
from tests.hardware.kiosk_benches import refused

POINT = "hall-1"
GOOD, OTHER = number("482913756012"), number("118273645546")


class Desk:
    """One point's numbers, and what they are told to."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.gate = TinyCheckpoint()
        self.numbers = NumbersIn(Booth(self.gate, self.clock, {}), POINT)
        self.scans = Refusals(POINT, DeviceRole.SCANNER)

    def scan(self, text: str, *, after: float = 0.0) -> Answer:
        """One scan, a while after the last."""
        self.clock.forward(after)
        return self.numbers.scan(text, self.scans)


@pytest.fixture
def desk() -> Desk:
    """A point nobody has used yet."""
    return Desk()


async def test_a_code_is_one_scan_for_as_long_as_it_is_held_there(desk: Desk) -> None:
    """Minutes, if need be; taken away for a while and shown again it is a new one."""
    assert desk.scan(GOOD) is Answer.TAKEN
    assert {desk.scan(GOOD, after=REPEAT_SECONDS - 1) for _ in range(50)} == {Answer.REPEATED}
    assert desk.scan(GOOD, after=REPEAT_SECONDS) is Answer.TAKEN
    await desk.gate.heard("numbers", 2)


async def test_the_next_vehicle_may_show_the_same_code(desk: Desk) -> None:
    """A notice for several vehicles is each driver's own scan."""
    desk.scan(GOOD)
    desk.numbers.forget()
    assert desk.scan(GOOD) is Answer.TAKEN
    await desk.gate.heard("numbers", 2)


async def test_wrong_codes_are_tries_too_and_waiting_is_no_repetition(desk: Desk) -> None:
    """Ten foreign codes use the allowance up; the right one is taken as soon as the wait is over."""
    assert {desk.scan(f"code {index}") for index in range(TRIES)} == {Answer.SLIP}
    before = refused("scanner", "too-often")
    assert desk.scan(GOOD) is Answer.TOO_OFTEN
    assert desk.scan(GOOD, after=1) is Answer.TOO_OFTEN
    assert refused("scanner", "too-often") - before == 2
    assert desk.scan(GOOD, after=REPEAT_SECONDS * 3) is Answer.TAKEN
    await desk.gate.heard("numbers", 1)


async def test_calls_have_an_allowance_of_their_own(desk: Desk) -> None:
    """Who has guessed too often may still call an officer; who leans on the key is slowed down."""
    for index in range(TRIES + 1):
        desk.scan(f"code {index}")
    answers = [desk.numbers.call(desk.scans) for _ in range(TRIES + 1)]
    assert answers == [Answer.TAKEN] * TRIES + [Answer.TOO_OFTEN]
    await desk.gate.heard("help", TRIES)
    assert desk.gate.numbers == []


async def test_a_scan_and_a_typed_number_are_told_the_same(desk: Desk) -> None:
    """Well formed is taken, whatever it means; anything else is a slip."""
    assert desk.scan(f"number={OTHER}") is desk.numbers.typed(GOOD, desk.scans) is Answer.TAKEN
    assert desk.scan("5901234123457") is desk.numbers.typed(GOOD[:-1], desk.scans) is Answer.SLIP
    await desk.gate.heard("numbers", 2)
    assert desk.gate.numbers == [(POINT, OTHER), (POINT, GOOD)]
