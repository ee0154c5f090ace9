"""An entry lane: re-read, match with the visit directed here, release by corridor, raise, pass, lower."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import arriving, orders, service, steps
from gate.lanes.barrier_lane import COMMON, RELEASED
from gate.lanes.commands import CallOfficer, RegisterPassage, UpdateVisit
from gate.lanes.duties import CheckOrdered, OfficerHeld, OpenedOnce
from gate.lanes.events import OfficerReleased, RegistrationCommitted, VisitMatched, VisitUnmatched
from gate.lanes.machine import Step, Table, row
from gate.lanes.occurrences import Occurrence
from gate.lanes.releasing import proceed
from gate.lanes.state import Permit, Phase, PointConfig, PointState, serves
from gate.model import ReleaseBasis


def _matched(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
    bound = arriving.bind(state, event)
    if bound is None:
        return Step(state)
    if event.lane is not None and event.lane != config.name:
        reason = f"wrong lane: directed to {event.lane} (Rules 9.3)"
        return steps.hold_here(config, bound, event, Occurrence.WRONG_LANE, reason)
    if not event.may_proceed or event.corridor is None:
        reason = event.reason or "the visit was not directed"
        return steps.hold_here(config, bound, event, Occurrence.MAY_NOT_PROCEED, reason)
    if event.corridor not in serves(config, state):
        reason = "this lane does not serve the visit's corridor (Rules 9.3)"
        return steps.hold_here(config, bound, event, Occurrence.WRONG_LANE, reason)
    said = steps.report("lane.arrived", config, bound, event, corridor=event.corridor)
    update = UpdateVisit(event.visit_id, lane=config.name)
    if event.corridor.needs_officer:
        return _await_control(config, bound, event).then(update, said)
    registering = replace(bound, phase=Phase.REGISTERING)
    return Step(registering, (update, said, RegisterPassage(event.visit_id)))


def _await_control(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
    """YELLOW and RED wait at the desk or the bay for an officer (5.6, 5.8)."""
    what = f"{event.corridor} vehicle awaits its control (Rules 5.6, 5.8)"
    called = steps.call(config, replace(state, phase=Phase.CONTROL), what)
    return Step(called.state, tuple(c for c in called.commands if isinstance(c, CallOfficer)))


def _unmatched(config: PointConfig, state: PointState, event: VisitUnmatched) -> Step:
    """Nobody directed this vehicle here: one of a listed convoy, or held."""
    if state.passage is None or state.passage.passage_id != event.passage_id:
        return Step(state)
    return service.convoy_vehicle(config, state, event) or arriving.unmatched(config, state, event)


def _registered(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
    """GREEN and BLUE: registration committed, officers informed, so release (4.2, 5.2)."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id:
        return Step(state)
    if passage.corridor is None or passage.corridor.needs_officer:
        reason = "only green and blue are released on registration"
        return steps.hold_here(config, state, event, Occurrence.INTERLOCK, reason, alarm=True)
    if event.held:
        reason = "held since it was matched: an officer decides"
        stopped = replace(state, passage=replace(passage, stopped=True))
        return steps.hold_here(config, stopped, event, Occurrence.MAY_NOT_PROCEED, reason)
    if event.check_ordered:
        return orders.registered_for_check(config, state, event)
    return proceed(config, state, event, Permit(ReleaseBasis.REGISTERED))


def _officer_released(config: PointConfig, state: PointState, event: OfficerReleased) -> Step:
    """An officer releases the visit that stands here, naming what was checked (5.6, 5.8)."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id or not event.checked or passage.stopped:
        return Step(state)
    if passage.corridor is None or passage.corridor not in serves(config, state):
        return Step(state)
    return proceed(config, state, event, Permit(ReleaseBasis.OFFICER, event.officer, event.checked))


def _opened_once(config: PointConfig, state: PointState, event: OpenedOnce) -> Step:
    """An officer opens once for a vehicle that has nothing to release (2.1): by the way of a release."""
    permitted = orders.permit_once(config, state, event)
    if permitted is None:
        return Step(state)
    known, permit = permitted
    raised = proceed(config, known.state, event, permit)
    return Step(raised.state, (*known.commands, *raised.commands))


_P = Phase
TABLE: Table = {
    **COMMON,
    (_P.MATCHING, VisitMatched): row(_matched, _P.MATCHING, _P.REGISTERING, _P.CONTROL, _P.HELD),
    (_P.MATCHING, VisitUnmatched): row(_unmatched, _P.MATCHING, *RELEASED),
    (_P.REGISTERING, RegistrationCommitted): row(_registered, _P.REGISTERING, *RELEASED),
    (_P.CONTROL, OfficerReleased): row(_officer_released, _P.CONTROL, *RELEASED),
    (_P.HELD, OfficerReleased): row(_officer_released, *RELEASED),
    (_P.HELD, OpenedOnce): row(_opened_once, *RELEASED),
    **{
        (phase, CheckOrdered): row(orders.check_ordered, phase, _P.HELD)
        for phase in (_P.REGISTERING, _P.WAITING, _P.HELD)
    },
    **{
        (phase, OfficerHeld): row(orders.held_in_lane, phase, _P.HELD)
        for phase in (_P.REGISTERING, _P.CONTROL, _P.WAITING, _P.HELD)
    },
    (_P.ATTENDED, OfficerHeld): row(orders.held_by_hand, _P.ATTENDED),
}
"""The entry lane, whole: every (phase, event) that matters; any other pair changes no phase."""
