"""What the Rules provide for: the four corridors, baggage, departures."""

from __future__ import annotations

import json

import pytest

from gate.demo.drivers import APPROACH
from gate.demo.script import Kind
from gate.lanes.events import BarrierPosition
from gate.model import Corridor
from gate.store.journal_check import verify
from tests.scenarios.day import Day

pytestmark = pytest.mark.asyncio(loop_scope="module")

LANES = {
    Corridor.GREEN: "lane-1",
    Corridor.BLUE: "lane-2",
    Corridor.YELLOW: "lane-3",
    Corridor.RED: "lane-4",
}


@pytest.mark.parametrize("corridor", [Corridor.GREEN, Corridor.BLUE])
async def test_green_and_blue_pass_once_registered_and_officers_informed(
    day: Day, corridor: Corridor
) -> None:
    """Rules 4.2, 5.2: registration is committed and the console informed before the release; no officer."""
    lane = LANES[corridor]
    before = day.raises(lane)
    ending = await day.plays(Kind.PLAIN, corridor)
    assert ending.as_scripted, ending
    assert ending.lane == lane
    kinds = day.kinds(ending.visit_id)
    assert kinds.index("Opened") < kinds.index("Decided") < kinds.index("Registered")
    assert kinds.index("Registered") < kinds.index("RegistrationCommitted")
    release = day.release(ending.visit_id)
    assert (release["basis"], release["officer"]) == ("registered", None)
    assert day.raises(lane) == before + 1
    assert day.place(lane).lane.barrier is BarrierPosition.DOWN
    await day.until_delivered()
    told = day.told_central()[ending.visit_id]
    for kind in ("visit.arrived", "verdict.opened", "visit.directed", "visit.released", "passage.completed"):
        assert kind in told


@pytest.mark.parametrize("corridor", [Corridor.YELLOW, Corridor.RED])
async def test_yellow_and_red_wait_for_an_officer_who_names_what_was_checked(
    day: Day, corridor: Corridor
) -> None:
    """Rules 5.6, 5.8: the barrier stays down until a logged-in officer commits the release."""
    lane = LANES[corridor]
    script = day.script(Kind.PLAIN, corridor)
    await day.drivers.declare(script)
    before = day.raises(lane)
    assert await day.directed(script) == lane
    stay = await day.rolls_up(script, lane)
    shown = await day.until_phase(lane, "control")
    done, message = await day.officer.act("ReleaseVisit", visit_id=shown["visit_id"], checked=[])
    assert not done, "a release naming nothing is none"
    assert message
    assert day.raises(lane) == before
    checks = ["documents", "seals"]
    done, message = await day.officer.act("ReleaseVisit", visit_id=shown["visit_id"], checked=checks)
    assert done, message
    await day.place(lane).barrier_is(BarrierPosition.UP)
    await day.stage.yard.drive_through(stay, 0.05)
    await day.place(lane).barrier_is(BarrierPosition.DOWN)
    release = day.release(shown["visit_id"])
    assert release["basis"] == "officer"
    assert release["officer"] == day.stage.account[0]
    assert json.loads(release["checked"]) == checks
    assert day.raises(lane) == before + 1


async def test_accompanied_baggage_is_directed_by_its_number_at_the_attended_terminal(day: Day) -> None:
    """Rules 8.0.2: the number opens once and directs the carrier; no barrier is involved."""
    pulses = {name: day.raises(name) for name in day.stage.yard.places}
    ending = await day.plays(Kind.BAGGAGE, Corridor.GREEN)
    assert ending.as_scripted, ending
    assert {name: day.raises(name) for name in day.stage.yard.places} == pulses
    await day.drivers._type("hall-1", ending.numbers[0])
    shown = await day.until_phase("hall-1", "held")
    assert shown["visit_id"] != ending.visit_id
    assert "used-before" in day.findings(shown["visit_id"])


async def test_an_officer_enters_the_number_at_the_carriers_request(day: Day) -> None:
    """Rules 8.0.2: the officer's name goes on record with the number."""
    ending = await day.plays(Kind.BAGGAGE_BY_OFFICER, Corridor.YELLOW)
    assert ending.as_scripted, ending
    assert "EnterNumber" in ending.helped
    assert day.release(ending.visit_id)["officer"] == day.stage.account[0]


async def test_two_declarations_on_one_vehicle_take_the_strictest_corridor(day: Day) -> None:
    """Groupage: RED beside GREEN drives to RED, and both numbers are bound to the visit."""
    ending = await day.plays(Kind.GROUPAGE, Corridor.RED)
    assert ending.as_scripted, ending
    assert ending.lane == LANES[Corridor.RED]
    bound = day.journal("SELECT number, corridor FROM openings WHERE visit_id = ?", ending.visit_id)
    assert {number for number, _ in bound} == set(ending.numbers)
    assert sorted(corridor for _, corridor in bound) == ["GREEN", "RED"]


async def test_a_second_trip_of_the_same_lorry_rests_on_its_own_declaration(day: Day) -> None:
    """Rules 8.0: the first trip's declaration is used up; without a new one the lorry is held."""
    script = day.script(Kind.PLAIN, Corridor.GREEN)
    first = await day.drivers.play(script, await day.drivers.declare(script))
    assert first.as_scripted, first
    (second_number,) = await day.drivers.declare(script)
    second = await day.drivers.play(script, (second_number,))
    assert second.as_scripted, second
    bound = day.journal("SELECT number FROM openings WHERE visit_id = ?", second.visit_id)
    assert bound == [(second_number,)]
    stay = await day.rolls_up(script, APPROACH)
    shown = await day.until_phase(APPROACH, "held")
    assert "used-before" in day.findings(shown["visit_id"])
    day.stage.yard.leave(stay)
    await day.until_phase(APPROACH, "free")


async def test_a_vehicle_leaving_the_country_is_recorded_and_confirmed(day: Day) -> None:
    """Exit lanes record and confirm departures; no corridor is involved."""
    ending = await day.plays(Kind.DEPARTURE)
    assert ending.as_scripted, ending
    await day.until_delivered()
    assert "departure.confirmed" in day.told_central()[ending.visit_id]
    assert day.release(ending.visit_id)["corridor"] is None


async def test_goods_outside_the_rules_are_referred_without_opening_anything(day: Day) -> None:
    """Rules 2.1: transit goes to the general lane by central's category."""
    ending = await day.plays(Kind.TRANSIT)
    assert ending.as_scripted, ending
    assert "Opened" not in day.kinds(ending.visit_id)


async def test_the_days_journal_verifies(day: Day) -> None:
    """After all of the above the chain holds from its first entry to its head."""
    found = verify(day.stage.edge / "journal.db")
    assert found.problem is None
    assert found.entries > 50
