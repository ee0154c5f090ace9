"""An act is about what its officer saw: where that is no longer so it is refused, and so on record."""

from __future__ import annotations

import pytest

from gate.lanes.acts import AnyAct, ConfirmPlate, EnterNumber, ReferVisit, ReleaseVisit, TurnBack
from gate.lanes.events import Detector, Occupancy
from gate.lanes.sight import LASTS_SECONDS
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.looks import BOOTH, journalled_acts, looks
from tests.lanes.officers import WHO, in_control, in_the_bay
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, declared

OTHER = "rashad"


def release(visit_id: str, officer: str = WHO) -> ReleaseVisit:
    """Released after a look at the papers."""
    return ReleaseVisit(officer=officer, visit_id=visit_id, checked=("papers",))


async def test_what_was_seen_goes_into_the_record(open_house: House) -> None:
    """Who, when, at which screen; the pictures, the read with its confidence, and where the visit stood."""
    visit_id = await in_control(open_house)
    assert (await open_house.checkpoint.act(await looks(open_house, release(visit_id)))).done
    (kept,) = journalled_acts(open_house)
    seen = kept["act"]["seen"]
    assert (seen["screen"], seen["version"] > 0) == (BOOTH, True)
    sight = seen["sight"]
    assert (sight["plate"], sight["confidence"]) == (LORRY, read().confidence)
    assert sight["evidence"] == list(read().evidence)
    assert (sight["status"], sight["point"], sight["phase"]) == ("directed", "lane-4", "control")
    assert "corridor" not in sight


async def test_a_look_does_not_last(open_house: House) -> None:
    """Two minutes later he looks again; a lane's vehicle is released on the second look."""
    visit_id = await in_control(open_house)
    late = await open_house.checkpoint.act(await looks(open_house, release(visit_id), ago=LASTS_SECONDS + 1))
    assert (late.done, late.stale) == (False, True)
    assert "look again" in late.message
    assert not open_house.io["lane-4"].told("raise")
    assert [(kept["done"], kept["message"]) for kept in journalled_acts(open_house)] == [
        (False, late.message)
    ]
    assert (
        await open_house.checkpoint.act(await looks(open_house, release(visit_id), ago=LASTS_SECONDS))
    ).done


async def test_a_vehicle_that_left_its_lane_is_not_released(open_house: House) -> None:
    """It backed out while the officer was still ticking boxes."""
    visit_id = await in_control(open_house)
    act = await looks(open_house, release(visit_id))
    open_house.detector("lane-4", Detector.ARMING, Occupancy.CLEAR)
    await open_house.phase("lane-4", Phase.FREE)
    told = await open_house.checkpoint.act(act)
    assert (told.done, told.stale) == (False, True)
    assert told.message.startswith("the vehicle has left lane-4")


async def test_another_vehicle_in_the_same_lane_is_another_vehicle(open_house: House) -> None:
    """He read the plate of the one before: confirmed for this one it would be a mistake."""
    await open_house.rolls_up("lane-4", unread=True)
    await open_house.phase("lane-4", Phase.HELD)
    act = await looks(open_house, ConfirmPlate(officer=WHO, point="lane-4", visit_id=None, mark=LORRY))
    await open_house.moves_on("lane-4")
    assert "has left" in (await open_house.checkpoint.act(act)).message
    await open_house.rolls_up("lane-4", unread=True)
    await open_house.phase("lane-4", Phase.HELD)
    told = await open_house.checkpoint.act(act)
    assert (told.done, told.message) == (False, "another vehicle stands at lane-4 now: look again")
    passage = open_house.points["lane-4"].state.passage
    assert passage is not None
    assert passage.mark is None


async def test_a_held_vehicle_may_roll_into_the_bay_under_his_eyes(open_house: House) -> None:
    """The same vehicle, the same findings: where it waits changes nothing of what he saw."""
    await open_house.files(declared(open_house))
    visit_id = await open_house.approaches(unread=True)
    act = await looks(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY))
    await open_house.moves_on()
    told = await open_house.checkpoint.act(act)
    assert told.done, told.message
    assert (await open_house.knows(visit_id)).status is VisitStatus.DIRECTED


async def test_a_second_vehicle_with_its_plate_changes_what_he_decides(open_house: House) -> None:
    """cloned-plate came up after he looked: he is told before he sends it anywhere."""
    await open_house.files(declared(open_house))
    first = await open_house.approaches(read(VAN))
    await open_house.moves_on()
    act = await looks(open_house, ReferVisit(officer=WHO, visit_id=first, reason="nothing declared"))
    await open_house.approaches(read(VAN))
    told = await open_house.checkpoint.act(act)
    assert (told.done, told.stale) == (False, True)
    assert "other findings" in told.message


@pytest.mark.parametrize("kind", ["number", "refer", "turn back", "confirm"])
async def test_whoever_comes_second_is_told_who_was_first(open_house: House, kind: str) -> None:
    """The visit was referred while his form was open: every act on it says so, and does nothing."""
    await open_house.files(declared(open_house))
    visit_id = await in_the_bay(open_house)
    acts: dict[str, AnyAct] = {
        "number": EnterNumber(officer=OTHER, visit_id=visit_id, number=ONE),
        "refer": ReferVisit(officer=OTHER, visit_id=visit_id, reason="transit"),
        "turn back": TurnBack(officer=OTHER, visit_id=visit_id, reason="no papers"),
        "confirm": ConfirmPlate(officer=OTHER, point="holding-bay", visit_id=visit_id, mark=LORRY),
    }
    asked = await looks(open_house, acts[kind])
    first = await looks(open_house, ReferVisit(officer=WHO, visit_id=visit_id, reason="empty lorry"))
    assert (await open_house.checkpoint.act(first)).done
    told = await open_house.checkpoint.act(asked)
    assert (told.done, told.stale) == (False, True)
    assert told.earlier is not None
    assert (told.earlier.officer, told.earlier.act) == (WHO, "ReferVisit")
    assert (await open_house.knows(visit_id)).status is VisitStatus.REFERRED
    assert journalled_acts(open_house)[-1]["done"] is False


async def test_a_look_at_nobody_is_none(open_house: House) -> None:
    """An unknown visit, a point there is not; a free point is seen as free."""
    assert await open_house.checkpoint.look("nobody", None) is None
    assert await open_house.checkpoint.look(None, "lane-9") is None
    free = await open_house.checkpoint.look(None, "lane-1")
    assert free is not None
    assert (free.passage_id, free.phase) == (None, "free")


async def test_no_look_tells_a_corridor(open_house: House) -> None:
    """3.6: before the door is opened there is no lane either, and never a corridor."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await in_the_bay(open_house)
    held = await open_house.checkpoint.look(visit_id, None)
    assert held is not None
    assert (held.lane, held.findings) == (None, ("unread-plate",))
