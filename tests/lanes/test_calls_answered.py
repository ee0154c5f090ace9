"""Whoever acts on a vehicle has come to it: the call from there is answered, and goes up no more."""

from __future__ import annotations

from gate.lanes.acts import AskSecond, EnterNumber, ReleaseVisit
from gate.lanes.events import Detector, Occupancy
from gate.lanes.state import Phase
from tests.lanes.gatehouse import House
from tests.lanes.looks import looks
from tests.lanes.officers import WHO, in_control
from tests.lanes.test_desk import TWO
from tests.store.kept import rows

RED_LANE = "lane-4"


async def called_from(house: House, point: str) -> list[bool]:
    """Open calls from there: whether each is an alarm."""
    return [call.alarm for call in await house.store.ledger.open_calls() if call.point == point]


async def test_a_release_answers_the_call_for_its_control(open_house: House) -> None:
    """It was open until then, and says afterwards who came."""
    visit_id = await in_control(open_house)
    assert await called_from(open_house, RED_LANE) == [False]
    act = ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("goods",))
    assert (await open_house.checkpoint.act(await looks(open_house, act))).done
    assert await called_from(open_house, RED_LANE) == []


async def test_a_refused_act_answers_nothing_and_asking_a_colleague_is_no_coming(open_house: House) -> None:
    """Nothing was checked; and the vehicle still waits while somebody else is asked."""
    visit_id = await in_control(open_house)
    unchecked = await looks(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=()))
    assert not (await open_house.checkpoint.act(unchecked)).done
    asked = EnterNumber(officer=WHO, visit_id=visit_id, number=TWO)
    await open_house.checkpoint.act(
        await looks(open_house, AskSecond(officer=WHO, asked=asked, visit_id=visit_id))
    )
    assert open_house.points[RED_LANE].state.phase is Phase.CONTROL
    assert await called_from(open_house, RED_LANE) == [False]


async def test_an_alarm_wants_its_own_word(open_house: House) -> None:
    """Somebody came in by the way out, under the boom: the release of who waits before it settles nothing."""
    visit_id = await in_control(open_house)
    open_house.detector(RED_LANE, Detector.SAFETY, Occupancy.OCCUPIED)
    await open_house.until(lambda: True in _alarms(open_house))
    open_house.detector(RED_LANE, Detector.SAFETY, Occupancy.CLEAR)
    await open_house.until(
        lambda: open_house.points[RED_LANE].state.inputs.detector(Detector.SAFETY) is Occupancy.CLEAR
    )
    act = await looks(open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("goods",)))
    assert (await open_house.checkpoint.act(act)).done
    assert await called_from(open_house, RED_LANE) == [True]


def _alarms(house: House) -> list[bool]:
    return [bool(alarm) for (alarm,) in rows(house.data / "journal.db", "SELECT alarm FROM calls")]
