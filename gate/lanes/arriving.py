"""A vehicle rolls up to a barrier lane: it is read again, for queue order never identifies anybody."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import steps
from gate.lanes.answers import note_read
from gate.lanes.commands import FindVisit, SetSignal, StartReading, StopReading
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Event,
    HelpRequested,
    Occupancy,
    PlateConfirmed,
    PlateSeen,
    TimeElapsed,
    VisitMatched,
    VisitUnmatched,
)
from gate.lanes.machine import Step
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import IdentifiedBy


def rest(config: PointConfig, state: PointState, event: Event) -> Step:
    """End the passage; a vehicle already standing on the arming detector begins the next."""
    freed = steps.free(config, state)
    if freed.state.phase is not Phase.FREE or freed.state.inputs.arming is not Occupancy.OCCUPIED:
        return freed
    arrived = arrive(config, freed.state, event)
    return Step(arrived.state, (*freed.commands, *arrived.commands))


def arrive(config: PointConfig, state: PointState, event: Event) -> Step:
    """Begin a passage and read its plate."""
    begun = steps.begin(config, state, event.at)
    reading = replace(begun, phase=Phase.READING, deadline=event.at.mono + config.read_seconds)
    if reading.passage is None:
        raise AssertionError("begin() always begins")
    return Step(reading, (StartReading(reading.passage.passage_id),))


def detector_when_free(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Only the arming detector announces a vehicle; the safety detector must be clear in a free lane."""
    if event.state is Occupancy.UNKNOWN:
        return Step(replace(state, phase=Phase.RECOVERY))
    if event.state is Occupancy.CLEAR:
        return Step(state)
    if event.detector is Detector.ARMING:
        return arrive(config, state, event)
    called = steps.call(config, state, "something is under the closed barrier", alarm=True)
    return Step(replace(called.state, phase=Phase.RECOVERY), called.commands)


def detector_before_release(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """The vehicle backs away before anything was released; the visit stays as it was."""
    passage = state.passage
    if event.state is Occupancy.UNKNOWN or passage is None:
        return lose_inputs(config, state)
    if event.detector is Detector.ARMING and event.state is Occupancy.CLEAR:
        said = steps.report("lane.left", config, state, event)
        left = _leave(config, state)
        return Step(left.state, (StopReading(passage.passage_id), said, *left.commands))
    if event.detector is Detector.SAFETY and event.state is Occupancy.OCCUPIED:
        return steps.call(config, state, "something is under the closed barrier", alarm=True)
    return Step(state)


def _leave(config: PointConfig, state: PointState) -> Step:
    """End the passage; with its barrier not down or something under it the lane is not free yet."""
    inputs = state.inputs
    if inputs.safety is Occupancy.CLEAR and inputs.barrier is BarrierPosition.DOWN:
        return steps.free(config, state)
    left = replace(state, phase=Phase.RECOVERY, passage=None, deadline=None)
    shown = steps.show(left, steps.blank(config))
    return Step(shown.state, shown.commands)


def barrier_before_release(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """A barrier that moves without a release was forced, or opened by its key switch."""
    if event.position is BarrierPosition.DOWN:
        return Step(state)
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state)
    called = steps.call(config, state, "the barrier moved without a release", alarm=True)
    stop = (StopReading(state.passage.passage_id),) if state.passage else ()
    recovering = replace(called.state, phase=Phase.RECOVERY, deadline=None)
    return Step(recovering, (*stop, *called.commands, SetSignal(Aspect.RED)))


def lose_inputs(config: PointConfig, state: PointState) -> Step:
    """An input of this lane became unknown: nothing moves until all are known again."""
    recovering = replace(state, phase=Phase.RECOVERY, deadline=None)
    if state.passage is None:
        return Step(recovering, (SetSignal(Aspect.RED),))
    called = steps.call(config, recovering, "a lane device stopped answering during a passage", alarm=True)
    shown = steps.show(called.state, steps.waiting(config))
    stop = StopReading(state.passage.passage_id)
    return Step(shown.state, (stop, *called.commands, SetSignal(Aspect.RED), *shown.commands))


def plate_seen(config: PointConfig, state: PointState, event: PlateSeen) -> Step:
    """Ask the desk whose visit this is, when the read is sure."""
    passage = state.passage
    if passage is None or event.passage_id != passage.passage_id:
        return Step(state)
    seen = note_read(passage, event.read)
    state = replace(state, passage=seen)
    if event.read is None or not event.read.sure:
        return steps.hold(config, state, "the plate could not be read in the lane (Rules 8.0.1)")
    by = frozenset({IdentifiedBy.PLATE})
    matching = replace(state, phase=Phase.MATCHING, deadline=None)
    matching = replace(matching, passage=replace(seen, mark=event.read.mark, by=by))
    return Step(matching, (FindVisit(passage.passage_id, event.read.mark),))


def time_while_reading(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """No plate in time."""
    if not steps.is_due(state, event) or state.passage is None:
        return Step(state)
    held = steps.hold(config, state, "the plate could not be read in the lane (Rules 8.0.1)")
    return Step(held.state, (StopReading(state.passage.passage_id), *held.commands))


def plate_confirmed(_config: PointConfig, state: PointState, event: PlateConfirmed) -> Step:
    """An officer compared the plate by sight: match again with what is on the vehicle."""
    passage = state.passage
    if passage is None:
        return Step(state)
    confirmed = replace(passage, mark=event.mark, by=frozenset({IdentifiedBy.SIGHT}), officer=event.officer)
    matching = replace(state, phase=Phase.MATCHING, deadline=None, passage=confirmed)
    return Step(matching, (StopReading(passage.passage_id), FindVisit(passage.passage_id, event.mark)))


def bind(state: PointState, event: VisitMatched) -> PointState | None:
    """Bind the passage to its visit; None when the answer is for another passage."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id:
        return None
    return replace(state, passage=replace(passage, visit_id=event.visit_id, corridor=event.corridor))


def unmatched(config: PointConfig, state: PointState, event: VisitUnmatched) -> Step:
    """Nobody directed this vehicle here."""
    if state.passage is None or state.passage.passage_id != event.passage_id:
        return Step(state)
    return steps.hold(config, state, event.reason)


def help_asked(config: PointConfig, state: PointState, event: HelpRequested) -> Step:
    """Call an officer to the lane."""
    return steps.call(config, state, f"driver asks for an officer: {event.reason}")
