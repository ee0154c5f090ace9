"""The same day again and again with only V's verdict changed: until V arrives nothing tells it (3.6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial

import pytest

from gate.model import Corridor
from gate.store.officers import Role
from tests.secrecy.border import Border
from tests.secrecy.day import V_MARK, Day, live
from tests.secrecy.emissions import Emission, Emissions, must_be_alike
from tests.secrecy.fates import FATES, GREEN, RED, Fate

Lived = Callable[[Fate], Emissions]


def _whole(checkpoint: Border, fate: Fate) -> Emissions:
    return live(checkpoint, fate, Day.evening, Day.morning_and_v)


@pytest.fixture(scope="module")
def lived(checkpoint: Border) -> Lived:
    """Each day is lived once, when a test first asks for it."""
    return cache(partial(_whole, checkpoint))


@pytest.fixture(scope="module")
def green(lived: Lived) -> Emissions:
    """The day with a V that central sends to GREEN: what every other day is compared with."""
    return lived(GREEN)


def test_the_same_day_twice_is_the_same_to_the_byte(checkpoint: Border, green: Emissions) -> None:
    """Before and after V's arrival: what two runs differ in is V's verdict and nothing else."""
    again = _whole(checkpoint, GREEN)
    must_be_alike(green, again)
    assert green.after == again.after


@pytest.mark.parametrize("fate", FATES, ids=str)
def test_nothing_tells_vs_verdict_before_it_arrives(lived: Lived, green: Emissions, fate: Fate) -> None:
    """Not one byte, size, order or moment of all that left the gate; afterwards they are told apart."""
    other = lived(fate)
    must_be_alike(green, other)
    if fate.corridor is not GREEN.corridor:
        told_apart = {channel for channel in green.after if green.after[channel] != other.after.get(channel)}
        assert {"http", "serial approach-board", "statements on journal.db"} <= told_apart


def test_the_whole_gate_was_listened_to(green: Emissions) -> None:
    """Every way out is among what was compared, with something on it: silence would prove nothing."""
    expected = {
        "http", "stream", "figures", "files", "log.jsonl", "terminal", "notices",
        "to central", "from central", "mqtt commands", "mqtt lane-2 board", "mqtt approach io",
        "serial approach-board", "serial lane-1-board", "serial lane-3-board", "serial lane-4-board",
        "serial approach-keypad", "statements on journal.db", "statements on cache.db",
        "rows of journal.db journal", "rows of journal.db visits",
        "rows of cache.db declarations",
    }  # fmt: skip
    assert expected <= green.channels.keys()
    assert green.count() > 5000


def test_people_asked_for_v_and_were_answered(green: Emissions) -> None:
    """V was searched for by every role that may, typed at the kiosk and looked up: all before it came."""
    pages = [emission.what for emission in green.channels["http"]]
    (number,) = {
        json.loads(page.partition("\n\n")[2])["declarations"][0]["number"]
        for page in pages
        if page.startswith(f"officer GET /api/search?q={V_MARK}\n200")
    }
    for role in (Role.OFFICER, Role.SHIFT_LEAD, Role.AUDITOR):
        assert any(page.startswith(f"{role.value} GET /search?q={number}\n200") for page in pages)
    assert any(page.startswith(f"technician GET /search?q={number}\n403") for page in pages)
    assert any(page.startswith("driver POST approach number\n202") for page in pages)
    assert any(number in emission.what for emission in green.channels["statements on cache.db"])
    assert any(number in emission.what for emission in green.channels["from central"])


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SHIFT_LEAD, Role.AUDITOR])
def test_a_search_shows_vs_corridor_after_its_arrival_and_not_before(lived: Lived, role: Role) -> None:
    """To every role that may search: the declaration at once, the corridor with the opened visit."""
    day = lived(RED)

    def answers(emissions: list[Emission]) -> list[str]:
        asked = f"{role.value} GET /search?q={V_MARK}\n200"
        asked_by_program = f"{role.value} GET /api/search?q={V_MARK}\n200"
        return [told.what for told in emissions if told.what.startswith((asked, asked_by_program))]

    before, after = answers(day.channels["http"]), answers(day.after["http"])
    assert len(before) >= 6
    assert all(V_MARK in answer for answer in before)
    assert not any(corridor in answer for corridor in Corridor for answer in before)
    assert len(after) == 2
    assert all(Corridor.RED in answer for answer in after)


def test_a_technician_is_shown_no_declaration(lived: Lived) -> None:
    """Neither before nor after."""
    day = lived(RED)
    asked = [told.what for told in (*day.channels["http"], *day.after["http"]) if "/search?q=" in told.what]
    refused = [answer for answer in asked if answer.startswith("technician")]
    assert len(refused) > 6
    assert all("\n403\n" in answer and V_MARK not in answer.partition("\n")[2] for answer in refused)
