"""Lanes worked by hand, opened in emergencies, serviced, broken down in: what officers may do to them."""

from __future__ import annotations

from gate.lanes.commands import (
    CallOfficer,
    DeclareEmergency,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    OpenInEmergency,
    RaiseBarrier,
    Report,
    RevokeRelease,
    StopBarrier,
    UpdateVisit,
)
from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
    ConvoyListed,
    CorridorsAssigned,
    EmergencyEnded,
    EmergencyOpened,
    HoldKept,
    HoldLetGo,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
    VehiclePassed,
)
from gate.lanes.events import (
    BarrierPosition,
    Contact,
    DeviceFaulted,
    DeviceRole,
    Occupancy,
    VisitUnmatched,
)
from gate.lanes.state import Inputs, Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.stories import LORRY, VAN, Story, read
from tests.lanes.wired import (
    ACTIVE,
    NORMAL,
    by_hand,
    config,
    contact_is,
    fresh,
    lane,
    open_for,
    press,
    registered,
    settle,
)

UP, DOWN, MOVING = BarrierPosition.UP, BarrierPosition.DOWN, BarrierPosition.MOVING
OCCUPIED, CLEAR, UNKNOWN = Occupancy.OCCUPIED, Occupancy.CLEAR, Occupancy.UNKNOWN


def _dead_loop() -> Story:
    """A lane whose safety loop has died: without an officer it moves nothing."""
    return lane().safety(UNKNOWN).must_be(Phase.RECOVERY).rolls_up()


# --- by hand ------------------------------------------------------------------------------------


def test_by_hand_one_vehicle_passes_a_lane_with_a_dead_loop() -> None:
    """Plate by sight, release naming what was checked, hold-to-run, key switch, "passed"."""
    story = press(by_hand(_dead_loop(), "safety")).must_be(Phase.HOLDING)
    assert story.asked(GrantRelease)[0].release.officer == "leyla"
    assert len(story.asked(RaiseBarrier)) == 1
    story.barrier(MOVING)
    story.tell(HoldKept(at=story.at, officer="leyla")).barrier(UP).must_be(Phase.ATTENDED)
    story.arming(CLEAR).waits(60)
    assert not story.ever(LowerBarrier)
    story.tell(VehiclePassed(at=story.at, officer="leyla"))
    assert not story.told, "the boom is still up: nobody has passed yet"
    story.barrier(MOVING).barrier(DOWN).tell(VehiclePassed(at=story.at, officer="leyla"))
    assert story.asked(UpdateVisit)[0].status is VisitStatus.COMPLETED
    assert story.state.passage is None
    assert not story.ever(LowerBarrier), "lowered by the key switch, never by software"


def test_a_hand_taken_off_the_button_stops_the_boom() -> None:
    """Let go, or not heard of for a second: stop."""
    story = press(by_hand(_dead_loop(), "safety")).barrier(MOVING)
    story.tell(HoldLetGo(at=story.at, officer="leyla")).must_be(Phase.ATTENDED)
    assert story.told[0] == StopBarrier()
    story = press(by_hand(_dead_loop(), "safety")).barrier(MOVING).waits(1.1).must_be(Phase.ATTENDED)
    assert story.told[0] == StopBarrier()


def test_pressing_again_is_a_new_decision_with_a_release_of_its_own() -> None:
    """The pulse before is spent with its release."""
    story = press(by_hand(_dead_loop(), "safety"))
    first = story.asked(RaiseBarrier)[0].release_id
    story.tell(HoldLetGo(at=story.at, officer="leyla"))
    press(story).must_be(Phase.HOLDING)
    assert story.asked(RevokeRelease)[0].release_id == first
    assert story.asked(RaiseBarrier)[0].release_id != first


def test_by_hand_only_the_declared_inputs_may_be_unknown() -> None:
    """The loop was declared, the barrier's position was not: nothing is raised."""
    story = by_hand(_dead_loop(), "safety").barrier(BarrierPosition.UNKNOWN)
    press(story).must_be(Phase.ATTENDED)
    assert not story.ever(RaiseBarrier)


def test_by_hand_needs_the_link_the_officer_and_the_wire() -> None:
    """A dead link, another officer's press, a pressed emergency stop: nothing is raised."""
    story = by_hand(_dead_loop(), "safety")
    story.tell(DeviceFaulted(at=story.at, device=DeviceRole.IO, reason="silent"))
    assert not press(story).ever(RaiseBarrier)
    assert not press(by_hand(_dead_loop(), "safety"), "rza").ever(RaiseBarrier)
    stopped = contact_is(lane(Contact.EMERGENCY_STOP), Contact.EMERGENCY_STOP, ACTIVE).rolls_up()
    assert not press(by_hand(stopped, "safety")).ever(RaiseBarrier)


def test_by_hand_one_vehicle_at_a_time() -> None:
    """The second press for a vehicle that is under way does nothing."""
    story = press(by_hand(lane().rolls_up(), "arming")).barrier(UP).safety(OCCUPIED)
    raised = len(story.ever(RaiseBarrier))
    press(story)
    assert len(story.ever(RaiseBarrier)) == raised


def test_a_vehicle_held_for_another_lane_is_not_released_by_hand_either() -> None:
    """What the desk says counts under the officer's hand, too."""
    story = by_hand(_dead_loop(), "safety")
    story.is_matched(Corridor.GREEN, may=False, visit="visit-9")
    assert story.passage.visit_id == "visit-1"
    assert story.asked(Report)[0].kind == "lane.may-not-proceed"


def test_contacts_are_nobodys_to_answer_for() -> None:
    """An officer's eyes replace a loop, not the emergency stop."""
    story = lane(Contact.EMERGENCY_STOP).safety(UNKNOWN).must_be(Phase.RECOVERY)
    failed = frozenset({"emergency-stop"})
    story.tell(AttendedBegan(at=story.at, officer="leyla", failed=failed, reason="dead"))
    story.must_be(Phase.RECOVERY)


def test_the_officer_leaves_and_inputs_count_again() -> None:
    """Back through RECOVERY: with the loop still dead it stays there."""
    story = by_hand(_dead_loop(), "safety")
    story.tell(AttendedEnded(at=story.at, officer="leyla")).must_be(Phase.RECOVERY)
    story.safety(CLEAR).must_be(Phase.READING)


# --- emergencies --------------------------------------------------------------------------------


def _opens(story: Story, emergency_id: str = "e1") -> Story:
    return story.tell(
        EmergencyOpened(at=story.at, emergency_id=emergency_id, officer="leyla", reason="ambulance")
    )


def test_an_emergency_opens_whatever_is_unknown() -> None:
    """Committed with its reason first, then one pulse; a second order pulses no second time."""
    story = _opens(fresh(config())).must_be(Phase.EMERGENCY)
    assert isinstance(story.told[0], DeclareEmergency)
    assert isinstance(story.told[-1], OpenInEmergency)
    _opens(story, "e2")
    assert len(story.ever(OpenInEmergency)) == 1
    assert story.state.message.kind is MessageKind.FOLLOW


def test_in_an_emergency_nothing_is_lowered_and_everybody_counted() -> None:
    """Who passes is pictured and counted; the boom stays up until an officer ends it."""
    story = _opens(lane()).barrier(UP)
    for mark in (LORRY, VAN):
        story.rolls_up().is_read(read(mark)).safety(OCCUPIED).arming(CLEAR).safety(CLEAR)
    story.waits(600).must_be(Phase.EMERGENCY)
    assert story.state.crossings == 2
    assert [one.body["read"] for one in story.ever(Report) if one.kind == "lane.passed-in-emergency"] == [
        LORRY,
        VAN,
    ]
    assert not story.ever(LowerBarrier)
    story.tell(EmergencyEnded(at=story.at, officer="leyla")).must_be(Phase.LOWERING)


def test_an_emergency_outlives_a_restart_and_pulses_no_second_time() -> None:
    """The gate restarts in the fire: the lane is still open, and nothing moves."""
    story = _opens(lane()).barrier(UP).restarts().must_be(Phase.EMERGENCY)
    assert len(story.ever(OpenInEmergency)) == 1
    assert not story.asked(LowerBarrier)


def test_fire_opens_by_wire_and_ends_only_when_the_panel_is_at_rest() -> None:
    """We observe: no pulse of ours, and no end while it burns or nobody knows."""
    story = contact_is(lane(Contact.FIRE), Contact.FIRE, ACTIVE).must_be(Phase.EMERGENCY)
    assert not story.ever(OpenInEmergency)
    story.tell(EmergencyEnded(at=story.at, officer="leyla")).must_be(Phase.EMERGENCY)
    contact_is(story, Contact.FIRE, NORMAL).must_be(Phase.EMERGENCY)
    story.tell(EmergencyEnded(at=story.at, officer="leyla")).must_be(Phase.FREE)


def test_who_stood_released_under_the_boom_is_not_taken_for_through() -> None:
    """Interrupted by the emergency: revoked, held, on the roll-call."""
    story = _opens(open_for(lane()))
    assert story.asked(RevokeRelease)
    assert UpdateVisit("visit-1", VisitStatus.HELD) in story.told


def test_fire_while_the_boom_comes_down_stops_it() -> None:
    """Software never fights the wire."""
    story = contact_is(open_for(lane(Contact.FIRE)).drives_through(), Contact.FIRE, ACTIVE)
    assert story.told[0] == StopBarrier()
    story.must_be(Phase.EMERGENCY)


# --- service ------------------------------------------------------------------------------------


def test_maintenance_lets_go_of_everything_and_comes_back_knowing_nothing() -> None:
    """The engineer's lane commands nothing; afterwards every input is unknown first."""
    story = lane()
    story.tell(MaintenanceBegan(at=story.at, officer="rza", reason="new boom")).must_be(Phase.MAINTENANCE)
    assert story.state.inputs == Inputs()
    story.barrier(UP).rolls_up().must_be(Phase.MAINTENANCE)
    story.restarts().must_be(Phase.MAINTENANCE)
    story.tell(MaintenanceEnded(at=story.at, officer="rza")).must_be(Phase.RECOVERY)
    assert story.state.inputs == Inputs()
    settle(story)


def test_maintenance_is_not_begun_on_a_vehicle() -> None:
    """Not with a passage in progress."""
    story = open_for(lane())
    story.tell(MaintenanceBegan(at=story.at, officer="rza", reason="new boom")).must_be(Phase.PASSING)


def test_other_devices_disarm_the_lane_until_somebody_at_the_site_arms_it() -> None:
    """The configuration changed while the gate was down: an alarm, and nothing commanded."""
    story = lane()
    story.machine = fresh(config(devices="new board")).machine
    story.restarts().must_be(Phase.DISARMED)
    assert story.asked(CallOfficer)[0].alarm
    story.arming(CLEAR).safety(CLEAR).barrier(DOWN).must_be(Phase.DISARMED)
    story.restarts().must_be(Phase.DISARMED)
    story.tell(LaneArmed(at=story.at, officer="rza")).must_be(Phase.RECOVERY)
    settle(story)
    story.restarts().must_be(Phase.RECOVERY)


def test_a_production_lane_is_armed_before_it_ever_moves() -> None:
    """Never armed, never commanded."""
    fresh(config(devices="board", arm_first=True)).must_be(Phase.DISARMED)


def test_a_breakdown_sends_those_behind_elsewhere() -> None:
    """What was released is revoked; the lane's own board points to the other lane."""
    story = open_for(lane())
    story.tell(BreakdownDeclared(at=story.at, officer="leyla", label="2", corridor=Corridor.GREEN)).must_be(
        Phase.BLOCKED
    )
    assert story.asked(RevokeRelease)
    assert (story.state.message.kind, story.state.message.lane) == (MessageKind.DIRECT, "2")
    story.restarts().must_be(Phase.BLOCKED)
    story.tell(BreakdownCleared(at=story.at, officer="leyla")).must_be(Phase.RECOVERY)
    settle(story)


def test_a_convoy_goes_vehicle_by_vehicle_on_releases_of_its_own() -> None:
    """Each listed mark once, each by the officer's name; who is not listed is held."""
    story = lane()
    marks = frozenset({LORRY, VAN})
    story.tell(ConvoyListed(at=story.at, officer="leyla", reason="aid", marks=marks))
    for mark in (LORRY, VAN):
        story.rolls_up().is_read(read(mark))
        story.tell(_nobody(story)).must_be(Phase.RAISING)
        assert story.asked(GrantRelease)[0].release.officer == "leyla"
        story.barrier(UP).drives_through().barrier(DOWN).must_be(Phase.FREE)
    assert story.state.convoy is None
    story.rolls_up().is_read(read(LORRY)).tell(_nobody(story))
    story.must_be(Phase.HELD)


def _nobody(story: Story) -> VisitUnmatched:
    return VisitUnmatched(at=story.at, passage_id=story.passage.passage_id, reason="not directed here")


def test_a_lane_serves_the_corridors_it_was_assigned() -> None:
    """Its sign changes, and the next vehicle is judged by them; None gives the configured ones back."""
    story = lane()
    story.tell(CorridorsAssigned(at=story.at, officer="leyla", corridors=(Corridor.BLUE,)))
    assert story.state.message.corridor is Corridor.BLUE
    registered(story).must_be(Phase.HELD)
    blue = lane()
    blue.tell(CorridorsAssigned(at=blue.at, officer="leyla", corridors=(Corridor.BLUE,)))
    blue.rolls_up().is_read().is_matched(Corridor.BLUE).is_registered().must_be(Phase.RAISING)
