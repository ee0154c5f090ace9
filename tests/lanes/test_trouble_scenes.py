"""What goes wrong under and around a boom, and what the lane makes of it, step by step."""

from __future__ import annotations

import pytest

from gate.lanes.commands import (
    CallOfficer,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    Report,
    RevokeRelease,
    SetSignal,
    StartReading,
    StopBarrier,
    UpdateVisit,
)
from gate.lanes.duties import ConvoyListed
from gate.lanes.events import (
    Aspect,
    BarrierPosition,
    Contact,
    Detector,
    Occupancy,
    PointClosed,
    WayGranted,
)
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.stories import LORRY, VAN, Story, read
from tests.lanes.wired import (
    ACTIVE,
    LOST,
    NORMAL,
    contact_is,
    detects,
    lane,
    open_for,
    registered,
    settle,
)

UP, DOWN, MOVING = BarrierPosition.UP, BarrierPosition.DOWN, BarrierPosition.MOVING
OCCUPIED, CLEAR, UNKNOWN = Occupancy.OCCUPIED, Occupancy.CLEAR, Occupancy.UNKNOWN
EYE, EXIT = Detector.PHOTO_EYE, Detector.EXIT


def _statuses(story: Story) -> list[VisitStatus | None]:
    return [update.status for update in story.ever(UpdateVisit) if update.status]


# --- lorries, drawbars, queues ------------------------------------------------------------------


def test_a_drawbar_between_two_axles_is_no_end_of_a_lorry() -> None:
    """The loop loses it for a moment: the boom stays up until the area has been clear for long enough."""
    story = open_for(lane(clear_seconds=2.0)).safety(OCCUPIED).arming(CLEAR).safety(CLEAR)
    story.waits(1).must_be(Phase.PASSING)
    story.safety(OCCUPIED).waits(1.5).must_be(Phase.PASSING)
    assert not story.ever(LowerBarrier)
    story.safety(CLEAR).waits(2.1).must_be(Phase.LOWERING)
    assert len(story.ever(LowerBarrier)) == 1
    assert _statuses(story)[-1] is VisitStatus.COMPLETED


def test_a_high_bed_the_loop_loses_is_seen_by_the_photo_eye() -> None:
    """Lowered only when loop and photo-eye are both known clear."""
    story = open_for(lane(EYE, clear_seconds=2.0)).safety(OCCUPIED)
    detects(story, EYE, OCCUPIED).arming(CLEAR).safety(CLEAR).waits(60)
    story.must_be(Phase.PASSING)
    assert not story.ever(LowerBarrier)
    detects(story, EYE, CLEAR).waits(2.1).must_be(Phase.LOWERING)


def test_a_photo_eye_that_dies_keeps_the_boom_up() -> None:
    """Unknown is possibly occupied: nothing is lowered until it answers."""
    story = open_for(lane(EYE)).safety(OCCUPIED).arming(CLEAR)
    detects(story, EYE, UNKNOWN).must_be(Phase.RECOVERY)
    story.safety(CLEAR).waits(60)
    assert not story.ever(LowerBarrier)
    detects(story, EYE, CLEAR)
    assert story.ever(LowerBarrier)


def test_bumper_to_bumper_the_next_read_says_who_went_through() -> None:
    """The arming loop never cleared: another plate behind the boom means that the first is through."""
    story = open_for(lane()).safety(OCCUPIED).safety(CLEAR).must_be(Phase.LOWERING)
    assert VisitStatus.COMPLETED not in _statuses(story)
    story.barrier(DOWN).must_be(Phase.READING)
    story.is_read(read(VAN)).must_be(Phase.MATCHING)
    assert story.asked(UpdateVisit)[0] == UpdateVisit("visit-1", VisitStatus.COMPLETED)


def test_bumper_to_bumper_the_same_plate_again_is_a_vehicle_that_backed_out() -> None:
    """Its authorisation is revoked, and it is held where it stands."""
    story = open_for(lane()).safety(OCCUPIED).safety(CLEAR).barrier(DOWN)
    story.is_read(read(LORRY)).must_be(Phase.HELD)
    assert story.asked(RevokeRelease)
    assert UpdateVisit("visit-1", VisitStatus.HELD) in story.told
    assert story.asked(CallOfficer)[0].alarm


def test_a_vehicle_that_vanishes_between_the_loops_has_backed_out() -> None:
    """Released, gone from the arming loop, never under the boom: revoked, and lowered when known clear."""
    story = open_for(lane(back_seconds=5)).arming(CLEAR).waits(6)
    assert story.asked(RevokeRelease)
    assert story.asked(LowerBarrier)
    assert story.told[1] == UpdateVisit("visit-1", VisitStatus.HELD)


def test_a_vehicle_that_creeps_between_the_loops_has_not() -> None:
    """A short car is out of sight for a moment."""
    story = open_for(lane(back_seconds=5)).arming(CLEAR).waits(3).safety(OCCUPIED).waits(30).safety(CLEAR)
    assert not story.ever(RevokeRelease)
    assert _statuses(story)[-1] is VisitStatus.COMPLETED


def test_with_an_exit_loop_only_who_reached_it_is_through() -> None:
    """Somebody on foot on the safety loop fakes no passage."""
    walked = open_for(lane(EXIT)).safety(OCCUPIED).safety(CLEAR)
    assert walked.asked(RevokeRelease)
    driven = detects(open_for(lane(EXIT)).safety(OCCUPIED).arming(CLEAR), EXIT, OCCUPIED).safety(CLEAR)
    assert not driven.ever(RevokeRelease)
    assert _statuses(driven)[-1] is VisitStatus.COMPLETED


def test_tailgating_is_pictured_alarmed_and_never_closed_on() -> None:
    """A second vehicle comes under the closing boom: stop, read its plate, wait until it is gone."""
    story = open_for(lane()).safety(OCCUPIED).arming(CLEAR).safety(CLEAR).must_be(Phase.LOWERING)
    story.barrier(MOVING).arming(OCCUPIED).safety(OCCUPIED)
    assert story.told[0] == StopBarrier()
    assert story.asked(CallOfficer)[0].alarm
    assert story.asked(StartReading)
    lowered = len(story.ever(LowerBarrier))
    story.is_read(read(VAN))
    assert story.asked(Report)[0].body["read"] == VAN
    story.waits(120)
    assert len(story.ever(LowerBarrier)) == lowered
    story.barrier(UP).arming(CLEAR).safety(CLEAR)
    assert len(story.ever(LowerBarrier)) == lowered + 1


def test_with_an_exit_loop_a_tailgater_is_known_before_the_boom_moves() -> None:
    """The first vehicle has left the loop behind the barrier: who comes under the boom now is another."""
    story = open_for(lane(EXIT, clear_seconds=2.0)).safety(OCCUPIED).arming(CLEAR)
    detects(detects(story, EXIT, OCCUPIED).safety(CLEAR), EXIT, CLEAR)
    story.arming(OCCUPIED).safety(OCCUPIED).must_be(Phase.RECOVERY)
    assert any(one.kind == "lane.tailgating" for one in story.asked(Report))
    assert _statuses(story)[-1] is VisitStatus.COMPLETED
    assert not story.ever(LowerBarrier)


def test_a_vehicle_that_stops_under_the_boom_calls_an_officer_and_stays_safe() -> None:
    """However long it takes, nothing comes down."""
    story = open_for(lane(under_seconds=60)).safety(OCCUPIED).waits(61)
    assert story.asked(CallOfficer)
    story.waits(600)
    assert not story.ever(LowerBarrier)
    story.arming(CLEAR).safety(CLEAR).must_be(Phase.LOWERING)


def test_the_way_ahead_must_be_clear() -> None:
    """A released vehicle waits while another stands right behind the barrier."""
    story = lane(EXIT)
    detects(story, EXIT, OCCUPIED)
    registered(story).must_be(Phase.WAITING)
    assert not story.ever(RaiseBarrier)
    detects(story, EXIT, CLEAR).must_be(Phase.RAISING)


def test_at_a_merge_the_vehicle_waits_for_its_turn() -> None:
    """No raise until the way is this lane's; then the same release, once."""
    story = registered(lane(merge=True)).must_be(Phase.WAITING)
    story.tell(WayGranted(at=story.at, passage_id="somebody else's")).must_be(Phase.WAITING)
    story.tell(WayGranted(at=story.at, passage_id=story.passage.passage_id)).must_be(Phase.RAISING)
    assert len(story.ever(RaiseBarrier)) == 1


# --- contacts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", [Contact.EMERGENCY_STOP, Contact.KEY_SWITCH, Contact.MAINS])
def test_nobody_is_released_against_the_wire_or_on_battery(contact: Contact) -> None:
    """Held, with the reason for officers; released by an officer once the contact is at rest."""
    story = registered(contact_is(lane(contact), contact, ACTIVE)).must_be(Phase.HELD)
    assert (
        contact.value in story.asked(CallOfficer)[0].reason or "mains" in story.asked(CallOfficer)[0].reason
    )
    assert not story.ever(RaiseBarrier)
    contact_is(story, contact, NORMAL)
    story.is_released("seen").must_be(Phase.RAISING)


def test_an_unknown_contact_is_an_unknown_input() -> None:
    """Nothing moves until it is known again (law 3)."""
    story = contact_is(lane(Contact.EMERGENCY_STOP).rolls_up(), Contact.EMERGENCY_STOP, LOST)
    story.must_be(Phase.RECOVERY)
    contact_is(story, Contact.EMERGENCY_STOP, NORMAL).must_be(Phase.READING)


def test_the_emergency_stop_ends_what_moves() -> None:
    """Red, RECOVERY; the lane comes to rest once it is released and the area is clear."""
    story = contact_is(open_for(lane(Contact.EMERGENCY_STOP)), Contact.EMERGENCY_STOP, ACTIVE)
    story.must_be(Phase.RECOVERY)
    assert story.asked(SetSignal) == [SetSignal(Aspect.RED)]
    story.arming(CLEAR)
    assert not story.ever(LowerBarrier)
    contact_is(story, Contact.EMERGENCY_STOP, NORMAL).must_be(Phase.LOWERING)


def test_a_barrier_worked_by_its_key_is_not_forced() -> None:
    """Somebody with the key is an officer's call, not an alarm; software keeps its hands off meanwhile."""
    story = contact_is(lane(Contact.KEY_SWITCH), Contact.KEY_SWITCH, ACTIVE).barrier(MOVING)
    assert not any(call.alarm for call in story.ever(CallOfficer))
    story.barrier(UP)
    assert not story.ever(LowerBarrier)
    contact_is(story, Contact.KEY_SWITCH, NORMAL)
    assert story.ever(LowerBarrier)


def test_power_cut_with_a_battery_lets_who_is_under_way_through() -> None:
    """The passage ends and the boom is lowered on the battery; the next is held until the mains are back."""
    story = contact_is(open_for(lane(Contact.MAINS)), Contact.MAINS, ACTIVE)
    story.drives_through().must_be(Phase.LOWERING).barrier(DOWN).must_be(Phase.FREE)
    registered(story).must_be(Phase.HELD)


def test_a_nearly_empty_battery_closes_the_lane_in_order() -> None:
    """At once when free; after the passage otherwise; and an officer opens it again."""
    contact_is(lane(Contact.UPS), Contact.UPS, ACTIVE).must_be(Phase.CLOSED)
    story = contact_is(open_for(lane(Contact.UPS)), Contact.UPS, ACTIVE).must_be(Phase.PASSING)
    story.drives_through().barrier(DOWN).must_be(Phase.CLOSED)


def test_power_cut_without_a_battery_is_a_restart() -> None:
    """Everything is unknown, nothing is replayed; what it cut off is told once the inputs agree."""
    story = open_for(lane()).restarts().must_be(Phase.RECOVERY)
    assert not story.asked(RaiseBarrier)
    story.safety(CLEAR).arming(CLEAR).barrier(UP)
    assert story.ever(RevokeRelease)
    assert story.asked(LowerBarrier)


def test_too_tall_is_held_before_anything_is_released() -> None:
    """Seen before the loop or on it; a lane made for it takes it."""
    story = contact_is(lane(Contact.HEIGHT), Contact.HEIGHT, ACTIVE).rolls_up().must_be(Phase.HELD)
    assert story.state.message.kind is MessageKind.WAIT
    tall = contact_is(lane(Contact.HEIGHT, takes_oversize=True), Contact.HEIGHT, ACTIVE)
    tall.rolls_up().must_be(Phase.READING)


# --- no feedback, forced, stuck -----------------------------------------------------------------


def test_without_feedback_nothing_claims_that_the_boom_is_up() -> None:
    """No "go", no green: the driver sees the boom; the lane counts time and takes both for possible."""
    story = registered(lane(feedback=False)).must_be(Phase.RAISING).waits(16).must_be(Phase.PASSING)
    assert SetSignal(Aspect.GREEN) not in story.all
    assert story.state.message.kind is not MessageKind.GO
    story.drives_through().must_be(Phase.LOWERING).waits(16).must_be(Phase.FREE)


def test_without_feedback_a_restart_lowers_what_may_be_up() -> None:
    """A boom that may be up is asked down, as a new decision, over an area known clear."""
    story = lane(feedback=False).restarts()
    lowered = len(story.ever(LowerBarrier))
    settle(story)
    assert len(story.ever(LowerBarrier)) == lowered + 1


def test_a_barrier_dropping_on_a_vehicle_is_stopped_and_alarmed() -> None:
    """Up by feedback, and it leaves its end with somebody under it: nobody here asked for that."""
    story = open_for(lane()).safety(OCCUPIED).barrier(MOVING).must_be(Phase.RECOVERY)
    assert story.asked(StopBarrier)
    assert story.asked(CallOfficer)[0].alarm
    assert story.state.message.kind is MessageKind.WAIT


def test_a_closed_lane_forced_open_raises_an_alarm() -> None:
    """Nobody watches a closed lane but this."""
    story = lane()

    story.tell(PointClosed(at=story.at, officer="leyla")).must_be(Phase.CLOSED)
    story.barrier(MOVING).must_be(Phase.CLOSED)
    assert story.asked(CallOfficer)[0].alarm


def test_a_red_vehicle_of_a_convoy_goes_by_its_own_direction() -> None:
    """A list lets nobody past the Rules: who has a visit is released as its corridor says (1.3)."""
    story = lane()
    story.tell(ConvoyListed(at=story.at, officer="leyla", reason="aid", marks=frozenset({LORRY})))
    story.rolls_up().is_read().is_matched(Corridor.RED).must_be(Phase.CONTROL)
    assert not story.ever(RaiseBarrier)
