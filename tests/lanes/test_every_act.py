"""Every act there is, one by one: none makes a corridor milder, none raises past an interlock, and each
serves one passage. An act that has no example here fails: whoever adds one shows these three of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from gate.lanes.acts import (
    AcknowledgeCall,
    AgreeAsSecond,
    AnyAct,
    AskSecond,
    AttendTerminal,
    ClosePoint,
    ConfirmPlate,
    DeclineAsSecond,
    EnterCargoNumber,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
    WithdrawAsking,
)
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
from gate.lanes.events import BarrierPosition, Contact, ContactChanged, ContactState, Detector, Occupancy
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.lanes.state import Phase
from gate.model import CheckSource, Corridor, NoGoods, parse_cargo
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.looks import looks
from tests.lanes.officers import WHO, does
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, TWO, declared
from tests.store.kept import rows

RED_LANE, LANE, EXIT = "lane-4", "lane-1", "exit-1"
LANES = (RED_LANE, LANE, EXIT)
UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN

Example = Callable[[House, str], Awaitable[AnyAct | DutyAct]]
"""The act, as tempting as it can be made, on a RED visit in its lane or on the stranger held in lane 1."""


def _plain(make: Callable[[str], AnyAct | DutyAct]) -> Example:
    async def example(_house: House, visit_id: str) -> AnyAct | DutyAct:
        return make(visit_id)

    return example


def _after(first: Callable[[str], AnyAct | DutyAct], make: Callable[[str], AnyAct | DutyAct]) -> Example:
    async def example(house: House, visit_id: str) -> AnyAct | DutyAct:
        await house.checkpoint.act(first(visit_id))
        return make(visit_id)

    return example


async def _acknowledges(house: House, _visit_id: str) -> AnyAct:
    return AcknowledgeCall(officer=WHO, call_id=(await house.store.ledger.open_calls())[0].call_id)


async def _holds_to_run(house: House, visit_id: str) -> DutyAct:
    failed = frozenset({"safety"})
    await does(house, AttendLane(officer=WHO, point=RED_LANE, failed=failed, reason="loop cut"))
    await house.until(lambda: _visit_at(house, RED_LANE) == visit_id)
    return HoldToRun(officer=WHO, point=RED_LANE, visit_id=visit_id, checked=("goods",))


async def _lets_go(house: House, visit_id: str) -> DutyAct:
    await house.checkpoint.act(await _holds_to_run(house, visit_id))
    return LetGo(officer=WHO, point=RED_LANE)


async def _says_passed(house: House, visit_id: str) -> DutyAct:
    await house.checkpoint.act(await _holds_to_run(house, visit_id))
    return SayPassed(officer=WHO, point=RED_LANE)


async def _answers(house: House, visit_id: str) -> DutyAct:
    await house.checkpoint.act(OpenForEmergency(officer=WHO, points=(EXIT,), reason="fire"))
    await house.checkpoint.act(EndEmergencies(officer=WHO, points=(EXIT,)))
    return AnswerRollCall(officer=WHO, visit_id=visit_id, present=True)


async def _reviews(house: House, _visit_id: str) -> DutyAct:
    await house.checkpoint.act(OpenForEmergency(officer=WHO, points=(EXIT,), reason="fire"))
    await house.checkpoint.act(EndEmergencies(officer=WHO, points=(EXIT,)))
    (line,) = await house.store.ledger.reviews()
    return ReviewEmergency(officer="nigar", emergency_id=line.emergency_ids[0], finding="as it should be")


async def _asks(house: House, visit_id: str) -> AnyAct:
    # The number of a GREEN declaration, to be put beside the RED one that is the plate's.
    await house.checkpoint.act(HoldVisit(officer=WHO, visit_id=visit_id, reason="look"))
    asked = EnterNumber(officer=WHO, visit_id=visit_id, number=TWO)
    return await looks(house, AskSecond(officer=WHO, asked=asked, visit_id=visit_id), visit_id=visit_id)


def _asked(kind: type[AgreeAsSecond | DeclineAsSecond | WithdrawAsking], officer: str) -> Example:
    async def example(house: House, visit_id: str) -> AnyAct:
        await does(house, await _asks(house, visit_id))
        (request,) = (await house.checkpoint.overview()).requests
        act = kind(officer=officer, request_id=request.request_id, visit_id=visit_id)
        return await looks(house, act, visit_id=visit_id)

    return example


def _visit_at(house: House, point: str) -> str | None:
    passage = house.points[point].state.passage
    return passage.visit_id if passage is not None else None


def _attended(point: str) -> AttendLane:
    return AttendLane(officer=WHO, point=point, failed=frozenset({"safety"}), reason="loop cut")


EXAMPLES: dict[type[AnyAct | DutyAct], Example] = {
    ReleaseVisit: _plain(lambda v: ReleaseVisit(officer=WHO, visit_id=v, checked=("goods",))),
    ConfirmPlate: _after(
        lambda v: HoldVisit(officer=WHO, visit_id=v, reason="look"),
        lambda v: ConfirmPlate(officer=WHO, point=RED_LANE, visit_id=v, mark=LORRY),
    ),
    EnterNumber: _after(
        lambda v: HoldVisit(officer=WHO, visit_id=v, reason="look"),
        # A number of a GREEN declaration, which two officers put beside the RED one that is the plate's.
        lambda v: EnterNumber(officer=WHO, visit_id=v, number=TWO, second="nigar"),
    ),
    EnterCargoNumber: _after(
        lambda v: HoldVisit(officer=WHO, visit_id=v, reason="look"),
        lambda v: EnterCargoNumber(
            officer=WHO, visit_id=v, cargo=parse_cargo("00001/6/05/0001"), second="nigar"
        ),
    ),
    ReferVisit: _after(
        lambda v: HoldVisit(officer=WHO, visit_id=v, reason="look"),
        lambda v: ReferVisit(officer=WHO, visit_id=v, reason="empty, he says"),
    ),
    TurnBack: _plain(lambda v: TurnBack(officer=WHO, visit_id=v, reason="refuses")),
    AcknowledgeCall: _acknowledges,
    ClosePoint: _plain(lambda _: ClosePoint(officer=WHO, point=RED_LANE)),
    OpenPoint: _after(
        lambda _: ClosePoint(officer=WHO, point=EXIT), lambda _: OpenPoint(officer=WHO, point=EXIT)
    ),
    AttendTerminal: _plain(lambda _: AttendTerminal(officer=WHO, point="hall-1", attended=True)),
    OpenForEmergency: _plain(lambda _: OpenForEmergency(officer=WHO, points=LANES, reason="fire")),
    EndEmergencies: _after(
        lambda _: OpenForEmergency(officer=WHO, points=(EXIT,), reason="fire"),
        lambda _: EndEmergencies(officer=WHO, points=(EXIT,)),
    ),
    AnswerRollCall: _answers,
    BeginMaintenance: _plain(lambda _: BeginMaintenance(officer=WHO, point=EXIT, reason="oil")),
    EndMaintenance: _after(
        lambda _: BeginMaintenance(officer=WHO, point=EXIT, reason="oil"),
        lambda _: EndMaintenance(officer=WHO, point=EXIT),
    ),
    ArmLane: _plain(lambda _: ArmLane(officer=WHO, point=RED_LANE)),
    AttendLane: _plain(lambda _: _attended(RED_LANE)),
    LeaveLane: _after(lambda _: _attended(RED_LANE), lambda _: LeaveLane(officer=WHO, point=RED_LANE)),
    HoldToRun: _holds_to_run,
    LetGo: _lets_go,
    SayPassed: _says_passed,
    DeclareBreakdown: _plain(lambda _: DeclareBreakdown(officer=WHO, point=RED_LANE)),
    ClearBreakdown: _after(
        lambda _: DeclareBreakdown(officer=WHO, point=RED_LANE),
        lambda _: ClearBreakdown(officer=WHO, point=RED_LANE),
    ),
    # Both plates: the one that was directed must go by its direction all the same.
    ListConvoy: _plain(
        lambda _: ListConvoy(officer=WHO, point=RED_LANE, marks=frozenset({LORRY, VAN}), reason="aid")
    ),
    AssignCorridors: _plain(
        lambda _: AssignCorridors(officer=WHO, point=RED_LANE, corridors=(Corridor.GREEN,))
    ),
    OrderCheck: _plain(
        lambda v: OrderCheck(officer=WHO, visit_id=v, source=CheckSource.OTHER, facts="he sweats")
    ),
    HoldVisit: _plain(lambda v: HoldVisit(officer=WHO, visit_id=v, reason="look")),
    SendToBay: _plain(lambda v: SendToBay(officer=WHO, visit_id=v, place="H", reason="look inside")),
    OpenOnce: _plain(
        lambda _: OpenOnce(officer=WHO, point=LANE, category=NoGoods.EMPTY, reason="looked inside")
    ),
    ReviewEmergency: _reviews,
    AskSecond: _asks,
    AgreeAsSecond: _asked(AgreeAsSecond, "nigar"),
    DeclineAsSecond: _asked(DeclineAsSecond, "nigar"),
    WithdrawAsking: _asked(WithdrawAsking, WHO),
}
RAISING = {ReleaseVisit, HoldToRun, OpenOnce, OpenForEmergency}
"""What may raise a barrier at all."""
REFUSED = {ArmLane, AssignCorridors, OrderCheck, SayPassed}
"""What has nothing to do here: RED is controlled anyway, the lane is armed, and its boom is not down."""
ACTS = (*get_args(AnyAct), *get_args(DutyAct))


def test_every_act_has_its_example() -> None:
    """A new act shows here that it makes nothing milder, passes no interlock, and serves one passage."""
    assert set(EXAMPLES) == set(ACTS)
    assert len(ACTS) == len(set(ACTS))


def _can_be_stopped(house: House) -> None:
    for point in LANES:
        runtime = house.points[point]
        fitted = replace(runtime.machine.config.fitted, contacts=frozenset({Contact.EMERGENCY_STOP}))
        runtime.machine = replace(runtime.machine, config=replace(runtime.machine.config, fitted=fitted))


def _stop(house: House, state: ContactState) -> None:
    for point in LANES:
        at = house.clock.now()
        house.points[point].post(ContactChanged(at=at, contact=Contact.EMERGENCY_STOP, state=state))


async def _as_on_a_morning(house: House) -> str:
    """A RED vehicle stands before its control, a stranger is held in lane 1, GREEN is declared besides."""
    _stop(house, ContactState.NORMAL)
    await house.rests("approach", *LANES)
    other = declared(house, Corridor.GREEN, as_number=TWO, marks=(VAN,), cargo="00001/6/05/0001")
    await house.files(declared(house, Corridor.RED, as_number=ONE), other)
    visit_id = await house.approaches()
    await house.moves_on()
    await house.rolls_up(RED_LANE)
    await house.phase(RED_LANE, Phase.CONTROL)
    await house.rolls_up(LANE, read("90QQ900"))
    await house.phase(LANE, Phase.HELD)
    return visit_id


def _raises(house: House) -> int:
    """Opening pulses that any barrier has felt."""
    return sum(len(house.io[point].told("raise")) for point in LANES)


async def _settled(house: House) -> None:
    """Every order so far has been carried out, and every point has taken what it was told."""
    for point in LANES:
        await house.points[point].tell(
            ContactChanged(at=house.clock.now(), contact=Contact.CABINET, state=ContactState.NORMAL)
        )
        await house.points[point].orders_done()


def _corridors(house: House) -> dict[str, Corridor]:
    found = rows(
        house.data / "journal.db", "SELECT visit_id, corridor FROM visits WHERE corridor IS NOT NULL"
    )
    return {str(visit): Corridor(str(corridor)) for visit, corridor in found}


async def _drives_on(house: House, point: str) -> None:
    """Whoever was let go there drives through, and the boom comes down behind him."""
    phase = house.points[point].state.phase
    if phase not in (Phase.RAISING, Phase.HOLDING, Phase.EMERGENCY):
        return
    house.barrier(point, UP)
    for detector, state in (
        (Detector.SAFETY, Occupancy.OCCUPIED),
        (Detector.ARMING, Occupancy.CLEAR),
        (Detector.SAFETY, Occupancy.CLEAR),
    ):
        house.detector(point, detector, state)
    if phase is Phase.RAISING:
        await house.phase(point, Phase.LOWERING)
    house.barrier(point, DOWN)
    await _settled(house)
    if phase is Phase.HOLDING:
        await does(house, SayPassed(officer=WHO, point=point))


@pytest.mark.parametrize("kind", ACTS, ids=lambda kind: kind.__name__)
async def test_no_act_makes_a_corridor_milder_and_each_serves_one_passage(
    tmp_path: Path, kind: type[AnyAct | DutyAct]
) -> None:
    """1.3: RED stays RED whatever an officer does; and what opened once does not open for the next."""
    kinds = ("approach", "green", "red", "exit", "terminal")
    async with gatehouse(tmp_path, kinds, prepare=_can_be_stopped) as house:
        visit_id = await _as_on_a_morning(house)
        before = _corridors(house)
        act = await EXAMPLES[kind](house, visit_id)
        had = _raises(house)
        done = (await house.checkpoint.act(act)).done
        assert done is (kind not in REFUSED)
        await _settled(house)
        raised = _raises(house)
        wanted = len(LANES) if kind is OpenForEmergency else 1
        assert raised - had == (wanted if kind in RAISING else 0)
        for point in LANES:
            await _drives_on(house, point)
        assert _raises(house) == raised
        await house.checkpoint.act(act)
        await _settled(house)
        assert _raises(house) == raised, "the same act opened for a second passage"
        now = _corridors(house)
        for visit, corridor in before.items():
            assert now[visit].strictness >= corridor.strictness
        strict = "SELECT officer, checked FROM releases WHERE corridor = 'RED'"
        assert all(officer and checked != "[]" for officer, checked in rows(tmp_path / "journal.db", strict))


@pytest.mark.parametrize("kind", ACTS, ids=lambda kind: kind.__name__)
async def test_no_act_raises_a_barrier_past_an_interlock(
    tmp_path: Path, kind: type[AnyAct | DutyAct]
) -> None:
    """With every emergency stop pressed no pulse goes out; but for an emergency, which is meant to."""
    kinds = ("approach", "green", "red", "exit", "terminal")
    async with gatehouse(tmp_path, kinds, prepare=_can_be_stopped) as house:
        visit_id = await _as_on_a_morning(house)
        act = await EXAMPLES[kind](house, visit_id)
        raised = _raises(house)
        _stop(house, ContactState.ACTIVE)
        await _settled(house)
        await house.checkpoint.act(act)
        await _settled(house)
        assert (_raises(house) > raised) is (kind is OpenForEmergency)
