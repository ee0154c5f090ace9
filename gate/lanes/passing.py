"""From release to an empty lane: raise once, watch the vehicle through, lower only when known clear.

Shared by entry and exit lanes. Every barrier movement the software asks for is in this file.
"""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import steps
from gate.lanes.arriving import lose_inputs, rest
from gate.lanes.commands import (
    BoardMessage,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    RevokeRelease,
    SetSignal,
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
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import Release, ReleaseBasis, VisitStatus

MAX_CLOSING_ATTEMPTS = 3
"""After that an officer looks at the barrier before software asks again."""


def may_lower(state: PointState) -> bool:
    """Law 3: the area under the barrier is known clear, and the barrier's position is known."""
    inputs = state.inputs
    return inputs.safety is Occupancy.CLEAR and inputs.barrier is not BarrierPosition.UNKNOWN


def release_and_raise(
    config: PointConfig,
    state: PointState,
    event: Event,
    basis: ReleaseBasis,
    *,
    officer: str | None = None,
    checked: tuple[str, ...] = (),
) -> Step:
    """Commit the release, and raise on it: the only way to a RaiseBarrier in this product."""
    passage = state.passage
    if passage is None or passage.visit_id is None or not state.inputs.known:
        return steps.hold(config, state, "the lane's inputs are not known", alarm=True)
    release = Release(
        f"{passage.passage_id}.release",
        passage.visit_id,
        config.name,
        passage.corridor,
        basis,
        officer,
        checked,
        event.at.utc,
    )
    raising = replace(
        state,
        phase=Phase.RAISING,
        deadline=event.at.mono + config.barrier_seconds,
        # A vehicle that crept forward is under the barrier already: clearing it is its passage.
        passage=replace(
            passage,
            release_id=release.release_id,
            entered=state.inputs.safety is Occupancy.OCCUPIED,
        ),
    )
    said = steps.report(
        "visit.released",
        config,
        state,
        event,
        corridor=passage.corridor,
        basis=basis.value,
        officer=officer,
        checked=list(checked),
        release=release.release_id,
    )
    update = UpdateVisit(passage.visit_id, VisitStatus.RELEASED, lane=config.name)
    return Step(raising, (GrantRelease(release), update, said, RaiseBarrier(release.release_id)))


def detector_while_raising(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """A vehicle may already roll in while the barrier rises."""
    if event.state is Occupancy.UNKNOWN:
        return lose_inputs(config, state)
    if event.detector is Detector.SAFETY and event.state is Occupancy.OCCUPIED and state.passage:
        return Step(replace(state, passage=replace(state.passage, entered=True)))
    return Step(state)


def barrier_while_raising(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """Show green only once position feedback says the way is open."""
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state)
    if event.position is not BarrierPosition.UP:
        return Step(state)
    passing = replace(state, phase=Phase.PASSING, deadline=event.at.mono + config.enter_seconds)
    shown = steps.show(passing, BoardMessage(MessageKind.GO, config.label))
    opened = shown.then(SetSignal(Aspect.GREEN))
    passage = state.passage
    if passage is not None and passage.entered and state.inputs.safety is Occupancy.CLEAR:
        # It was under the barrier and through before position feedback said "up".
        through = _through(config, opened.state, event)
        return Step(through.state, (*opened.commands, *through.commands))
    return opened


def raising_failed(config: PointConfig, state: PointState, event: ActuationFailed) -> Step:
    """The pulse was not accepted: it is spent, an officer decides (never repeated by software)."""
    return _not_opened(config, state, f"the barrier did not take the opening pulse: {event.reason}")


def time_while_raising(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """Opening time-out."""
    if not steps.is_due(state, event):
        return Step(state)
    return _not_opened(config, state, "the barrier did not reach its upper end in time")


def _not_opened(config: PointConfig, state: PointState, reason: str) -> Step:
    passage = state.passage
    if passage is None or passage.release_id is None:
        return steps.hold(config, state, reason, alarm=True)
    revoked = RevokeRelease(passage.release_id, reason)
    # A new passage id: a second release of this vehicle is a decision with an id of its own.
    renewed = replace(passage, passage_id=f"{passage.passage_id}r", release_id=None)
    held = steps.hold(config, replace(state, passage=renewed), reason, alarm=True)
    return Step(held.state, (revoked, *held.commands))


def detector_while_passing(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """The vehicle has entered when the safety detector sees it, and is through when that clears."""
    passage = state.passage
    if event.state is Occupancy.UNKNOWN or passage is None:
        return lose_inputs(config, state)
    if event.detector is not Detector.SAFETY:
        return Step(state)
    if event.state is Occupancy.OCCUPIED:
        return Step(replace(state, passage=replace(passage, entered=True), deadline=None))
    return _through(config, state, event) if passage.entered else Step(state)


def barrier_while_passing(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """The barrier leaves its upper end though nobody asked: key switch, wind, or a hand."""
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state)
    if event.position is not BarrierPosition.DOWN:
        return Step(state)
    called = steps.call(config, state, "the barrier closed during a passage", alarm=True)
    recovering = replace(called.state, phase=Phase.RECOVERY, deadline=None)
    shown = steps.show(recovering, steps.waiting(config))
    return Step(shown.state, (*called.commands, SetSignal(Aspect.RED), *shown.commands))


def _through(config: PointConfig, state: PointState, event: Event) -> Step:
    passage = state.passage
    done: tuple[UpdateVisit, ...] = ()
    if passage is not None and passage.visit_id is not None:
        status = VisitStatus.COMPLETED if config.corridors else VisitStatus.DEPARTED
        done = (UpdateVisit(passage.visit_id, status),)
    said = steps.report(
        "passage.completed", config, state, event, release=passage.release_id if passage else None
    )
    shown = steps.show(state, steps.blank(config))
    lowered = lower(config, shown.state, event)
    return Step(lowered.state, (*done, said, SetSignal(Aspect.RED), *shown.commands, *lowered.commands))


def lower(config: PointConfig, state: PointState, event: Event) -> Step:
    """Ask for one closing pulse, as a decision of its own; elsewhere than known clear, do not."""
    passage = state.passage
    if passage is None or not may_lower(state):
        return Step(replace(state, phase=Phase.RECOVERY, deadline=None))
    attempts = passage.attempts + 1
    lowering = replace(
        state,
        phase=Phase.LOWERING,
        deadline=event.at.mono + config.barrier_seconds,
        passage=replace(passage, attempts=attempts),
    )
    return Step(lowering, (LowerBarrier(f"{passage.passage_id}.lower{attempts}"),))


def time_while_passing(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """The released vehicle did not move: its release ends, the barrier comes down."""
    passage = state.passage
    if not steps.is_due(state, event) or passage is None or passage.entered:
        return Step(state)
    return _back_out(config, state, event, "the released vehicle did not drive through")


def _back_out(config: PointConfig, state: PointState, event: Event, reason: str) -> Step:
    passage = state.passage
    revoked = (
        (RevokeRelease(passage.release_id, reason),) if passage is not None and passage.release_id else ()
    )
    called = steps.call(config, state, reason, alarm=True)
    shown = steps.show(called.state, steps.waiting(config))
    lowered = lower(config, shown.state, event)
    return Step(
        lowered.state,
        (*revoked, *called.commands, SetSignal(Aspect.RED), *shown.commands, *lowered.commands),
    )


def detector_while_lowering(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Something under a closing barrier: stop at once; the barrier's own safety reverses it."""
    if event.state is Occupancy.UNKNOWN:
        lost = lose_inputs(config, state)
        return Step(lost.state, (StopBarrier(), *lost.commands))
    if event.detector is Detector.SAFETY and event.state is Occupancy.OCCUPIED:
        called = steps.call(config, state, "something moved under the closing barrier", alarm=True)
        recovering = replace(called.state, phase=Phase.RECOVERY, deadline=None)
        return Step(recovering, (StopBarrier(), *called.commands))
    return Step(state)


def barrier_while_lowering(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """Closed by position feedback: the lane is free."""
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state)
    if event.position is BarrierPosition.DOWN:
        return rest(config, state, event)
    return Step(state)


def time_while_lowering(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """Closing time-out."""
    if not steps.is_due(state, event):
        return Step(state)
    return _not_closed(config, state, "the barrier did not reach its lower end in time")


def lowering_failed(config: PointConfig, state: PointState, event: ActuationFailed) -> Step:
    """The closing pulse was not accepted."""
    return _not_closed(config, state, f"the barrier did not take the closing pulse: {event.reason}")


def _not_closed(config: PointConfig, state: PointState, reason: str) -> Step:
    called = steps.call(config, state, reason, alarm=True)
    return Step(replace(called.state, phase=Phase.RECOVERY, deadline=None), called.commands)
