"""A hard day over the whole daemon: fire, an ambulance, a dead loop, a breakdown, somebody who follows."""

from __future__ import annotations

from typing import Any

import pytest

from gate.lanes.events import BarrierPosition, Contact, Detector
from gate.model import Corridor
from gate.store.journal_check import verify
from tests.scenarios.day import Day
from tests.scenarios.test_rough_day import declared_and_directed

pytestmark = pytest.mark.asyncio(loop_scope="module")
UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN


async def _acts(day: Day, act: str, **fields: Any) -> str:
    done, message = await day.officer.act(act, **fields)
    assert done, message
    return message


def _outcomes(day: Day, lane: str) -> list[str]:
    rows = day.journal("SELECT body FROM journal_full WHERE point = ? ORDER BY seq", lane)
    text = " ".join(str(row[0]) for row in rows)
    return [word.split('"')[0] for word in text.split('"kind":"lane.')[1:]]


async def test_fire_opens_by_wire_and_the_unreleased_are_called_over(day: Day) -> None:
    """The panel opens lane 1; nobody pulses; after the fire a RED vehicle that is gone is on record."""
    stay, lane = await declared_and_directed(day, Corridor.RED)
    shown = await day.until_phase(lane, "control")
    place = day.place("lane-1")
    place.lane.set_contact(Contact.FIRE, active=True)
    await day.until_phase("lane-1", "emergency")
    await place.barrier_is(UP)
    done, message = await day.officer.act("EndEmergencies", points=["lane-1"])
    assert not done, "it burns"
    assert "fire panel" in message
    place.lane.set_contact(Contact.FIRE, active=False)
    await day.until_shown(
        "lane-1", lambda shown: dict(shown["inputs"])["fire"] == "normal", "the panel at rest"
    )
    await _acts(day, "EndEmergencies", points=["lane-1"])
    await place.barrier_is(DOWN)
    assert not [pulse for pulse in place.lane.raises() if pulse.decision_id], "opened by the wire alone"
    assert day.raises("lane-1") == 0
    called = (await day.officer.overview())["roll_call"]
    assert shown["visit_id"] in [line["visit_id"] for line in called]
    day.stage.yard.leave(stay)
    for line in called:
        await _acts(day, "AnswerRollCall", visit_id=line["visit_id"], present=False)
    (status,) = day.journal("SELECT status FROM visits WHERE visit_id = ?", shown["visit_id"])[0]
    assert status == "left-unreleased"
    assert not (await day.officer.overview())["roll_call"]
    await day.until_phase("lane-1", "free")
    await day.until_phase(lane, "free")


async def test_an_ambulance_goes_through_a_lane_whose_loop_is_dead(day: Day) -> None:
    """Opened in an emergency by a named officer with a reason: one pulse, committed first, not repeated."""
    place = day.place("lane-3")
    await _acts(day, "OpenForEmergency", points=["lane-3"], reason="ambulance")
    await place.barrier_is(UP)
    assert day.journal("SELECT officer, reason FROM emergencies")[-1][1] == "ambulance"
    assert day.journal("SELECT kind FROM pulses WHERE point = 'lane-3'") == [("emergency",)]
    assert place.sign() == "FOLLOW THE OFFICER"
    await _acts(day, "EndEmergencies", points=["lane-3"])
    await place.barrier_is(DOWN)
    await day.until_phase("lane-3", "free")
    assert {"emergency-open", "emergency-ended"} <= set(_outcomes(day, "lane-3"))


async def test_a_breakdown_sends_nobody_into_the_lane(day: Day) -> None:
    """Blocked: its board says closed, and the next BLUE vehicle, with no other lane, is held."""
    await _acts(day, "DeclareBreakdown", point="lane-2")
    await day.until_phase("lane-2", "blocked")
    await day.place("lane-2").sign_says(lambda text: text == "CLOSED")
    await _acts(day, "ClearBreakdown", point="lane-2")
    await day.until_phase("lane-2", "free")


async def test_somebody_who_follows_is_pictured_and_not_closed_on(day: Day) -> None:
    """A second vehicle under the open boom: alarm, and no lowering until it is gone."""
    stay, lane = await declared_and_directed(day, Corridor.GREEN)
    place = day.place(lane)
    await place.barrier_is(UP)
    await day.until_phase(lane, "passing")
    place.lane.travel_in(3.0)  # a heavy boom: somebody slips under it while it comes down
    await day.stage.yard.drive_through(stay, 0.3)
    await day.until_phase(lane, "lowering")
    place.lane.set_detector(Detector.ARMING, occupied=True)
    for detector in (Detector.SAFETY, Detector.PHOTO_EYE):
        place.lane.set_detector(detector, occupied=True)
    await day.until(lambda: "tailgating" in _outcomes(day, lane), "the tailgater to be noticed")
    place.lane.travel_in(0.3)
    for detector in (Detector.ARMING, Detector.SAFETY, Detector.PHOTO_EYE):
        place.lane.set_detector(detector, occupied=False)
    await place.barrier_is(DOWN)
    assert not [pulse for pulse in place.lane.pulses if pulse.kind == "lower" and pulse.area_occupied]
    await day.until_phase(lane, "free")
    assert verify(day.stage.edge / "journal.db").problem is None
