"""Barriers in trouble: slow, refused, forced, blocked, or out of sight; told step by step."""

from __future__ import annotations

import pytest

from gate.lanes.commands import (
    BoardMessage,
    CallOfficer,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    RevokeRelease,
    SetSignal,
    StartReading,
    StopBarrier,
    UpdateVisit,
)
from gate.lanes.events import (
    ActuationFailed,
    Aspect,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Occupancy,
)
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.stories import Story, lowering, released

UP, DOWN, MOVING = BarrierPosition.UP, BarrierPosition.DOWN, BarrierPosition.MOVING
WAIT = BoardMessage(MessageKind.WAIT, "H")


def test_an_opening_time_out_revokes_and_a_second_release_has_its_own_id() -> None:
    """A pulse is never repeated: the release it carried is spent, an officer makes a new decision."""
    story = released()
    first = story.asked(RaiseBarrier)[0].release_id
    story.waits(16)
    story.must_be(Phase.HELD)
    assert story.asked(RevokeRelease)[0].release_id == first
    assert story.state.message == WAIT
    story.is_released("seen")
    story.must_be(Phase.RAISING)
    assert story.asked(RaiseBarrier)[0].release_id != first


def test_a_refused_opening_pulse_is_not_repeated() -> None:
    """The device did not take it: revoked, held, the officer called with the device's reason."""
    story = released("red")
    story.tell(ActuationFailed(at=story.at, decision_id=story.passage.release_id or "", reason="no answer"))
    story.must_be(Phase.HELD)
    assert "no answer" in story.asked(CallOfficer)[0].reason
    assert len(story.ever(RaiseBarrier)) == 1


def test_a_vehicle_that_crept_under_the_barrier_before_its_release_is_seen_through() -> None:
    """It is under the barrier when that rises, so clearing the detector is its passage."""
    story = Story.at_rest("green").rolls_up().safety(Occupancy.OCCUPIED)
    story.is_read().is_matched(Corridor.GREEN).is_registered().barrier(UP)
    story.must_be(Phase.PASSING)
    story.arming(Occupancy.CLEAR).safety(Occupancy.CLEAR)
    story.must_be(Phase.LOWERING)
    assert story.asked(UpdateVisit)[0].status is VisitStatus.COMPLETED


def test_a_released_vehicle_that_does_not_move_loses_its_release() -> None:
    """The barrier comes down over a known clear area, and the vehicle is read anew."""
    story = released().barrier(UP).waits(61)
    assert story.asked(RevokeRelease)
    assert story.asked(CallOfficer)[0].alarm
    assert story.asked(LowerBarrier)
    assert story.state.message == WAIT
    story.barrier(DOWN).must_be(Phase.READING)


def test_something_under_the_closing_barrier_stops_it() -> None:
    """Law 3: stop at once, call, and stay in RECOVERY until the inputs agree."""
    story = lowering().barrier(MOVING).safety(Occupancy.OCCUPIED)
    assert story.told[0] == StopBarrier()
    assert story.asked(CallOfficer)[0].alarm
    story.must_be(Phase.RECOVERY)
    story.safety(Occupancy.CLEAR)
    assert not story.asked(LowerBarrier)
    story.barrier(UP)
    assert len(story.asked(LowerBarrier)) == 1
    assert len({lower.decision_id for lower in story.ever(LowerBarrier)}) == 2


def test_a_late_closing_barrier_is_still_stopped() -> None:
    """After the closing time-out the pulse may yet move the barrier: something under it stops it."""
    story = lowering().barrier(MOVING).waits(16)
    story.must_be(Phase.RECOVERY)
    assert story.asked(CallOfficer)[0].alarm
    assert story.safety(Occupancy.OCCUPIED).asked(StopBarrier)


def test_three_closing_pulses_and_then_an_officer_looks() -> None:
    """A barrier that will not close is not told so for ever."""
    story = lowering()
    for _ in range(6):
        story.waits(16).safety(Occupancy.CLEAR)
    assert len(story.ever(LowerBarrier)) == 3
    story.must_be(Phase.RECOVERY)


def test_the_next_vehicle_waits_bumper_to_bumper() -> None:
    """It stands on the arming detector while the barrier closes, and is then read for itself."""
    story = released().barrier(UP).safety(Occupancy.OCCUPIED).safety(Occupancy.CLEAR)
    first = story.passage.passage_id
    story.barrier(DOWN)
    story.must_be(Phase.READING)
    assert story.passage.passage_id != first
    assert story.passage.visit_id is None
    assert story.asked(StartReading)[0].passage_id == story.passage.passage_id


def test_through_before_the_barrier_reports_up() -> None:
    """A brisk driver under a rising barrier still completes the passage, and leaves no GO behind."""
    story = released().drives_through()
    story.must_be(Phase.RAISING)
    story.barrier(UP)
    story.must_be(Phase.LOWERING)
    assert story.asked(SetSignal)[-1].aspect is Aspect.RED
    assert story.state.message.kind is MessageKind.BLANK


@pytest.mark.parametrize("lost", ["arming", "safety", "barrier"])
@pytest.mark.parametrize("kind", ["green", "exit"])
def test_a_lost_input_during_a_passage_stops_everything(lost: str, kind: str) -> None:
    """Law 3: red signal, neutral board, officer; nothing moves until all is known again."""
    story = released(kind).barrier(UP)
    if lost == "barrier":
        story.barrier(BarrierPosition.UNKNOWN)
    else:
        story.tell(DetectorChanged(at=story.at, detector=Detector(lost), state=Occupancy.UNKNOWN))
    story.must_be(Phase.RECOVERY)
    assert story.asked(SetSignal) == [SetSignal(Aspect.RED)]
    assert story.state.message == WAIT
    assert story.asked(CallOfficer)[0].alarm
    story.safety(Occupancy.OCCUPIED).barrier(UP).arming(Occupancy.CLEAR)
    assert len(story.ever(LowerBarrier)) == 0
    story.safety(Occupancy.CLEAR)
    story.must_be(Phase.LOWERING)
    assert story.asked(UpdateVisit)[0].status in (VisitStatus.COMPLETED, VisitStatus.DEPARTED)


def test_a_barrier_that_falls_during_a_passage_takes_go_from_the_board() -> None:
    """Nobody asked for it: red, neutral, alarm."""
    story = released().barrier(UP).barrier(DOWN)
    story.must_be(Phase.RECOVERY)
    assert story.state.message == WAIT
    assert story.asked(SetSignal) == [SetSignal(Aspect.RED)]


@pytest.mark.parametrize("steps_in", [0, 1, 2, 3])
def test_a_barrier_opened_by_its_key_switch_raises_an_alarm(steps_in: int) -> None:
    """It moved without a release, whatever the lane was doing."""
    story = Story.at_rest("yellow")
    for deed in (
        story.rolls_up,
        story.is_read,
        lambda: story.is_matched(Corridor.YELLOW),
    )[:steps_in]:
        deed()
    story.barrier(MOVING)
    story.must_be(Phase.RECOVERY)
    assert story.asked(CallOfficer)[0].alarm
