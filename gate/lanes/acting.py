"""Officers' acts carried out: each is checked against what stands where, and says why it was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.lanes.acts import (
    AcknowledgeCall,
    ActResult,
    AnyAct,
    AttendTerminal,
    ClosePoint,
    ConfirmPlate,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
)
from gate.lanes.commands import FindVisit, GrantRelease, Identify
from gate.lanes.events import (
    AttendanceChanged,
    Event,
    NumberGiven,
    OfficerReferred,
    OfficerReleased,
    PlateConfirmed,
    PointClosed,
    PointOpened,
)
from gate.lanes.machine import Step
from gate.lanes.state import Phase
from gate.model import Identification, IdentifiedBy, Outcome, Visit, VisitStatus

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint

DONE = ActResult(True, "done")


def _refused(why: str) -> ActResult:
    return ActResult(False, why)


async def carry_out(checkpoint: LiveCheckpoint, act: AnyAct) -> ActResult:
    """Carry one act out. No act here can name a corridor, so none makes one more lenient (1.3)."""
    match act:
        case ReleaseVisit():
            return await _release(checkpoint, act)
        case ConfirmPlate():
            return await _confirm(checkpoint, act)
        case EnterNumber():
            return await _enter(checkpoint, act)
        case ReferVisit():
            return await _refer(checkpoint, act)
        case TurnBack():
            return await _turn_back(checkpoint, act)
        case AcknowledgeCall(call_id=call_id):
            found = await checkpoint.ledger.acknowledge_call(call_id, act.officer, checkpoint.clock.now().utc)
            return DONE if found else _refused("that call is not open: somebody acknowledged it")
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
                return _refused(f"{point} is not a baggage terminal")
            at = checkpoint.clock.now()
            await runtime.tell(AttendanceChanged(at=at, officer=act.officer, attended=attended))
            return DONE


async def _tell_point(checkpoint: LiveCheckpoint, point: str, event: Event) -> ActResult:
    runtime = checkpoint.points.get(point)
    if runtime is None:
        return _refused(f"there is no point {point}")
    before = runtime.state
    await runtime.tell(event)
    if runtime.state == before:
        return _refused(f"{point} is {before.phase.value}: nothing to do")
    return DONE


def _has(step: Step, kind: type) -> bool:
    return any(isinstance(command, kind) for command in step.commands)


async def _release(checkpoint: LiveCheckpoint, act: ReleaseVisit) -> ActResult:
    """YELLOW and RED by an officer who names what was checked (5.6, 5.8)."""
    checked = tuple(item.strip() for item in act.checked if item.strip())
    if not checked:
        return _refused("name what was checked: a release without a control is none (Rules 5.6, 5.8)")
    runtime = checkpoint.standing_at(act.visit_id)
    visit = await checkpoint.ledger.visit(act.visit_id)
    if runtime is not None and runtime.around.kind in ("entry", "exit"):
        if runtime.around.kind == "entry" and visit is not None and visit.status.is_over:
            return _refused(f"the visit is over ({visit.status.value}): it cannot be released any more")
        event = OfficerReleased(
            at=checkpoint.clock.now(), visit_id=act.visit_id, officer=act.officer, checked=checked
        )
        step = await runtime.tell(event)
        if _has(step, GrantRelease):
            return DONE
        phase = runtime.state.phase.value
        return _refused(f"{runtime.name} is {phase}: this visit cannot be released here now")
    if visit is None:
        return _refused("there is no such visit")
    baggage = _is_baggage(checkpoint, visit)
    if not baggage or visit.corridor is None or visit.status is not VisitStatus.DIRECTED:
        return _refused(f"the visit is {visit.status.value} and stands in no lane: nothing to release")
    await checkpoint.bay.release_baggage(visit, act.officer, checked)
    return DONE


def _is_baggage(checkpoint: LiveCheckpoint, visit: Visit) -> bool:
    runtime = checkpoint.points.get(visit.point)
    return runtime is not None and runtime.around.kind == "terminal"


async def _confirm(checkpoint: LiveCheckpoint, act: ConfirmPlate) -> ActResult:
    """The plate as an officer sees it: at a point, else for a visit in the holding bay."""
    if not act.mark:
        return _refused("the plate is empty")
    runtime = checkpoint.points.get(act.point)
    passage = runtime.state.passage if runtime is not None else None
    if runtime is not None and (passage is not None or runtime.state.phase is Phase.ATTENDED):
        # Worked by hand, its arming detector dead: the officer's eyes begin the passage.
        standing = passage.visit_id if passage is not None else None
        if act.visit_id is None or act.visit_id == standing:
            event = PlateConfirmed(at=checkpoint.clock.now(), mark=act.mark, officer=act.officer)
            step = await runtime.tell(event)
            if _has(step, Identify) or _has(step, FindVisit):
                return DONE
            return _refused(f"{act.point} is {runtime.state.phase.value}: no plate is asked for")
    if act.visit_id is None:
        return _refused(f"no vehicle stands at {act.point}")
    found = await _held_visit(checkpoint, act.visit_id)
    if isinstance(found, ActResult):
        return found
    by = {IdentifiedBy.SIGHT} | ({IdentifiedBy.KIOSK} if found.numbers else set())
    number = found.numbers[0] if len(found.numbers) == 1 else None
    who = Identification(frozenset(by), act.mark, number, act.officer)
    return await _identify_in_bay(checkpoint, found, who, act.officer)


async def _enter(checkpoint: LiveCheckpoint, act: EnterNumber) -> ActResult:
    """A number entered at the carrier's request (8.0.2)."""
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "approach":
        event = NumberGiven(at=checkpoint.clock.now(), number=act.number, officer=act.officer)
        step = await runtime.tell(event)
        if _has(step, Identify):
            return DONE
        return ActResult(True, "kept: it counts once the plate has been read or confirmed")
    found = await _held_visit(checkpoint, act.visit_id)
    if isinstance(found, ActResult):
        return found
    by = {IdentifiedBy.OFFICER} | ({IdentifiedBy.SIGHT} if found.mark else set())
    who = Identification(frozenset(by), found.mark, act.number, act.officer)
    return await _identify_in_bay(checkpoint, found, who, act.officer)


async def _held_visit(checkpoint: LiveCheckpoint, visit_id: str) -> Visit | ActResult:
    visit = await checkpoint.ledger.visit(visit_id)
    if visit is None:
        return _refused("there is no such visit")
    if visit.status is not VisitStatus.HELD:
        return _refused(f"the visit is {visit.status.value}, not held")
    return visit


async def _identify_in_bay(
    checkpoint: LiveCheckpoint, visit: Visit, who: Identification, officer: str
) -> ActResult:
    terminal = _is_baggage(checkpoint, visit)
    decided = await checkpoint.bay.identify(visit, who, officer, at_terminal=terminal)
    decision = decided.decision
    match decision.outcome:
        case Outcome.DIRECT:
            return ActResult(True, f"directed to lane {decided.lane_label} ({decision.corridor})")
        case Outcome.REFER:
            return ActResult(True, f"referred to the general lane {decided.lane_label}")
        case Outcome.HOLD:
            why = "; ".join(f"{f.detail} (Rules {f.rule})" for f in decision.findings)
            return ActResult(True, f"still held: {why}")


async def _refer(checkpoint: LiveCheckpoint, act: ReferVisit) -> ActResult:
    if not act.reason.strip():
        return _refused("give the reason (Rules 2.1)")
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "approach":
        event = OfficerReferred(at=checkpoint.clock.now(), officer=act.officer, reason=act.reason)
        await runtime.tell(event)
        if runtime.state.phase is Phase.DIRECTED:
            return DONE
        return _refused(f"{runtime.name} is {runtime.state.phase.value}: wait for its answer")
    found = await _held_visit(checkpoint, act.visit_id)
    if isinstance(found, ActResult):
        return found
    await checkpoint.bay.refer(found, act.officer, act.reason)
    return DONE


async def _turn_back(checkpoint: LiveCheckpoint, act: TurnBack) -> ActResult:
    """Nothing was released and nothing is: at an exit lane the barrier opens for the way back."""
    if not act.reason.strip():
        return _refused("give the reason")
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "exit":
        checked = (f"turned back: {act.reason}",)
        event = OfficerReleased(
            at=checkpoint.clock.now(), visit_id=act.visit_id, officer=act.officer, checked=checked
        )
        step = await runtime.tell(event)
        return DONE if _has(step, GrantRelease) else _refused(f"{runtime.name} does not hold this visit")
    visit = await checkpoint.ledger.visit(act.visit_id)
    if visit is None or visit.status not in (VisitStatus.HELD, VisitStatus.DIRECTED):
        return _refused("only a visit that is held or directed can be turned back")
    await checkpoint.bay.turn_back(visit, act.officer, act.reason)
    return DONE
