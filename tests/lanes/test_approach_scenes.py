"""The approach and the baggage terminal, told step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.lanes.commands import (
    BoardMessage,
    CallOfficer,
    GrantRelease,
    Identify,
    MessageKind,
    OpenVisit,
    RaiseBarrier,
    RegisterPassage,
    Report,
    ShowMessage,
    StartReading,
    StopReading,
    UpdateVisit,
)
from gate.lanes.events import (
    Decided,
    HelpRequested,
    NumberGiven,
    Occupancy,
    OfficerReferred,
    PlateConfirmed,
    PointClosed,
    PointOpened,
)
from gate.lanes.state import Phase
from gate.model import Corridor, IdentifiedBy, Outcome, VisitStatus
from tests.lanes.stories import LORRY, VAN, Story, decision, number, read

WAIT = BoardMessage(MessageKind.WAIT, "H")
TYPED = number("123456789012")


def given(story: Story, officer: str | None = None) -> Story:
    """A number typed by the driver, or entered by an officer."""
    return story.tell(NumberGiven(at=story.at, number=TYPED, officer=officer))


def confirmed(story: Story) -> Story:
    """An officer looks at the plate."""
    return story.tell(PlateConfirmed(at=story.at, mark=LORRY, officer="leyla"))


# --- approach ---------------------------------------------------------------------------------


def test_a_read_plate_is_identified_and_directed() -> None:
    """8.0.1, 9.3: presence, plate, identification, and lane with corridor on the board."""
    story = Story.at_rest("approach").rolls_up()
    assert story.asked(OpenVisit)[0].visit_id == story.passage.visit_id
    story.is_read()
    assert story.asked(Identify)[0].identification.by == {IdentifiedBy.PLATE}
    story.is_decided(Outcome.DIRECT, Corridor.BLUE, "2")
    assert story.state.message == BoardMessage(MessageKind.DIRECT, "2", Corridor.BLUE)
    assert story.asked(UpdateVisit)[0].status is VisitStatus.DIRECTED
    assert story.asked(Report)[0].kind == "visit.directed"
    assert story.arming(Occupancy.CLEAR).state.message.kind is MessageKind.BLANK
    assert not story.ever(RaiseBarrier)
    assert not story.ever(GrantRelease)


@pytest.mark.parametrize("outcome", [Outcome.DIRECT, Outcome.REFER])
@pytest.mark.parametrize("how", ["restart", "lost"])
def test_no_direction_stands_where_nobody_knows_who_reads_it(outcome: Outcome, how: str) -> None:
    """A restart, or a silent detector: the board goes dark until the vehicle was read again."""
    story = Story.at_rest("approach").rolls_up().is_read()
    story.is_decided(outcome, Corridor.RED if outcome is Outcome.DIRECT else None, "4").must_be(
        Phase.DIRECTED
    )
    dark = story.restarts() if how == "restart" else story.arming(Occupancy.UNKNOWN)
    dark.must_be(Phase.RECOVERY)
    assert dark.asked(ShowMessage) == [ShowMessage(BoardMessage(MessageKind.BLANK, "A"))]
    visit = story.passage.visit_id
    assert story.rolls_up().is_read().passage.visit_id == visit


def test_an_unread_plate_with_a_typed_number_waits_for_an_officer() -> None:
    """8.0.1: the number is kept and nothing is looked up by it until the plate is confirmed by sight."""
    story = given(Story.at_rest("approach").rolls_up()).is_not_read()
    story.must_be(Phase.HELD)
    assert not story.ever(Identify)
    confirmed(story)
    who = story.asked(Identify)[0].identification
    assert who.by == {IdentifiedBy.KIOSK, IdentifiedBy.SIGHT}
    assert (who.mark, who.number, who.officer) == (LORRY, TYPED, "leyla")


def test_a_number_typed_after_the_hold_is_only_kept_and_one_of_an_officer_is_asked() -> None:
    """8.0.2: the driver's keypad moves nothing, the officer's entry does."""
    story = given(Story.at_rest("approach").rolls_up().is_not_read())
    story.must_be(Phase.HELD)
    assert not story.ever(Identify)
    given(story, "leyla")
    story.must_be(Phase.IDENTIFYING)
    assert story.asked(Identify)[0].identification.by == {IdentifiedBy.OFFICER}


CAUSES = {
    "unread": lambda: Story.at_rest("approach").rolls_up().is_not_read(),
    "unsure": lambda: Story.at_rest("approach").rolls_up().is_read(read(sure=False)),
    "no answer in time": lambda: Story.at_rest("approach").rolls_up().waits(11),
    "presence unknown": lambda: Story.at_rest("approach").rolls_up().arming(Occupancy.UNKNOWN).is_read(),
    "the Rules": lambda: Story.at_rest("approach").rolls_up().is_read().is_decided(Outcome.HOLD),
    "no open lane": lambda: (
        Story.at_rest("approach").rolls_up().is_read().is_decided(Outcome.HOLD, Corridor.RED)
    ),
}


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_hold_shows_the_same_text_and_calls_an_officer(cause: str) -> None:
    """3.6: the board tells no cause, so it is no oracle; the officer is told it."""
    story = CAUSES[cause]()
    story.must_be(Phase.HELD)
    assert story.asked(ShowMessage) == [ShowMessage(WAIT)]
    assert story.asked(CallOfficer)[0].reason
    assert story.asked(UpdateVisit)[0].status is VisitStatus.HELD


def test_a_vehicle_that_leaves_before_it_is_identified_ends_its_visit() -> None:
    """Its reading stops, central is told, the board stays blank."""
    story = Story.at_rest("approach").rolls_up().arming(Occupancy.CLEAR)
    story.must_be(Phase.FREE)
    assert story.asked(StopReading)
    assert story.asked(UpdateVisit)[0].status is VisitStatus.LEFT_UNRELEASED
    assert story.asked(Report)[0].kind == "visit.left"


def test_a_vehicle_that_moved_on_before_its_answer_clears_the_board_in_time() -> None:
    """The answer still counts (the lane reads it again) and does not stay for the next vehicle."""
    story = Story.at_rest("approach").rolls_up().is_read().arming(Occupancy.CLEAR)
    story.is_decided(Outcome.DIRECT, Corridor.GREEN, "1")
    story.must_be(Phase.DIRECTED)
    story.waits(16).must_be(Phase.FREE)
    assert story.state.message.kind is MessageKind.BLANK


def test_the_next_vehicle_begins_a_visit_of_its_own() -> None:
    """Queue order identifies nobody: after a direction the next presence is somebody else."""
    story = Story.at_rest("approach").rolls_up().is_read().is_decided(Outcome.DIRECT, Corridor.RED, "4")
    first = story.passage.visit_id
    story.arming(Occupancy.CLEAR).rolls_up()
    story.must_be(Phase.READING)
    assert story.passage.visit_id != first
    assert story.state.message.kind is MessageKind.BLANK


def test_an_answer_for_another_visit_moves_nothing() -> None:
    """A late Decided of a vehicle that has gone directs nobody."""
    story = Story.at_rest("approach").rolls_up().is_read()
    answer = decision(Outcome.DIRECT, Corridor.GREEN)
    story.tell(Decided(at=story.at, visit_id="gone", decision=answer, lane="lane-1", lane_label="1"))
    story.must_be(Phase.IDENTIFYING)
    assert story.told == ()


def test_another_plate_after_a_restart_is_not_the_vehicle_of_before() -> None:
    """8.0.1: the visit that was interrupted is held, not handed to whoever stands there now."""
    story = Story.at_rest("approach").rolls_up().is_read().restarts().rolls_up().is_read(read(VAN))
    story.must_be(Phase.HELD)
    assert not story.asked(Identify)


def test_the_approach_ignores_a_detector_it_has_not_got() -> None:
    """Only the arming detector is presence; the safety input of a spare terminal is nothing."""
    story = Story.fresh("approach").safety(Occupancy.CLEAR)
    story.must_be(Phase.RECOVERY)
    story.arming(Occupancy.CLEAR).safety(Occupancy.OCCUPIED)
    story.must_be(Phase.FREE)
    story.rolls_up().safety(Occupancy.CLEAR)
    story.must_be(Phase.READING)


def test_an_officer_refers_a_held_vehicle() -> None:
    """2.1: outside these Rules: the general lane, and never a corridor."""
    story = Story.at_rest("approach").rolls_up().is_not_read()
    story.tell(OfficerReferred(at=story.at, officer="leyla", reason="transit"))
    story.must_be(Phase.DIRECTED)
    assert story.state.message.kind is MessageKind.REFER
    assert story.asked(UpdateVisit)[0].status is VisitStatus.REFERRED


def test_help_calls_an_officer_and_goes_on_reading() -> None:
    """The driver's button is a call, not a hold."""
    story = Story.at_rest("approach").rolls_up()
    story.tell(HelpRequested(at=story.at, reason="no-number"))
    story.must_be(Phase.READING)
    assert "no-number" in story.asked(CallOfficer)[0].reason


def test_a_restart_goes_on_with_the_visit_it_interrupted() -> None:
    """The vehicle still stands there: the same visit, read again under a new passage id."""
    story = Story.at_rest("approach").rolls_up().is_read()
    visit, passage = story.passage.visit_id, story.passage.passage_id
    story.restarts().rolls_up()
    assert story.passage.visit_id == visit
    assert story.passage.passage_id != passage
    assert story.asked(StartReading)[0].passage_id == story.passage.passage_id


def test_a_vehicle_gone_during_the_restart_is_held_for_an_officer() -> None:
    """Its answer never came: the visit waits in the holding bay."""
    story = Story.at_rest("approach").rolls_up().is_read().restarts().arming(Occupancy.CLEAR)
    story.must_be(Phase.FREE)
    assert story.asked(UpdateVisit)[0].status is VisitStatus.HELD
    assert story.asked(CallOfficer)


def test_a_closed_approach_reads_nobody_until_it_is_opened() -> None:
    """Opening it again reads whoever stands there."""
    story = Story.at_rest("approach")
    story.tell(PointClosed(at=story.at, officer="leyla")).rolls_up()
    story.must_be(Phase.CLOSED)
    story.tell(PointOpened(at=story.at, officer="leyla"))
    story.must_be(Phase.READING)


# --- terminal ---------------------------------------------------------------------------------


def test_an_attended_terminal_directs_its_carrier_and_releases_green() -> None:
    """8.0.2, 4.2: a typed number begins the visit; green baggage passes once registered."""
    story = given(Story.at_rest("terminal").is_attended())
    assert story.asked(Identify)[0].identification.by == {IdentifiedBy.TERMINAL}
    story.is_decided(Outcome.DIRECT, Corridor.GREEN, "1")
    assert story.asked(RegisterPassage)
    story.is_registered()
    assert story.asked(GrantRelease)[0].release.corridor is Corridor.GREEN
    assert not story.ever(RaiseBarrier)
    story.waits(16).must_be(Phase.FREE)


def test_an_unattended_terminal_opens_nothing() -> None:
    """8.0.2: presence at a terminal is an officer's attendance; without it a number is held unasked."""
    story = given(Story.at_rest("terminal"))
    story.must_be(Phase.HELD)
    assert story.state.message == WAIT
    assert not story.ever(Identify)


def test_red_baggage_is_not_released_by_registration() -> None:
    """5.8: an officer releases it, in the bay."""
    story = given(Story.at_rest("terminal").is_attended()).is_decided(Outcome.DIRECT, Corridor.RED, "4")
    story.must_be(Phase.DIRECTED)
    assert not story.ever(RegisterPassage)
    assert not story.is_registered().ever(GrantRelease)
    story.state = replace(story.state, phase=Phase.REGISTERING)
    assert not story.is_registered().ever(GrantRelease)


def test_the_next_carrier_does_not_see_the_direction_of_the_one_before() -> None:
    """3.6, 8.0.2: his number clears the screen before anything is decided about it."""
    story = given(Story.at_rest("terminal").is_attended()).is_decided(Outcome.DIRECT, Corridor.RED, "4")
    given(story)
    story.must_be(Phase.IDENTIFYING)
    assert story.state.message.kind is MessageKind.BLANK


def test_attendance_does_not_survive_a_restart() -> None:
    """An officer declares it anew; the carrier who waited is shown to one."""
    story = given(Story.at_rest("terminal").is_attended()).restarts()
    story.must_be(Phase.FREE)
    assert story.asked(CallOfficer)
    assert story.asked(UpdateVisit)[0].status is VisitStatus.HELD
    given(story).must_be(Phase.HELD)
