"""RECOVERY of a barrier lane: inputs are read until they agree; no command of before is replayed."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import interlocks, passing, steps
from gate.lanes.answers import note_read
from gate.lanes.arriving import rest, watches_under
from gate.lanes.commands import (
    BoardMessage,
    EndEmergency,
    MessageKind,
    RevokeRelease,
    SetSignal,
    StopBarrier,
    UpdateVisit,
)
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    DetectorChanged,
    Event,
    Occupancy,
    PlateSeen,
    PointClosed,
    PointOpened,
    Started,
    TimeElapsed,
)
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Inputs, Phase, PointConfig, PointState
from gate.model import VisitStatus

_MID_PASSAGE = frozenset(
    {
        Phase.MATCHING,
        Phase.REGISTERING,
        Phase.CONTROL,
        Phase.WAITING,
        Phase.RAISING,
        Phase.PASSING,
        Phase.HELD,
        Phase.ATTENDED,
        Phase.HOLDING,
    }
)
LASTING = frozenset({Phase.EMERGENCY, Phase.MAINTENANCE, Phase.BLOCKED})
"""What somebody declared and somebody must end: a restart changes nothing of it."""


def start(config: PointConfig, state: PointState, event: Started) -> Step:
    """Trust nothing after a (re)start. A passage in progress is shown to an officer."""
    fresh = replace(
        state,
        phase=state.phase if state.phase in LASTING else Phase.RECOVERY,
        inputs=Inputs(),
        area_clear_since=None,
        boot_id=event.boot_id,
        count=0,
        deadline=event.at.mono + 2 * config.barrier_seconds,
        faults=frozenset(),
        closing=state.closed_by is not None,
        attended_by=None,
        failed=frozenset(),
        devices=state.devices if state.devices is not None or config.arm_first else config.devices,
    )
    if fresh.devices != config.devices:
        return _disarm(config, fresh, event)
    if fresh.phase in LASTING:
        return Step(replace(fresh, deadline=None), (SetSignal(Aspect.RED),))
    shown = steps.show(fresh, steps.waiting(config) if state.passage else steps.blank(config, state))
    if state.passage is None or state.phase not in _MID_PASSAGE:
        return shown.then(SetSignal(Aspect.RED))
    reason = "restarted with a vehicle in the lane"
    told = steps.trouble(config, shown.state, event, Occurrence.RESTARTED, reason)
    return Step(told.state, (*shown.commands, *told.commands, SetSignal(Aspect.RED)))


def _disarm(config: PointConfig, state: PointState, event: Started) -> Step:
    """Other devices than those the lane was armed with: it commands nothing until somebody looked."""
    reason = "the device configuration changed: see the lane work, and arm it at the site"
    idle = replace(state, phase=Phase.DISARMED, deadline=None, emergency_id=None, crossings=0)
    told = steps.trouble(config, idle, event, Occurrence.DISARMED, reason)
    shown = steps.show(told.state, BoardMessage(MessageKind.CLOSED, config.label))
    # Or the lane would take the next emergency for the one it is in already.
    over = (EndEmergency(state.emergency_id),) if state.emergency_id is not None else ()
    # Red is the signal's rest, whatever hangs there now: a green of before must not outlive its way.
    return Step(shown.state, (*over, *told.commands, SetSignal(Aspect.RED), *shown.commands))


def enter(config: PointConfig, state: PointState, event: Event) -> Step:
    """Come back to service from whatever took the lane out of it: settle at once if all agrees.

    A lane that was disarmed before that is still to be armed.
    """
    if state.devices != config.devices:
        shut = steps.show(
            replace(state, phase=Phase.DISARMED, deadline=None),
            BoardMessage(MessageKind.CLOSED, config.label),
        )
        return shut.then(SetSignal(Aspect.RED))
    recovering = replace(
        state,
        phase=Phase.RECOVERY,
        deadline=event.at.mono + 2 * config.barrier_seconds,
        closing=state.closing or state.closed_by is not None,
    )
    shown = steps.show(recovering, steps.blank(config, state))
    settled = settle(config, shown.state, event)
    return Step(settled.state, (*shown.commands, *settled.commands))


def observe(config: PointConfig, state: PointState, event: DetectorChanged | BarrierMoved) -> Step:
    """Take what an input says; leave RECOVERY once all agree."""
    if _comes_under_a_closing_barrier(config, state, event):
        return Step(state, (StopBarrier(),))
    passage = state.passage
    if (
        passage is not None
        and passage.release_id is not None
        and isinstance(event, DetectorChanged)
        and watches_under(event)
        and event.state is Occupancy.OCCUPIED
    ):
        return Step(replace(state, passage=replace(passage, entered=True)))
    return settle(config, state, event)


def settle(config: PointConfig, state: PointState, event: Event) -> Step:
    """Leave RECOVERY once all inputs are known and agree that the lane is at rest."""
    inputs = state.inputs
    quiet = interlocks.known(config, inputs) and interlocks.forbidding(inputs) is None
    if not quiet or interlocks.area(config, inputs) is not Occupancy.CLEAR:
        return Step(state)
    if inputs.barrier is BarrierPosition.DOWN:
        return _at_rest(config, state, event)
    up = inputs.barrier is BarrierPosition.UP or not config.fitted.feedback
    if not up or inputs.arming is not Occupancy.CLEAR:
        return Step(state)
    since = state.area_clear_since
    if since is not None and not interlocks.clear_long_enough(config, state, event.at.mono):
        return Step(replace(state, deadline=since + config.clear_seconds))
    return _lower_anew(config, state, event)


def time_in_recovery(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """The area may have been clear for long enough by now; a lane that finds no rest calls an officer."""
    if not steps.is_due(state, event):
        return Step(state)
    settled = settle(config, replace(state, deadline=None), event)
    if settled.state.phase is not Phase.RECOVERY or settled.state.deadline is not None:
        return settled
    lost = interlocks.unknown_inputs(config, state.inputs)
    why = f"not known: {', '.join(sorted(lost))}" if lost else f"the barrier is {state.inputs.barrier.value}"
    told = steps.trouble(
        config, settled.state, event, Occurrence.NOT_AT_REST, f"the lane does not come to rest: {why}"
    )
    return Step(told.state, (*settled.commands, *told.commands))


def plate_of_a_follower(config: PointConfig, state: PointState, event: PlateSeen) -> Step:
    """Evidence of who followed under the open barrier; nobody is matched by it."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id or event.read is None:
        return Step(state)
    seen = replace(state, passage=note_read(passage, event.read))
    said = steps.happened(
        Occurrence.TAILGATING,
        config,
        seen,
        event,
        read=event.read.mark,
        sure=event.read.sure,
        evidence=list(event.read.evidence),
    )
    reason = f"followed unreleased under the open barrier: {event.read.mark}"
    called = steps.call(config, seen, reason, alarm=True)
    return Step(called.state, (said, *called.commands))


def _comes_under_a_closing_barrier(
    config: PointConfig, state: PointState, event: DetectorChanged | BarrierMoved
) -> bool:
    """A closing pulse that was late or thought lost may still move the barrier (law 3)."""
    may_move = state.inputs.barrier is BarrierPosition.MOVING or not config.fitted.feedback
    return (
        isinstance(event, DetectorChanged)
        and watches_under(event)
        and event.state is not Occupancy.CLEAR
        and may_move
        and state.passage is not None
        and state.passage.attempts > 0
    )


def _at_rest(config: PointConfig, state: PointState, event: Event) -> Step:
    ended = end_interrupted(config, state, event)
    rested = rest(config, ended.state, event)
    return Step(rested.state, (*ended.commands, *rested.commands))


def _lower_anew(config: PointConfig, state: PointState, event: Event) -> Step:
    """Ask for one closing pulse as a new decision: both sides are known clear."""
    ended = end_interrupted(config, state, event)
    state = ended.state if ended.state.passage else steps.begin(config, ended.state, event.at)
    passage = state.passage
    if passage is None or passage.attempts >= passing.MAX_CLOSING_ATTEMPTS:
        return Step(state, ended.commands)
    # Nobody stands on the arming detector any more: whoever this passage was, it is over.
    lowered = passing.lower(config, replace(state, passage=replace(passage, over=True)), event)
    return Step(lowered.state, (*ended.commands, *lowered.commands))


def end_interrupted(config: PointConfig, state: PointState, event: Event) -> Step:
    """Say what became of the passage the interruption fell into."""
    passage = state.passage
    if passage is None or passage.over or passage.visit_id is None or passage.release_id is None:
        return Step(state)
    if passage.entered:
        return passing.end(config, state, event)
    over = replace(state, passage=replace(passage, over=True))
    reason = "interrupted: nobody saw the released vehicle drive through"
    said = steps.report("passage.interrupted", config, state, event, release=passage.release_id)
    called = steps.call(config, over, reason, alarm=True)
    revoked = RevokeRelease(passage.release_id, reason)
    bound = UpdateVisit(passage.visit_id, VisitStatus.HELD)
    return Step(called.state, (revoked, bound, said, *called.commands))


def close(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    """Close a lane whose passage is not over: wait for it, or leave it to the officer."""
    if not event.at_once:
        return steps.close_when_free(config, state, event)
    abandoned = steps.abandon(config, state, "the lane closed with a passage in progress")
    if (
        state.passage is not None
        and state.inputs.barrier is BarrierPosition.UP
        and state.inputs.arming is Occupancy.CLEAR
        and interlocks.may_lower(config, state, event.at.mono)
    ):
        # The step's own pulse goes out; the state it leads to stays CLOSED.
        pulses = passing.lower(config, state, event).commands
        return Step(abandoned.state, (*abandoned.commands, SetSignal(Aspect.RED), *pulses))
    return abandoned.then(SetSignal(Aspect.RED))


def reopen(config: PointConfig, state: PointState, event: PointOpened) -> Step:
    """Back in service through RECOVERY: inputs must agree first."""
    return enter(config, replace(state, closed_by=None, closing=False), event)
