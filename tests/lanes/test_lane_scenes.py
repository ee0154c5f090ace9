"""Entry and exit lanes, told step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.lanes.commands import (
    BoardMessage,
    CallOfficer,
    FindVisit,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    RegisterPassage,
    Report,
    SetSignal,
    ShowMessage,
    StartReading,
    UpdateVisit,
)
from gate.lanes.events import (
    Aspect,
    BarrierPosition,
    Occupancy,
    PlateConfirmed,
    PointClosed,
    PointOpened,
    VisitUnmatched,
)
from gate.lanes.state import Phase
from gate.model import Corridor, ReleaseBasis, VisitStatus
from tests.lanes.stories import VAN, Story, read, released

UP, DOWN, MOVING = BarrierPosition.UP, BarrierPosition.DOWN, BarrierPosition.MOVING
WAIT = BoardMessage(MessageKind.WAIT, "H")


def test_green_passes_by_itself() -> None:
    """4.2: re-read, matched, registered, released, raised, through, lowered, free for the next."""
    story = Story.at_rest("green")
    assert story.rolls_up().asked(StartReading)
    assert story.is_read().asked(FindVisit)[0].mark == "10AA123"
    assert story.is_matched(Corridor.GREEN).asked(RegisterPassage)
    story.is_registered()
    kinds = [type(command) for command in story.told]
    assert kinds.index(GrantRelease) < kinds.index(RaiseBarrier)
    assert story.asked(GrantRelease)[0].release.basis is ReleaseBasis.REGISTERED
    assert story.asked(UpdateVisit)[0].status is VisitStatus.RELEASED
    story.barrier(MOVING)
    assert story.told == ()
    assert story.barrier(UP).asked(ShowMessage)[0].message.kind is MessageKind.GO
    assert story.asked(SetSignal) == [SetSignal(Aspect.GREEN)]
    story.drives_through()
    assert story.asked(UpdateVisit)[0].status is VisitStatus.COMPLETED
    assert story.asked(SetSignal) == [SetSignal(Aspect.RED)]
    assert len(story.asked(LowerBarrier)) == 1
    story.barrier(DOWN).must_be(Phase.FREE)
    assert story.state.message == BoardMessage(MessageKind.BLANK, "1", Corridor.GREEN)
    assert not story.ever(CallOfficer)


@pytest.mark.parametrize("kind", ["yellow", "red"])
def test_yellow_and_red_wait_for_an_officer(kind: str) -> None:
    """5.6, 5.8: no registration opens them; an officer does, naming what was checked, for this visit only."""
    story = Story.at_rest(kind).rolls_up().is_read().is_matched(Corridor(kind.upper()))
    story.must_be(Phase.CONTROL)
    assert story.asked(CallOfficer)
    assert not story.is_registered().asked(GrantRelease)
    assert not story.is_released("papers", visit="visit-2").asked(GrantRelease)
    assert not story.is_released().asked(GrantRelease)
    story.is_released("papers", "seal").must_be(Phase.RAISING)
    release = story.asked(GrantRelease)[0].release
    assert (release.officer, release.checked) == ("leyla", ("papers", "seal"))
    assert release.corridor == kind.upper()


@pytest.mark.parametrize("kind", ["yellow", "red"])
def test_registration_releases_no_yellow_or_red_even_if_the_lane_waited_for_it(kind: str) -> None:
    """Law 5 does not rest on the phase before: such a state holds, with an alarm."""
    story = Story.at_rest(kind).rolls_up().is_read().is_matched(Corridor(kind.upper()))
    story.state = replace(story.state, phase=Phase.REGISTERING)
    story.is_registered().must_be(Phase.HELD)
    assert not story.asked(GrantRelease)
    assert story.asked(CallOfficer)[0].alarm


def test_the_wrong_lane_stays_shut() -> None:
    """9.3: the barrier stays, the officer is called, and not even the officer releases it here."""
    story = Story.at_rest("green").rolls_up().is_read().is_matched(Corridor.RED, lane="lane-4")
    story.must_be(Phase.HELD)
    assert story.state.message == WAIT
    assert "lane-4" in story.asked(CallOfficer)[0].reason
    assert not story.is_released("papers").asked(RaiseBarrier)
    story.arming(Occupancy.CLEAR)
    story.must_be(Phase.FREE)
    assert story.asked(Report)[0].kind == "lane.left"


def test_a_lane_releases_no_corridor_it_does_not_serve() -> None:
    """9.1: even a visit without a lane on record is not let through another corridor's lane."""
    story = Story.at_rest("red").rolls_up().is_read().is_matched(Corridor.GREEN, lane=None)
    story.must_be(Phase.HELD)
    assert not story.is_registered().asked(RaiseBarrier)


def test_a_vehicle_that_backs_out_frees_the_lane() -> None:
    """Before its release a vehicle may back away; its visit stays as it was."""
    story = Story.at_rest("yellow").rolls_up().is_read().is_matched(Corridor.YELLOW)
    story.arming(Occupancy.CLEAR)
    story.must_be(Phase.FREE)
    assert not [update for update in story.asked(UpdateVisit) if update.status]
    assert not story.is_released("papers", visit="visit-1").asked(RaiseBarrier)


def test_a_lane_is_not_free_while_something_is_under_its_barrier() -> None:
    """Else the next vehicle's release would open the way for whatever stands there."""
    story = Story.at_rest("green").rolls_up().safety(Occupancy.OCCUPIED)
    assert story.asked(CallOfficer)[0].alarm
    story.arming(Occupancy.CLEAR).must_be(Phase.RECOVERY)
    story.rolls_up().must_be(Phase.RECOVERY)
    story.arming(Occupancy.CLEAR).safety(Occupancy.CLEAR)
    story.must_be(Phase.FREE)


def test_an_unread_plate_in_the_lane_waits_for_an_officers_eyes() -> None:
    """8.0.1: unsure is unread; a confirmed plate is matched like a read one, under the officer's name."""
    story = Story.at_rest("green").rolls_up().is_read(read(sure=False))
    story.must_be(Phase.HELD)
    assert story.passage.mark is None
    assert story.passage.seen == "10AA123"
    story.tell(PlateConfirmed(at=story.at, mark=VAN, officer="leyla"))
    assert story.asked(FindVisit)[0].mark == VAN
    story.is_matched(Corridor.GREEN).must_be(Phase.REGISTERING)


def test_a_closed_lane_drains_first_and_an_officers_word_survives_a_shutdown() -> None:
    """Closing waits for the passage; a shutdown in between does not open the lane again."""
    story = released()
    story.tell(PointClosed(at=story.at, officer="leyla"))
    story.must_be(Phase.RAISING)
    story.restarts()
    story.tell(PointClosed(at=story.at, officer=None)).restarts()
    story.arming(Occupancy.CLEAR).safety(Occupancy.CLEAR).barrier(DOWN)
    story.must_be(Phase.CLOSED)
    assert story.state.message.kind is MessageKind.CLOSED
    story.tell(PointOpened(at=story.at, officer="leyla"))
    story.must_be(Phase.FREE)


def test_a_lane_closed_at_once_lowers_only_over_a_known_clear_area() -> None:
    """SIGTERM: the passage is left to the officer with an alarm; nothing is lowered on a guess."""
    clear = released().barrier(UP).arming(Occupancy.CLEAR)
    clear.tell(PointClosed(at=clear.at, officer=None, at_once=True))
    clear.must_be(Phase.CLOSED)
    assert clear.asked(CallOfficer)[0].alarm
    assert len(clear.asked(LowerBarrier)) == 1
    under = released().barrier(UP).safety(Occupancy.OCCUPIED)
    under.tell(PointClosed(at=under.at, officer=None, at_once=True))
    under.must_be(Phase.CLOSED)
    assert not under.asked(LowerBarrier)
    blind = released().barrier(UP).safety(Occupancy.UNKNOWN).arming(Occupancy.CLEAR)
    blind.tell(PointClosed(at=blind.at, officer=None, at_once=True))
    blind.must_be(Phase.CLOSED)
    assert not blind.asked(LowerBarrier)


def test_a_departure_is_recorded_and_confirmed() -> None:
    """An exit covers no corridor: what leaves is read, registered, confirmed to central."""
    story = Story.at_rest("exit").rolls_up().is_read()
    story.tell(VisitUnmatched(at=story.at, passage_id=story.passage.passage_id, reason="unknown"))
    story.must_be(Phase.REGISTERING)
    story.is_registered()
    assert story.asked(GrantRelease)[0].release.basis is ReleaseBasis.DEPARTURE
    assert "departure.confirmed" in [report.kind for report in story.asked(Report)]
    story.barrier(UP).drives_through()
    assert story.asked(UpdateVisit)[0].status is VisitStatus.DEPARTED


def test_leaving_unreleased_raises_an_alarm_and_an_officer_decides() -> None:
    """A bound vehicle at the exit is held; the way back is opened by an officer and recorded as that."""
    story = Story.at_rest("exit").rolls_up().is_read().is_matched(None, lane=None, may=False)
    story.must_be(Phase.HELD)
    assert story.asked(Report)[0].kind == "alarm.leaving-unreleased"
    story.is_released("turned back")
    story.must_be(Phase.RAISING)
    assert VisitStatus.LEFT_UNRELEASED in [update.status for update in story.asked(UpdateVisit)]
