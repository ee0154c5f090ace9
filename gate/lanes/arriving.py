"""A vehicle rolls up to a barrier lane: it is read again, for queue order never identifies anybody."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import ahead, steps
from gate.lanes.answers import note_read
from gate.lanes.commands import FindVisit, SetSignal, StartReading, StopReading
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Contact,
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
from gate.lanes.interlocks import UNDER, area
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
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
    """Begin a passage and read its plate; one the height detector saw coming is held at once."""
    begun = steps.begin(config, state, event.at)
    reading = replace(begun, phase=Phase.READING, deadline=event.at.mono + config.read_seconds)
    if reading.passage is None:
        raise AssertionError("begin() always begins")
    started = Step(reading, (StartReading(reading.passage.passage_id),))
    if not state.tall or config.takes_oversize:
        return started
    held = too_tall(config, reading, event)
    return Step(held.state, (*started.commands, *held.commands))


def too_tall(config: PointConfig, state: PointState, event: Event) -> Step:
    """Hold a vehicle that is too high for this lane: nothing is released to it here."""
    told = replace(state, tall=False)
    return steps.hold_here(
        config, told, event, Occurrence.OVERSIZE, "too high for this lane: send it to another", alarm=True
    )


def detector_when_free(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Only the arming detector announces a vehicle; everything else must be clear in a free lane."""
    if event.state is Occupancy.UNKNOWN:
        return lose_inputs(config, state, event)
    if event.state is Occupancy.CLEAR:
        return Step(state)
    if event.detector is Detector.ARMING:
        return arrive(config, state, event)
    seen = intruder(config, state, event)
    if event.detector is Detector.EXIT:
        return seen
    return Step(replace(seen.state, phase=Phase.RECOVERY), seen.commands)


def intruder(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Somebody is behind or under a closed barrier. With the arming side empty they came from behind."""
    if event.detector is Detector.EXIT:
        return steps.trouble(
            config, state, event, Occurrence.WRONG_SIDE, "a vehicle stands behind the closed barrier"
        )
    if state.inputs.exit is Occupancy.OCCUPIED and state.inputs.arming is Occupancy.CLEAR:
        reason = "a vehicle came to the closed barrier from behind"
        return steps.trouble(config, state, event, Occurrence.WRONG_SIDE, reason)
    reason = "something is under the closed barrier"
    return steps.trouble(config, state, event, Occurrence.UNDER_CLOSED, reason)


def detector_before_release(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """The vehicle backs away before anything was released; the visit stays as it was."""
    passage = state.passage
    if event.state is Occupancy.UNKNOWN or passage is None:
        return lose_inputs(config, state, event)
    if event.detector is Detector.ARMING and event.state is Occupancy.CLEAR:
        settled = ahead.nobody_followed(config, state, event)
        said = steps.happened(Occurrence.LEFT, config, state, event)
        left = _leave(config, settled.state)
        return Step(left.state, (StopReading(passage.passage_id), *settled.commands, said, *left.commands))
    if event.detector is not Detector.ARMING and event.state is Occupancy.OCCUPIED:
        return intruder(config, state, event)
    return Step(state)


def _leave(config: PointConfig, state: PointState) -> Step:
    """End the passage; with its barrier not down or something under it the lane is not free yet."""
    inputs = state.inputs
    shut = inputs.barrier is BarrierPosition.DOWN or not config.fitted.feedback
    if area(config, inputs) is Occupancy.CLEAR and shut:
        return steps.free(config, state)
    left = replace(state, phase=Phase.RECOVERY, passage=None, deadline=None)
    shown = steps.show(left, steps.blank(config, left))
    return Step(shown.state, shown.commands)


def barrier_before_release(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """A barrier that moves without a release was forced, or is worked by its key switch."""
    if event.position is BarrierPosition.DOWN:
        return Step(state)
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state, event)
    moved = moved_unasked(config, state, event)
    stop = (StopReading(state.passage.passage_id),) if state.passage else ()
    recovering = replace(moved.state, phase=Phase.RECOVERY, deadline=None)
    shown = steps.show(recovering, steps.waiting(config) if state.passage else steps.blank(config, state))
    return Step(shown.state, (*stop, *moved.commands, SetSignal(Aspect.RED), *shown.commands))


def moved_unasked(config: PointConfig, state: PointState, event: Event) -> Step:
    """Say by whom a barrier was moved that nobody here moved."""
    if Contact.KEY_SWITCH in state.inputs.active:
        reason = "the barrier is worked by its key switch"
        return steps.trouble(config, state, event, Occurrence.KEY_SWITCH, reason, alarm=False)
    return steps.trouble(config, state, event, Occurrence.FORCED, "the barrier moved without a release")


def lose_inputs(config: PointConfig, state: PointState, event: Event) -> Step:
    """An input of this lane became unknown: nothing moves until all are known again."""
    recovering = replace(state, phase=Phase.RECOVERY, deadline=None)
    if state.passage is None:
        said = steps.happened(Occurrence.INPUTS_LOST, config, state, event)
        return Step(recovering, (said, SetSignal(Aspect.RED)))
    reason = "a lane device stopped answering during a passage"
    lost = steps.trouble(config, recovering, event, Occurrence.INPUTS_LOST, reason)
    shown = steps.show(lost.state, steps.waiting(config))
    stop = StopReading(state.passage.passage_id)
    return Step(shown.state, (stop, *lost.commands, SetSignal(Aspect.RED), *shown.commands))


def plate_seen(config: PointConfig, state: PointState, event: PlateSeen) -> Step:
    """Ask the desk whose visit this is, when the read is sure."""
    passage = state.passage
    if passage is None or event.passage_id != passage.passage_id:
        return Step(state)
    seen = note_read(passage, event.read)
    state = replace(state, passage=seen)
    if event.read is None or not event.read.sure:
        return _unread(config, state, event)
    by = frozenset({IdentifiedBy.PLATE})
    known = replace(state, passage=replace(seen, mark=event.read.mark, by=by))
    return _match(config, known, event)


def _unread(config: PointConfig, state: PointState, event: PlateSeen | TimeElapsed) -> Step:
    reason = "the plate could not be read in the lane (Rules 8.0.1)"
    return steps.hold_here(config, state, event, Occurrence.UNREAD_PLATE, reason)


def time_while_reading(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """No plate in time."""
    if not steps.is_due(state, event) or state.passage is None:
        return Step(state)
    held = _unread(config, state, event)
    return Step(held.state, (StopReading(state.passage.passage_id), *held.commands))


def time_while_standing(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """The vehicle stands here longer than anybody means it to: call an officer, once."""
    if not steps.is_due(state, event):
        return Step(state)
    return steps.trouble(
        config,
        replace(state, deadline=None),
        event,
        Occurrence.STANDS_TOO_LONG,
        f"a vehicle has stood before the barrier for {config.stay_seconds:g} s, or its detector is stuck",
    )


def plate_confirmed(config: PointConfig, state: PointState, event: PlateConfirmed) -> Step:
    """An officer compared the plate by sight: match again with what is on the vehicle."""
    passage = state.passage
    if passage is None:
        return Step(state)
    confirmed = replace(passage, mark=event.mark, by=frozenset({IdentifiedBy.SIGHT}), officer=event.officer)
    matched = _match(config, replace(state, passage=confirmed), event)
    return Step(matched.state, (StopReading(passage.passage_id), *matched.commands))


def _match(config: PointConfig, state: PointState, event: PlateSeen | PlateConfirmed) -> Step:
    """Ask whose visit it is; who is here also tells what became of the vehicle before."""
    passage = state.passage
    if passage is None or passage.mark is None:
        return Step(state)
    if ahead.is_back(state, passage.mark):
        return ahead.stands_here_again(config, state, event)
    settled = ahead.another_follows(config, state, event)
    matching = replace(settled.state, phase=Phase.MATCHING, deadline=None)
    return Step(matching, (*settled.commands, FindVisit(passage.passage_id, passage.mark)))


def bind(state: PointState, event: VisitMatched) -> PointState | None:
    """Bind the passage to its visit; None when the answer is for another passage."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id:
        return None
    bound = replace(passage, visit_id=event.visit_id, corridor=event.corridor, stopped=event.stopped)
    return replace(state, passage=bound)


def unmatched(config: PointConfig, state: PointState, event: VisitUnmatched) -> Step:
    """Nobody directed this vehicle here."""
    if state.passage is None or state.passage.passage_id != event.passage_id:
        return Step(state)
    return steps.hold_here(config, state, event, Occurrence.NOT_DIRECTED, event.reason)


def help_asked(config: PointConfig, state: PointState, event: HelpRequested) -> Step:
    """Call an officer to the lane."""
    return steps.call(config, state, f"driver asks for an officer: {event.reason}")


def watches_under(event: DetectorChanged) -> bool:
    """Whether this detector watches the area under the boom."""
    return event.detector in UNDER
