"""An entry lane: re-read, match with the visit directed here, release by corridor, raise, pass, lower."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import arriving, passing, recovery, steps
from gate.lanes.commands import CallOfficer, RegisterPassage, UpdateVisit
from gate.lanes.events import (
    ActuationFailed,
    BarrierMoved,
    DetectorChanged,
    HelpRequested,
    OfficerReleased,
    PlateConfirmed,
    PlateSeen,
    PointClosed,
    PointOpened,
    RegistrationCommitted,
    Started,
    TimeElapsed,
    VisitMatched,
    VisitUnmatched,
)
from gate.lanes.machine import Step, Table, row
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import ReleaseBasis


def _matched(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
    bound = arriving.bind(state, event)
    if bound is None:
        return Step(state)
    if event.lane is not None and event.lane != config.name:
        return steps.hold(config, bound, f"wrong lane: directed to {event.lane} (Rules 9.3)")
    if not event.may_proceed or event.corridor is None:
        return steps.hold(config, bound, event.reason or "the visit was not directed")
    if event.corridor not in config.corridors:
        return steps.hold(config, bound, "this lane does not serve the visit's corridor (Rules 9.3)")
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


def _registered(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
    """GREEN and BLUE: registration committed, officers informed, so release (4.2, 5.2)."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id:
        return Step(state)
    if passage.corridor is None or passage.corridor.needs_officer:
        return steps.hold(config, state, "only green and blue are released on registration", alarm=True)
    return passing.release_and_raise(config, state, event, ReleaseBasis.REGISTERED)


def _officer_released(config: PointConfig, state: PointState, event: OfficerReleased) -> Step:
    """An officer releases the visit that stands here, naming what was checked (5.6, 5.8)."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id or not event.checked:
        return Step(state)
    if passage.corridor is None or passage.corridor not in config.corridors:
        return Step(state)
    return passing.release_and_raise(
        config, state, event, ReleaseBasis.OFFICER, officer=event.officer, checked=event.checked
    )


_P = Phase
PHASES = (
    _P.RECOVERY,
    _P.FREE,
    _P.READING,
    _P.MATCHING,
    _P.REGISTERING,
    _P.CONTROL,
    _P.RAISING,
    _P.PASSING,
    _P.LOWERING,
    _P.HELD,
    _P.CLOSED,
)
_BEFORE = (_P.READING, _P.MATCHING, _P.REGISTERING, _P.CONTROL, _P.HELD)
"""A vehicle stands here and nothing is released."""
_REST = (_P.FREE, _P.READING, _P.CLOSED)
_RAISED = (_P.RAISING, _P.HELD)

COMMON: Table = (
    {(phase, Started): row(recovery.start, _P.RECOVERY) for phase in PHASES}
    | {
        (phase, DetectorChanged): row(
            arriving.detector_before_release, phase, _P.FREE, _P.CLOSED, _P.RECOVERY
        )
        for phase in _BEFORE
    }
    | {
        (phase, BarrierMoved): row(arriving.barrier_before_release, phase, _P.RECOVERY)
        for phase in (_P.FREE, *_BEFORE)
    }
    | {(phase, HelpRequested): row(arriving.help_asked, phase) for phase in PHASES}
    | {
        (phase, PointClosed): row(recovery.close, phase, _P.CLOSED)
        for phase in (*_BEFORE, _P.RECOVERY, _P.RAISING, _P.PASSING, _P.LOWERING)
    }
    | {(phase, PlateConfirmed): row(arriving.plate_confirmed, _P.MATCHING) for phase in (_P.READING, _P.HELD)}
    | {
        (_P.RECOVERY, DetectorChanged): row(recovery.settle, _P.RECOVERY, _P.LOWERING, *_REST),
        (_P.RECOVERY, BarrierMoved): row(recovery.settle, _P.RECOVERY, _P.LOWERING, *_REST),
        (_P.FREE, DetectorChanged): row(arriving.detector_when_free, _P.FREE, _P.READING, _P.RECOVERY),
        (_P.FREE, PointClosed): row(steps.close_now, _P.CLOSED),
        (_P.READING, PlateSeen): row(arriving.plate_seen, _P.READING, _P.MATCHING, _P.HELD),
        (_P.READING, TimeElapsed): row(arriving.time_while_reading, _P.READING, _P.HELD),
        (_P.RAISING, DetectorChanged): row(passing.detector_while_raising, _P.RAISING, _P.RECOVERY),
        (_P.RAISING, BarrierMoved): row(
            passing.barrier_while_raising, _P.RAISING, _P.PASSING, _P.LOWERING, _P.RECOVERY
        ),
        (_P.RAISING, ActuationFailed): row(passing.raising_failed, _P.HELD),
        (_P.RAISING, TimeElapsed): row(passing.time_while_raising, _P.RAISING, _P.HELD),
        (_P.PASSING, DetectorChanged): row(
            passing.detector_while_passing, _P.PASSING, _P.LOWERING, _P.RECOVERY
        ),
        (_P.PASSING, BarrierMoved): row(passing.barrier_while_passing, _P.PASSING, _P.RECOVERY),
        (_P.PASSING, TimeElapsed): row(passing.time_while_passing, _P.PASSING, _P.LOWERING, _P.RECOVERY),
        (_P.LOWERING, DetectorChanged): row(passing.detector_while_lowering, _P.LOWERING, _P.RECOVERY),
        (_P.LOWERING, BarrierMoved): row(passing.barrier_while_lowering, _P.LOWERING, _P.RECOVERY, *_REST),
        (_P.LOWERING, ActuationFailed): row(passing.lowering_failed, _P.RECOVERY),
        (_P.LOWERING, TimeElapsed): row(passing.time_while_lowering, _P.LOWERING, _P.RECOVERY),
        (_P.CLOSED, PointOpened): row(recovery.reopen, _P.RECOVERY, _P.LOWERING, *_REST),
    }
)
"""What entry and exit lanes share."""

TABLE: Table = {
    **COMMON,
    (_P.MATCHING, VisitMatched): row(_matched, _P.MATCHING, _P.REGISTERING, _P.CONTROL, _P.HELD),
    (_P.MATCHING, VisitUnmatched): row(arriving.unmatched, _P.MATCHING, _P.HELD),
    (_P.REGISTERING, RegistrationCommitted): row(_registered, _P.REGISTERING, *_RAISED),
    (_P.CONTROL, OfficerReleased): row(_officer_released, _P.CONTROL, *_RAISED),
    (_P.HELD, OfficerReleased): row(_officer_released, *_RAISED),
}
"""The entry lane, whole: every (phase, event) that matters; any other pair changes no phase."""
