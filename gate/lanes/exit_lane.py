"""An exit lane: the departure is read, recorded and confirmed; the Rules' corridors cover import only."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import arriving, steps
from gate.lanes.barrier_lane import COMMON, RELEASED
from gate.lanes.commands import OpenVisit, RegisterPassage, UpdateVisit
from gate.lanes.duties import CorridorsAssigned
from gate.lanes.events import (
    OfficerReleased,
    RegistrationCommitted,
    VisitMatched,
    VisitUnmatched,
)
from gate.lanes.machine import Step, Table, row
from gate.lanes.occurrences import Occurrence
from gate.lanes.releasing import proceed
from gate.lanes.state import Permit, Phase, PointConfig, PointState
from gate.model import ReleaseBasis


def _matched(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
    """A vehicle with a visit here: released it may leave, unreleased it raises an alarm."""
    bound = arriving.bind(state, event)
    if bound is None or bound.passage is None:
        return Step(state)
    # Nothing is imported here: what the visit was directed to on its way in is no part of its leaving.
    bound = replace(bound, passage=replace(bound.passage, corridor=None))
    if not event.may_proceed:
        said = steps.report("alarm.leaving-unreleased", config, bound, event, reason=event.reason)
        held = steps.hold_here(config, bound, event, Occurrence.MAY_NOT_PROCEED, event.reason, alarm=True)
        return Step(held.state, (said, *held.commands))
    return _register(config, bound, event)


def _unmatched(config: PointConfig, state: PointState, event: VisitUnmatched) -> Step:
    """Leaving without having come in by this gate is ordinary: the departure begins its own visit."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id:
        return Step(state)
    departing = replace(state, passage=replace(passage, visit_id=passage.passage_id))
    registering = _register(config, departing, event)
    opened = OpenVisit(passage.passage_id, passage.began_utc, passage.began_mono)
    return Step(registering.state, (opened, *registering.commands))


def _register(_config: PointConfig, state: PointState, _event: VisitMatched | VisitUnmatched) -> Step:
    passage = state.passage
    if passage is None or passage.visit_id is None:
        return Step(state)
    update = UpdateVisit(passage.visit_id, mark=passage.mark, lane=_config.name)
    return Step(replace(state, phase=Phase.REGISTERING), (update, RegisterPassage(passage.visit_id)))


def _registered(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
    """Open for a recorded departure."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id:
        return Step(state)
    return proceed(config, state, event, Permit(ReleaseBasis.DEPARTURE))


def _officer_released(config: PointConfig, state: PointState, event: OfficerReleased) -> Step:
    """An officer lets a held vehicle leave: unless its departure was due anyway, nothing was imported."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id or not event.checked:
        return Step(state)
    left = passage.permit is None or passage.permit.left
    permit = Permit(ReleaseBasis.DEPARTURE, event.officer, event.checked, left=left)
    return proceed(config, state, event, permit)


_P = Phase
TABLE: Table = {
    # No corridors: nothing is controlled here, and none can be assigned.
    **{
        (phase, event): line
        for (phase, event), line in COMMON.items()
        if phase is not _P.CONTROL and event is not CorridorsAssigned
    },
    (_P.MATCHING, VisitMatched): row(_matched, _P.MATCHING, _P.REGISTERING, _P.HELD),
    (_P.MATCHING, VisitUnmatched): row(_unmatched, _P.MATCHING, _P.REGISTERING),
    (_P.REGISTERING, RegistrationCommitted): row(_registered, _P.REGISTERING, *RELEASED),
    (_P.HELD, OfficerReleased): row(_officer_released, *RELEASED),
}
"""The exit lane, whole."""
