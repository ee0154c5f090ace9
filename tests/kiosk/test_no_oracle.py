"""The back-off is the terminal's own: no page, device, language or patience gets a guesser round it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2 as httpx
import pytest

from gate.kiosk.app import create_kiosk
from gate.kiosk.booth import booth_in
from gate.kiosk.numbers_in import Answer, NumbersIn
from gate.kiosk.refusing import Refusals
from gate.kiosk.tries import TRIES, WINDOW_SECONDS
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceRole
from gate.model import Corridor, Onward
from tests.console.conftest import HandClock
from tests.console.serving import client_of
from tests.console.tiny_checkpoint import WAIT, TinyCheckpoint, number

GOOD = number("482913756012")


@dataclass
class Terminal:
    """The kiosk at the approach: its page from two addresses, its devices, and time by hand."""

    gate: TinyCheckpoint
    clock: HandClock
    page: httpx.AsyncClient
    other_page: httpx.AsyncClient
    devices: NumbersIn
    refusals: Refusals

    async def types(self, point: str = "approach", text: str = GOOD) -> httpx.Response:
        """A number at the page."""
        return await self.page.post(f"/api/{point}/number", json={"number": text})

    async def guesses(self) -> None:
        """Until the terminal asks to wait."""
        for index in range(TRIES):
            assert (await self.types(text=number(f"{index:012d}"))).status_code == 202
        assert (await self.types()).status_code == 429


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    """Nobody has used it yet."""
    gate, clock = TinyCheckpoint(), HandClock()
    app = create_kiosk(gate, clock, {"approach": "approach", "hall-1": "terminal"})
    numbers = NumbersIn(booth_in(app), "approach")
    async with client_of(app) as page, client_of(app, "192.0.2.7") as other:
        yield Terminal(gate, clock, page, other, numbers, Refusals("approach", DeviceRole.KEYPAD))


async def test_nothing_a_driver_can_do_begins_the_count_anew(terminal: Terminal) -> None:
    """Loading the page, another language, another browser, keypad, scanner, the next vehicle, a slip."""
    await terminal.guesses()
    await terminal.page.get("/approach")
    await terminal.page.get("/approach/fa")
    terminal.devices.forget()
    assert (await terminal.types()).status_code == 429
    assert (await terminal.types(text="12")).status_code == 429
    other = await terminal.other_page.post("/api/approach/number", json={"number": GOOD})
    assert other.status_code == 429
    assert terminal.devices.typed(GOOD, terminal.refusals) is Answer.TOO_OFTEN
    assert terminal.devices.scan(GOOD, terminal.refusals) is Answer.TOO_OFTEN
    await terminal.gate.heard("numbers", TRIES)
    assert len(terminal.gate.numbers) == TRIES


async def test_another_terminal_and_help_are_not_held_up(terminal: Terminal) -> None:
    """One driver's guessing costs neither the hall its numbers nor himself an officer."""
    await terminal.guesses()
    assert (await terminal.types("hall-1")).status_code == 202
    for reason in ("call", "no-number"):
        assert (await terminal.page.post("/api/approach/help", json={"reason": reason})).status_code == 202
    assert terminal.devices.call(terminal.refusals) is Answer.TAKEN


async def test_patience_wins_a_guesser_little(terminal: Terminal) -> None:
    """Waiting just as long as he is told, he waits twice as long each time."""
    await terminal.guesses()
    waits = []
    for _ in range(4):
        told = await terminal.types()
        waits.append(int(told.headers["retry-after"]))
        terminal.clock.forward(waits[-1])
        while (await terminal.types()).status_code == 202:
            terminal.clock.forward(WINDOW_SECONDS / TRIES / 4)
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


async def test_being_told_to_wait_tells_nothing_of_the_number(terminal: Terminal) -> None:
    """The same answer to the byte for numbers good, unknown and malformed."""
    await terminal.guesses()
    answers = [await terminal.types(text=text) for text in (GOOD, number("999999999999"), "12", "x" * 50)]
    assert (
        len({(answer.status_code, answer.content, tuple(answer.headers.items())) for answer in answers}) == 1
    )


async def test_the_neutral_answer_is_the_same_for_every_cause(terminal: Terminal) -> None:
    """To the byte, whoever waits, whatever is known of him: no visit, no route, no time is in it."""
    causes = ((None, None), ("approach-a-1", None), ("approach-a-2", Onward(("samur - Quba",), 24)))
    answers, pages = set(), set()
    for visit_id, onward in causes:
        terminal.gate.onward = {} if onward is None else {"approach": onward}
        terminal.gate.change_point("approach", message=WAIT, visit_id=visit_id)
        answers.add((await terminal.page.get("/api/approach")).content)
        pages.add((await terminal.page.get("/approach/az")).content)
        assert (await terminal.page.get("/api/approach/code.svg")).status_code == 404
    assert (len(answers), len(pages)) == (1, 1)


async def test_with_an_answer_the_page_itself_is_the_same(terminal: Terminal) -> None:
    """Every corridor's words stand in every page: only the script is told which of them are this driver's."""
    pages = set()
    for corridor in Corridor:
        message = BoardMessage(MessageKind.DIRECT, "2", corridor)
        terminal.gate.change_point("approach", message=message, visit_id="approach-a-1")
        pages.add((await terminal.page.get("/approach/az")).content)
    assert len(pages) == 1
