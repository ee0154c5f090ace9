"""Emergencies through the one door for people: opened and ended at once, and the roll-call afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.lanes.duty_acts import (
    AnswerRollCall,
    BeginMaintenance,
    EndEmergencies,
    OpenForEmergency,
)
from gate.lanes.events import (
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
)
from gate.lanes.state import Phase
from gate.model import Corridor, RegistrationMark, VisitStatus
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.officers import WHO, does, refused, reports
from tests.lanes.stories import LORRY
from tests.sealing.made import ARRIVED
from tests.store.kept import rows, step

UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN
LANE = "lane-1"
LANES = (LANE, "lane-4", "exit-1")


def _phase(house: House, point: str = LANE) -> Phase:
    return house.points[point].state.phase


async def _has(house: House, visit_id: str, status: VisitStatus, mark: str = LORRY) -> None:
    came = OpenVisit(visit_id, ARRIVED.isoformat())
    update = UpdateVisit(visit_id, status, RegistrationMark(mark), corridor=Corridor.GREEN, lane=LANE)
    await house.store.ledger.commit(step(came, update, point="approach"))


async def test_every_lane_is_opened_at_once_and_ended_at_once(open_house: House) -> None:
    """No name means every lane: one committed pulse each; ended, they come back through RECOVERY."""
    await does(open_house, OpenForEmergency(officer=WHO, points=(), reason="fire"))
    assert all(_phase(open_house, point) is Phase.EMERGENCY for point in LANES)
    for point in LANES:
        await open_house.points[point].orders_done()
        assert len(open_house.io[point].told("raise")) == 1
        open_house.barrier(point, UP)
    rested = rows(open_house.data / "journal.db", "SELECT kind, count(*) FROM pulses GROUP BY kind")
    assert rested == [("emergency", 3)]
    await does(open_house, OpenForEmergency(officer=WHO, points=(), reason="fire, still"))
    assert "0 vehicles" in await does(open_house, EndEmergencies(officer=WHO, points=()))
    for point in LANES:
        await open_house.phase(point, Phase.LOWERING)
        open_house.barrier(point, DOWN)
        await open_house.phase(point, Phase.FREE)
    assert all(len(open_house.io[point].told("raise")) == 1 for point in LANES)


def _has_a_fire_panel(house: House) -> None:
    runtime = house.points[LANE]
    fitted = replace(runtime.machine.config.fitted, contacts=frozenset({Contact.FIRE}))
    runtime.machine = replace(runtime.machine, config=replace(runtime.machine.config, fitted=fitted))


async def test_one_fire_panel_that_still_burns_keeps_its_own_lane_open_and_no_other(tmp_path: Path) -> None:
    """The other lanes end; the answer names the one that lasts, and nobody is called over before it ends."""
    async with gatehouse(tmp_path, ("green", "red", "exit"), prepare=_has_a_fire_panel) as house:

        def panel(state: ContactState) -> None:
            house.points[LANE].post(ContactChanged(at=house.clock.now(), contact=Contact.FIRE, state=state))

        panel(ContactState.NORMAL)
        await house.rests(*LANES)
        panel(ContactState.ACTIVE)
        await house.phase(LANE, Phase.EMERGENCY)
        await does(house, OpenForEmergency(officer=WHO, points=(), reason="fire"))
        told = await does(house, EndEmergencies(officer=WHO, points=()))
        assert told == "2 lanes ended; lane-1: the fire panel is not known to be at rest"
        assert [_phase(house, point) is Phase.EMERGENCY for point in LANES] == [True, False, False]
        assert not reports(house, "roll-call.opened")
        panel(ContactState.NORMAL)
        await does(house, EndEmergencies(officer=WHO, points=()))
        assert reports(house, "roll-call.opened")


async def test_a_lane_in_maintenance_is_named_and_opened_by_hand(open_house: House) -> None:
    """The others open; alone it is a refusal."""
    await does(open_house, BeginMaintenance(officer=WHO, point=LANE, reason="oil"))
    sentence = "not opened, because in maintenance: lane-1. Open them by hand"
    assert await does(open_house, OpenForEmergency(officer=WHO, points=(), reason="fire")) == sentence
    assert await refused(open_house, OpenForEmergency(officer=WHO, points=(LANE,), reason="fire")) == sentence
    assert not open_house.io[LANE].told("raise")


async def test_the_roll_call_is_of_exactly_the_unreleased(open_house: House) -> None:
    """Opened when the last emergency ends; here is kept, gone has left unreleased, and central hears."""
    for visit, status in (
        ("on-its-way", VisitStatus.DIRECTED),
        ("in-the-bay", VisitStatus.HELD),
        ("just-come", VisitStatus.ARRIVED),
        ("let-go", VisitStatus.RELEASED),
        ("through", VisitStatus.COMPLETED),
        ("turned-back", VisitStatus.LEFT_UNRELEASED),
    ):
        await _has(open_house, visit, status, visit)
    await does(open_house, OpenForEmergency(officer=WHO, points=(LANE, "lane-4"), reason="fire"))
    assert await does(open_house, EndEmergencies(officer=WHO, points=(LANE,))) == "done"
    assert await open_house.store.ledger.roll_call() == []
    told = await does(open_house, EndEmergencies(officer=WHO, points=()))
    assert told == "ended; 3 vehicles not released are called over"
    unreleased = {"on-its-way", "in-the-bay", "just-come"}
    assert {line.visit_id for line in await open_house.store.ledger.roll_call()} == unreleased
    (opened,) = reports(open_house, "roll-call.opened")
    assert set(opened["visits"]) == unreleased
    await does(open_house, AnswerRollCall(officer=WHO, visit_id="in-the-bay", present=True))
    await does(open_house, AnswerRollCall(officer=WHO, visit_id="on-its-way", present=False))
    again = AnswerRollCall(officer="rza", visit_id="on-its-way", present=True)
    assert await refused(open_house, again) == "that vehicle is not on the roll-call"
    assert (await open_house.knows("in-the-bay")).status is VisitStatus.HELD
    assert (await open_house.knows("on-its-way")).status is VisitStatus.LEFT_UNRELEASED
    (alarm,) = reports(open_house, "alarm.left-in-emergency")
    assert (alarm["visit"], alarm["officer"]) == ("on-its-way", WHO)
    assert [line.visit_id for line in await open_house.store.ledger.roll_call()] == ["just-come"]
