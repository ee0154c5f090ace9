"""Two officers where one alone could choose the declaration: far corrections, and numbers of other plates."""

from __future__ import annotations

import json

import pytest

from gate.lanes.acts import ConfirmPlate, EnterCargoNumber, EnterNumber
from gate.lanes.state import Phase
from gate.model import Corridor, RegistrationMark, VisitStatus, parse_cargo
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does, in_the_bay
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, TWO, declared, openings
from tests.store.kept import rows

OTHER = "rashad"
ALMOST = RegistrationMark("1OAA123")
"""What a reader makes of LORRY's plate on a bad day."""
CARGO = parse_cargo("10500/6/03/0042")


async def held(house: House, plate: RegistrationMark = ALMOST, *, sure: bool = True) -> str:
    """A vehicle read as `plate` is held and has gone to the bay."""
    visit_id = await house.approaches(read(plate, sure=sure))
    await house.moves_on()
    return visit_id


def confirm(visit_id: str, mark: RegistrationMark = LORRY, second: str | None = None) -> ConfirmPlate:
    """An officer in the bay says what the plate is."""
    return ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=mark, second=second)


# --- plates ---------------------------------------------------------------------------------------


async def test_a_near_match_opens_nothing_until_one_officer_has_looked(open_house: House) -> None:
    """8.0.1: 1OAA123 was read, 10AA123 is declared: a candidate, and one officer's eyes are enough."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await held(open_house)
    (near, _) = (await open_house.knows(visit_id)).findings
    assert near.code == "near-match"
    assert LORRY in near.detail
    assert openings(open_house) == []
    assert await does(open_house, confirm(visit_id)) == "directed to lane 4 (RED)"


@pytest.mark.parametrize("sure", [True, False])
async def test_a_correction_beyond_a_near_match_takes_two(open_house: House, sure: bool) -> None:
    """The reader saw a van's plate, surely or not; that it is the lorry's, one officer alone cannot say."""
    await open_house.files(declared(open_house))
    visit_id = await held(open_house, VAN, sure=sure)
    alone = await open_house.checkpoint.act(confirm(visit_id))
    assert (alone.done, alone.needs_second) == (False, True)
    assert f"{VAN} was read, which is not near to {LORRY}" in alone.message
    assert openings(open_house) == []
    assert "directed to lane 1" in await does(open_house, confirm(visit_id, second=OTHER))
    acts = rows(open_house.data / "journal.db", "SELECT body FROM journal WHERE kind = 'Act' ORDER BY seq")
    last = json.loads(str(acts[-1][0]))["act"]
    assert (last["officer"], last["second"]) == (WHO, OTHER)
    story = [line.what for line in await open_house.store.ledger.story(visit_id)]
    assert f"{WHO} and {OTHER}: ConfirmPlate" in story


@pytest.mark.parametrize("same", [WHO, WHO.upper(), f"  {WHO} "])
async def test_one_person_is_not_two(open_house: House, same: str) -> None:
    """However the name is written, and even where no second officer is wanted."""
    await open_house.files(declared(open_house))
    for plate in (VAN, ALMOST):
        visit_id = await held(open_house, plate)
        refused = await open_house.checkpoint.act(confirm(visit_id, second=same))
        assert not refused.done
        assert "another person" in refused.message
    assert openings(open_house) == []


async def test_an_unread_plate_is_one_officers_to_read(open_house: House) -> None:
    """Nothing was read, so nothing is corrected (8.0.1)."""
    await open_house.files(declared(open_house))
    visit_id = await in_the_bay(open_house)
    assert "directed to lane 1" in await does(open_house, confirm(visit_id))


async def test_what_a_reader_makes_of_dirt_is_no_plate(open_house: House) -> None:
    """Unsure, and written as no state writes its marks: nobody's plate is corrected by an officer's eyes."""
    await open_house.files(declared(open_house))
    visit_id = await held(open_house, RegistrationMark("2046"), sure=False)
    assert "directed to lane 1" in await does(open_house, confirm(visit_id))


async def test_what_the_other_reader_saw_is_no_far_correction(open_house: House) -> None:
    """Camera and gate disagree, so neither is sure; an officer who finds one of them right is enough."""
    await open_house.files(declared(open_house))
    unsure = read(VAN, sure=False)
    both = unsure.__class__(unsure.mark, unsure.country, 0.9, 2, False, unsure.evidence, rivals=(LORRY,))
    visit_id = await open_house.approaches(both)
    await open_house.moves_on()
    assert "directed to lane 1" in await does(open_house, confirm(visit_id))


async def test_it_is_the_same_rule_at_the_approach_and_in_a_lane(open_house: House) -> None:
    """Where the vehicle stands makes no difference."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches(read(VAN))
    here = ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY)
    assert (await open_house.checkpoint.act(here)).needs_second
    await does(
        open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY, second=OTHER)
    )
    await open_house.phase("approach", Phase.DIRECTED)
    await open_house.moves_on()
    await open_house.rolls_up("lane-4", read(VAN))
    await open_house.phase("lane-4", Phase.HELD)
    lane = ConfirmPlate(officer=WHO, point="lane-4", visit_id=None, mark=LORRY)
    assert (await open_house.checkpoint.act(lane)).needs_second
    await does(open_house, ConfirmPlate(officer=WHO, point="lane-4", visit_id=None, mark=LORRY, second=OTHER))
    await open_house.phase("lane-4", Phase.CONTROL)


# --- numbers --------------------------------------------------------------------------------------


def enter(visit_id: str, number: str = TWO, second: str | None = None) -> EnterNumber:
    """An officer enters a number at the carrier's request."""
    return EnterNumber(officer=WHO, visit_id=visit_id, number=type(TWO)(number), second=second)


async def test_a_number_of_another_plate_takes_two(open_house: House) -> None:
    """The tractor was changed on the way: what the papers say, two officers vouch for."""
    await open_house.files(declared(open_house, Corridor.YELLOW, as_number=TWO, marks=(VAN,)))
    visit_id = await held(open_house, LORRY)
    alone = await open_house.checkpoint.act(enter(visit_id))
    assert (alone.done, alone.needs_second) == (False, True)
    assert f"{LORRY} was seen, and this number is declared with {VAN}" in alone.message
    assert await does(open_house, enter(visit_id, second=OTHER)) == "directed to lane 3 (YELLOW)"
    assert openings(open_house) == [(TWO, "YELLOW")]


async def test_two_officers_cannot_trade_a_red_declaration_for_a_green_one(open_house: House) -> None:
    """1.3: the plate's own declaration stays beside the number's; the strictest sets the lane."""
    open_house.closed.add(Corridor.RED)
    await open_house.files(
        declared(open_house, Corridor.RED), declared(open_house, as_number=TWO, marks=(VAN,))
    )
    visit_id = await held(open_house, LORRY)
    open_house.closed.clear()
    assert await does(open_house, enter(visit_id, second=OTHER)) == "directed to lane 4 (RED)"
    assert openings(open_house) == [(ONE, "RED"), (TWO, "GREEN")]


async def test_at_the_approach_a_number_of_another_plate_takes_two_as_well(open_house: House) -> None:
    """And a number that was vouched for is vouched for that plate only."""
    await open_house.files(declared(open_house, as_number=TWO, marks=(VAN,)))
    visit_id = await open_house.approaches(read(LORRY))
    assert (await open_house.checkpoint.act(enter(visit_id))).needs_second
    await does(open_house, enter(visit_id, second=OTHER))
    await open_house.phase("approach", Phase.DIRECTED)


async def test_a_number_vouched_for_is_vouched_for_that_plate_only(open_house: House) -> None:
    """Another plate is confirmed afterwards: the two officers said nothing about that one."""
    third = RegistrationMark("1OAA128")
    await open_house.files(declared(open_house, as_number=TWO, marks=(VAN,), site="astara"))
    visit_id = await open_house.approaches(read(ALMOST))
    await does(open_house, enter(visit_id, second=OTHER))
    await open_house.phase("approach", Phase.HELD)
    assert [f.code for f in (await open_house.knows(visit_id)).findings] == ["other-checkpoint"]
    await does(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=third))
    await open_house.phase("approach", Phase.HELD)
    codes = [f.code for f in (await open_house.knows(visit_id)).findings]
    assert "plate-number-disagree" in codes


async def test_a_driver_never_lifts_it(open_house: House) -> None:
    """What a driver types after two officers is his alone."""
    await open_house.files(declared(open_house, as_number=TWO, marks=(VAN,), site="astara"))
    visit_id = await open_house.approaches(read(LORRY))
    await does(open_house, enter(visit_id, second=OTHER))
    await open_house.phase("approach", Phase.HELD)
    await open_house.checkpoint.give_number("approach", TWO)
    await does(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY))
    await open_house.phase("approach", Phase.HELD)
    assert "plate-number-disagree" in [f.code for f in (await open_house.knows(visit_id)).findings]


async def test_a_preliminary_code_stands_for_its_notification(open_house: House) -> None:
    """001: the code finds the linked notification; with the plate it is identified as by its number."""
    await open_house.files(declared(open_house, preliminary=TWO))
    visit_id = await in_the_bay(open_house)
    await does(open_house, confirm(visit_id))
    assert (await open_house.knows(visit_id)).status is VisitStatus.DIRECTED
    again = await held(open_house, LORRY)
    assert "plate-number-disagree" not in await does(open_house, enter(again, TWO))


# --- the cargo declaration ------------------------------------------------------------------------


async def test_a_cargo_declarations_number_identifies_a_held_visit(open_house: House) -> None:
    """003, box 7: off the papers at the desk, with the plate seen; another plate's takes two officers."""
    await open_house.files(declared(open_house, as_number=TWO, marks=(VAN,), cargo=CARGO))
    visit_id = await held(open_house, LORRY)
    act = EnterCargoNumber(officer=WHO, visit_id=visit_id, cargo=CARGO)
    assert (await open_house.checkpoint.act(act)).needs_second
    two = EnterCargoNumber(officer=WHO, visit_id=visit_id, cargo=CARGO, second=OTHER)
    assert "directed to lane 1" in await does(open_house, two)
    (story,) = [line.what for line in await open_house.store.ledger.story(visit_id) if "cargo" in line.what]
    assert f"the cargo declaration entered by {WHO} and {OTHER} finds 1 declaration" in story


async def test_a_cargo_number_that_finds_nothing_or_two_holds(open_house: House) -> None:
    """One cargo declaration may cover several notifications: on this plate they are all looked at."""
    await open_house.files(
        declared(open_house, cargo=CARGO), declared(open_house, as_number=TWO, cargo=CARGO, marks=(VAN,))
    )
    visit_id = await held(open_house, ALMOST)
    act = EnterCargoNumber(officer=WHO, visit_id=visit_id, cargo=CARGO, second=OTHER)
    assert "finds 2 declarations" in await does(open_house, act)
    nothing = EnterCargoNumber(officer=WHO, visit_id=visit_id, cargo=parse_cargo("10500/6/03/0043"))
    assert "not registered with this plate" in await does(open_house, nothing)
    assert openings(open_house) == []
