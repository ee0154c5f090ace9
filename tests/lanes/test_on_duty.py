"""Officers' and engineers' duties through the one door for people: done, or refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gate.lanes.acts import ConfirmPlate
from gate.lanes.commands import MessageKind
from gate.lanes.duty_acts import (
    AnswerRollCall,
    ArmLane,
    AssignCorridors,
    AttendLane,
    BeginMaintenance,
    ClearBreakdown,
    DeclareBreakdown,
    DutyAct,
    EndEmergencies,
    EndMaintenance,
    HoldToRun,
    LeaveLane,
    LetGo,
    ListConvoy,
    OpenForEmergency,
    SayPassed,
)
from gate.lanes.events import (
    BarrierPosition,
    Detector,
    Occupancy,
)
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does, refused, reports
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import declared
from tests.store.kept import rows

UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN
OCCUPIED, CLEAR, UNKNOWN = Occupancy.OCCUPIED, Occupancy.CLEAR, Occupancy.UNKNOWN
LANE = "lane-1"
LANES = (LANE, "lane-4", "exit-1")
SEAL = ("seal",)


def _phase(house: House, point: str = LANE) -> Phase:
    return house.points[point].state.phase


# --- what is refused, and why ---------------------------------------------------------------------

FALLIBLE = (
    "name the inputs that have failed, of: arming, barrier, exit, photo-eye, safety."
    " Nobody's eyes replace the others"
)
REFUSED: dict[str, tuple[DutyAct, str]] = {
    "nowhere": (BeginMaintenance(officer=WHO, point="lane-9", reason="oil"), "there is no point lane-9"),
    "no lane": (DeclareBreakdown(officer=WHO, point="approach"), "approach is no lane with a barrier"),
    "hold nowhere": (
        HoldToRun(officer=WHO, point="lane-9", visit_id="v", checked=SEAL),
        "there is no point lane-9",
    ),
    "assign nowhere": (
        AssignCorridors(officer=WHO, point="hall-1", corridors=()),
        "hall-1 is no lane with a barrier",
    ),
    "emergency for no reason": (
        OpenForEmergency(officer=WHO, points=(), reason="  "),
        "say what the emergency is",
    ),
    "emergency nowhere": (
        OpenForEmergency(officer=WHO, points=(LANE, "lane-9"), reason="fire"),
        "there is no point lane-9",
    ),
    "no emergency": (EndEmergencies(officer=WHO, points=()), "no emergency lasts there"),
    "ends nowhere": (EndEmergencies(officer=WHO, points=("approach",)), "approach is no lane with a barrier"),
    "not called over": (
        AnswerRollCall(officer=WHO, visit_id="visit-1", present=True),
        "that vehicle is not on the roll-call",
    ),
    "no maintenance": (EndMaintenance(officer=WHO, point=LANE), "lane-1 is free: this cannot be done now"),
    "armed already": (ArmLane(officer=WHO, point=LANE), "lane-1 is free: this cannot be done now"),
    "nothing failed": (
        AttendLane(officer=WHO, point=LANE, failed=frozenset(), reason="?"),
        FALLIBLE,
    ),
    "a contact failed": (
        AttendLane(officer=WHO, point=LANE, failed=frozenset({"emergency-stop"}), reason="?"),
        FALLIBLE,
    ),
    "not attended": (LeaveLane(officer=WHO, point=LANE), "lane-1 is free: this cannot be done now"),
    "nobody attends": (
        HoldToRun(officer=WHO, point=LANE, visit_id="visit-1", checked=SEAL),
        "lane-1 is free: nobody attends it",
    ),
    "nothing held": (LetGo(officer=WHO, point=LANE), "lane-1 is free: this cannot be done now"),
    "nobody passed": (SayPassed(officer=WHO, point=LANE), "lane-1 is free: this cannot be done now"),
    "nothing broke down": (
        ClearBreakdown(officer=WHO, point=LANE),
        "lane-1 is free: this cannot be done now",
    ),
    "an exit serves none": (
        AssignCorridors(officer=WHO, point="exit-1", corridors=(Corridor.RED,)),
        "exit-1 is free: this cannot be done now",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_duty_that_cannot_be_done_says_why(open_house: House, why: str) -> None:
    """On record as refused, with the sentence the officer reads; and no barrier has moved."""
    act, sentence = REFUSED[why]
    assert await refused(open_house, act) == sentence
    assert all(_phase(open_house, point) is Phase.FREE for point in LANES)
    assert not any(io.told("raise") for io in open_house.io.values())


async def test_a_duty_is_done_by_what_it_did_not_by_what_happened_meanwhile(open_house: House) -> None:
    """A vehicle rolls up in the same moment: the lane is not in maintenance, and nobody is told it were."""
    open_house.detector(LANE, Detector.ARMING, OCCUPIED)
    message = await refused(open_house, BeginMaintenance(officer=WHO, point=LANE, reason="oil"))
    assert message == "lane-1: a vehicle's passage is in progress"
    assert _phase(open_house) is Phase.READING


async def test_the_same_list_twice_is_done_twice(open_house: House) -> None:
    """An officer who repeats himself is not told that it cannot be done."""
    for _ in range(2):
        await does(open_house, ListConvoy(officer=WHO, point=LANE, marks=frozenset({VAN}), reason="aid"))
    assert len(reports(open_house, "lane.convoy")) == 2


# --- by hand ---------------------------------------------------------------------------------------


async def _stands_by_hand(house: House) -> None:
    """The loop is dead, Leyla works the lane, LORRY stands in it and is matched."""
    await house.has_directed("visit-1", Corridor.GREEN, LANE)
    house.detector(LANE, Detector.SAFETY, UNKNOWN)
    await house.phase(LANE, Phase.RECOVERY)
    await does(
        house, AttendLane(officer=WHO, point=LANE, failed=frozenset({"safety"}), reason="the loop is dead")
    )
    await does(house, ConfirmPlate(officer=WHO, point=LANE, visit_id=None, mark=LORRY))
    await house.until(lambda: _matched(house))


def _matched(house: House) -> bool:
    passage = house.points[LANE].state.passage
    return passage is not None and passage.visit_id == "visit-1"


def _press(officer: str = WHO, *checked: str) -> HoldToRun:
    return HoldToRun(officer=officer, point=LANE, visit_id="visit-1", checked=checked or SEAL)


async def test_hold_to_run_raises_once_and_the_officer_sees_it_through(open_house: House) -> None:
    """Pressed, kept, up, lowered by key, passed: one release by name, one pulse, never one to lower."""
    await _stands_by_hand(open_house)
    await does(open_house, _press(WHO, "seal", " "))
    assert "held already" in await refused(open_house, _press())
    open_house.barrier(LANE, BarrierPosition.MOVING)
    before = open_house.points[LANE].state.deadline
    assert before is not None
    open_house.checkpoint.keep_hold(LANE, WHO)
    await open_house.until(lambda: (open_house.points[LANE].state.deadline or 0.0) > before)
    open_house.barrier(LANE, UP)
    await open_house.phase(LANE, Phase.ATTENDED)
    io = open_house.io[LANE]
    assert (len(io.told("raise")), io.told("stop")) == (1, [])
    assert "key switch" in await refused(open_house, SayPassed(officer=WHO, point=LANE))
    open_house.barrier(LANE, DOWN)
    await open_house.until(lambda: open_house.points[LANE].state.inputs.barrier is DOWN)
    await does(open_house, SayPassed(officer=WHO, point=LANE))
    assert (await open_house.knows("visit-1")).status is VisitStatus.COMPLETED
    assert rows(open_house.data / "journal.db", "SELECT officer, checked FROM releases") == [
        (WHO, '["seal"]')
    ]
    assert not io.told("lower")
    open_house.detector(LANE, Detector.SAFETY, CLEAR)
    await does(open_house, LeaveLane(officer=WHO, point=LANE))
    await open_house.phase(LANE, Phase.FREE)


async def test_a_hand_that_is_not_heard_of_has_let_go(open_house: House) -> None:
    """Nobody keeps it, or somebody else does: the boom is stopped by itself; a word stops it at once."""
    await _stands_by_hand(open_house)
    await does(open_house, _press())
    open_house.checkpoint.keep_hold(LANE, "rza")
    open_house.checkpoint.keep_hold("lane-9", WHO)
    await open_house.phase(LANE, Phase.ATTENDED)
    assert len(open_house.io[LANE].told("stop")) == 1
    await does(open_house, _press())
    await does(open_house, LetGo(officer=WHO, point=LANE))
    await open_house.points[LANE].orders_done()
    assert len(open_house.io[LANE].told("stop")) == 2
    assert len(rows(open_house.data / "journal.db", "SELECT 1 FROM releases WHERE revoked IS NULL")) == 1


PRESSES: dict[str, tuple[Callable[[House], None], HoldToRun, str]] = {
    "another officer": (lambda _: None, _press("rza"), "the lane is attended by leyla"),
    "another visit": (
        lambda _: None,
        HoldToRun(officer=WHO, point=LANE, visit_id="visit-2", checked=SEAL),
        "this visit does not stand here, or is not matched yet: confirm its plate",
    ),
    "nothing checked": (lambda _: None, _press(WHO, " "), "name what was checked (Rules 5.6, 5.8)"),
    "another input lost": (
        lambda house: house.barrier(LANE, BarrierPosition.UNKNOWN),
        _press(),
        "not known: barrier",
    ),
}


@pytest.mark.parametrize("why", PRESSES)
async def test_a_press_that_does_nothing_says_why(open_house: House, why: str) -> None:
    """The officer with the hand on the button reads what stands against it."""
    happens, act, sentence = PRESSES[why]
    await _stands_by_hand(open_house)
    happens(open_house)
    assert await refused(open_house, act) == sentence
    assert not open_house.io[LANE].told("raise")


# --- broken down -----------------------------------------------------------------------------------


async def test_a_breakdown_sends_those_on_their_way_to_the_other_lane(open_house: House) -> None:
    """Their visits change lane, central hears, and the other lane lets them through."""
    shared = (Corridor.GREEN, Corridor.RED)
    await does(open_house, AssignCorridors(officer=WHO, point="lane-4", corridors=shared))
    await open_house.has_directed("visit-1", Corridor.GREEN, LANE, LORRY)
    await open_house.has_directed("visit-2", Corridor.BLUE, LANE, VAN)
    told = await does(open_house, DeclareBreakdown(officer=WHO, point=LANE))
    assert told == "1 vehicles redirected; 1 wait: no other open lane serves their corridor"
    assert _phase(open_house) is Phase.BLOCKED
    shown = open_house.points[LANE].state.message
    assert (shown.kind, shown.lane, shown.corridor) == (MessageKind.DIRECT, "4", Corridor.GREEN)
    assert (await open_house.knows("visit-1")).lane == "lane-4"
    assert (await open_house.knows("visit-2")).lane == LANE
    (said,) = reports(open_house, "visit.redirected")
    assert (said["visit"], said["officer"]) == ("visit-1", WHO)
    assert open_house.queues.length("lane-4") == 1
    await open_house.rolls_up("lane-4", read(LORRY))
    await open_house.until(lambda: bool(open_house.io["lane-4"].told("raise")))
    assert await refused(open_house, DeclareBreakdown(officer=WHO, point=LANE))
    await does(open_house, ClearBreakdown(officer=WHO, point=LANE))
    await open_house.phase(LANE, Phase.FREE)


# --- maintenance, arming, corridors --------------------------------------------------------------


async def test_maintenance_begins_and_ends_by_name(open_house: House) -> None:
    """On record who took the lane and who gave it back; its inputs are told anew."""
    await does(open_house, BeginMaintenance(officer=WHO, point=LANE, reason="oil"))
    assert _phase(open_house) is Phase.MAINTENANCE
    await does(open_house, EndMaintenance(officer="rza", point=LANE))
    assert _phase(open_house) is Phase.RECOVERY
    assert reports(open_house, "lane.maintenance")[0]["officer"] == WHO
    assert reports(open_house, "lane.maintenance-ended")[0]["officer"] == "rza"
    await open_house.rests(LANE)


async def test_corridors_are_not_changed_under_those_who_are_on_their_way(open_house: House) -> None:
    """Directed to GREEN in lane 1, they must find GREEN there; afterwards the sign may change."""
    await open_house.files(declared(open_house, Corridor.GREEN))
    await open_house.approaches()
    act = AssignCorridors(officer=WHO, point=LANE, corridors=(Corridor.RED,))
    assert await refused(open_house, act) == "1 vehicles are on their way to lane-1: let them through first"
    await open_house.moves_on()
    await open_house.rolls_up(LANE)
    await open_house.phase(LANE, Phase.RAISING)
    open_house.barrier(LANE, UP)
    open_house.detector(LANE, Detector.SAFETY, OCCUPIED)
    open_house.detector(LANE, Detector.ARMING, CLEAR)
    open_house.detector(LANE, Detector.SAFETY, CLEAR)
    await open_house.phase(LANE, Phase.LOWERING)
    open_house.barrier(LANE, DOWN)
    await open_house.phase(LANE, Phase.FREE)
    assert await does(open_house, act) == (
        "done; no lane serves GREEN, BLUE, YELLOW now: those vehicles will be held"
    )
    assert open_house.points[LANE].state.message.corridor is Corridor.RED
    back = AssignCorridors(officer=WHO, point=LANE, corridors=())
    assert "no lane serves BLUE, YELLOW" in await does(open_house, back)
    assert open_house.points[LANE].state.corridors is None


async def test_a_convoy_is_let_through_by_the_officer_who_listed_it(open_house: House) -> None:
    """VAN has no visit: it is released by name, and the list is empty after it."""
    await does(open_house, ListConvoy(officer=WHO, point=LANE, marks=frozenset({VAN}), reason="aid"))
    await open_house.rolls_up(LANE, read(VAN))
    await open_house.until(lambda: bool(open_house.io[LANE].told("raise")))
    assert rows(open_house.data / "journal.db", "SELECT officer, checked FROM releases") == [
        (WHO, '["convoy: aid"]')
    ]
    assert open_house.points[LANE].state.convoy is None
