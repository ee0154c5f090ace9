"""Terminals are no oracle: until presence is confirmed, every number is answered alike (8.0.1, 8.0.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import pytest

from gate.lanes.state import Phase
from gate.model import Corridor, NotificationNumber, damm_digit, group_number
from tests.secrecy.border import Border
from tests.secrecy.day import V_MARK, Day, live
from tests.secrecy.emissions import Emission
from tests.secrecy.fates import RED

UNKNOWN = NotificationNumber("000000000000" + damm_digit("000000000000"))
KINDS = ("red", "green", "baggage", "withdrawn")
"""Whose numbers are typed: vehicles' of two corridors, a passenger's, one no longer in force."""
SEEN = ("http", "serial approach-board", "mqtt commands", "mqtt lane-2 board", "figures")
WORK = ("statements on journal.db", "statements on cache.db")
_VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|x'[^']*'")


@dataclass(frozen=True)
class Heard:
    """What a driver got to see and hear in one run, and the order of the gate's work behind it."""

    seen: dict[str, list[Emission]]
    screens: list[tuple[str, ...]]
    work: list[Emission]


Typed = Callable[[str], Heard]


async def _declare(day: Day) -> dict[str, str]:
    await day.begins()
    await day.v_is_declared()
    green = await day.traders.file("LOW-1", ("10AA111",), hours_ago=2)
    baggage = await day.traders.file("HIGH-1", (), mode="baggage", hours_ago=2)
    withdrawn = await day.traders.file("LOW-2", ("10BB222",), hours_ago=2)
    await day.traders.central.withdraw(withdrawn)
    await day.passes(3)
    return {"red": day.v, "green": green, "baggage": baggage, "withdrawn": withdrawn, "unknown": UNKNOWN}


async def _with_nobody_there(day: Day, number: str) -> None:
    """At both pages, at the keypad and at the scanner, with no vehicle felt and nobody in the hall."""
    assert day.yard.keypad is not None
    assert day.yard.scanner is not None
    for point in ("approach", "hall-1"):
        await day.looking.type_number(point, number)
        await day.passes(1)
    for key in f"{number}E":
        day.yard.keypad.press(key)
        await day.loop.rest()
    await day.passes(1)
    day.yard.scanner.scan(number)
    await day.passes(20)


async def _beside_a_plate(day: Day, number: str, plate: str | None) -> None:
    """A vehicle stands there; its plate is no declaration's, or cannot be read."""
    day.yard.stands("approach", occupied=True)
    await day.passes(0.5)
    await day.looking.type_number("approach", number)
    await day.passes(0.5)
    if plate is not None:
        await day.camera_says("approach", plate)
    await day.passes(4)
    assert day.phase("approach") is Phase.HELD
    await day.looking.type_number("approach", number)
    await day.passes(2)
    await day.moves_on("approach")
    await day.passes(10)


def _type(checkpoint: Border, kind: str) -> Heard:
    """One run: the number of this kind typed wherever numbers can be typed."""
    given: list[str] = []
    screens: list[tuple[str, ...]] = []

    async def script(day: Day) -> None:
        number = (await _declare(day))[kind]
        given.append(number)
        await _with_nobody_there(day, number)
        await _beside_a_plate(day, number, "99XX999")
        await _beside_a_plate(day, number, None)
        assert day.yard.keypad is not None
        screens.extend(tuple(re.sub(r"\d", "#", line) for line in s.lines) for s in day.yard.keypad.screens)

    left = live(checkpoint, RED, script)
    number = NotificationNumber(given[0])

    def blotted(told: Emission) -> Emission:
        return Emission(told.at, told.what.replace(number, "N").replace(group_number(number), "N"))

    seen = {channel: [blotted(told) for told in left.channels.get(channel, [])] for channel in SEEN}
    work = [
        Emission(told.at, f"{name}: {_VALUES.sub('?', told.what)}")
        for name in WORK
        for told in left.channels[name]
    ]
    return Heard(seen, screens, work)


@pytest.fixture(scope="module")
def typed(checkpoint: Border) -> Typed:
    """Each kind of number is typed in a run of its own, when a test first asks for it."""
    return cache(partial(_type, checkpoint))


@pytest.mark.parametrize("kind", KINDS)
def test_others_numbers_are_answered_like_nobodys(typed: Typed, kind: str) -> None:
    """Status, headers and body at the page, every command to a board or sign, each at the same moment."""
    assert typed(kind).seen == typed("unknown").seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_keypad_shows_the_same_screens(typed: Typed, kind: str) -> None:
    """In the same order, whatever was keyed in or scanned."""
    assert typed(kind).screens == typed("unknown").screens


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_work_is_the_same(typed: Typed, kind: str) -> None:
    """The same statements on both databases, at the same moments: nothing that finds takes another way."""
    ours, theirs = typed(kind).work, typed("unknown").work
    assert [one for one, other in zip(ours, theirs, strict=True) if one != other] == []


def test_drivers_were_answered(typed: Typed) -> None:
    """The control: numbers were taken, screens changed, the board told everybody to wait."""
    heard = typed("red")
    answers = [told.what for told in heard.seen["http"] if told.what.startswith("driver POST")]
    assert len(answers) == 6
    assert all("\n202\n" in answer for answer in answers)
    assert len(heard.screens) > 14
    shown = b"".join(bytes.fromhex(told.what) for told in heard.seen["serial approach-board"])
    assert b"WAIT" in shown
    assert not any(corridor.encode() in shown for corridor in Corridor)


def test_an_arrival_is_answered_with_a_lane(checkpoint: Border) -> None:
    """The other control: the number that told nothing is good, and its own plate opens it."""

    async def script(day: Day) -> None:
        await day.begins()
        number = await day.traders.file("HIGH-2", (V_MARK,), hours_ago=2)
        await day.passes(3)
        await _with_nobody_there(day, number)
        await day.approaches(V_MARK)
        assert day.phase("approach") is Phase.DIRECTED

    live(checkpoint, RED, script)
