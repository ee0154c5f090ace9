"""Lanes wired in other ways than the stories' plain ones: more detectors, contacts, a merge, no feedback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gate.lanes import entry_lane, exit_lane
from gate.lanes.duties import AttendedBegan, HoldPressed
from gate.lanes.events import (
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Detector,
    DetectorChanged,
    Occupancy,
    PlateConfirmed,
)
from gate.lanes.fitted import Fitted
from gate.lanes.machine import Machine
from gate.lanes.state import Phase, PointConfig
from gate.model import Corridor
from tests.lanes.stories import LORRY, Story

ACTIVE, NORMAL, LOST = ContactState.ACTIVE, ContactState.NORMAL, ContactState.UNKNOWN


def config(*more: Detector | Contact, feedback: bool = True, **facts: Any) -> PointConfig:
    """A GREEN and RED lane with loops before and under its barrier, and whatever else."""
    detectors = {Detector.ARMING, Detector.SAFETY} | {one for one in more if isinstance(one, Detector)}
    contacts = frozenset(one for one in more if isinstance(one, Contact))
    fitted = Fitted(frozenset(detectors), contacts, barrier=True, feedback=feedback)
    plain = PointConfig("lane-1", "1", "samur", "H", (Corridor.GREEN, Corridor.RED), fitted=fitted)
    return replace(plain, **facts)


def fresh(made: PointConfig) -> Story:
    """A lane that has just started."""
    table = entry_lane.TABLE if made.corridors else exit_lane.TABLE
    story = Story(Machine(made.name, table, made))
    return story.restarts()


def settle(story: Story) -> Story:
    """Every fitted input answers, and nobody is near."""
    fitted = story.machine.config.fitted
    for contact in sorted(fitted.contacts):
        contact_is(story, contact, NORMAL)
    for detector in sorted(fitted.detectors):
        detects(story, detector, Occupancy.CLEAR)
    if fitted.feedback:
        story.barrier(BarrierPosition.DOWN)
    story.waits(60)
    if not fitted.feedback:
        story.waits(60)
    return story.must_be(Phase.FREE)


def lane(*more: Detector | Contact, feedback: bool = True, **facts: Any) -> Story:
    """A lane at rest."""
    return settle(fresh(config(*more, feedback=feedback, **facts)))


def contact_is(story: Story, contact: Contact, state: ContactState) -> Story:
    """A contact speaks."""
    return story.tell(ContactChanged(at=story.at, contact=contact, state=state))


def detects(story: Story, detector: Detector, state: Occupancy) -> Story:
    """A detector speaks."""
    return story.tell(DetectorChanged(at=story.at, detector=detector, state=state))


def registered(story: Story) -> Story:
    """A GREEN vehicle has rolled up, was matched and registered: whatever that leads to here."""
    return story.rolls_up().is_read().is_matched(Corridor.GREEN).is_registered()


def open_for(story: Story) -> Story:
    """The same, with the barrier up before it."""
    return registered(story).barrier(BarrierPosition.UP).must_be(Phase.PASSING)


def by_hand(story: Story, *failed: str) -> Story:
    """Leyla works the lane by hand; LORRY, for GREEN, stands in it and is matched."""
    story.tell(
        AttendedBegan(at=story.at, officer="leyla", failed=frozenset(failed), reason="the loop is dead")
    )
    story.must_be(Phase.ATTENDED)
    story.tell(PlateConfirmed(at=story.at, mark=LORRY, officer="leyla"))
    return story.is_matched(Corridor.GREEN)


def press(story: Story, officer: str = "leyla") -> Story:
    """The hand goes onto the button."""
    visit_id = story.passage.visit_id or ""
    return story.tell(HoldPressed(at=story.at, officer=officer, visit_id=visit_id, checked=("seal",)))
