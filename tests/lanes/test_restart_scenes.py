"""Power fails in every phase of a lane: what the lane says and does when it is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gate.lanes.commands import (
    CallOfficer,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    Report,
    RevokeRelease,
    SetSignal,
    UpdateVisit,
)
from gate.lanes.events import Aspect, BarrierPosition, Occupancy
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.stories import Story, lowering, released

UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN

LIVES: dict[Phase, Callable[[], Story]] = {
    Phase.FREE: lambda: Story.at_rest("red"),
    Phase.READING: lambda: Story.at_rest("red").rolls_up(),
    Phase.MATCHING: lambda: Story.at_rest("red").rolls_up().is_read(),
    Phase.CONTROL: lambda: Story.at_rest("red").rolls_up().is_read().is_matched(Corridor.RED),
    Phase.REGISTERING: lambda: Story.at_rest("green").rolls_up().is_read().is_matched(Corridor.GREEN),
    Phase.HELD: lambda: Story.at_rest("red").rolls_up().is_not_read(),
    Phase.RAISING: released,
    Phase.PASSING: lambda: released().barrier(UP),
    Phase.LOWERING: lowering,
    Phase.RECOVERY: lambda: Story.fresh("red"),
}


@pytest.mark.parametrize("phase", sorted(LIVES))
def test_a_restart_leads_to_recovery_with_nothing_known_and_nothing_moved(phase: Phase) -> None:
    """Law 2: signal red, no command of before replayed, an officer called where a vehicle stood."""
    story = LIVES[phase]()
    story.must_be(phase)
    story.restarts()
    story.must_be(Phase.RECOVERY)
    assert not story.asked(RaiseBarrier)
    assert not story.asked(LowerBarrier)
    assert story.asked(SetSignal) == [SetSignal(Aspect.RED)]
    vehicle = phase in (
        Phase.MATCHING,
        Phase.CONTROL,
        Phase.REGISTERING,
        Phase.HELD,
        Phase.RAISING,
        Phase.PASSING,
    )
    assert bool(story.asked(CallOfficer)) is vehicle
    wanted = MessageKind.BLANK if phase in (Phase.FREE, Phase.RECOVERY) else MessageKind.WAIT
    assert story.state.message.kind is wanted


def test_a_vehicle_still_before_the_barrier_is_read_again() -> None:
    """Nothing had been released: its visit stands and the lane begins anew with it."""
    story = LIVES[Phase.CONTROL]().restarts()
    story.barrier(DOWN).safety(Occupancy.CLEAR).rolls_up()
    story.must_be(Phase.READING)
    assert story.passage.visit_id is None
    story.is_read().is_matched(Corridor.RED).must_be(Phase.CONTROL)


def test_a_release_interrupted_before_the_vehicle_moved_is_revoked() -> None:
    """Whether the pulse went out nobody knows: the release is spent, and nothing is raised again."""
    story = released()
    release_id = story.passage.release_id
    story.restarts().barrier(DOWN).safety(Occupancy.CLEAR).rolls_up()
    assert story.asked(RevokeRelease)[0].release_id == release_id
    assert story.asked(Report)[0].kind == "passage.interrupted"
    story.must_be(Phase.READING)
    assert len(story.ever(RaiseBarrier)) == 1


def test_a_passage_seen_through_after_the_restart_is_completed() -> None:
    """The vehicle was under the open barrier when power came back."""
    story = LIVES[Phase.PASSING]().restarts()
    story.barrier(UP).safety(Occupancy.OCCUPIED).arming(Occupancy.CLEAR)
    assert not story.asked(LowerBarrier)
    story.safety(Occupancy.CLEAR)
    story.must_be(Phase.LOWERING)
    assert story.asked(UpdateVisit)[0].status is VisitStatus.COMPLETED
    assert len(story.asked(LowerBarrier)) == 1


def test_an_open_barrier_with_a_vehicle_before_it_stays_open() -> None:
    """It is lowered only when both detectors are known clear."""
    story = LIVES[Phase.PASSING]().restarts()
    story.barrier(UP).safety(Occupancy.CLEAR).rolls_up()
    story.must_be(Phase.RECOVERY)
    assert not story.asked(LowerBarrier)
    assert story.arming(Occupancy.CLEAR).asked(LowerBarrier)


def test_an_interrupted_lowering_is_a_new_decision_and_tells_its_end_once() -> None:
    """The second closing pulse has its own id; the passage was completed before the first."""
    story = lowering()
    story.restarts().safety(Occupancy.CLEAR).arming(Occupancy.CLEAR).barrier(UP)
    ids = [lower.decision_id for lower in story.ever(LowerBarrier)]
    assert len(ids) == len(set(ids)) == 2
    completed = [update for update in story.ever(UpdateVisit) if update.status is VisitStatus.COMPLETED]
    assert len(completed) == 1


def test_ids_of_two_lives_never_meet() -> None:
    """Calls and passages are numbered per boot, so a restart does not begin at 1 again."""
    story = Story.at_rest("red").rolls_up().is_not_read()
    story.restarts().barrier(DOWN).safety(Occupancy.CLEAR).arming(Occupancy.CLEAR)
    story.rolls_up().is_not_read()
    calls = [call.call_id for call in story.ever(CallOfficer)]
    assert len(calls) == len(set(calls)) == 3
