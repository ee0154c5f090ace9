"""Officers' acts carried out: each is checked against what stands where, and says why it was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.lanes import ordering, orders, seconding
from gate.lanes.acts import (
    DONE,
    AcknowledgeCall,
    ActResult,
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
    refused,
)
from gate.lanes.commands import GrantRelease
from gate.lanes.events import (
    AttendanceChanged,
    Event,
    OfficerReferred,
    OfficerReleased,
    PointClosed,
    PointOpened,
)
from gate.lanes.identifying import confirm_plate, enter_number, held_visit, is_baggage
from gate.lanes.machine import Step
from gate.lanes.state import Phase
from gate.model import VisitStatus

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint


async def carry_out(checkpoint: LiveCheckpoint, act: AnyAct) -> ActResult:
    """Carry one act out. No act here can name a corridor, so none makes one more lenient (1.3)."""
    match act:
        case ReleaseVisit():
            return await _release(checkpoint, act)
        case ConfirmPlate():
            return await confirm_plate(checkpoint, act)
        case EnterNumber() | EnterCargoNumber():
            return await enter_number(checkpoint, act)
        case AskSecond() | AgreeAsSecond() | DeclineAsSecond() | WithdrawAsking():
            return await seconding.carry_out(checkpoint, act)
        case ReferVisit():
            return await _refer(checkpoint, act)
        case TurnBack():
            return await _turn_back(checkpoint, act)
        case AcknowledgeCall(call_id=call_id):
            found = await checkpoint.ledger.acknowledge_call(call_id, act.officer, checkpoint.clock.now().utc)
            return DONE if found else refused("that call is not open: somebody acknowledged it")
        case ClosePoint(point=point):
            return await _tell_point(
                checkpoint, point, PointClosed(at=checkpoint.clock.now(), officer=act.officer)
            )
        case OpenPoint(point=point):
            return await _tell_point(
                checkpoint, point, PointOpened(at=checkpoint.clock.now(), officer=act.officer)
            )
        case AttendTerminal(point=point, attended=attended):
            runtime = checkpoint.points.get(point)
            if runtime is None or runtime.around.kind != "terminal":
                return refused(f"{point} is not a baggage terminal")
            at = checkpoint.clock.now()
            await runtime.tell(AttendanceChanged(at=at, officer=act.officer, attended=attended))
            return DONE


async def _tell_point(checkpoint: LiveCheckpoint, point: str, event: Event) -> ActResult:
    runtime = checkpoint.points.get(point)
    if runtime is None:
        return refused(f"there is no point {point}")
    before = runtime.state
    await runtime.tell(event)
    if runtime.state == before:
        return refused(f"{point} is {before.phase.value}: nothing to do")
    return DONE


def _has(step: Step, kind: type) -> bool:
    return any(isinstance(command, kind) for command in step.commands)


async def _release(checkpoint: LiveCheckpoint, act: ReleaseVisit) -> ActResult:
    """YELLOW and RED by an officer who names what was checked (5.6, 5.8)."""
    checked = tuple(item.strip() for item in act.checked if item.strip())
    if not checked:
        return refused("name what was checked: a release without a control is none (Rules 5.6, 5.8)")
    runtime = checkpoint.standing_at(act.visit_id)
    visit = await checkpoint.ledger.visit(act.visit_id)
    if visit is not None and orders.is_held(visit.findings):
        return refused(ordering.LOOK_AGAIN)
    if runtime is not None and runtime.around.kind in ("entry", "exit"):
        if runtime.around.kind == "entry" and visit is not None and visit.status.is_over:
            return refused(f"the visit is over ({visit.status.value}): it cannot be released any more")
        event = OfficerReleased(
            at=checkpoint.clock.now(), visit_id=act.visit_id, officer=act.officer, checked=checked
        )
        step = await runtime.tell(event)
        if _has(step, GrantRelease):
            return DONE
        phase = runtime.state.phase.value
        return refused(f"{runtime.name} is {phase}: this visit cannot be released here now")
    if visit is None:
        return refused("there is no such visit")
    baggage = is_baggage(checkpoint, visit)
    if not baggage or visit.corridor is None or visit.status is not VisitStatus.DIRECTED:
        return refused(f"the visit is {visit.status.value} and stands in no lane: nothing to release")
    await checkpoint.bay.release_baggage(visit, act.officer, checked)
    return DONE


async def _refer(checkpoint: LiveCheckpoint, act: ReferVisit) -> ActResult:
    if not act.reason.strip():
        return refused("give the reason (Rules 2.1)")
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "approach":
        event = OfficerReferred(at=checkpoint.clock.now(), officer=act.officer, reason=act.reason)
        await runtime.tell(event)
        if runtime.state.phase is Phase.DIRECTED:
            return DONE
        return refused(f"{runtime.name} is {runtime.state.phase.value}: wait for its answer")
    found = await held_visit(checkpoint, act.visit_id)
    if isinstance(found, ActResult):
        return found
    await checkpoint.bay.refer(found, act.officer, act.reason)
    return DONE


async def _turn_back(checkpoint: LiveCheckpoint, act: TurnBack) -> ActResult:
    """Nothing was released and nothing is: at an exit lane the barrier opens for the way back."""
    if not act.reason.strip():
        return refused("give the reason")
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "exit":
        checked = (f"turned back: {act.reason}",)
        event = OfficerReleased(
            at=checkpoint.clock.now(), visit_id=act.visit_id, officer=act.officer, checked=checked
        )
        step = await runtime.tell(event)
        return DONE if _has(step, GrantRelease) else refused(f"{runtime.name} does not hold this visit")
    visit = await checkpoint.ledger.visit(act.visit_id)
    if visit is None or visit.status not in (VisitStatus.HELD, VisitStatus.DIRECTED):
        return refused("only a visit that is held or directed can be turned back")
    await checkpoint.bay.turn_back(visit, act.officer, act.reason)
    return DONE
