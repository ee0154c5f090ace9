"""Everything that can happen in a lane, each made to happen: a dictionary of troubles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gate.lanes.commands import Report
from gate.lanes.duties import (
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
    CheckOrdered,
    ConvoyListed,
    CorridorsAssigned,
    EmergencyEnded,
    EmergencyOpened,
    HoldLetGo,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
    OfficerHeld,
    OpenedOnce,
)
from gate.lanes.events import (
    ActuationFailed,
    BarrierPosition,
    Contact,
    Detector,
    Occupancy,
    VisitUnmatched,
)
from gate.lanes.machine import Machine
from gate.lanes.occurrences import MEANING, Occurrence
from gate.lanes.orders import held_by
from gate.model import CheckSource, Corridor, NoGoods
from tests.lanes.stories import LORRY, VAN, Story
from tests.lanes.wired import (
    ACTIVE,
    NORMAL,
    by_hand,
    config,
    contact_is,
    detects,
    fresh,
    lane,
    open_for,
    press,
    registered,
    settle,
)

UP, DOWN, MOVING = BarrierPosition.UP, BarrierPosition.DOWN, BarrierPosition.MOVING
OCCUPIED, CLEAR, UNKNOWN = Occupancy.OCCUPIED, Occupancy.CLEAR, Occupancy.UNKNOWN


def _unmatched(story: Story) -> Story:
    return story.tell(
        VisitUnmatched(at=story.at, passage_id=story.passage.passage_id, reason="nobody sent it")
    )


def _stuck() -> Story:
    story = open_for(lane()).drives_through()
    for _ in range(3):
        story.waits(16)  # it does not come down: an officer is called, and the loops say "clear" again
        story.arming(OCCUPIED).arming(CLEAR)
    return story.waits(16)


def _bumper_to_bumper() -> Story:
    return open_for(lane()).safety(OCCUPIED).safety(CLEAR)


def _backed_out() -> Story:
    return _bumper_to_bumper().barrier(DOWN).is_read()


def _emergency(story: Story) -> Story:
    return story.tell(EmergencyOpened(at=story.at, emergency_id="e1", officer="leyla", reason="ambulance"))


def _passed_in_emergency() -> Story:
    return _emergency(lane()).rolls_up().is_read().safety(OCCUPIED).arming(CLEAR).safety(CLEAR)


def _maintenance(story: Story) -> Story:
    return story.tell(MaintenanceBegan(at=story.at, officer="rza", reason="new boom"))


def _rewired() -> Story:
    story = lane()
    story.machine = Machine("lane-1", story.machine.table, config(devices="other"))
    return story.restarts()


def _convoy() -> Story:
    story = lane()
    marks = frozenset({VAN, LORRY})
    return story.tell(ConvoyListed(at=story.at, officer="leyla", reason="aid", marks=marks))


def _broken_down(story: Story) -> Story:
    return story.tell(BreakdownDeclared(at=story.at, officer="leyla", label="2", corridor=Corridor.GREEN))


OUTCOMES: dict[Occurrence, Callable[[], Story]] = {
    Occurrence.UNREAD_PLATE: lambda: lane().rolls_up().is_not_read(),
    Occurrence.NOT_DIRECTED: lambda: _unmatched(lane().rolls_up().is_read()),
    Occurrence.WRONG_LANE: lambda: lane().rolls_up().is_read().is_matched(Corridor.GREEN, lane="lane-9"),
    Occurrence.MAY_NOT_PROCEED: lambda: lane().rolls_up().is_read().is_matched(Corridor.GREEN, may=False),
    Occurrence.LEFT: lambda: lane().rolls_up().arming(CLEAR),
    Occurrence.INTERLOCK: lambda: registered(
        contact_is(lane(Contact.EMERGENCY_STOP), Contact.EMERGENCY_STOP, ACTIVE)
    ),
    Occurrence.OPENING_TIME_OUT: lambda: registered(lane()).waits(16),
    Occurrence.CLOSING_TIME_OUT: lambda: open_for(lane()).drives_through().waits(16),
    Occurrence.PULSE_REFUSED: lambda: _refused(registered(lane())),
    Occurrence.STUCK: _stuck,
    Occurrence.FORCED: lambda: lane().barrier(MOVING),
    Occurrence.POSSIBLY_BOTH: lambda: registered(lane(feedback=False)).waits(16),
    Occurrence.DID_NOT_MOVE: lambda: open_for(lane()).waits(61),
    Occurrence.BACKED_OUT: _backed_out,
    Occurrence.BUMPER_TO_BUMPER: _bumper_to_bumper,
    Occurrence.TAILGATING: lambda: (
        open_for(lane()).safety(OCCUPIED).arming(CLEAR).safety(CLEAR).arming(OCCUPIED).safety(OCCUPIED)
    ),
    Occurrence.WRONG_SIDE: lambda: detects(lane(Detector.EXIT), Detector.EXIT, OCCUPIED),
    Occurrence.UNDER_CLOSED: lambda: lane().safety(OCCUPIED),
    Occurrence.UNDER_CLOSING: lambda: open_for(lane()).drives_through().safety(OCCUPIED),
    Occurrence.STANDS_UNDER: lambda: open_for(lane()).safety(OCCUPIED).waits(121),
    Occurrence.STANDS_TOO_LONG: lambda: lane().rolls_up().is_not_read().waits(901),
    Occurrence.OVERSIZE: lambda: contact_is(lane(Contact.HEIGHT).rolls_up(), Contact.HEIGHT, ACTIVE),
    Occurrence.BREAKDOWN: lambda: _broken_down(open_for(lane())),
    Occurrence.BREAKDOWN_CLEARED: lambda: _cleared(_broken_down(lane())),
    Occurrence.CONVOY: _convoy,
    Occurrence.CONVOY_VEHICLE: lambda: _unmatched(_convoy().rolls_up().is_read()),
    Occurrence.POWER_LOST: lambda: contact_is(lane(Contact.MAINS), Contact.MAINS, ACTIVE),
    Occurrence.POWER_BACK: lambda: contact_is(
        contact_is(lane(Contact.MAINS), Contact.MAINS, ACTIVE), Contact.MAINS, NORMAL
    ),
    Occurrence.BATTERY_LOW: lambda: contact_is(lane(Contact.UPS), Contact.UPS, ACTIVE),
    Occurrence.CABINET_OPEN: lambda: contact_is(lane(Contact.CABINET), Contact.CABINET, ACTIVE),
    Occurrence.KEY_SWITCH: lambda: contact_is(lane(Contact.KEY_SWITCH), Contact.KEY_SWITCH, ACTIVE),
    Occurrence.EMERGENCY_STOP: lambda: contact_is(
        open_for(lane(Contact.EMERGENCY_STOP)), Contact.EMERGENCY_STOP, ACTIVE
    ),
    Occurrence.FIRE: lambda: contact_is(lane(Contact.FIRE), Contact.FIRE, ACTIVE),
    Occurrence.EMERGENCY_OPEN: lambda: _emergency(lane()),
    Occurrence.UNRELEASED_IN_EMERGENCY: lambda: _emergency(
        lane().rolls_up().is_read().is_matched(Corridor.RED)
    ),
    Occurrence.PASSED_IN_EMERGENCY: _passed_in_emergency,
    Occurrence.EMERGENCY_ENDED: lambda: _ended(_emergency(lane())),
    Occurrence.INPUTS_LOST: lambda: lane().rolls_up().safety(UNKNOWN),
    Occurrence.RESTARTED: lambda: lane().rolls_up().is_read().is_matched(Corridor.RED).restarts(),
    Occurrence.NOT_AT_REST: lambda: fresh(config()).barrier(UP).waits(31),
    Occurrence.MAINTENANCE: lambda: _maintenance(lane()),
    Occurrence.MAINTENANCE_ENDED: lambda: _told(
        _maintenance(lane()), lambda s: s.tell(MaintenanceEnded(at=s.at, officer="rza"))
    ),
    Occurrence.DISARMED: _rewired,
    Occurrence.ARMED: lambda: _told(_rewired(), lambda s: s.tell(LaneArmed(at=s.at, officer="rza"))),
    Occurrence.ATTENDED: lambda: by_hand(lane(), "safety"),
    Occurrence.ATTENDED_ENDED: lambda: _told(
        by_hand(lane(), "safety"), lambda s: s.tell(AttendedEnded(at=s.at, officer="leyla"))
    ),
    Occurrence.LET_GO: lambda: _told(
        press(by_hand(lane(), "safety")), lambda s: s.tell(HoldLetGo(at=s.at, officer="leyla"))
    ),
    Occurrence.CORRIDORS: lambda: _told(
        lane(), lambda s: s.tell(CorridorsAssigned(at=s.at, officer="leyla", corridors=(Corridor.BLUE,)))
    ),
    Occurrence.CHECK_ORDERED: lambda: _check_ordered(lane().rolls_up().is_read().is_matched(Corridor.GREEN)),
    Occurrence.HELD_BY_OFFICER: lambda: _held(lane().rolls_up().is_read().is_matched(Corridor.RED)),
    Occurrence.OPENED_ONCE: lambda: _opened_once(_unmatched(lane().rolls_up().is_read())),
}


def _check_ordered(story: Story) -> Story:
    visit_id = story.passage.visit_id or ""
    return story.tell(
        CheckOrdered(
            at=story.at,
            visit_id=visit_id,
            officer="leyla",
            source=CheckSource.CANINE,
            facts="the dog sat down",
        )
    )


def _held(story: Story) -> Story:
    visit_id = story.passage.visit_id or ""
    findings = (held_by("leyla", "a smell"),)
    return story.tell(OfficerHeld(at=story.at, visit_id=visit_id, officer="leyla", findings=findings))


def _opened_once(story: Story) -> Story:
    passage_id = story.passage.passage_id
    return story.tell(
        OpenedOnce(
            at=story.at,
            passage_id=passage_id,
            officer="leyla",
            category=NoGoods.EMPTY,
            reason="an empty lorry",
        )
    )


def _told(story: Story, do: Callable[[Story], Story]) -> Story:
    return do(story)


def _refused(story: Story) -> Story:
    return story.tell(ActuationFailed(at=story.at, decision_id="d", reason="no answer"))


def _cleared(story: Story) -> Story:
    return story.tell(BreakdownCleared(at=story.at, officer="leyla"))


def _ended(story: Story) -> Story:
    return story.tell(EmergencyEnded(at=story.at, officer="leyla"))


def test_every_outcome_is_made_to_happen_and_explained() -> None:
    """None is only a word: each has its story here, and its sentence for officers."""
    assert set(OUTCOMES) == set(Occurrence)
    assert set(MEANING) == set(Occurrence)


@pytest.mark.parametrize("what", sorted(OUTCOMES), ids=lambda what: what.value)
def test_it_is_reported_as_itself(what: Occurrence) -> None:
    """Journalled and told to central as an outcome of its own, with its time and place."""
    reports = [one for one in OUTCOMES[what]().ever(Report) if one.kind == f"lane.{what.value}"]
    assert reports, f"{what} was never reported"
    assert reports[-1].body["point"] == "lane-1"
    assert reports[-1].body["at"]


def test_a_lane_rewired_and_put_back_is_armed_again_by_nobody() -> None:
    """The same devices as before are no change: it settles by itself."""
    story = lane()
    story.restarts()
    assert not [one for one in settle(story).ever(Report) if one.kind == "lane.disarmed"]
