"""Watch the released vehicle through the open barrier, and lower it over an area known clear, once.

Shared by entry and exit lanes. Every LowerBarrier in this product is in this file.
"""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import ahead, interlocks, steps
from gate.lanes.arriving import lose_inputs, moved_unasked, rest, watches_under
from gate.lanes.commands import (
    LowerBarrier,
    RevokeRelease,
    SetSignal,
    StartReading,
    StopBarrier,
    UpdateVisit,
)
from gate.lanes.events import (
    ActuationFailed,
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Event,
    Occupancy,
    TimeElapsed,
)
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Passage, Phase, PointConfig, PointState, Unsettled
from gate.model import VisitStatus

MAX_CLOSING_ATTEMPTS = 3
"""After that an officer looks at the barrier before software asks again."""


def detector_while_passing(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Follow the vehicle: onto the area under the boom, over the loop behind it, or back."""
    if event.state is Occupancy.UNKNOWN or state.passage is None:
        return lose_inputs(config, state, event)
    if watches_under(event):
        return _under(config, state, event)
    if event.detector is Detector.EXIT:
        return _behind(config, state, event)
    return _before(config, state, event)


def _under(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    passage = state.passage
    if passage is None:
        return Step(state)
    if interlocks.area(config, state.inputs) is Occupancy.CLEAR:
        if not passage.entered:
            return Step(state)
        # A drawbar or a high bed is lost for a moment: it is through only once this has held.
        left = state.inputs.arming is Occupancy.CLEAR
        cleared = replace(state, passage=replace(passage, left=left))
        if config.clear_seconds == 0:
            return finish(config, cleared, event)
        return Step(replace(cleared, deadline=event.at.mono + config.clear_seconds))
    gone = passage.exited and state.inputs.exit is Occupancy.CLEAR
    if event.state is Occupancy.OCCUPIED and passage.entered and gone:
        return _tailgated(config, state, event)
    under = replace(passage, entered=True)
    return Step(replace(state, passage=under, deadline=event.at.mono + config.under_seconds))


def _behind(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    passage = state.passage
    if passage is None or event.state is not Occupancy.OCCUPIED:
        return Step(state)
    if passage.entered:
        return Step(replace(state, passage=replace(passage, exited=True)))
    reason = "a vehicle comes from behind towards the open barrier"
    return steps.trouble(config, state, event, Occurrence.WRONG_SIDE, reason)


def _before(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """The vehicle leaves the arming detector without having entered: between the loops, or gone back."""
    if state.passage is None or state.passage.entered:
        return Step(state)
    patience = config.enter_seconds if event.state is Occupancy.OCCUPIED else config.back_seconds
    return Step(replace(state, deadline=event.at.mono + patience))


def barrier_while_passing(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """The barrier leaves its upper end though nobody asked: key switch, wind, or a hand."""
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state, event)
    if event.position is BarrierPosition.UP:
        return Step(state)
    moved = moved_unasked(config, state, event)
    recovering = replace(moved.state, phase=Phase.RECOVERY, deadline=None)
    shown = steps.show(recovering, steps.waiting(config))
    under = interlocks.area(config, state.inputs) is not Occupancy.CLEAR
    stop = (StopBarrier(),) if under and event.position is BarrierPosition.MOVING else ()
    return Step(shown.state, (*stop, *moved.commands, SetSignal(Aspect.RED), *shown.commands))


def time_while_passing(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """It did not move, it went back, it stands under the boom, or it has been through for long enough."""
    passage = state.passage
    if not steps.is_due(state, event) or passage is None:
        return Step(state)
    if passage.entered:
        if interlocks.area(config, state.inputs) is Occupancy.CLEAR:
            return finish(config, state, event)
        reason = f"a vehicle has stood under the open barrier for {config.under_seconds:g} s"
        told = replace(state, deadline=None)
        return steps.trouble(config, told, event, Occurrence.STANDS_UNDER, reason)
    if state.inputs.arming is Occupancy.OCCUPIED:
        reason = "the released vehicle did not drive through"
        return _back_out(config, state, event, Occurrence.DID_NOT_MOVE, reason)
    return _back_out(config, state, event, Occurrence.BACKED_OUT, "the released vehicle went back")


def finish(config: PointConfig, state: PointState, event: Event) -> Step:
    """The area has cleared behind somebody who entered: he drove through, or he backed out."""
    passage = state.passage
    if passage is None:
        return Step(state)
    if Detector.EXIT in config.fitted.detectors:
        if passage.exited:
            return _through(config, state, event)
        reason = "the released vehicle entered and went back: the loop behind the barrier never saw it"
        return _back_out(config, state, event, Occurrence.BACKED_OUT, reason)
    if passage.left or passage.visit_id is None or passage.release_id is None:
        return _through(config, state, event)
    who = Unsettled(passage.visit_id, passage.mark, passage.release_id)
    return _bumper_to_bumper(config, replace(state, unsettled=who), event, passage)


def _bumper_to_bumper(config: PointConfig, state: PointState, event: Event, passage: Passage) -> Step:
    """On one loop alone: it is through, or it stands there again. The next read tells."""
    said = steps.happened(Occurrence.BUMPER_TO_BUMPER, config, state, event)
    over = replace(state, passage=replace(passage, over=True))
    shown = steps.show(over, steps.blank(config, state))
    lowered = lower(config, shown.state, event)
    return Step(lowered.state, (said, SetSignal(Aspect.RED), *shown.commands, *lowered.commands))


def _through(config: PointConfig, state: PointState, event: Event) -> Step:
    ended = end(config, state, event)
    shown = steps.show(ended.state, steps.blank(config, state))
    lowered = lower(config, shown.state, event)
    return Step(lowered.state, (*ended.commands, SetSignal(Aspect.RED), *shown.commands, *lowered.commands))


def end(config: PointConfig, state: PointState, event: Event) -> Step:
    """Tell the end of a passage that drove through; what comes under the boom now is somebody else."""
    passage = state.passage
    if passage is None or passage.over:
        return Step(state)
    done = (UpdateVisit(passage.visit_id, ahead.completed(config)),) if passage.visit_id else ()
    said = steps.report("passage.completed", config, state, event, release=passage.release_id)
    return Step(replace(state, passage=replace(passage, over=True)), (*done, said))


def _back_out(config: PointConfig, state: PointState, event: Event, what: Occurrence, reason: str) -> Step:
    """Take the authorisation back: the visit waits for an officer, the boom comes down when clear."""
    passage = state.passage
    if passage is None:
        return Step(state)
    revoked = (RevokeRelease(passage.release_id, reason),) if passage.release_id else ()
    bound = (UpdateVisit(passage.visit_id, VisitStatus.HELD),) if passage.visit_id else ()
    over = replace(state, passage=replace(passage, over=True))
    told = steps.trouble(config, over, event, what, reason)
    shown = steps.show(told.state, steps.waiting(config))
    lowered = lower(config, shown.state, event)
    return Step(
        lowered.state,
        (*revoked, *bound, *told.commands, SetSignal(Aspect.RED), *shown.commands, *lowered.commands),
    )


def _tailgated(config: PointConfig, state: PointState, event: Event) -> Step:
    """A second vehicle is under the open boom: picture it, call, and wait until it is clear of it."""
    ended = end(config, state, event)
    told = steps.trouble(
        config, ended.state, event, Occurrence.TAILGATING, "a second vehicle followed under the open barrier"
    )
    begun = steps.begin(config, told.state, event.at)
    follower = begun.passage
    if follower is None:
        raise AssertionError("begin() always begins")
    watching = replace(begun, phase=Phase.RECOVERY, deadline=None, passage=replace(follower, over=True))
    shown = steps.show(watching, steps.waiting(config))
    return Step(
        shown.state,
        (
            *ended.commands,
            *told.commands,
            SetSignal(Aspect.RED),
            *shown.commands,
            StartReading(follower.passage_id),
        ),
    )


# --- the barrier comes down -------------------------------------------------------------------


def lower(config: PointConfig, state: PointState, event: Event) -> Step:
    """Ask for one closing pulse, as a decision of its own; elsewhere than known clear, do not."""
    passage = state.passage
    if passage is None or not interlocks.may_lower(config, state, event.at.mono):
        return Step(replace(state, phase=Phase.RECOVERY, deadline=event.at.mono + config.barrier_seconds))
    attempts = passage.attempts + 1
    lowering = replace(
        state,
        phase=Phase.LOWERING,
        deadline=event.at.mono + config.barrier_seconds,
        passage=replace(passage, attempts=attempts),
    )
    return Step(lowering, (LowerBarrier(f"{passage.passage_id}.lower{attempts}"),))


def detector_while_lowering(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Something under a closing barrier: stop at once; the barrier's own safety reverses it."""
    if event.state is Occupancy.UNKNOWN:
        lost = lose_inputs(config, state, event)
        return Step(lost.state, (StopBarrier(), *lost.commands))
    if not watches_under(event) or event.state is not Occupancy.OCCUPIED:
        return Step(state)
    if state.inputs.arming is Occupancy.OCCUPIED:
        followed = _tailgated(config, state, event)
        return Step(followed.state, (StopBarrier(), *followed.commands))
    behind = state.inputs.exit is Occupancy.OCCUPIED
    what = Occurrence.WRONG_SIDE if behind else Occurrence.UNDER_CLOSING
    told = steps.trouble(config, state, event, what, "something moved under the closing barrier")
    recovering = replace(told.state, phase=Phase.RECOVERY, deadline=None)
    return Step(recovering, (StopBarrier(), *told.commands))


def barrier_while_lowering(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """Closed by position feedback: the lane is free."""
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state, event)
    if event.position is BarrierPosition.DOWN:
        return rest(config, state, event)
    return Step(state)


def time_while_lowering(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """Closing time-out; without position feedback, time to take the boom for down - and for up."""
    if not steps.is_due(state, event):
        return Step(state)
    if not config.fitted.feedback:
        said = steps.happened(Occurrence.POSSIBLY_BOTH, config, state, event, asked="lower")
        rested = rest(config, state, event)
        return Step(rested.state, (said, *rested.commands))
    reason = "the barrier did not reach its lower end in time"
    return _not_closed(config, state, event, Occurrence.CLOSING_TIME_OUT, reason)


def lowering_failed(config: PointConfig, state: PointState, event: ActuationFailed) -> Step:
    """The closing pulse was not accepted."""
    reason = f"the barrier did not take the closing pulse: {event.reason}"
    return _not_closed(config, state, event, Occurrence.PULSE_REFUSED, reason)


def _not_closed(config: PointConfig, state: PointState, event: Event, what: Occurrence, reason: str) -> Step:
    if state.passage is not None and state.passage.attempts >= MAX_CLOSING_ATTEMPTS:
        what = Occurrence.STUCK
    told = steps.trouble(config, state, event, what, reason)
    return Step(replace(told.state, phase=Phase.RECOVERY, deadline=None), told.commands)
