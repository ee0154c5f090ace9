"""Two officers act on one vehicle in the same moment: one does it, the other hears who and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gate.lanes.acts import ActResult, ConfirmPlate, ReleaseVisit, TurnBack
from gate.lanes.duty_acts import AttendLane, HoldToRun
from gate.lanes.events import Detector, Occupancy
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.looks import journalled_acts, looks
from tests.lanes.officers import in_control, in_the_bay
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import declared
from tests.store.kept import rows

LEYLA, RASHAD = "leyla", "rashad"
ORDERS = pytest.mark.parametrize("officers", [(LEYLA, RASHAD), (RASHAD, LEYLA)], ids=" then ".join)


async def both(
    house: House, officers: tuple[str, str], act_of: Callable[[str], ReleaseVisit | TurnBack | ConfirmPlate]
) -> tuple[ActResult, ActResult]:
    """Both look, then both press in one turn of the loop."""
    first, second = [await looks(house, act_of(name)) for name in officers]
    async with asyncio.TaskGroup() as group:
        one = group.create_task(house.checkpoint.act(first))
        two = group.create_task(house.checkpoint.act(second))
    return one.result(), two.result()


@ORDERS
async def test_one_release_and_one_pulse(open_house: House, officers: tuple[str, str]) -> None:
    """5.8: one name on the release; the other is told whose, and both acts are on record."""
    visit_id = await in_control(open_house)
    done, told = await both(
        open_house, officers, lambda name: ReleaseVisit(officer=name, visit_id=visit_id, checked=("papers",))
    )
    assert done.done
    assert (told.done, told.stale) == (False, True)
    assert told.earlier is not None
    assert (told.earlier.officer, told.earlier.act) == (officers[0], "ReleaseVisit")
    await open_house.until(lambda: bool(open_house.io["lane-4"].told("raise")))
    assert len(open_house.io["lane-4"].told("raise")) == 1
    assert rows(open_house.data / "journal.db", "SELECT officer FROM releases") == [(officers[0],)]
    assert rows(open_house.data / "journal.db", "SELECT count(*) FROM pulses WHERE kind = 'raise'") == [(1,)]
    kept = [(one["act"]["officer"], one["done"]) for one in journalled_acts(open_house)]
    assert kept == [(officers[0], True), (officers[1], False)]


@ORDERS
async def test_one_decision_for_one_confirmed_plate(open_house: House, officers: tuple[str, str]) -> None:
    """8.0.1: a declaration is opened in one decision, not in two."""
    await open_house.files(declared(open_house, Corridor.YELLOW))
    visit_id = await in_the_bay(open_house)
    done, told = await both(
        open_house,
        officers,
        lambda name: ConfirmPlate(officer=name, point="holding-bay", visit_id=visit_id, mark=LORRY),
    )
    assert (done.done, told.done) == (True, False)
    assert told.earlier is not None
    assert told.earlier.officer == officers[0]
    decided = rows(open_house.data / "journal.db", "SELECT count(*) FROM journal WHERE kind = 'Decided'")
    assert decided == [(1,)]


@pytest.mark.parametrize("release_first", [True, False])
async def test_released_or_turned_back_but_not_both(open_house: House, *, release_first: bool) -> None:
    """Whoever was first has it his way; nothing is raised for a visit that is over."""
    visit_id = await in_control(open_house)
    release = await looks(open_house, ReleaseVisit(officer=LEYLA, visit_id=visit_id, checked=("papers",)))
    back = await looks(open_house, TurnBack(officer=RASHAD, visit_id=visit_id, reason="wrong seal"))
    order = (release, back) if release_first else (back, release)
    async with asyncio.TaskGroup() as group:
        pressed = [group.create_task(open_house.checkpoint.act(act)) for act in order]
    assert [task.result().done for task in pressed] == [True, False]
    status = (await open_house.knows(visit_id)).status
    assert status is (VisitStatus.RELEASED if release_first else VisitStatus.LEFT_UNRELEASED)
    assert len(open_house.io["lane-4"].told("raise")) == int(release_first)


@ORDERS
async def test_two_who_attend_one_lane(open_house: House, officers: tuple[str, str]) -> None:
    """One of them works it; the other's button raises nothing."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    open_house.detector("lane-4", Detector.SAFETY, Occupancy.UNKNOWN)
    await open_house.phase("lane-4", Phase.RECOVERY)
    attend = [
        AttendLane(officer=name, point="lane-4", failed=frozenset({"safety"}), reason="loop cut")
        for name in officers
    ]
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(open_house.checkpoint.act(act)) for act in attend]
    assert [task.result().done for task in asked] == [True, False]
    await open_house.rolls_up("lane-4")
    lane = open_house.points["lane-4"]
    await open_house.until(lambda: lane.state.passage is not None and lane.state.passage.visit_id == visit_id)
    hold = HoldToRun(officer=officers[1], point="lane-4", visit_id=visit_id, checked=("goods",))
    told = await open_house.checkpoint.act(await looks(open_house, hold))
    assert (told.done, told.message) == (False, f"the lane is attended by {officers[0]}")
    assert not open_house.io["lane-4"].told("raise")
