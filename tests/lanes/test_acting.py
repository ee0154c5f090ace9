"""Officers' acts through the one door for people: done where they may be, refused with a reason elsewhere."""

from __future__ import annotations

import pytest

from gate.lanes.acts import (
    AcknowledgeCall,
    AnyAct,
    AttendTerminal,
    ClosePoint,
    ConfirmPlate,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
)
from gate.lanes.state import Phase
from gate.model import Corridor, TransportMode, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does, in_control, in_the_bay, refused
from tests.lanes.stories import LORRY, VAN, number, read
from tests.lanes.test_desk import ONE, declared
from tests.store.kept import rows

# --- releases -----------------------------------------------------------------------------------


async def test_a_red_vehicle_is_released_in_its_lane(open_house: House) -> None:
    """5.8: by name, with what was checked, once; the second press finds nothing to release."""
    visit_id = await in_control(open_house)
    await does(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("papers", " ", "seal")))
    await open_house.until(lambda: bool(open_house.io["lane-4"].told("raise")))
    assert rows(open_house.data / "journal.db", "SELECT officer, checked FROM releases") == [
        (WHO, '["papers", "seal"]')
    ]
    await refused(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("papers",)))
    assert len(open_house.io["lane-4"].told("raise")) == 1


@pytest.mark.parametrize("checked", [(), ("",), ("  ", "\t")])
async def test_a_release_names_what_was_checked(open_house: House, checked: tuple[str, ...]) -> None:
    """5.6, 5.8: a release without a control is none."""
    visit_id = await in_control(open_house)
    assert "checked" in await refused(
        open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=checked)
    )
    assert open_house.points["lane-4"].state.phase is Phase.CONTROL


async def test_a_visit_is_released_only_where_it_stands(open_house: House) -> None:
    """On its way to the lane, unknown, or in the wrong lane: nothing is raised."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches()
    act = ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("papers",))
    assert "stands in no lane" in await refused(open_house, act)
    await open_house.moves_on()
    await refused(open_house, act)
    await refused(open_house, ReleaseVisit(officer=WHO, visit_id="nobody", checked=("papers",)))
    await open_house.rolls_up("lane-1")
    await open_house.phase("lane-1", Phase.HELD)
    await refused(open_house, act)
    assert not any(io.told("raise") for io in open_house.io.values())


async def test_a_visit_that_was_turned_back_is_not_released_after_all(open_house: House) -> None:
    """It still stands in the lane, but its visit is over."""
    visit_id = await in_control(open_house)
    await does(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="wrong seal"))
    assert "over" in await refused(
        open_house, ReleaseVisit(officer="rashad", visit_id=visit_id, checked=("papers",))
    )
    assert not open_house.io["lane-4"].told("raise")
    assert (await open_house.knows(visit_id)).status is VisitStatus.LEFT_UNRELEASED


async def test_red_baggage_is_released_at_the_desk(open_house: House) -> None:
    """8.0.2, 5.8: there is no barrier; the release carries its officer all the same."""
    await does(open_house, AttendTerminal(officer=WHO, point="hall-1", attended=True))
    await open_house.files(declared(open_house, Corridor.RED, mode=TransportMode.BAGGAGE, marks=()))
    await open_house.checkpoint.give_number("hall-1", ONE)
    await open_house.phase("hall-1", Phase.DIRECTED)
    passage = open_house.points["hall-1"].state.passage
    assert passage is not None
    visit_id = passage.visit_id or ""
    await refused(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=()))
    await does(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("baggage",)))
    assert (await open_house.knows(visit_id)).status is VisitStatus.COMPLETED
    await refused(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("baggage",)))
    assert rows(open_house.data / "journal.db", "SELECT officer FROM releases") == [(WHO,)]


# --- the rest -----------------------------------------------------------------------------------


async def test_a_call_is_acknowledged_once(open_house: House) -> None:
    """The second officer hears that somebody is on the way."""
    await in_the_bay(open_house)
    (call,) = await open_house.store.ledger.open_calls()
    await does(open_house, AcknowledgeCall(officer=WHO, call_id=call.call_id))
    await refused(open_house, AcknowledgeCall(officer="rashad", call_id=call.call_id))
    await refused(open_house, AcknowledgeCall(officer=WHO, call_id="no such call"))


async def test_points_are_closed_and_opened(open_house: House) -> None:
    """Twice is refused, and so is a point that does not exist."""
    await does(open_house, ClosePoint(officer=WHO, point="lane-1"))
    assert open_house.points["lane-1"].state.phase is Phase.CLOSED
    await refused(open_house, ClosePoint(officer=WHO, point="lane-1"))
    await does(open_house, OpenPoint(officer=WHO, point="lane-1"))
    await open_house.phase("lane-1", Phase.FREE)
    await refused(open_house, OpenPoint(officer=WHO, point="lane-1"))
    await refused(open_house, ClosePoint(officer=WHO, point="lane-9"))


async def test_only_a_terminal_is_attended(open_house: House) -> None:
    """8.0.2: presence at a lane is a detector's business."""
    await refused(open_house, AttendTerminal(officer=WHO, point="lane-1", attended=True))
    await does(open_house, AttendTerminal(officer=WHO, point="hall-1", attended=True))
    views = {view.name: view for view in (await open_house.checkpoint.overview()).points}
    assert views["hall-1"].attended


@pytest.mark.parametrize(
    "act",
    [
        ConfirmPlate(officer=WHO, point="approach", visit_id=None, mark=VAN),
        ConfirmPlate(officer=WHO, point="approach", visit_id=None, mark=type(VAN)("")),
        ConfirmPlate(officer=WHO, point="nowhere", visit_id="nobody", mark=VAN),
        EnterNumber(officer=WHO, visit_id="nobody", number=number("100000000001")),
        ReferVisit(officer=WHO, visit_id="nobody", reason="transit"),
        OpenPoint(officer=WHO, point="approach"),
    ],
    ids=lambda act: type(act).__name__,
)
async def test_acts_about_nothing_are_refused(open_house: House, act: AnyAct) -> None:
    """Each says why, and each is in the journal."""
    await refused(open_house, act)


async def test_the_overview_shows_what_stands_where(open_house: House) -> None:
    """Plate, visit, queue and board of every point, and the visits that are not over."""
    visit_id = await in_control(open_house)
    view = await open_house.checkpoint.overview()
    lane = {point.name: point for point in view.points}["lane-4"]
    assert (lane.phase, lane.plate, lane.visit_id) == ("control", LORRY, visit_id)
    assert lane.evidence == read().evidence
    assert [visit.visit_id for visit in view.visits] == [visit_id]
    told = await open_house.checkpoint.visit(visit_id)
    assert told is not None
    assert told.evidence[:2] == read().evidence
    assert [line.seq for line in told.story] == sorted(line.seq for line in told.story)
    assert await open_house.checkpoint.visit("nobody") is None
