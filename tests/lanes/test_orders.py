"""Officers' orders at a checkpoint: a check on green, a hold, a single opening, a review; their limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gate.lanes.acts import AttendTerminal, ConfirmPlate, EnterNumber, ReferVisit, ReleaseVisit, TurnBack
from gate.lanes.commands import MessageKind
from gate.lanes.duty_acts import AttendLane, EndEmergencies, HoldToRun, OpenForEmergency
from gate.lanes.events import BarrierPosition, Contact, ContactChanged, ContactState, Detector, Occupancy
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.lanes.places import Place
from gate.lanes.state import Phase
from gate.model import Category, CheckSource, Corridor, NoGoods, TransportMode, VisitStatus
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.officers import WHO, does, in_control, in_the_bay, refused, reports
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, declared
from tests.store.kept import rows

LANE = "lane-1"
UP = BarrierPosition.UP


def _check(visit_id: str, source: CheckSource = CheckSource.CANINE) -> OrderCheck:
    return OrderCheck(officer=WHO, visit_id=visit_id, source=source, facts="the dog sat down at the axle")


def _release(visit_id: str) -> ReleaseVisit:
    return ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("goods",))


async def _directed(house: House, corridor: Corridor = Corridor.GREEN) -> str:
    await house.files(declared(house, corridor))
    visit_id = await house.approaches()
    assert house.points["approach"].state.phase is Phase.DIRECTED
    return visit_id


async def _held_in_lane(house: House, point: str = LANE) -> None:
    await house.rolls_up(point)
    await house.phase(point, Phase.HELD)
    assert house.points[point].state.message.kind is MessageKind.WAIT
    assert not house.io[point].told("raise")


async def _drives_through(house: House, point: str = LANE) -> None:
    await house.phase(point, Phase.RAISING)
    house.barrier(point, UP)
    house.detector(point, Detector.SAFETY, Occupancy.OCCUPIED)
    house.detector(point, Detector.ARMING, Occupancy.CLEAR)
    house.detector(point, Detector.SAFETY, Occupancy.CLEAR)
    await house.phase(point, Phase.LOWERING)
    house.barrier(point, BarrierPosition.DOWN)
    await house.phase(point, Phase.FREE)


def _sql(house: House, sql: str) -> list[tuple[object, ...]]:
    return rows(house.data / "journal.db", sql)


# --- a check on green -----------------------------------------------------------------------------


async def test_a_check_ordered_on_its_way_holds_a_green_vehicle_in_its_lane(open_house: House) -> None:
    """4.4: it keeps its corridor, is registered as ever, and is released by an officer who checked it."""
    visit_id = await _directed(open_house)
    said = await does(open_house, _check(visit_id))
    assert said == "ordered: it is held in its lane until an officer releases it"
    await open_house.moves_on()
    await _held_in_lane(open_house)
    visit = await open_house.knows(visit_id)
    assert (visit.corridor, visit.check_ordered) == (Corridor.GREEN, True)
    assert _sql(open_house, "SELECT kind FROM journal WHERE kind = 'Registered'")
    assert "name what was checked" in await refused(
        open_house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=())
    )
    await does(open_house, _release(visit_id))
    await _drives_through(open_house)
    assert _sql(open_house, "SELECT corridor, basis, officer FROM releases") == [("GREEN", "officer", WHO)]
    assert _sql(open_house, "SELECT corridor, source, officer FROM ordered_checks") == [
        ("GREEN", "canine", WHO)
    ]
    assert (await open_house.knows(visit_id)).status is VisitStatus.COMPLETED


async def test_a_check_is_ordered_once_and_not_of_whom_an_officer_releases_anyway(open_house: House) -> None:
    """Yellow and red have their control; nobody has a corridor yet who is held; two orders are one."""
    visit_id = await _directed(open_house)
    await does(open_house, _check(visit_id))
    assert "ordered already" in await refused(open_house, _check(visit_id))
    await does(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="refuses"))
    assert "over" in await refused(open_house, _check(visit_id))
    assert "no such visit" in await refused(open_house, _check("nobody"))
    empty = OrderCheck(officer=WHO, visit_id=visit_id, source=CheckSource.OTHER, facts=" ")
    assert "cite the facts" in await refused(open_house, empty)


async def test_a_red_vehicle_needs_no_order(open_house: House) -> None:
    """5.8: it is controlled whatever anybody orders."""
    visit_id = await in_control(open_house)
    assert "5.8" in await refused(open_house, _check(visit_id))
    assert open_house.points["lane-4"].state.phase is Phase.CONTROL


async def test_a_vehicle_without_a_corridor_needs_no_order(open_house: House) -> None:
    """Whoever is held is looked at anyway."""
    visit_id = await in_the_bay(open_house)
    assert "no corridor" in await refused(open_house, _check(visit_id))


async def test_a_check_that_comes_too_late_says_when_it_was_released(open_house: House) -> None:
    """From the rising boom on nothing is taken back by an order: the refusal is honest."""
    visit_id = await _directed(open_house)
    await open_house.moves_on()
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.RAISING)
    assert "already released at" in await refused(open_house, _check(visit_id))
    assert "already released at" in await refused(
        open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="a smell")
    )
    await _drives_through(open_house)
    assert "already released at" in await refused(open_house, _check(visit_id))
    assert not _sql(open_house, "SELECT * FROM ordered_checks")


async def test_a_check_and_a_release_at_one_moment_are_one_or_the_other(open_house: House) -> None:
    """Ordered while the plate is matched: it is held, or the order is refused; not both, and not neither."""
    visit_id = await _directed(open_house)
    await open_house.moves_on()
    rolling = asyncio.create_task(open_house.rolls_up(LANE))
    result = await open_house.checkpoint.act(_check(visit_id))
    await rolling
    await open_house.phase(LANE, Phase.HELD, Phase.RAISING)
    ordered = bool(_sql(open_house, "SELECT * FROM ordered_checks"))
    raising = open_house.points[LANE].state.phase is Phase.RAISING
    assert (result.done, ordered, raising) in ((True, True, False), (False, False, True))


async def test_an_ordered_check_survives_a_restart(tmp_path: Path) -> None:
    """It is bound to the visit, in the journal: the next process holds the vehicle for it."""
    async with gatehouse(tmp_path, ("approach", "green")) as house:
        await house.rests("approach", LANE)
        visit_id = await _directed(house)
        await does(house, _check(visit_id))
        await house.moves_on()
    async with gatehouse(tmp_path, ("approach", "green"), boot="boot2", keys=house.keys) as house:
        house.cursor = 100
        await house.rests("approach", LANE)
        await _held_in_lane(house)
        await does(house, _release(visit_id))
        await _drives_through(house)
    assert rows(tmp_path / "journal.db", "SELECT basis FROM releases") == [("officer",)]


async def test_confirming_its_plate_again_does_not_lose_the_order(open_house: House) -> None:
    """Matched and registered anew in its lane, it is held for the same check."""
    visit_id = await _directed(open_house)
    await does(open_house, _check(visit_id))
    await open_house.moves_on()
    await _held_in_lane(open_house)
    await does(open_house, ConfirmPlate(officer=WHO, point=LANE, visit_id=visit_id, mark=LORRY))
    await open_house.until(
        lambda: len(_sql(open_house, "SELECT 1 FROM journal WHERE kind='Registered'")) == 2
    )
    await open_house.phase(LANE, Phase.HELD)
    assert not open_house.io[LANE].told("raise")


async def test_a_check_of_baggage_is_the_officers_at_the_terminal(open_house: House) -> None:
    """8.0.2: green baggage passes as it is registered, in front of an officer."""
    await does(open_house, AttendTerminal(officer=WHO, point="hall-1", attended=True))
    await open_house.files(declared(open_house, Corridor.RED, mode=TransportMode.BAGGAGE, marks=()))
    await open_house.checkpoint.give_number("hall-1", ONE)
    await open_house.phase("hall-1", Phase.DIRECTED)
    passage = open_house.points["hall-1"].state.passage
    assert passage is not None
    assert "terminal" in await refused(open_house, _check(passage.visit_id or ""))


# --- a hold ---------------------------------------------------------------------------------------


async def test_a_hold_takes_the_direction_off_the_board(open_house: House) -> None:
    """At the approach: neutral text, as for every hold; looked at again it goes where it went before."""
    visit_id = await _directed(open_house)
    assert open_house.points["approach"].state.message.kind is MessageKind.DIRECT
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="a hidden tank?"))
    state = open_house.points["approach"].state
    assert (state.phase, state.message.kind) == (Phase.HELD, MessageKind.WAIT)
    visit = await open_house.knows(visit_id)
    assert (visit.status, visit.corridor) == (VisitStatus.HELD, Corridor.GREEN)
    assert [(f.code, f.detail) for f in visit.findings] == [
        ("held-by-officer", f"held by {WHO}: a hidden tank?")
    ]
    assert "holds it already" in await refused(
        open_house, HoldVisit(officer="rza", visit_id=visit_id, reason="me too")
    )
    await does(open_house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY))
    await open_house.phase("approach", Phase.DIRECTED)
    visit = await open_house.knows(visit_id)
    assert (visit.status, visit.corridor, visit.lane) == (VisitStatus.DIRECTED, Corridor.GREEN, LANE)


async def test_a_hold_at_the_approach_outlives_a_restart(tmp_path: Path) -> None:
    """The vehicle is read again, and not directed by that: an officer held it, an officer looks again."""
    async with gatehouse(tmp_path, ("approach", "green")) as house:
        await house.rests("approach", LANE)
        visit_id = await _directed(house)
        await does(house, HoldVisit(officer=WHO, visit_id=visit_id, reason="a hidden tank?"))
    again = gatehouse(tmp_path, ("approach", "green"), boot="boot2", keys=house.keys, clock=house.clock)
    async with again as house:
        await house.rests(LANE)
        await house.rolls_up("approach")
        await house.phase("approach", Phase.HELD)
        visit = await house.knows(visit_id)
        assert (visit.status, visit.findings[-1].code) == (VisitStatus.HELD, "held-by-officer")
        await does(house, ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY))
        await house.phase("approach", Phase.DIRECTED)


async def test_a_hold_on_its_way_is_met_in_the_lane(open_house: House) -> None:
    """Nobody stands anywhere between the approach and a lane: the lane holds whom it may not let proceed."""
    visit_id = await _directed(open_house)
    await open_house.moves_on()
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="a smell"))
    assert open_house.queues.length(LANE) == 0
    await _held_in_lane(open_house)
    assert "look at it again" in await refused(open_house, _release(visit_id))
    said = await does(open_house, ConfirmPlate(officer=WHO, point=LANE, visit_id=visit_id, mark=LORRY))
    assert said == "directed to lane 1 (GREEN)"
    await _drives_through(open_house)
    assert _sql(open_house, "SELECT corridor, basis FROM releases") == [("GREEN", "registered")]


async def test_a_red_vehicle_held_in_its_lane_is_released_by_nobody_until_looked_at_again(
    open_house: House,
) -> None:
    """What an officer stopped another does not release past him: first it is decided anew."""
    visit_id = await in_control(open_house)
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="the seal is another"))
    assert open_house.points["lane-4"].state.message.kind is MessageKind.WAIT
    other = ReleaseVisit(officer="rashad", visit_id=visit_id, checked=("goods",))
    assert "look at it again" in await refused(open_house, other)
    assert not open_house.io["lane-4"].told("raise")
    await does(open_house, ConfirmPlate(officer=WHO, point="lane-4", visit_id=visit_id, mark=LORRY))
    await open_house.phase("lane-4", Phase.CONTROL)
    await does(open_house, other)
    await open_house.phase("lane-4", Phase.RAISING)


async def test_a_hold_ends_in_the_same_corridor_or_a_stricter_one(open_house: House) -> None:
    """1.3: central's newer verdict may be stricter; the officer's look makes it no milder."""
    visit_id = await in_control(open_house)
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="look"))
    await open_house.files(declared(open_house, Corridor.GREEN, version=9))
    said = await does(open_house, ConfirmPlate(officer=WHO, point="lane-4", visit_id=visit_id, mark=LORRY))
    assert said.startswith("still held")
    assert "look at it again" in await refused(open_house, _release(visit_id))
    assert (await open_house.knows(visit_id)).corridor is Corridor.RED


async def test_by_hand_nobody_opens_for_whom_an_officer_holds(open_house: House) -> None:
    """In an attended lane, too: hold-to-run does nothing for a held vehicle."""
    visit_id = await _directed(open_house)
    await open_house.moves_on()
    act = AttendLane(officer=WHO, point=LANE, failed=frozenset({"safety"}), reason="loop cut")
    await does(open_house, act)
    await open_house.rolls_up(LANE)
    await open_house.until(lambda: _visit_at(open_house) == visit_id)
    await does(open_house, HoldVisit(officer="rza", visit_id=visit_id, reason="a smell"))
    press = HoldToRun(officer=WHO, point=LANE, visit_id=visit_id, checked=("goods",))
    assert "look at it again" in await refused(open_house, press)
    assert not open_house.io[LANE].told("raise")


def _visit_at(house: House) -> str | None:
    passage = house.points[LANE].state.passage
    return passage.visit_id if passage is not None else None


async def test_a_vehicle_is_sent_to_a_holding_place(tmp_path: Path) -> None:
    """By its label: from the approach, and from one place to another; a place nobody has is refused."""
    bays = (Place("H1", 2), Place("H2", 2))
    async with gatehouse(tmp_path, ("approach", "green"), bays=bays) as house:
        await house.rests("approach", LANE)
        visit_id = await _directed(house)
        nowhere = SendToBay(officer=WHO, visit_id=visit_id, place="H9", reason="look inside")
        assert "H1, H2" in await refused(house, nowhere)
        await does(house, SendToBay(officer=WHO, visit_id=visit_id, place="H2", reason="look inside"))
        assert house.points["approach"].state.message.lane == "H2"
        await house.moves_on()
        assert {place.label: place.waiting for place in house.places.view()} == {"H1": 0, "H2": 1}
        await does(house, SendToBay(officer=WHO, visit_id=visit_id, place="H1", reason="the pit is free"))
        assert {place.label: place.waiting for place in house.places.view()} == {"H1": 1, "H2": 0}
        assert (await house.knows(visit_id)).lane == "H1"
        again = ConfirmPlate(officer=WHO, point="approach", visit_id=visit_id, mark=LORRY)
        assert await does(house, again) == "directed to lane 1 (GREEN)"
        await house.rolls_up(LANE)
        await _drives_through(house)


async def test_a_held_vehicle_may_be_referred_or_turned_back_as_ever(open_house: House) -> None:
    """A hold is a hold: its other ends are the officer's, too."""
    visit_id = await _directed(open_house)
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="look"))
    await open_house.moves_on()
    await does(open_house, TurnBack(officer=WHO, visit_id=visit_id, reason="refuses to open"))
    assert (await open_house.knows(visit_id)).status is VisitStatus.LEFT_UNRELEASED


async def test_who_was_referred_or_just_came_is_not_held(open_house: House) -> None:
    """An answer is awaited, and who has left the Rules is nobody's to hold by them."""
    open_house.detector("approach", Detector.ARMING, Occupancy.OCCUPIED)
    await open_house.phase("approach", Phase.READING)
    passage = open_house.points["approach"].state.passage
    assert passage is not None
    visit_id = passage.visit_id or ""
    assert "wait for its answer" in await refused(
        open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="now")
    )
    await open_house.rolls_up("approach", unread=True)
    await open_house.phase("approach", Phase.HELD)
    await does(open_house, ReferVisit(officer=WHO, visit_id=visit_id, reason="ambulance"))
    assert "over" in await refused(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="no"))


# --- opened once ----------------------------------------------------------------------------------


def _once(point: str = LANE, category: NoGoods = NoGoods.EMPTY) -> OpenOnce:
    return OpenOnce(officer=WHO, point=point, category=category, reason="empty, doors open, looked inside")


async def test_an_empty_lorry_goes_through_once_and_nothing_is_released(open_house: House) -> None:
    """2.1: the barrier rises once, on an opening of its own; there is no release, and no second time."""
    await open_house.files()
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    await does(open_house, _once())
    await _drives_through(open_house)
    assert _sql(open_house, "SELECT * FROM releases") == []
    assert _sql(open_house, "SELECT category, officer, revoked FROM single_openings") == [
        ("empty", WHO, None)
    ]
    assert _sql(open_house, "SELECT kind FROM pulses ORDER BY rowid") == [("once",), ("lower",)]
    (told,) = reports(open_house, "lane.opened-once")
    assert (told["category"], told["mark"], told["officer"]) == ("empty", LORRY, WHO)
    crossing = _sql(open_house, "SELECT body ->> '$.basis' FROM journal WHERE kind = 'Crossing'")
    assert crossing == [("opened-once",)]
    assert "no vehicle is held" in await refused(open_house, _once())
    await open_house.rolls_up(LANE, read(VAN))
    await open_house.phase(LANE, Phase.HELD)
    assert len(open_house.io[LANE].told("raise")) == 1


async def test_who_has_goods_declared_is_not_opened_for(open_house: House) -> None:
    """It would be a release without one: it stays held, whatever the officer calls it."""
    await open_house.files(declared(open_house))
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    why = await refused(open_house, _once())
    assert "goods are declared" in why
    assert "stays held" in why
    assert not open_house.io[LANE].told("raise")


async def test_who_was_directed_is_not_opened_for(open_house: House) -> None:
    """An opened verdict binds its vehicle: also in another lane, also when an officer holds it."""
    visit_id = await _directed(open_house, Corridor.RED)
    await open_house.moves_on()
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    assert "goods are declared" in await refused(open_house, _once())
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="wrong lane"))
    assert "look at it again" in await refused(open_house, _once())
    assert not _sql(open_house, "SELECT * FROM pulses")


async def test_without_a_plate_nobody_is_opened_for(open_house: House) -> None:
    """Nobody can look up what is declared: an officer confirms the plate by sight first (8.0.1)."""
    await open_house.files()
    await open_house.rolls_up(LANE, unread=True)
    await open_house.phase(LANE, Phase.HELD)
    assert "confirm it by sight" in await refused(open_house, _once())
    await does(open_house, ConfirmPlate(officer=WHO, point=LANE, visit_id=None, mark=VAN))
    await open_house.phase(LANE, Phase.HELD)
    await does(open_house, _once(category=NoGoods.STAFF))
    await open_house.phase(LANE, Phase.RAISING)


async def test_a_plate_that_is_almost_a_declared_one_is_confirmed_first(open_house: House) -> None:
    """A misread plate would hide its goods: the device's word is not enough, the officer's eyes are."""
    await open_house.files(declared(open_house))
    await open_house.rolls_up(LANE, read("10AA128"))
    await open_house.phase(LANE, Phase.HELD)
    assert "confirm the plate by sight" in await refused(open_house, _once())
    await does(open_house, ConfirmPlate(officer=WHO, point=LANE, visit_id=None, mark=type(LORRY)("10AA128")))
    await open_house.phase(LANE, Phase.HELD)
    await does(open_house, _once())


async def test_what_central_itself_calls_empty_is_opened_for_and_transit_is_not(open_house: House) -> None:
    """2.1: by category; goods in transit are goods."""
    await open_house.files(declared(open_house, category=Category.TRANSIT))
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    assert "goods are declared" in await refused(open_house, _once())
    await open_house.files(declared(open_house, category=Category.EMPTY, version=9))
    await does(open_house, _once())


async def test_a_stale_cache_opens_for_nobody(open_house: House) -> None:
    """Unknown is not safe: what is declared may not have come here yet."""
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    assert await refused(open_house, _once())
    await open_house.files()
    await does(open_house, _once())


def _with_an_emergency_stop(house: House) -> None:
    runtime = house.points[LANE]
    fitted = replace(runtime.machine.config.fitted, contacts=frozenset({Contact.EMERGENCY_STOP}))
    runtime.machine = replace(runtime.machine, config=replace(runtime.machine.config, fitted=fitted))


async def test_interlocks_hold_for_a_single_opening(tmp_path: Path) -> None:
    """An emergency stop stands against it as against a release: nothing is raised, and it stays held."""
    async with gatehouse(tmp_path, ("green",), prepare=_with_an_emergency_stop) as house:

        def stop(state: ContactState) -> None:
            at = house.clock.now()
            house.points[LANE].post(ContactChanged(at=at, contact=Contact.EMERGENCY_STOP, state=state))

        await house.files()
        stop(ContactState.NORMAL)
        await house.rests(LANE)
        await house.rolls_up(LANE)
        await house.phase(LANE, Phase.HELD)
        stop(ContactState.ACTIVE)
        assert "not opened" in await refused(house, _once())
        assert not house.io[LANE].told("raise")
        assert rows(tmp_path / "journal.db", "SELECT * FROM single_openings") == []


async def test_a_single_opening_that_nobody_used_is_revoked(open_house: House) -> None:
    """The boom did not rise in time: what was granted raises nothing more, and a second try is another."""
    await open_house.files()
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    open_house.io[LANE].refuses.add("raise")
    await does(open_house, _once())
    await open_house.phase(LANE, Phase.HELD)
    (revoked,) = _sql(open_house, "SELECT revoked FROM single_openings")
    assert revoked[0]
    open_house.io[LANE].refuses.clear()
    await does(open_house, _once())
    await open_house.phase(LANE, Phase.RAISING)
    assert _sql(open_house, "SELECT count(*), count(revoked) FROM single_openings") == [(2, 1)]


async def test_a_single_opening_is_for_an_entry_lane(open_house: House) -> None:
    """Whoever leaves is recorded; an approach has no barrier; an empty reason is none."""
    assert "no lane into" in await refused(open_house, _once("exit-1"))
    assert "no lane into" in await refused(open_house, _once("approach"))
    assert "no lane into" in await refused(open_house, _once("lane-9"))
    blank = OpenOnce(officer=WHO, point=LANE, category=NoGoods.STAFF, reason=" ")
    assert "reason" in await refused(open_house, blank)


async def test_who_was_held_at_the_approach_and_has_nothing_declared_is_opened_for(open_house: House) -> None:
    """Its visit goes on under its own id, and ends as one to which nothing was released."""
    await open_house.files()
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.HELD)
    await does(open_house, _once())
    await _drives_through(open_house)
    visit = await open_house.knows(visit_id)
    assert (visit.status, visit.corridor, visit.opened) == (VisitStatus.COMPLETED, None, False)


# --- looking back ---------------------------------------------------------------------------------


async def test_an_emergency_waits_for_a_review_by_somebody_else(open_house: House) -> None:
    """One word opened three lanes: one review, after it has ended, by another, with what was found."""
    await does(open_house, OpenForEmergency(officer=WHO, points=(), reason="fire in the hall"))
    (line,) = (await open_house.checkpoint.overview()).reviews
    assert (line.officer, line.reason, line.ended_at) == (WHO, "fire in the hall", None)
    assert set(line.points) == {LANE, "lane-4", "exit-1"}

    def review(officer: str, emergency_id: str = line.emergency_ids[0]) -> ReviewEmergency:
        return ReviewEmergency(officer=officer, emergency_id=emergency_id, finding="a toaster; drill them")

    assert "still lasts" in await refused(open_house, review("nigar"))
    await does(open_house, EndEmergencies(officer="nigar", points=()))
    assert "another shift lead" in await refused(open_house, review(" LEYLA "))
    assert "no review" in await refused(open_house, review("nigar", "no-such"))
    await does(open_house, review("nigar"))
    assert (await open_house.checkpoint.overview()).reviews == ()
    assert "no review" in await refused(open_house, review("nigar"))
    assert _sql(open_house, "SELECT count(*), officer FROM emergency_reviews GROUP BY officer") == [
        (3, "nigar")
    ]
    (told,) = reports(open_house, "emergency.reviewed")
    assert told["finding"] == "a toaster; drill them"


async def test_a_review_is_still_wanted_after_a_restart(tmp_path: Path) -> None:
    """It goes away by being done, and by nothing else."""
    async with gatehouse(tmp_path, ("green",)) as house:
        await house.rests(LANE)
        await does(house, OpenForEmergency(officer=WHO, points=(LANE,), reason="ambulance"))
        await does(house, EndEmergencies(officer=WHO, points=(LANE,)))
    async with gatehouse(tmp_path, ("green",), boot="boot2") as house:
        (line,) = (await house.checkpoint.overview()).reviews
        await does(
            house,
            ReviewEmergency(officer="nigar", emergency_id=line.emergency_ids[0], finding="as it should be"),
        )
        assert (await house.checkpoint.overview()).reviews == ()


@pytest.mark.parametrize("finding", ["", "  "])
async def test_a_review_says_what_was_found(open_house: House, finding: str) -> None:
    """An empty one is none."""
    act = ReviewEmergency(officer="nigar", emergency_id="e1", finding=finding)
    assert "say what you found" in await refused(open_house, act)


async def test_a_number_entered_for_a_held_visit_ends_the_hold_only_by_a_direction(open_house: House) -> None:
    """In the bay: something else holds it still, so the officer's hold stays beside it."""
    visit_id = await _directed(open_house)
    await open_house.moves_on()
    await does(open_house, HoldVisit(officer=WHO, visit_id=visit_id, reason="look"))
    await open_house.files(declared(open_house, version=9))
    await does(open_house, EnterNumber(officer=WHO, visit_id=visit_id, number=ONE))
    codes = [finding.code for finding in (await open_house.knows(visit_id)).findings]
    assert codes[-1] == "held-by-officer"
    assert len(codes) > 1
