"""A lorry too high for ordinary lanes: seen at the approach, sent where it fits, held where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gate.lanes import approach, oversize
from gate.lanes.balancing import Balancer
from gate.lanes.commands import CallOfficer, Identify, MessageKind, OpenVisit, Report, UpdateVisit
from gate.lanes.events import Contact, ContactChanged, Decided, Occupancy, PlateConfirmed
from gate.lanes.fitted import APPROACH
from gate.lanes.machine import Machine
from gate.lanes.state import Phase
from gate.model import Corridor, CorridorVerdict, Identification, Outcome, VisitStatus
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import LORRY, MACHINES, VAN, Story, decision, read
from tests.lanes.wired import ACTIVE, LOST, NORMAL, contact_is, lane
from tests.sealing.made import ARRIVED, plain
from tests.store.kept import rows, step

FITTED = replace(APPROACH, contacts=frozenset({Contact.HEIGHT, Contact.CABINET, Contact.MAINS, Contact.UPS}))
MEASURING = Machine("approach", approach.TABLE, replace(MACHINES["approach"].config, fitted=FITTED))


def measuring() -> Story:
    """An approach with a height detector and a cabinet, at rest."""
    story = Story(MEASURING).restarts()
    for contact in sorted(FITTED.contacts):
        contact_is(story, contact, NORMAL)
    return story.arming(Occupancy.CLEAR).must_be(Phase.FREE)


def seen(story: Story) -> Story:
    """Something breaks the beam of the height detector, and is past it."""
    contact_is(story, Contact.HEIGHT, ACTIVE)
    return contact_is(story, Contact.HEIGHT, NORMAL)


def decided(story: Story, *, tall: bool) -> Story:
    """The desk answers: GREEN, lane 2, for a vehicle it knew to be so high."""
    return story.tell(
        Decided(
            at=story.at,
            visit_id=story.passage.visit_id or "",
            decision=decision(Outcome.DIRECT, Corridor.GREEN),
            lane="lane-2",
            lane_label="2",
            oversize=tall,
        )
    )


# --- at the approach ------------------------------------------------------------------------------


def test_who_breaks_the_beam_before_the_loop_is_asked_about_as_oversize() -> None:
    """Seen coming, told to central once; the vehicle behind it is measured for itself."""
    story = seen(measuring()).rolls_up()
    assert [one.kind for one in story.asked(Report)] == ["visit.arrived", "visit.oversize"]
    assert story.told.index(story.asked(OpenVisit)[0]) == 0, "no word of a visit before it is open"
    assert story.is_read().asked(Identify)[0].oversize
    decided(story, tall=True).must_be(Phase.DIRECTED)
    story.arming(Occupancy.CLEAR).rolls_up().is_read(read(VAN))
    assert not story.asked(Identify)[0].oversize


def test_a_high_load_behind_the_cab_is_seen_while_the_plate_is_read() -> None:
    """The cab stands on the loop when the container comes under the detector."""
    story = seen(measuring().rolls_up())
    assert [one.kind for one in story.asked(Report)] == []
    assert [one.kind for one in story.ever(Report)] == ["visit.arrived", "visit.oversize"]
    assert story.is_read().asked(Identify)[0].oversize


def test_a_decision_that_did_not_know_is_asked_for_anew() -> None:
    """The beam breaks while the desk decides: its answer for an ordinary vehicle is not shown."""
    story = seen(measuring().rolls_up().is_read())
    decided(story, tall=False).must_be(Phase.IDENTIFYING)
    assert story.asked(Identify)[0].oversize
    assert story.state.message.kind is MessageKind.BLANK
    decided(story, tall=True).must_be(Phase.DIRECTED)


def test_after_the_direction_the_beam_speaks_of_the_next() -> None:
    """Who is on its way already is not called back; its lane measures it."""
    story = measuring().rolls_up().is_read()
    seen(decided(story, tall=False)).must_be(Phase.DIRECTED)
    assert story.arming(Occupancy.CLEAR).rolls_up().passage.oversize


def test_a_detector_that_cannot_say_counts_as_oversize() -> None:
    """Unknown is not low: until it is known again, every vehicle is."""
    story = contact_is(measuring(), Contact.HEIGHT, LOST).rolls_up()
    assert story.passage.oversize
    story.is_read()
    decided(story, tall=True).arming(Occupancy.CLEAR)
    contact_is(story, Contact.HEIGHT, NORMAL)
    assert not story.rolls_up().passage.oversize


def test_one_that_is_held_at_the_approach_is_told_to_the_officer() -> None:
    """Unread and high: the finding stands beside the other; seen later, the officer is called again."""
    early = seen(measuring()).rolls_up().is_not_read().must_be(Phase.HELD)
    (update,) = [one for one in early.asked(UpdateVisit) if one.findings]
    assert [finding.code for finding in update.findings or ()] == ["unread-plate", "oversize"]
    late = seen(measuring().rolls_up().is_not_read())
    assert [call.reason for call in late.ever(CallOfficer)][-1] == oversize.SEEN.detail
    assert late.state.message.kind is MessageKind.WAIT, "the one text, whatever the cause"
    late.tell(PlateConfirmed(at=late.at, mark=LORRY, officer="leyla"))
    assert late.asked(Identify)[0].oversize


def test_an_approach_without_the_detector_measures_nobody() -> None:
    """What is not fitted is not waited for."""
    story = Story.at_rest("approach")
    contact_is(story, Contact.HEIGHT, ACTIVE)
    assert not story.rolls_up().passage.oversize


@pytest.mark.parametrize(
    ("contact", "kind"),
    [
        (Contact.CABINET, "lane.cabinet-open"),
        (Contact.MAINS, "lane.power-lost"),
        (Contact.UPS, "lane.battery-low"),
    ],
)
def test_an_approach_tells_of_its_cabinet_and_its_power(contact: Contact, kind: str) -> None:
    """An alarm and a report once, as a lane does it."""
    story = contact_is(measuring(), contact, ACTIVE)
    assert [one.kind for one in story.asked(Report)] == [kind]
    assert story.asked(CallOfficer)[0].alarm
    assert not contact_is(story, contact, NORMAL).asked(Report)


# --- in the lane ----------------------------------------------------------------------------------


def test_who_is_held_for_something_else_and_is_too_high_besides_is_told_once() -> None:
    """Or his confirmed plate would open the lane for him with nobody having looked up."""
    story = seen(lane(Contact.HEIGHT).rolls_up().is_not_read().must_be(Phase.HELD))
    assert [one.kind for one in story.ever(Report)].count("lane.oversize") == 1
    assert "too high" in story.ever(CallOfficer)[-1].reason
    calls = len(story.ever(CallOfficer))
    assert len(seen(story).ever(CallOfficer)) == calls


# --- at the desk ----------------------------------------------------------------------------------


async def _has_filed(house: House, corridor: Corridor) -> None:
    bare = replace(plain(), marks=(LORRY,))
    await house.files(house.keys.sealed(CorridorVerdict(bare.number, corridor, None, None), bare))


def _balanced(house: House, *, tall: tuple[str, ...]) -> None:
    """Lanes 1 and 2 both serve GREEN; those in `tall` take oversize. The desk balances over them."""
    for name in ("lane-1", "lane-2"):
        point = house.points[name]
        config = replace(point.machine.config, corridors=(Corridor.GREEN,), takes_oversize=name in tall)
        point.machine = replace(point.machine, config=config)
    house.desk._choose_lane = Balancer(house.points, house.queues).choose


async def _comes_high(house: House) -> str:
    at = house.clock.now()
    house.points["approach"].post(ContactChanged(at=at, contact=Contact.HEIGHT, state=ACTIVE))
    house.points["approach"].post(ContactChanged(at=at, contact=Contact.HEIGHT, state=NORMAL))
    return await house.approaches(read(LORRY))


def _fits(tall: tuple[str, ...]) -> Callable[[House], None]:
    def prepare(house: House) -> None:
        point = house.points["approach"]
        point.machine = replace(point.machine, config=MEASURING.config)
        _balanced(house, tall=tall)

    return prepare


async def _rests(house: House) -> None:
    for contact in FITTED.contacts:
        event = ContactChanged(at=house.clock.now(), contact=contact, state=NORMAL)
        house.points["approach"].post(event)
    await house.rests("approach", "lane-1", "lane-2")


async def test_a_high_lorry_is_sent_past_the_ordinary_lanes(tmp_path: Path) -> None:
    """Lane 1 is as empty as lane 2, and only lane 2 takes oversize: there it goes, on record."""
    async with gatehouse(tmp_path, ("approach", "green", "blue"), prepare=_fits(("lane-2",))) as house:
        await _rests(house)
        await _has_filed(house, Corridor.GREEN)
        visit = await _comes_high(house)
        assert (await house.knows(visit)).lane == "lane-2"
        assert rows(tmp_path / "journal.db", "SELECT kind FROM outbox WHERE kind = 'visit.oversize'")


async def test_without_a_lane_that_fits_it_is_held_and_remembered(tmp_path: Path) -> None:
    """HOLD with a finding of its own; in the holding bay it still is too high, until a lane opens."""
    async with gatehouse(tmp_path, ("approach", "green", "blue"), prepare=_fits(())) as house:
        await _rests(house)
        await _has_filed(house, Corridor.GREEN)
        visit_id = await _comes_high(house)
        held = await house.knows(visit_id)
        assert held.status is VisitStatus.HELD
        assert [finding.code for finding in held.findings][-1] == "no-oversize-lane"
        assert "GREEN" not in held.findings[-1].detail, "the corridor goes unspoken"
        again = Identify(visit_id, ARRIVED.isoformat(), _who(house))
        decided_again = await house.desk.identify("holding-bay", again, at_terminal=False)
        assert decided_again.lane is None
        _balanced(house, tall=("lane-1",))
        found = await house.desk.identify("holding-bay", again, at_terminal=False)
        assert (found.lane, found.oversize) == ("lane-1", True)


async def test_one_held_for_another_reason_keeps_its_height(tmp_path: Path) -> None:
    """No declaration: held; the finding of its height stands beside, for whoever settles the other."""
    async with gatehouse(tmp_path, ("approach", "green", "blue"), prepare=_fits(("lane-2",))) as house:
        await _rests(house)
        visit = await house.knows(await _comes_high(house))
        codes = [finding.code for finding in visit.findings]
        assert len(codes) > 1
        assert codes[-1] == "oversize"
        await house.store.ledger.commit(step(UpdateVisit(visit.visit_id, VisitStatus.HELD)))
        assert oversize.was_seen((await house.knows(visit.visit_id)).findings)


def _who(house: House) -> Identification:
    passage = house.points["approach"].state.passage
    assert passage is not None
    return Identification(passage.by, passage.mark, None)
