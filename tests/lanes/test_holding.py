"""The holding bay: what officers settle for vehicles that are held, and what they cannot."""

from __future__ import annotations

from gate.lanes.acts import (
    ConfirmPlate,
    EnterNumber,
    ReferVisit,
    TurnBack,
)
from gate.lanes.commands import MessageKind
from gate.lanes.events import BarrierPosition
from gate.lanes.state import Phase
from gate.model import Corridor, Finding, Outcome, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does, in_the_bay, refused
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import ONE, TWO, declared


async def test_a_plate_confirmed_in_the_bay_directs(open_house: House) -> None:
    """8.0.1: the officer's eyes instead of the camera's; the visit goes on under its own id."""
    visit_id = await in_the_bay(open_house)
    await open_house.files(declared(open_house, Corridor.RED))
    said = await does(
        open_house, ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=LORRY)
    )
    assert said == "directed to lane 4 (RED)"
    visit = await open_house.knows(visit_id)
    assert (visit.status, visit.mark, visit.lane) == (VisitStatus.DIRECTED, LORRY, "lane-4")
    assert open_house.queues.length("lane-4") == 1
    await open_house.rolls_up("lane-4")
    await open_house.phase("lane-4", Phase.CONTROL)


async def test_a_plate_confirmed_at_the_approach_directs_there(open_house: House) -> None:
    """The vehicle still stands before the board: the answer goes there."""
    await open_house.files(declared(open_house))
    visit_id = await open_house.approaches(unread=True)
    await does(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY))
    await open_house.phase("approach", Phase.DIRECTED)
    assert open_house.points["approach"].state.message.kind is MessageKind.DIRECT


async def test_a_number_entered_in_the_bay_needs_the_plate(open_house: House) -> None:
    """8.0.1: first the plate by sight, then the number beside it must be one of that plate's."""
    visit_id = await in_the_bay(open_house)
    await open_house.files(declared(open_house))
    said = await does(open_house, EnterNumber(officer=WHO, visit_id=visit_id, number=ONE))
    assert said.startswith("still held")
    assert "8.0.1" in said
    await does(open_house, ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=LORRY))
    assert (await open_house.knows(visit_id)).status is VisitStatus.DIRECTED


async def test_a_number_of_another_plate_stays_held(open_house: House) -> None:
    """A plate and a number that do not belong together are two things, and two things are a HOLD."""
    visit_id = await in_the_bay(open_house)
    await open_house.files(declared(open_house))
    await does(open_house, EnterNumber(officer=WHO, visit_id=visit_id, number=TWO))
    said = await does(
        open_house, ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=LORRY)
    )
    assert "not registered with this plate" in said


async def test_referring_from_the_bay_and_from_the_approach(open_house: House) -> None:
    """2.1: with a reason, to the general lane, and never to a corridor."""
    visit_id = await in_the_bay(open_house)
    assert "reason" in await refused(open_house, ReferVisit(officer=WHO, visit_id=visit_id, reason=" "))
    await does(open_house, ReferVisit(officer=WHO, visit_id=visit_id, reason="empty lorry"))
    visit = await open_house.knows(visit_id)
    assert visit.status is VisitStatus.REFERRED
    assert visit.findings == (Finding("referred-by-officer", "2.1", Outcome.REFER, "empty lorry"),)
    await refused(open_house, ReferVisit(officer=WHO, visit_id=visit_id, reason="again"))
    second = await open_house.approaches(unread=True)
    await does(open_house, ReferVisit(officer=WHO, visit_id=second, reason="ambulance"))
    assert open_house.points["approach"].state.message.kind is MessageKind.REFER


async def test_turning_back_ends_a_visit_and_nothing_else(open_house: House) -> None:
    """Held or directed only; its numbers stay bound, so the next try is a HOLD."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    assert "reason" in await refused(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason=""))
    await does(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="refuses the control"))
    await refused(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="again"))
    await refused(open_house, TurnBack(officer=WHO, visit_id="nobody", reason="who"))
    again = await open_house.approaches()
    assert open_house.points["approach"].state.phase is Phase.HELD
    findings = (await open_house.knows(again)).findings
    assert [finding.code for finding in findings] == ["turned-round"]
    assert "left unreleased" in findings[0].detail


async def test_an_unreleased_vehicle_at_the_exit_goes_back_by_an_officer(open_house: House) -> None:
    """It raises an alarm; turned back through the exit, it is on record as left unreleased."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    await open_house.rolls_up("exit-1")
    await open_house.phase("exit-1", Phase.HELD)
    assert any(call.alarm for call in await open_house.store.ledger.open_calls())
    await does(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="refuses the control"))
    await open_house.phase("exit-1", Phase.RAISING)
    open_house.barrier("exit-1", BarrierPosition.UP)
    await open_house.phase("exit-1", Phase.PASSING)
    assert (await open_house.knows(visit_id)).status is VisitStatus.LEFT_UNRELEASED
