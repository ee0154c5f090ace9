"""Officers' duties carried out: each says why it was not done, if it was not."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gate.lanes import attended, ordering, orders
from gate.lanes.acts import DONE, ActResult, refused
from gate.lanes.commands import LowerBarrier
from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
    ConvoyListed,
    CorridorsAssigned,
    EmergencyEnded,
    EmergencyOpened,
    HoldLetGo,
    HoldPressed,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
    VehiclePassed,
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
from gate.lanes.events import Event
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.lanes.runtime import PointRuntime
from gate.lanes.state import Phase, serves
from gate.model import Corridor, Visit, VisitStatus

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint


async def carry_out(checkpoint: LiveCheckpoint, act: DutyAct) -> ActResult:  # noqa: C901, PLR0912 - a line an act
    """Carry one duty out."""
    at, officer = checkpoint.clock.now(), act.officer
    match act:
        case OrderCheck() | HoldVisit() | SendToBay() | OpenOnce() | ReviewEmergency():
            return await ordering.carry_out(checkpoint, act)
        case OpenForEmergency():
            return await _open(checkpoint, act)
        case EndEmergencies():
            return await _end(checkpoint, act)
        case AnswerRollCall():
            return await _answer(checkpoint, act)
        case HoldToRun():
            return await _hold(checkpoint, act)
        case DeclareBreakdown():
            return await _break_down(checkpoint, act)
        case AssignCorridors():
            return await _assign(checkpoint, act)
        case BeginMaintenance(point=point, reason=reason):
            return await _tell(checkpoint, point, MaintenanceBegan(at=at, officer=officer, reason=reason))
        case EndMaintenance(point=point):
            return await _tell(checkpoint, point, MaintenanceEnded(at=at, officer=officer))
        case ArmLane(point=point):
            return await _tell(checkpoint, point, LaneArmed(at=at, officer=officer))
        case AttendLane(point=point, failed=failed, reason=reason):
            began = AttendedBegan(at=at, officer=officer, failed=failed, reason=reason)
            return await _tell(checkpoint, point, began)
        case LeaveLane(point=point):
            return await _tell(checkpoint, point, AttendedEnded(at=at, officer=officer))
        case LetGo(point=point):
            return await _tell(checkpoint, point, HoldLetGo(at=at, officer=officer))
        case SayPassed(point=point):
            return await _tell(checkpoint, point, VehiclePassed(at=at, officer=officer))
        case ClearBreakdown(point=point):
            return await _tell(checkpoint, point, BreakdownCleared(at=at, officer=officer))
        case ListConvoy(point=point, marks=marks, reason=reason):
            listed = ConvoyListed(at=at, officer=officer, marks=marks, reason=reason)
            return await _tell(checkpoint, point, listed)


def _lane(checkpoint: LiveCheckpoint, point: str) -> PointRuntime | ActResult:
    runtime = checkpoint.points.get(point)
    if runtime is None:
        return refused(f"there is no point {point}")
    if runtime.around.kind not in ("entry", "exit"):
        return refused(f"{point} is no lane with a barrier")
    return runtime


async def _tell(checkpoint: LiveCheckpoint, point: str, event: Event) -> ActResult:
    runtime = _lane(checkpoint, point)
    if isinstance(runtime, ActResult):
        return runtime
    step = await runtime.tell(event)
    # By what the duty itself led to: another event may have changed the lane meanwhile, and a list
    # given a second time changes nothing. Every duty that is done reports something.
    if not step.commands:
        return refused(_why_not(runtime, event))
    if any(isinstance(command, LowerBarrier) for command in step.commands):
        return ActResult(True, "done: the barrier is being lowered")
    return DONE


def _why_not(runtime: PointRuntime, event: Event) -> str:
    state = runtime.state
    match event:
        case AttendedBegan(failed=failed) if not failed or not failed <= attended.FALLIBLE:
            allowed = ", ".join(sorted(attended.FALLIBLE))
            return f"name the inputs that have failed, of: {allowed}. Nobody's eyes replace the others"
        case EmergencyEnded() if state.phase is Phase.EMERGENCY:
            return f"{runtime.name}: the fire panel is not known to be at rest"
        case VehiclePassed() if state.phase is Phase.ATTENDED:
            return f"{runtime.name}: lower the boom with its key switch first; it is not known to be down"
        case MaintenanceBegan() if state.passage is not None:
            return f"{runtime.name}: a vehicle's passage is in progress"
        case _:
            return f"{runtime.name} is {state.phase.value}: this cannot be done now"


# --- emergencies --------------------------------------------------------------------------------


def _lanes(checkpoint: LiveCheckpoint, points: Sequence[str]) -> list[PointRuntime] | ActResult:
    if points:
        found = [_lane(checkpoint, point) for point in points]
        wrong = next((one for one in found if isinstance(one, ActResult)), None)
        return wrong or [one for one in found if isinstance(one, PointRuntime)]
    return [one for one in checkpoint.points.values() if one.around.kind in ("entry", "exit")]


async def _open(checkpoint: LiveCheckpoint, act: OpenForEmergency) -> ActResult:
    """All at once: nobody waits for another lane's disk."""
    if not act.reason.strip():
        return refused("say what the emergency is")
    lanes = _lanes(checkpoint, act.points)
    if isinstance(lanes, ActResult):
        return lanes
    at = checkpoint.clock.now()
    told = [
        runtime.tell(
            EmergencyOpened(
                at=at,
                emergency_id=f"{runtime.name}.emergency-{secrets.token_hex(6)}",
                officer=act.officer,
                reason=act.reason,
            )
        )
        for runtime in lanes
    ]
    done = zip(lanes, await asyncio.gather(*told), strict=True)
    left = [runtime.name for runtime, step in done if step.state.phase is not Phase.EMERGENCY]
    if left:
        names = ", ".join(left)
        return ActResult(
            len(left) < len(lanes), f"not opened, because in maintenance: {names}. Open them by hand"
        )
    return DONE


async def _end(checkpoint: LiveCheckpoint, act: EndEmergencies) -> ActResult:
    lanes = _lanes(checkpoint, act.points)
    if isinstance(lanes, ActResult):
        return lanes
    in_emergency = [runtime for runtime in lanes if runtime.state.phase is Phase.EMERGENCY]
    if not in_emergency:
        return refused("no emergency lasts there")
    at = checkpoint.clock.now()
    told = [runtime.tell(EmergencyEnded(at=at, officer=act.officer)) for runtime in in_emergency]
    done = zip(in_emergency, await asyncio.gather(*told), strict=True)
    # One fire panel that is not at rest keeps its own lane open, and no other.
    lasting = [runtime for runtime, step in done if step.state.phase is Phase.EMERGENCY]
    if lasting:
        why = "; ".join(_why_not(runtime, EmergencyEnded(at=at, officer=act.officer)) for runtime in lasting)
        ended = len(in_emergency) - len(lasting)
        return ActResult(ended > 0, f"{ended} lanes ended; {why}" if ended else why)
    if any(runtime.state.phase is Phase.EMERGENCY for runtime in checkpoint.points.values()):
        return DONE
    called = [visit for visit in await checkpoint.history.open_visits() if _is_unreleased(visit)]
    await checkpoint.bay.call_over(called, act.officer)
    return ActResult(True, f"ended; {len(called)} vehicles not released are called over")


def _is_unreleased(visit: Visit) -> bool:
    return visit.status in (VisitStatus.ARRIVED, VisitStatus.HELD, VisitStatus.DIRECTED)


async def _answer(checkpoint: LiveCheckpoint, act: AnswerRollCall) -> ActResult:
    waiting = {line.visit_id for line in await checkpoint.history.roll_call()}
    if act.visit_id not in waiting:
        return refused("that vehicle is not on the roll-call")
    visit = await checkpoint.ledger.visit(act.visit_id)
    if visit is None:
        return refused("there is no such visit")
    await checkpoint.bay.answer_roll_call(visit, act.officer, present=act.present)
    return DONE


# --- by hand, broken down, other corridors ------------------------------------------------------


async def _hold(checkpoint: LiveCheckpoint, act: HoldToRun) -> ActResult:
    runtime = _lane(checkpoint, act.point)
    if isinstance(runtime, ActResult):
        return runtime
    visit = await checkpoint.ledger.visit(act.visit_id)
    if visit is not None and orders.is_held(visit.findings):
        return refused(ordering.LOOK_AGAIN)
    checked = tuple(item.strip() for item in act.checked if item.strip())
    event = HoldPressed(
        at=checkpoint.clock.now(), officer=act.officer, visit_id=act.visit_id, checked=checked
    )
    step = await runtime.tell(event)
    if step.state.phase is Phase.HOLDING and step.commands:
        return DONE
    judged = step.state  # a press that did nothing left it as it found it
    if judged.phase not in (Phase.ATTENDED, Phase.HOLDING):
        return refused(f"{act.point} is {judged.phase.value}: nobody attends it")
    return refused(attended.why_not_press(runtime.machine.config, judged, event) or "it is held already")


async def _break_down(checkpoint: LiveCheckpoint, act: DeclareBreakdown) -> ActResult:
    """Block the lane first, so that nobody is sent into it; then send those on their way elsewhere."""
    runtime = _lane(checkpoint, act.point)
    if isinstance(runtime, ActResult):
        return runtime
    corridor = next(iter(serves(runtime.machine.config, runtime.state)), None)
    other = checkpoint.another_lane(corridor, act.point) if corridor is not None else None
    event = BreakdownDeclared(
        at=checkpoint.clock.now(),
        officer=act.officer,
        label=other.label if other else None,
        corridor=corridor if other else None,
    )
    told = await _tell(checkpoint, act.point, event)
    if not told.done:
        return told
    stranded = 0
    behind = [
        visit
        for visit in await checkpoint.history.open_visits()
        if visit.lane == act.point and visit.status is VisitStatus.DIRECTED and visit.corridor is not None
    ]
    for visit in behind:
        lane = checkpoint.another_lane(visit.corridor, act.point) if visit.corridor else None
        if lane is None:
            stranded += 1
            continue
        await checkpoint.bay.redirect(visit, lane.name, act.officer, f"breakdown in {visit.lane}")
    sent = f"{len(behind) - stranded} vehicles redirected"
    if stranded:
        return ActResult(True, f"{sent}; {stranded} wait: no other open lane serves their corridor")
    return ActResult(True, sent)


async def _assign(checkpoint: LiveCheckpoint, act: AssignCorridors) -> ActResult:
    runtime = _lane(checkpoint, act.point)
    if isinstance(runtime, ActResult):
        return runtime
    coming = checkpoint.queues.length(act.point)
    if coming:
        return refused(f"{coming} vehicles are on their way to {act.point}: let them through first")
    event = CorridorsAssigned(at=checkpoint.clock.now(), officer=act.officer, corridors=act.corridors or None)
    told = await _tell(checkpoint, act.point, event)
    if not told.done:
        return told
    served = {
        corridor for one in checkpoint.points.values() for corridor in serves(one.machine.config, one.state)
    }
    missing = [corridor.value for corridor in Corridor if corridor not in served]
    if missing:
        return ActResult(True, f"done; no lane serves {', '.join(missing)} now: those vehicles will be held")
    return DONE
