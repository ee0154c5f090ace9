"""A second officer at his own screen: asked, he agrees or not, and what was asked is done once or never."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gate.lanes.acts import (
    ActResult,
    AgreeAsSecond,
    AskSecond,
    ConfirmPlate,
    DeclineAsSecond,
    EnterCargoNumber,
    EnterNumber,
    ReferVisit,
    Seconded,
    WithdrawAsking,
)
from gate.lanes.seconding import LASTS_SECONDS, TOLD_SECONDS
from gate.lanes.state import Phase
from gate.lanes.views import RequestView
from gate.model import Corridor, VisitStatus, parse_cargo
from tests.lanes.gatehouse import BorderClock, House, gatehouse
from tests.lanes.looks import BOOTH, journalled_acts, looks
from tests.lanes.officers import in_the_bay
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, TWO, declared, openings
from tests.lanes.test_seconding import confirm, enter
from tests.sealing.made import made
from tests.store.kept import rows

LEYLA, RASHAD, NIGAR = "leyla", "rashad", "nigar"
FAR = f"{VAN} was read, which is not near to {LORRY}"


async def held_as_van(house: House) -> str:
    """The lorry is declared; its plate was read as a van's."""
    await house.files(declared(house))
    visit_id = await house.approaches(read(VAN))
    await house.moves_on()
    return visit_id


async def asks(house: House, act: Seconded, visit_id: str | None) -> ActResult:
    """The first officer asks, having looked."""
    asking = AskSecond(officer=act.officer, asked=act, visit_id=visit_id)
    point = act.point if isinstance(act, ConfirmPlate) else None
    return await house.checkpoint.act(await looks(house, asking, visit_id=visit_id, point=point))


async def requested(house: House) -> RequestView:
    """The one request on every console."""
    (request,) = (await house.checkpoint.overview()).requests
    return request


async def agrees(house: House, request: RequestView, officer: str = RASHAD) -> ActResult:
    """Another officer looks, and agrees."""
    act = AgreeAsSecond(officer=officer, request_id=request.request_id, visit_id=request.sight.visit_id)
    return await house.checkpoint.act(await looks(house, act, point=request.sight.point))


async def test_he_agrees_at_his_own_screen_and_it_is_done_in_both_names(open_house: House) -> None:
    """The request says who asks what and why; both names, both times and both looks are on record."""
    visit_id = await held_as_van(open_house)
    told = await asks(open_house, confirm(visit_id), visit_id)
    assert told.done, told.message
    request = await requested(open_house)
    assert (request.officer, request.act, request.asked, request.why) == (LEYLA, "ConfirmPlate", LORRY, FAR)
    assert request.sight.evidence == read(VAN).evidence
    assert 0 < request.seconds_left <= LASTS_SECONDS
    assert openings(open_house) == []

    open_house.clock.passes(timedelta(seconds=150))
    done = await agrees(open_house, request)
    assert "directed to lane 1" in done.message
    assert openings(open_house) == [(ONE, "GREEN")]
    asked, confirmed, agreed = journalled_acts(open_house)
    assert [one["act"]["type"] for one in (asked, confirmed, agreed)] == [
        "AskSecond",
        "ConfirmPlate",
        "AgreeAsSecond",
    ]
    assert (confirmed["act"]["officer"], confirmed["act"]["second"]) == (LEYLA, RASHAD)
    assert agreed["act"]["officer"] == RASHAD
    assert asked["act"]["seen"]["asked_at"] < agreed["act"]["seen"]["asked_at"]
    for one in (confirmed, agreed):
        assert one["act"]["seen"]["sight"]["evidence"] == list(read(VAN).evidence)
    story = [line.what for line in await open_house.store.ledger.story(visit_id)]
    assert f"{LEYLA} and {RASHAD}: ConfirmPlate" in story
    assert [line for line in story if line.startswith(f"{RASHAD}: AgreeAsSecond")]


async def test_the_chain_keeps_who_and_when_and_no_plate(open_house: House) -> None:
    """What outlives an erasure: names, times, pictures by their digest; not what was read or asked."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    await agrees(open_house, await requested(open_house))
    chained = rows(open_house.data / "journal.db", "SELECT body FROM journal WHERE kind = 'Act' ORDER BY seq")
    told = [str(body) for (body,) in chained]
    assert all(name in "".join(told) for name in (LEYLA, RASHAD, "asked_at", *read(VAN).evidence))
    assert not [body for body in told if VAN in body or LORRY in body or BOOTH in body]


async def test_the_first_one_is_shown_what_became_of_it(open_house: House) -> None:
    """For a minute; then it is gone from the screens."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    await agrees(open_house, await requested(open_house))
    assert "rashad agreed: directed to lane 1" in (await requested(open_house)).answer
    open_house.clock.passes(timedelta(seconds=TOLD_SECONDS))
    assert (await open_house.checkpoint.overview()).requests == ()


@pytest.mark.parametrize("same", [LEYLA, LEYLA.upper(), f" {LEYLA} "])
async def test_nobody_agrees_with_himself(open_house: House, same: str) -> None:
    """However his name is written; the request goes on waiting for another."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    request = await requested(open_house)
    told = await agrees(open_house, request, same)
    assert (told.done, "another person" in told.message) == (False, True)
    no = DeclineAsSecond(officer=same, request_id=request.request_id)
    assert "withdraw it" in (await open_house.checkpoint.act(no)).message
    assert (await requested(open_house)).answer == ""
    assert (await agrees(open_house, request)).done


@pytest.mark.parametrize("officers", [(RASHAD, NIGAR), (NIGAR, RASHAD)], ids=" then ".join)
async def test_of_two_who_answer_at_once_one_wins(open_house: House, officers: tuple[str, str]) -> None:
    """Done once, in the first one's name; the other is told whose."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    request = await requested(open_house)
    async with asyncio.TaskGroup() as group:
        one, two = [group.create_task(agrees(open_house, request, officer)) for officer in officers]
    assert one.result().done
    assert not two.result().done
    assert f"{officers[0]} agreed" in two.result().message
    seconds = [one["act"]["second"] for one in journalled_acts(open_house) if "second" in one["act"]]
    assert seconds == [officers[0]]
    assert openings(open_house) == [(ONE, "GREEN")]


async def test_declined_or_withdrawn_it_is_not_done(open_house: House) -> None:
    """Each is on record; what is over cannot be agreed to; and it may be asked anew."""
    visit_id = await held_as_van(open_house)
    for ending, officer in ((DeclineAsSecond, RASHAD), (WithdrawAsking, LEYLA)):
        assert (await asks(open_house, confirm(visit_id), visit_id)).done
        request = (await open_house.checkpoint.overview()).requests[-1]
        wrong = WithdrawAsking(officer=NIGAR, request_id=request.request_id)
        assert not (await open_house.checkpoint.act(wrong)).done
        told = await open_house.checkpoint.act(ending(officer=officer, request_id=request.request_id))
        assert (told.done, "nothing was done" in told.message) == (True, True)
        late = await agrees(open_house, request, NIGAR)
        assert (late.done, "is over" in late.message) == (False, True)
        assert late.earlier is not None
        assert late.earlier.officer == officer
    assert openings(open_house) == []
    assert [one["act"]["type"] for one in journalled_acts(open_house) if one["done"]] == [
        "AskSecond",
        "DeclineAsSecond",
        "AskSecond",
        "WithdrawAsking",
    ]


async def test_after_three_minutes_it_is_void(open_house: House) -> None:
    """Screens drop it by themselves, the record says that nobody agreed, and nobody can any more."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    request = await requested(open_house)
    open_house.clock.passes(timedelta(seconds=LASTS_SECONDS))
    open_house.hub.change()
    await open_house.until(lambda: not open_house.checkpoint.requests.waiting())
    assert "is over (nobody agreed in time)" in (await agrees(open_house, request)).message
    kept = [one for one in journalled_acts(open_house) if one["act"]["type"] == "AskSecond"]
    assert [(one["done"], "nobody agreed in time" in one["message"]) for one in kept] == [
        (True, False),
        (False, True),
    ]
    assert openings(open_house) == []


async def test_agreed_to_a_moment_too_late_is_too_late(open_house: House) -> None:
    """The screen still showed it: the gate's own clock counts."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    request = await requested(open_house)
    act = AgreeAsSecond(officer=RASHAD, request_id=request.request_id, visit_id=visit_id)
    seen = await looks(open_house, act)
    open_house.clock.passes(timedelta(seconds=LASTS_SECONDS))
    told = await open_house.checkpoint.act(seen)
    assert (told.done, "nobody agreed in time" in told.message) == (False, True)
    assert openings(open_house) == []


async def test_it_is_withdrawn_when_the_visit_changes(open_house: House) -> None:
    """A colleague refers the vehicle meanwhile: the request leaves every screen."""
    visit_id = await held_as_van(open_house)
    await asks(open_house, confirm(visit_id), visit_id)
    request = await requested(open_house)
    refer = ReferVisit(officer=NIGAR, visit_id=visit_id, reason="transit")
    assert (await open_house.checkpoint.act(refer)).done
    await open_house.until(lambda: not open_house.checkpoint.requests.waiting())
    assert "the visit is referred now" in (await requested(open_house)).answer
    assert not (await agrees(open_house, request)).done
    assert (await open_house.knows(visit_id)).status is VisitStatus.REFERRED


async def test_it_is_withdrawn_when_the_lane_moves_on(open_house: House) -> None:
    """In a lane the vehicle is known by standing there: gone, and another in its place, it is void."""
    await open_house.rolls_up("lane-4", read(VAN, sure=False))
    await open_house.phase("lane-4", Phase.HELD)
    act = ConfirmPlate(officer=LEYLA, point="lane-4", visit_id=None, mark=LORRY)
    assert (await asks(open_house, act, None)).done
    request = await requested(open_house)
    await open_house.moves_on("lane-4")
    await open_house.until(lambda: not open_house.checkpoint.requests.waiting())
    await open_house.rolls_up("lane-4", read(VAN, sure=False))
    await open_house.phase("lane-4", Phase.HELD)
    assert not (await agrees(open_house, request)).done
    passage = open_house.points["lane-4"].state.passage
    assert passage is not None
    assert passage.mark is None


async def test_in_a_lane_it_is_done_where_the_vehicle_stands(open_house: House) -> None:
    """Asked and agreed to about a vehicle that no visit is known of yet."""
    await open_house.has_directed("v-1", Corridor.RED, "lane-4")
    await open_house.rolls_up("lane-4", read(VAN, sure=False))
    await open_house.phase("lane-4", Phase.HELD)
    act = ConfirmPlate(officer=LEYLA, point="lane-4", visit_id=None, mark=LORRY)
    await asks(open_house, act, None)
    assert (await agrees(open_house, await requested(open_house))).done
    await open_house.phase("lane-4", Phase.CONTROL)


async def test_numbers_are_asked_about_as_plates_are(open_house: House) -> None:
    """8.0.2: a notification's, and a cargo declaration's off the papers, declared with another plate."""
    cargo = parse_cargo("10500/6/03/0042")
    other = declared(open_house, Corridor.YELLOW, as_number=TWO, marks=(VAN,), cargo=cargo)
    await open_house.files(other)
    visit_id = await open_house.approaches(read(LORRY))
    await open_house.moves_on()
    by_cargo = EnterCargoNumber(officer=LEYLA, visit_id=visit_id, cargo=cargo)
    await asks(open_house, by_cargo, visit_id)
    request = await requested(open_house)
    assert (request.asked, request.why) == (
        cargo,
        f"{LORRY} was seen, and this number is declared with {VAN}",
    )
    assert not (await asks(open_house, enter(visit_id), visit_id)).done, "one question at a time"
    assert "directed to lane 3" in (await agrees(open_house, request)).message


async def test_where_one_is_enough_nobody_is_asked(open_house: House) -> None:
    """A plate that could not be read, a number of this very plate."""
    await open_house.files(declared(open_house))
    visit_id = await in_the_bay(open_house)
    told = await asks(open_house, confirm(visit_id), visit_id)
    assert (told.done, "one officer is enough" in told.message) == (False, True)
    number = EnterNumber(officer=LEYLA, visit_id=visit_id, number=ONE)
    assert not (await asks(open_house, number, visit_id)).done
    blind = AskSecond(officer=LEYLA, asked=confirm(visit_id), visit_id=visit_id)
    assert "look at the vehicle first" in (await open_house.checkpoint.act(blind)).message


async def test_a_restart_makes_it_void(tmp_path: Path) -> None:
    """The same box starts again: the request is unknown, nothing was done, and it may be asked anew."""
    keys, clock = made(), BorderClock()
    async with gatehouse(tmp_path, ("approach", "green"), keys=keys, clock=clock) as before:
        await before.rests("approach", "lane-1")
        visit_id = await held_as_van(before)
        await asks(before, confirm(visit_id), visit_id)
        request = await requested(before)
    async with gatehouse(tmp_path, ("approach", "green"), boot="boot2", keys=keys, clock=clock) as again:
        assert (await again.checkpoint.overview()).requests == ()
        told = await agrees(again, request)
        assert (told.done, "nobody here knows it" in told.message) == (False, True)
        assert openings(again) == []
        assert (await asks(again, confirm(visit_id), visit_id)).done
        assert "directed to lane 1" in (await agrees(again, await requested(again))).message
        assert openings(again) == [(ONE, "GREEN")]
