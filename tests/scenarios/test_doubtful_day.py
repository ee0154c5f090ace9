"""Where in doubt: HOLD. Unread, unknown, late, wrong lane, and the RED that turns round."""

from __future__ import annotations

import pytest

from gate.demo.drivers import APPROACH, EXIT
from gate.demo.script import Kind
from gate.model import Corridor
from tests.scenarios.day import Day

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_unread_plate_with_a_typed_number_waits_for_an_officers_eyes(day: Day) -> None:
    """Rules 8.0.1: the number alone opens nothing; the officer's sight does, and is on record."""
    script = day.script(Kind.UNREAD, Corridor.GREEN)
    numbers = await day.drivers.declare(script)
    stay = await day.rolls_up(script, APPROACH)
    await day.until_phase(APPROACH, "reading", "held")
    await day.drivers._type(APPROACH, numbers[0])
    said = await day.approach_says()
    assert said.startswith("WAIT")
    shown = await day.until_phase(APPROACH, "held")
    visit_id = shown["visit_id"]
    assert "Opened" not in day.kinds(visit_id)
    assert "number-without-plate" in day.findings(visit_id)
    day.stage.yard.leave(stay)
    done, message = await day.officer.act(
        "ConfirmPlate", point="holding-bay", visit_id=visit_id, mark=script.mark
    )
    assert done, message
    visit = await day.officer.visit(visit_id)
    assert (visit["status"], visit["corridor"]) == ("directed", "GREEN")
    assert "Opened" in day.kinds(visit_id)


async def test_a_number_that_is_not_this_plates_opens_nothing(day: Day) -> None:
    """Rules 8.0.1: somebody else's number typed beside a plate that has its own is a disagreement."""
    other = day.script(Kind.PLAIN, Corridor.GREEN)
    (foreign,) = await day.drivers.declare(other)
    script = day.script(Kind.UNREAD, Corridor.GREEN)
    await day.drivers.declare(script)
    stay = await day.rolls_up(script, APPROACH)
    await day.until_phase(APPROACH, "reading", "held")
    await day.drivers._type(APPROACH, foreign)
    shown = await day.until_phase(APPROACH, "held")
    day.stage.yard.leave(stay)
    await day.officer.act("ConfirmPlate", point="holding-bay", visit_id=shown["visit_id"], mark=script.mark)
    visit = await day.officer.visit(shown["visit_id"])
    assert visit["status"] == "held"
    assert "plate-number-disagree" in day.findings(shown["visit_id"])
    assert "Opened" not in day.kinds(shown["visit_id"])


async def test_an_unknown_plate_is_held_and_referred_by_an_officer(day: Day) -> None:
    """Rules 2.1, 3.1: nothing declared, so no corridor; the officer sends it to the general lane."""
    ending = await day.plays(Kind.UNKNOWN)
    assert ending.as_scripted, ending
    assert "no-declaration" in day.findings(ending.visit_id)


async def test_a_late_declaration_is_held(day: Day) -> None:
    """Rules 2.2: declared 20 minutes before arrival, an hour is wanted."""
    ending = await day.plays(Kind.LATE)
    assert ending.as_scripted, ending
    assert "late-declaration" in day.findings(ending.visit_id)
    assert "Opened" not in day.kinds(ending.visit_id)


async def test_every_hold_looks_the_same_from_the_drivers_seat(day: Day) -> None:
    """The neutral text is the same whatever the cause, so no board is an oracle."""
    said = []
    for kind in (Kind.UNKNOWN, Kind.LATE, Kind.UNREAD):
        script = day.script(kind, Corridor.GREEN if kind is Kind.UNREAD else None)
        await day.drivers.declare(script)
        stay = await day.rolls_up(script, APPROACH)
        await day.approach_says()
        said.append(day.place(APPROACH).lines())
        day.stage.yard.leave(stay)
        await day.until_phase(APPROACH, "free")
    assert said[0]
    assert len(set(said)) == 1


async def test_in_the_wrong_lane_the_barrier_stays_and_an_officer_is_called(day: Day) -> None:
    """Rules 9.3: a vehicle directed elsewhere is held, backs out, and is released in its own lane."""
    ending = await day.plays(Kind.WRONG_LANE, Corridor.BLUE)
    assert ending.as_scripted, ending
    calls = day.journal("SELECT reason FROM calls WHERE visit_id = ?", ending.visit_id)
    assert any("wrong lane" in reason for (reason,) in calls)
    assert day.release(ending.visit_id)["point"] == "lane-2"


async def test_a_red_that_turns_round_is_caught_at_the_exit_and_held_when_it_comes_back(day: Day) -> None:
    """Law 4: an opened verdict binds its visit; leaving unreleased alarms, returning holds."""
    before = day.raises(EXIT)
    ending = await day.plays(Kind.TURNS_ROUND, Corridor.RED)
    assert ending.as_scripted, ending
    alarms = day.journal("SELECT reason FROM calls WHERE alarm = 1 AND point = ?", EXIT)
    assert any("unreleased" in reason for (reason,) in alarms)
    assert "turned-round" in day.findings(ending.visit_id)
    assert day.raises(EXIT) == before + 1
    await day.until_delivered()
    every = [kind for kinds in day.told_central().values() for kind in kinds]
    assert "alarm.leaving-unreleased" in every


async def test_a_call_stays_until_an_officer_acknowledges_it(day: Day) -> None:
    """An officer is called until somebody says they are coming; then once only."""
    script = day.script(Kind.UNKNOWN)
    stay = await day.rolls_up(script, APPROACH)
    shown = await day.until_phase(APPROACH, "held")
    calls = [c for c in (await day.officer.overview())["calls"] if c["visit_id"] == shown["visit_id"]]
    assert len(calls) == 1
    done, message = await day.officer.act("AcknowledgeCall", call_id=calls[0]["call_id"])
    assert done, message
    left = [c for c in (await day.officer.overview())["calls"] if c["call_id"] == calls[0]["call_id"]]
    assert not left
    again, _ = await day.officer.act("AcknowledgeCall", call_id=calls[0]["call_id"])
    assert not again
    day.stage.yard.leave(stay)
    await day.until_phase(APPROACH, "free")
