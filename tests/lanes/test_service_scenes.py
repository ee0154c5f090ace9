"""Ways round what somebody must end: arming, emergencies and faults that must not outlive their cause."""

from __future__ import annotations

import pytest

from gate.lanes.commands import EndEmergency, LowerBarrier, OpenInEmergency, SetSignal
from gate.lanes.duties import (
    EmergencyEnded,
    EmergencyOpened,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
)
from gate.lanes.events import Aspect, BarrierPosition, DeviceFaulted, DeviceRole, Occupancy
from gate.lanes.state import Phase
from tests.lanes.stories import Story
from tests.lanes.wired import config, fresh, lane, open_for

UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN
WHO = "leyla"


def _disarmed() -> Story:
    """A lane whose devices were changed while the gate was down."""
    story = lane()
    story.machine = fresh(config(devices="new board")).machine
    return story.restarts().must_be(Phase.DISARMED)


def _opens(story: Story, emergency_id: str) -> Story:
    return story.tell(
        EmergencyOpened(at=story.at, emergency_id=emergency_id, officer=WHO, reason="ambulance")
    )


def _inputs(story: Story, position: BarrierPosition = DOWN) -> Story:
    return story.arming(Occupancy.CLEAR).safety(Occupancy.CLEAR).barrier(position).waits(60)


@pytest.mark.parametrize("duty", ["emergency", "maintenance"])
def test_no_duty_is_a_way_round_arming(duty: str) -> None:
    """An emergency opens an unarmed lane, an engineer works on it: afterwards it still is to be armed."""
    story = _disarmed()
    if duty == "emergency":
        _opens(story, "e1").must_be(Phase.EMERGENCY)
        story.tell(EmergencyEnded(at=story.at, officer=WHO))
    else:
        story.tell(MaintenanceBegan(at=story.at, officer=WHO, reason="new board"))
        story.must_be(Phase.MAINTENANCE).tell(MaintenanceEnded(at=story.at, officer=WHO))
    story.must_be(Phase.DISARMED)
    _inputs(story, UP).must_be(Phase.DISARMED)
    assert not story.ever(LowerBarrier)
    _inputs(story.tell(LaneArmed(at=story.at, officer=WHO))).must_be(Phase.FREE)


def test_an_emergency_that_a_new_board_cut_short_does_not_forbid_the_next() -> None:
    """Open in an emergency, devices changed, disarmed: the next emergency opens it again."""
    story = _opens(lane(), "e1").must_be(Phase.EMERGENCY)
    story.machine = fresh(config(devices="new board")).machine
    story.restarts().must_be(Phase.DISARMED)
    assert story.asked(EndEmergency) == [EndEmergency("e1")]
    _opens(story, "e2").must_be(Phase.EMERGENCY)
    assert [one.emergency_id for one in story.asked(OpenInEmergency)] == ["e2"]


def test_a_light_left_green_by_other_devices_is_put_out() -> None:
    """Restarted under an open boom with a new board: disarmed, and the signal is red."""
    story = open_for(lane()).must_be(Phase.PASSING)
    story.machine = fresh(config(devices="new board")).machine
    story.restarts().must_be(Phase.DISARMED)
    assert story.asked(SetSignal) == [SetSignal(Aspect.RED)]
    assert not story.asked(LowerBarrier)


def test_a_fault_mended_in_maintenance_is_over() -> None:
    """The engineer plugs the board in again; nobody tells of the old fault any more."""
    story = lane()
    story.tell(DeviceFaulted(at=story.at, device=DeviceRole.IO, reason="unplugged"))
    story.tell(DeviceFaulted(at=story.at, device=DeviceRole.CAMERA, reason="dark"))
    story.safety(Occupancy.UNKNOWN).must_be(Phase.RECOVERY)
    story.tell(MaintenanceBegan(at=story.at, officer=WHO, reason="plug"))
    story.tell(MaintenanceEnded(at=story.at, officer=WHO))
    assert story.state.faults == {DeviceRole.CAMERA}, "the camera is not the lane's to hand over"
