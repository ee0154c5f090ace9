"""Officers' orders carried out: each says why it was not done, if it was not (`gate.lanes.order_acts`).

A point that knows the visit commits the order in a step of its own; elsewhere it is committed beside the
machines, and met when the vehicle is registered or matched. So no order can come too late unnoticed: the
release it was meant to stop was committed before, and the refusal says when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.errors import StoreError
from gate.lanes import orders
from gate.lanes.acts import DONE, ActResult, refused
from gate.lanes.commands import CommitCheck, GrantOpening, UpdateVisit
from gate.lanes.duties import CheckOrdered, OfficerHeld, OpenedOnce
from gate.lanes.events import Event
from gate.lanes.identifying import is_baggage, same_person
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderAct, OrderCheck, ReviewEmergency, SendToBay
from gate.lanes.runtime import PointRuntime
from gate.lanes.state import Phase
from gate.model import IdentifiedBy, Outcome, Visit, VisitStatus

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint

LOOK_AGAIN = (
    "an officer holds this vehicle: look at it again first (confirm its plate), and it is decided anew"
)


async def carry_out(checkpoint: LiveCheckpoint, act: OrderAct) -> ActResult:
    """Carry one order out."""
    match act:
        case OrderCheck():
            return await _order_check(checkpoint, act)
        case HoldVisit():
            return await _hold(checkpoint, act, None)
        case SendToBay(place=place):
            labels = [view.label for view in checkpoint.places.view()]
            if place not in labels:
                return refused(f"there is no holding place {place}: name one of {', '.join(labels)}")
            return await _hold(checkpoint, act, place)
        case OpenOnce():
            return await _open_once(checkpoint, act)
        case ReviewEmergency():
            return await _review(checkpoint, act)


async def _stoppable(checkpoint: LiveCheckpoint, visit_id: str) -> Visit | ActResult:
    """The visit, if nothing was released to it yet; else the refusal."""
    visit = await checkpoint.ledger.visit(visit_id)
    if visit is None:
        return refused("there is no such visit")
    if is_baggage(checkpoint, visit):
        return refused(
            "accompanied baggage is settled at its terminal: green and blue pass as they are registered, "
            "yellow and red wait for an officer's release"
        )
    if visit.status in (VisitStatus.RELEASED, VisitStatus.COMPLETED):
        return await _too_late(checkpoint, visit)
    if visit.status.is_over:
        return refused(f"the visit is over ({visit.status.value})")
    if visit.status is VisitStatus.ARRIVED:
        return refused("the gate has not answered this vehicle yet: wait for its answer")
    return visit


async def _too_late(checkpoint: LiveCheckpoint, visit: Visit) -> ActResult:
    at = await checkpoint.ledger.released_at(visit.visit_id)
    if at is None:
        return refused("its barrier was told to rise already: nothing can be ordered of it any more")
    return refused(f"already released at {at.astimezone():%H:%M:%S}: nothing can be ordered of it any more")


def _knows_it(runtime: PointRuntime | None, event: type[Event]) -> PointRuntime | None:
    """The point, if its machine takes this order in the phase it is in."""
    if runtime is None or (runtime.state.phase, event) not in runtime.machine.table:
        return None
    return runtime


def _is_let_go(runtime: PointRuntime | None) -> bool:
    return (
        runtime is not None
        and runtime.state.passage is not None
        and runtime.state.passage.release_id is not None
    )


# --- checks and holds -----------------------------------------------------------------------------


async def _order_check(checkpoint: LiveCheckpoint, act: OrderCheck) -> ActResult:
    facts = act.facts.strip()
    if not facts:
        return refused("cite the facts: a check is ordered on concrete ones, or on a founded suspicion (4.4)")
    visit = await _stoppable(checkpoint, act.visit_id)
    if isinstance(visit, ActResult):
        return visit
    if visit.check_ordered:
        return refused("a check of this vehicle has been ordered already")
    if visit.corridor is None or not visit.opened:
        return refused("it was assigned no corridor: a vehicle that is held is looked at anyway")
    if visit.corridor.needs_officer:
        return refused(f"{visit.corridor} is released by nobody but an officer after its control (5.6, 5.8)")
    standing = checkpoint.standing_at(act.visit_id)
    if _is_let_go(standing):
        return await _too_late(checkpoint, visit)
    if (runtime := _knows_it(standing, CheckOrdered)) is not None:
        event = CheckOrdered(
            at=checkpoint.clock.now(),
            visit_id=act.visit_id,
            officer=act.officer,
            source=act.source,
            facts=facts,
        )
        step = await runtime.tell(event)
        ordered = any(isinstance(command, CommitCheck) for command in step.commands)
        return ActResult(True, f"held at {runtime.name}") if ordered else await _too_late(checkpoint, visit)
    try:
        await checkpoint.bay.order_check(visit, act.officer, act.source, facts)
    except StoreError:
        # The database refuses a check of what was released a moment ago; whatever else it says is a fault.
        if await checkpoint.ledger.released_at(act.visit_id) is None:
            raise
        return await _too_late(checkpoint, visit)
    return ActResult(True, "ordered: it is held in its lane until an officer releases it")


async def _hold(checkpoint: LiveCheckpoint, act: HoldVisit | SendToBay, place: str | None) -> ActResult:
    reason = act.reason.strip()
    if not reason:
        return refused("give the reason")
    visit = await _stoppable(checkpoint, act.visit_id)
    if isinstance(visit, ActResult):
        return visit
    if place is None and orders.is_held(visit.findings):
        return refused("an officer holds it already")
    standing = checkpoint.standing_at(act.visit_id)
    if _is_let_go(standing):
        return await _too_late(checkpoint, visit)
    if standing is not None and standing.state.phase in (Phase.READING, Phase.IDENTIFYING):
        return refused(f"{standing.name} is {standing.state.phase.value}: wait for its answer")
    others = (f for f in visit.findings if f.outcome is not Outcome.DIRECT and not orders.is_held((f,)))
    findings = (*others, orders.held_by(act.officer, reason))
    if (runtime := _knows_it(standing, OfficerHeld)) is not None:
        event = OfficerHeld(
            at=checkpoint.clock.now(),
            visit_id=act.visit_id,
            officer=act.officer,
            findings=findings,
            place=place,
        )
        step = await runtime.tell(event)
        if any(isinstance(command, UpdateVisit) for command in step.commands):
            return DONE
        return await _too_late(checkpoint, visit)
    await checkpoint.bay.hold(visit, act.officer, findings, place)
    return DONE


# --- a single opening -----------------------------------------------------------------------------


async def _open_once(checkpoint: LiveCheckpoint, act: OpenOnce) -> ActResult:
    """For who has nothing to release (2.1): whoever may have goods is refused, and stays held."""
    reason = act.reason.strip()
    if not reason:
        return refused("give the reason (Rules 2.1)")
    runtime = checkpoint.points.get(act.point)
    if runtime is None or runtime.around.kind != "entry":
        return refused(f"{act.point} is no lane into the country")
    state = runtime.state
    passage = state.passage
    if state.phase is not Phase.HELD or passage is None:
        return refused(f"{act.point} is {state.phase.value}: no vehicle is held there")
    if passage.mark is None:
        return refused(
            "nobody knows its plate: confirm it by sight, so that what is declared can be looked up"
        )
    visit = await checkpoint.ledger.visit(passage.visit_id) if passage.visit_id is not None else None
    if visit is not None and orders.is_held(visit.findings):
        return refused(LOOK_AGAIN)
    by_sight = IdentifiedBy.SIGHT in passage.by
    goods = await checkpoint.bay.desk.why_goods(passage.mark, passage.visit_id or "", by_sight=by_sight)
    if goods:
        return refused(f"{goods}. To open would be to release it: it stays held")
    event = OpenedOnce(
        at=checkpoint.clock.now(),
        passage_id=passage.passage_id,
        officer=act.officer,
        category=act.category,
        reason=reason,
    )
    step = await runtime.tell(event)
    if any(isinstance(command, GrantOpening) for command in step.commands):
        return DONE
    if step.state.phase is Phase.WAITING:
        return ActResult(True, "it opens as soon as the way ahead is free")
    return refused(f"{act.point} is {step.state.phase.value}: not opened, see the call there")


# --- looking back ---------------------------------------------------------------------------------


async def _review(checkpoint: LiveCheckpoint, act: ReviewEmergency) -> ActResult:
    finding = act.finding.strip()
    if not finding:
        return refused("say what you found")
    waiting = await checkpoint.history.reviews()
    line = next((one for one in waiting if act.emergency_id in one.emergency_ids), None)
    if line is None:
        return refused("no review of that emergency is wanted: it is not known, or somebody did it")
    if line.ended_at is None:
        return refused("the emergency still lasts: end it first")
    if same_person(line.officer, act.officer):
        return refused("you declared it: another shift lead reviews it")
    await checkpoint.bay.review(line.emergency_ids, act.officer, finding)
    return DONE
