"""RECOVERY of a barrier lane: inputs are read until they agree; no command of before is replayed."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import passing, steps
from gate.lanes.arriving import rest
from gate.lanes.commands import CallOfficer, RevokeRelease, SetSignal, StopBarrier, UpdateVisit
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Event,
    Occupancy,
    PointClosed,
    PointOpened,
    Started,
)
from gate.lanes.machine import Step
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import VisitStatus

_MID_PASSAGE = frozenset(
    {Phase.MATCHING, Phase.REGISTERING, Phase.CONTROL, Phase.RAISING, Phase.PASSING, Phase.HELD}
)


def start(config: PointConfig, state: PointState, event: Started) -> Step:
    """Trust nothing after a (re)start. A passage in progress is shown to an officer."""
    fresh = PointState(
        phase=Phase.RECOVERY,
        boot_id=event.boot_id,
        passage=state.passage,
        message=state.message,
        closed_by=state.closed_by,
        closing=state.closed_by is not None,
    )
    shown = steps.show(fresh, steps.waiting(config) if state.passage else steps.blank(config))
    if state.passage is None or state.phase not in _MID_PASSAGE:
        return shown.then(SetSignal(Aspect.RED))
    called = steps.call(config, shown.state, "restarted with a vehicle in the lane", alarm=True)
    return Step(called.state, (*shown.commands, *called.commands, SetSignal(Aspect.RED)))


def settle(config: PointConfig, state: PointState, event: DetectorChanged | BarrierMoved) -> Step:
    """Leave RECOVERY once all inputs are known and agree that the lane is at rest."""
    inputs = state.inputs
    passage = state.passage
    if _comes_under_a_closing_barrier(state, event):
        return Step(state, (StopBarrier(),))
    if (
        passage is not None
        and passage.release_id is not None
        and isinstance(event, DetectorChanged)
        and event.detector is Detector.SAFETY
        and event.state is Occupancy.OCCUPIED
    ):
        return Step(replace(state, passage=replace(passage, entered=True)))
    if not inputs.known or inputs.safety is not Occupancy.CLEAR:
        return Step(state)
    if inputs.barrier is BarrierPosition.DOWN:
        return _at_rest(config, state, event)
    if inputs.barrier is BarrierPosition.UP and inputs.arming is Occupancy.CLEAR:
        return _lower_anew(config, state, event)
    return Step(state)


def _comes_under_a_closing_barrier(state: PointState, event: DetectorChanged | BarrierMoved) -> bool:
    """A closing pulse that was late or thought lost may still move the barrier (law 3)."""
    return (
        isinstance(event, DetectorChanged)
        and event.detector is Detector.SAFETY
        and event.state is not Occupancy.CLEAR
        and state.inputs.barrier is BarrierPosition.MOVING
        and state.passage is not None
        and state.passage.attempts > 0
    )


def _at_rest(config: PointConfig, state: PointState, event: Event) -> Step:
    ended = _end_interrupted(config, state, event)
    rested = rest(config, ended.state, event)
    return Step(rested.state, (*ended.commands, *rested.commands))


def _lower_anew(config: PointConfig, state: PointState, event: Event) -> Step:
    """Ask for one closing pulse as a new decision: both detectors are known clear."""
    if state.passage is None:
        state = steps.begin(config, state, event.at)
    if state.passage is not None and state.passage.attempts >= passing.MAX_CLOSING_ATTEMPTS:
        return Step(state)
    ended = _end_interrupted(config, state, event)
    lowered = passing.lower(config, ended.state, event)
    return Step(lowered.state, (*ended.commands, *lowered.commands))


def _end_interrupted(config: PointConfig, state: PointState, event: Event) -> Step:
    """Say what became of the passage the interruption fell into."""
    passage = state.passage
    if passage is None or passage.visit_id is None or passage.release_id is None:
        return Step(state)
    if passage.attempts > 0:
        return Step(state)  # its end was told before the barrier was first lowered
    if passage.entered:
        status = VisitStatus.COMPLETED if config.corridors else VisitStatus.DEPARTED
        said = steps.report("passage.completed", config, state, event, release=passage.release_id)
        return Step(state, (UpdateVisit(passage.visit_id, status), said))
    reason = "interrupted: nobody saw the released vehicle drive through"
    said = steps.report("passage.interrupted", config, state, event, release=passage.release_id)
    called = steps.call(config, state, reason, alarm=True)
    return Step(called.state, (RevokeRelease(passage.release_id, reason), said, *called.commands))


def close(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    """Close a lane whose passage is not over: wait for it, or leave it to the officer."""
    if not event.at_once:
        return steps.close_when_free(config, state, event)
    abandoned = steps.abandon(config, state, "the lane closed with a passage in progress")
    if (
        state.passage is not None
        and state.inputs.barrier is BarrierPosition.UP
        and state.inputs.arming is Occupancy.CLEAR
        and passing.may_lower(state)
    ):
        lowered = passing.lower(config, state, event)
        pulses = tuple(c for c in lowered.commands if not isinstance(c, CallOfficer))
        return Step(abandoned.state, (*abandoned.commands, SetSignal(Aspect.RED), *pulses))
    return abandoned.then(SetSignal(Aspect.RED))


def reopen(config: PointConfig, state: PointState, event: PointOpened) -> Step:
    """Back in service through RECOVERY: inputs must agree first."""
    opened = replace(state, phase=Phase.RECOVERY, closed_by=None, closing=False)
    if opened.inputs.known and opened.inputs.safety is Occupancy.CLEAR:
        if opened.inputs.barrier is BarrierPosition.DOWN:
            return rest(config, opened, event)
        if opened.inputs.barrier is BarrierPosition.UP and opened.inputs.arming is Occupancy.CLEAR:
            return _lower_anew(config, opened, event)
    return Step(opened)
