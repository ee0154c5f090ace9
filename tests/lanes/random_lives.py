"""What a random life of a lane is made of: everything the world may do to it, and its way back to rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from hypothesis import strategies as st

from gate.lanes import interlocks
from gate.lanes.acts import AnyAct, ClosePoint, ConfirmPlate, OpenPoint, ReleaseVisit
from gate.lanes.duty_acts import (
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
    OpenForEmergency,
    SayPassed,
)
from gate.lanes.events import Contact, Detector
from gate.lanes.state import Phase
from tests.lanes.emulated import LANE, World
from tests.lanes.outside import WIRE_SECONDS

WHO = "leyla"
Move = tuple[str, int]
"""What happens next, and which variant of it."""


async def _drives_through(world: World, variant: int) -> None:
    """Over the loops one by one, if the boom lets it; the last variant breaks through."""
    if world.lane.position < 1.0 and variant < 7:
        return
    world.goes_under()
    await world.calm()
    world.clears(Detector.ARMING)
    world.set(Detector.EXIT, True)
    await world.calm()
    if variant == 1:  # a high bed stands there: the loop loses it for a moment, the photo-eye does not
        await world.until(lambda: False, WIRE_SECONDS)
        world.clears(Detector.SAFETY)
        await world.until(lambda: world.lane.position < 1.0, 0.15)
        world.set(Detector.SAFETY, True)
        await world.calm()
    world.clears(Detector.SAFETY, Detector.PHOTO_EYE)
    await world.calm()
    world.clears(Detector.EXIT)


async def _followed(world: World, variant: int) -> None:
    """The one behind rolls up while the first is still under the boom."""
    if world.lane.position < 1.0:
        return
    world.goes_under()
    world.clears(Detector.ARMING)
    await world.comes(variant)
    world.set(Detector.EXIT, True)
    await world.calm()
    world.clears(Detector.SAFETY, Detector.PHOTO_EYE)
    world.clears(Detector.EXIT)
    if variant % 2:
        world.goes_under()


async def _from_behind(world: World, variant: int) -> None:
    world.set(Detector.EXIT, True)
    if variant % 2:
        await world.calm()
        world.goes_under()


async def _stops_under(world: World, variant: int) -> None:
    world.goes_under(loop=variant % 3 != 1, eye=variant % 3 != 2)


async def _backs_away(world: World, _variant: int) -> None:
    world.clears(Detector.SAFETY, Detector.PHOTO_EYE, Detector.ARMING)


async def _clears(world: World, _variant: int) -> None:
    world.clears()


async def _link(world: World, variant: int) -> None:
    """Muted, cut, rebooted - or well again."""
    world.outside.link_ill()
    lane = world.lane
    if lane.muted or not lane.plugged:
        lane.unmute()
        lane.plug()
    elif variant % 4 == 3:
        lane.reboot()
    elif variant % 2:
        lane.mute()
    else:
        lane.unplug()
    world.outside.link_ill()


async def _sticks(world: World, _variant: int) -> None:
    if world.lane.stuck:
        world.lane.free()
    else:
        world.lane.stick()


async def _pushed(world: World, variant: int) -> None:
    if not world.lane.stuck:
        world.lane.push_by_hand(up=bool(variant % 2))


async def _contact(world: World, variant: int) -> None:
    contact = sorted(world.inputs.contacts)[variant % len(world.inputs.contacts)]
    world.lane.set_contact(contact, not world.lane.active(contact))


async def _waits(world: World, _variant: int) -> None:
    """Until what the lane waits for has run out, or come."""
    if world.alive:
        deadline = world.point.state.deadline
        await world.until(lambda: world.point.state.deadline != deadline or deadline is None, 0.6)


async def _killed(world: World, variant: int) -> None:
    """The process dies, at once or the moment something is under way, and is started again."""
    if world.alive:
        if variant % 2:
            under_way = (Phase.RAISING, Phase.LOWERING)
            await world.comes(0)
            await world.until(lambda: world.phase in under_way, 0.1)
        await world.kill()
    if variant != 2:  # otherwise the world goes on without the gate, for now
        await world.start()


async def _acts(world: World, act: AnyAct | DutyAct) -> None:
    await world.house.checkpoint.act(act)


def _visit(world: World) -> str:
    passage = world.point.state.passage
    return (passage.visit_id if passage else None) or "nobody's"


def _failed(world: World) -> frozenset[str]:
    """What an officer sees dead, or the photo-eye."""
    lost = interlocks.unknown_inputs(world.point.machine.config, world.point.state.inputs)
    return (lost & {*(one.value for one in Detector), "barrier"}) or frozenset({"photo-eye"})


async def _officer(world: World, variant: int) -> None:
    """Whatever officers do to a lane, sensible at this moment or not."""
    if not world.alive:
        return
    acts: tuple[AnyAct | DutyAct, ...] = (
        ReleaseVisit(officer=WHO, visit_id=_visit(world), checked=("seal",)),
        OpenForEmergency(officer=WHO, points=(LANE,), reason="ambulance"),
        EndEmergencies(officer=WHO, points=(LANE,)),
        AttendLane(officer=WHO, point=LANE, failed=_failed(world), reason="dead"),
        HoldToRun(officer=WHO, point=LANE, visit_id=_visit(world), checked=("seal",)),
        LetGo(officer=WHO, point=LANE),
        SayPassed(officer=WHO, point=LANE),
        LeaveLane(officer=WHO, point=LANE),
        BeginMaintenance(officer=WHO, point=LANE, reason="oil"),
        EndMaintenance(officer=WHO, point=LANE),
        DeclareBreakdown(officer=WHO, point=LANE),
        ClearBreakdown(officer=WHO, point=LANE),
        ClosePoint(officer=WHO, point=LANE),
        OpenPoint(officer=WHO, point=LANE),
    )
    await _acts(world, acts[variant % len(acts)])


async def hurries(world: World, variant: int) -> None:
    """An officer opens and ends again and again while the board answers late."""
    if not world.alive:
        return
    world.answers_take(0.1)
    for _ in range(2 + variant % 2):
        await _acts(world, OpenForEmergency(officer=WHO, points=(LANE,), reason="ambulance"))
        await _acts(world, EndEmergencies(officer=WHO, points=(LANE,)))
    await world.point.orders_done()
    world.answers_take(0.0)


async def _goes_on(world: World, variant: int) -> None:
    """What most likely comes next: without it no run gets deep."""
    if not world.alive:
        await world.start()
        return
    match world.phase:
        case Phase.FREE:
            await world.comes(variant % 4)
        case Phase.PASSING:
            await _drives_through(world, variant % 4)
        case Phase.CONTROL | Phase.HELD:
            await _releases(world)
        case Phase.RAISING:
            await world.until(lambda: world.phase is not Phase.RAISING, 1.0)
        case Phase.ATTENDED if _visit(world) != "nobody's":
            act = HoldToRun(officer=WHO, point=LANE, visit_id=_visit(world), checked=("seal",))
            await _acts(world, act)
            await world.until(lambda: world.phase is not Phase.HOLDING, 0.5)
        case Phase.RECOVERY:
            mends(world)
        case _:
            await _ends_duty(world)


async def _releases(world: World) -> None:
    """Confirm the plate where it is not known yet; then release."""
    passage = world.point.state.passage
    if passage is not None and passage.visit_id is None and world.waiting is not None:
        act = ConfirmPlate(officer=WHO, point=LANE, visit_id=None, mark=world.waiting.mark)
        await _acts(world, act)
        await world.calm()
    await _acts(world, ReleaseVisit(officer=WHO, visit_id=_visit(world), checked=("seal",)))


async def _ends_duty(world: World) -> None:
    acts: dict[Phase, AnyAct | DutyAct] = {
        Phase.EMERGENCY: EndEmergencies(officer=WHO, points=(LANE,)),
        Phase.MAINTENANCE: EndMaintenance(officer=WHO, point=LANE),
        Phase.BLOCKED: ClearBreakdown(officer=WHO, point=LANE),
        Phase.ATTENDED: LeaveLane(officer=WHO, point=LANE),
        Phase.HOLDING: LeaveLane(officer=WHO, point=LANE),
        Phase.CLOSED: OpenPoint(officer=WHO, point=LANE),
    }
    if world.phase in acts:
        await _acts(world, acts[world.phase])


async def _comes(world: World, variant: int) -> None:
    await world.comes(variant)


MOVES: dict[str, Callable[[World, int], Awaitable[None]]] = {
    "goes-on": _goes_on,
    "comes": _comes,
    "drives-through": _drives_through,
    "followed": _followed,
    "from-behind": _from_behind,
    "stops-under": _stops_under,
    "backs-away": _backs_away,
    "clears": _clears,
    "link": _link,
    "sticks": _sticks,
    "pushed": _pushed,
    "contact": _contact,
    "waits": _waits,
    "killed": _killed,
    "officer": _officer,
    "hurries": hurries,
}
NAMES = (*("goes-on",) * 10, *("officer",) * 4, *("link", "contact", "waits", "killed") * 2, *MOVES)
moves = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 13)), min_size=15, max_size=25)


async def lives(world: World, chosen: Sequence[Move], *, mend: bool = True) -> None:
    """Make every move, each once the lane is calm; then mend everything, and find the lane at rest."""
    for name, variant in chosen:
        await MOVES[name](world, variant)
        await world.calm()
        world.outside.hold()
    if mend:
        await comes_to_rest(world)
    world.outside.end()


def mends(world: World) -> None:
    """Nothing is broken any more, and nobody is here."""
    world.lane.unmute()
    world.lane.plug()
    world.lane.free()
    for contact in Contact:
        world.lane.set_contact(contact, False)
    world.clears()


async def comes_to_rest(world: World) -> None:
    """Liveness: nothing is broken any more and nobody is here, so the lane is FREE.

    What an officer declared he ends; a boom between its ends, or up where software asks no more, he
    lowers by its key - and the lane must have called him for that.
    """
    mends(world)
    if not world.alive:
        await world.start()
    for _ in range(4):
        await world.calm()
        await _ends_duty(world)
        if await world.until(lambda: world.phase is Phase.FREE, 1.5):
            return
        if world.phase is Phase.RECOVERY:
            called = await world.house.store.ledger.open_calls()
            assert called, "RECOVERY, and nobody was called"
            world.lane.push_by_hand(up=False)
    raise AssertionError(f"the lane is {world.phase}: {world.point.state}")
