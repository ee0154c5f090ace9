"""Who has come: plates that come twice, strange trailers, numbers of other plates, and no number at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gate.lanes.acts import ConfirmPlate, EnterNumber, TurnBack
from gate.lanes.rules.decide import decide
from gate.lanes.rules.policy import Policy
from gate.lanes.state import Phase
from gate.model import (
    Corridor,
    Identification,
    IdentifiedBy,
    Outcome,
    PlateRead,
    RegistrationMark,
    VisitStatus,
)
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import TWO, declared
from tests.lanes.test_rules import with_trailer
from tests.store.kept import rows

TRAILER, STRANGER = RegistrationMark("33TT333"), RegistrationMark("44TT444")


async def codes(house: House, visit_id: str) -> list[str]:
    """The visit's findings."""
    return [finding.code for finding in (await house.knows(visit_id)).findings]


async def alarms(house: House) -> list[str]:
    """Why officers are called by an alarm."""
    return [call.reason for call in await house.store.ledger.open_calls() if call.alarm]


async def stands_in_red(house: House) -> str:
    """LORRY was directed to RED and stands in its lane."""
    await house.files(declared(house, Corridor.RED))
    visit_id = await house.approaches()
    await house.moves_on()
    await house.rolls_up("lane-4")
    await house.phase("lane-4", Phase.CONTROL)
    return visit_id


# --- one plate, two vehicles --------------------------------------------------------------------


async def test_a_plate_that_stands_in_a_lane_cannot_come_to_the_approach(open_house: House) -> None:
    """Two vehicles with one plate: the new one is held by an alarm that names both visits."""
    first = await stands_in_red(open_house)
    second = await open_house.approaches()
    assert "cloned-plate" in await codes(open_house, second)
    (alarm,) = [why for why in await alarms(open_house) if "two vehicles" in why]
    assert first in alarm
    assert second in alarm
    assert "stands at lane-4" in alarm
    assert "cloned-plate" in await codes(open_house, first), "the first visit says so too"
    journal = open_house.data / "journal.db"
    ((body,),) = rows(journal, "SELECT body FROM outbox WHERE kind = 'alarm.cloned-plate'")
    assert set(json.loads(str(body))["visits"]) == {first}
    lines = [line.what for line in await open_house.store.ledger.story(first)]
    assert any("a second vehicle with the plate" in line for line in lines)


async def test_a_plate_held_inside_that_comes_again_is_held_too(open_house: House) -> None:
    """Its vehicle was sent to the holding bay and has not left; and settling either frees the other."""
    first = await open_house.approaches()
    await open_house.moves_on()
    await open_house.files(declared(open_house))
    second = await open_house.approaches()
    assert await codes(open_house, second) == ["cloned-plate"]
    assert (await open_house.knows(second)).corridor is None, "nothing was opened"
    await does(open_house, TurnBack(officer=WHO, visit_id=first, reason="false plates"))
    await does(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=second, mark=LORRY))
    await open_house.phase("approach", Phase.DIRECTED)


async def test_the_held_first_vehicle_does_not_slip_through_while_its_double_waits(open_house: House) -> None:
    """Both ways: confirming the first vehicle in the bay finds the second one standing at the approach."""
    first = await open_house.approaches()
    await open_house.moves_on()
    await open_house.files(declared(open_house))
    await open_house.approaches()
    said = await does(open_house, ConfirmPlate(officer=WHO, point="holding-bay", visit_id=first, mark=LORRY))
    assert "still held" in said
    assert "two vehicles" in said


async def test_a_directed_plate_that_comes_again_keeps_its_finding_and_alarms(open_house: House) -> None:
    """It has not left: `opened-before` as ever, and beside it that there may be two vehicles."""
    await open_house.files(declared(open_house, Corridor.RED))
    await open_house.approaches()
    await open_house.moves_on()
    again = await open_house.approaches()
    assert await codes(open_house, again) == ["opened-before", "cloned-plate"]


async def test_a_vehicle_that_left_and_came_back_is_no_double(open_house: House) -> None:
    """The visit that turned round is over: the finding says so, and nobody is alarmed."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    await does(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="refuses the control"))
    again = await open_house.approaches()
    assert await codes(open_house, again) == ["turned-round"]
    assert await alarms(open_house) == []


async def test_a_re_read_in_its_own_lane_is_no_double(open_house: House) -> None:
    """The same vehicle read again where it was directed goes on, even confirmed by sight afterwards."""
    visit_id = await stands_in_red(open_house)
    assert await alarms(open_house) == []
    assert "cloned-plate" not in await codes(open_house, visit_id)


async def test_a_double_in_another_lane_is_held_there(open_house: House) -> None:
    """The plate stands in RED and is read in GREEN at the same time: held, alarmed, not released."""
    first = await stands_in_red(open_house)
    await open_house.rolls_up("lane-1")
    await open_house.phase("lane-1", Phase.HELD)
    assert any("stands at lane-4" in why for why in await alarms(open_house))
    assert open_house.io["lane-1"].told("raise") == []
    assert "cloned-plate" in await codes(open_house, first)


async def test_a_green_vehicle_meets_its_double_in_the_bay(open_house: House) -> None:
    """Directed first, doubled behind its back: in its lane the green vehicle is not released by itself."""
    await open_house.files(declared(open_house, Corridor.GREEN))
    await open_house.approaches()
    await open_house.moves_on()
    double = await open_house.approaches()
    await open_house.moves_on()
    await open_house.rolls_up("lane-1")
    await open_house.phase("lane-1", Phase.HELD)
    assert open_house.io["lane-1"].told("raise") == []
    await does(open_house, TurnBack(officer=WHO, visit_id=double, reason="false plates"))
    await does(open_house, ConfirmPlate(officer=WHO, point="lane-1", visit_id=None, mark=LORRY))
    await open_house.phase("lane-1", Phase.RAISING)


async def test_another_plate_beside_a_standing_one_is_nobodys_double(open_house: House) -> None:
    """Doubles are of one plate."""
    await stands_in_red(open_house)
    await open_house.files(declared(open_house, as_number=TWO, marks=(VAN,)))
    visit_id = await open_house.approaches(read(VAN))
    assert (await open_house.knows(visit_id)).status is VisitStatus.DIRECTED


# --- trailers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rear", "held"),
    [
        (read(TRAILER), False),
        (read(STRANGER), True),
        (read(STRANGER, sure=False), False),
        (read(LORRY), False),
        (None, False),
    ],
    ids=["the declared one", "a strange one", "unsure", "the tractor's own mark", "unread"],
)
async def test_only_a_surely_read_strange_trailer_holds(
    open_house: House, rear: PlateRead | None, held: bool
) -> None:
    """8.0.1: what was not surely read at the rear opens nothing and contradicts nothing."""
    await open_house.files(declared(open_house, marks=(LORRY, TRAILER)))
    visit_id = await open_house.approaches(trailer=rear)
    assert await codes(open_house, visit_id) == (["trailer-mismatch"] if held else ["directed"])
    visit = await open_house.knows(visit_id)
    assert visit.opened is not held
    pictures = await open_house.store.ledger.evidence(visit_id)
    assert len(pictures) == (2 if rear is None else 4)


@pytest.mark.parametrize("front", [None, read(LORRY, sure=False)], ids=["front unread", "front unsure"])
async def test_a_rear_plate_alone_opens_nothing(open_house: House, front: PlateRead | None) -> None:
    """8.0.1: the front plate identifies; a rear one, however sure and declared, is no substitute for it."""
    await open_house.files(declared(open_house))
    visit_id = await open_house.approaches(front, unread=front is None, trailer=read(LORRY))
    assert await codes(open_house, visit_id) == ["unread-plate"]
    assert not (await open_house.knows(visit_id)).opened


async def test_a_strange_trailer_stays_strange_in_the_holding_bay(open_house: House) -> None:
    """Confirming the front plate there does not undo what the rear camera saw; an amendment does."""
    await open_house.files(declared(open_house, marks=(LORRY, TRAILER)))
    visit_id = await open_house.approaches(trailer=read(STRANGER))
    await open_house.moves_on()
    act = ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=LORRY)
    assert "44TT444 was read" in await does(open_house, act)
    amended = declared(open_house, marks=(LORRY, STRANGER), version=99)
    await open_house.files(amended)
    assert "directed to lane" in await does(open_house, act)


@pytest.mark.parametrize(
    ("trailer", "by", "code"),
    [
        (None, IdentifiedBy.PLATE, "trailer-unread"),
        (LORRY, IdentifiedBy.PLATE, "trailer-unread"),
        (TRAILER, IdentifiedBy.PLATE, None),
        (None, IdentifiedBy.SIGHT, None),
        (STRANGER, IdentifiedBy.SIGHT, "trailer-mismatch"),
    ],
)
def test_policy_may_demand_that_a_declared_trailer_is_read(
    trailer: RegistrationMark | None, by: IdentifiedBy, code: str | None
) -> None:
    """`trailer_required`: silence of the rear camera holds, unless an officer has looked at the vehicle."""
    facts = with_trailer(TRAILER)
    who = Identification(frozenset({by}), LORRY, None, trailer=trailer)
    decision = decide(replace(facts, identification=who), Policy("strict", trailer_required=True))
    found = [finding.code for finding in decision.findings if finding.code.startswith("trailer")]
    assert found == ([code] if code else [])


# --- numbers ------------------------------------------------------------------------------------


async def test_a_number_declared_for_another_plate_says_which(open_house: House) -> None:
    """8.0.1: officers read both marks; the board says what it always says."""
    await open_house.files(declared(open_house), declared(open_house, as_number=TWO, marks=(VAN,)))
    visit_id = await open_house.approaches(unread=True)
    await does(open_house, EnterNumber(officer=WHO, visit_id=visit_id, number=TWO))
    await open_house.phase("approach", Phase.HELD)
    await does(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY))
    await open_house.phase("approach", Phase.HELD)
    (finding,) = (await open_house.knows(visit_id)).findings
    assert (finding.code, finding.rule, finding.outcome) == ("plate-number-disagree", "8.0.1", Outcome.HOLD)
    assert f"{LORRY} was seen, {VAN} declared" in finding.detail


@pytest.mark.parametrize(("reason", "kind"), [("no-number", "help.no-number"), ("call", "help.call")])
async def test_every_press_for_help_is_on_record_as_what_it_was(
    open_house: House, reason: str, kind: str
) -> None:
    """Both buttons of the kiosk are journalled, told to central, and bring an officer."""
    visit_id = await open_house.approaches(unread=True)
    before = len(await open_house.store.ledger.open_calls())
    await open_house.checkpoint.ask_help("approach", reason)
    journal = open_house.data / "journal.db"
    ((body,),) = rows(journal, f"SELECT body FROM outbox WHERE kind = '{kind}'")  # noqa: S608 - our kinds
    assert (json.loads(str(body))["visit"], json.loads(str(body))["point"]) == (visit_id, "approach")
    lines = [line.what for line in await open_house.store.ledger.story(visit_id)]
    assert any("the driver" in line for line in lines)
    await open_house.phase("approach", Phase.HELD)
    while len(await open_house.store.ledger.open_calls()) == before:
        await anext(open_house.hub.changes())


async def test_help_is_heard_where_no_vehicle_was_felt(open_house: House) -> None:
    """A dead loop must not make the button deaf: at a free approach the press itself calls an officer."""
    await open_house.checkpoint.ask_help("approach", "no-number")
    (call,) = await open_house.store.ledger.open_calls()
    assert (call.point, call.visit_id) == ("approach", None)
    assert "no notification number" in call.reason
    await open_house.checkpoint.ask_help("lane-1", "no-number")
    assert len(await open_house.store.ledger.open_calls()) == 1, "there is no kiosk"
