"""From a permit to an open barrier: wait for the way, commit the release, raise on it once.

Shared by entry and exit lanes. Every RaiseBarrier in this product but an attending officer's is here.
"""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import orders, passing, steps
from gate.lanes.arriving import detector_before_release, lose_inputs, watches_under
from gate.lanes.commands import (
    BoardMessage,
    ClaimWay,
    Command,
    GrantRelease,
    MessageKind,
    RaiseBarrier,
    RevokeRelease,
    SetSignal,
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
    WayGranted,
)
from gate.lanes.interlocks import area, clear_long_enough, way_ahead_clear, why_not_raise
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Passage, Permit, Phase, PointConfig, PointState
from gate.model import Release, ReleaseBasis, VisitStatus


def proceed(config: PointConfig, state: PointState, event: Event, permit: Permit) -> Step:
    """Release now, or wait until the way ahead and the shared merge are this vehicle's."""
    passage = state.passage
    if passage is None or passage.visit_id is None:
        return Step(state)
    # A merge granted before a hold was given away since: it is claimed anew.
    permitted = replace(state, passage=replace(passage, permit=permit, way=False))
    waiting = replace(permitted, phase=Phase.WAITING, deadline=event.at.mono + config.stay_seconds)
    if not way_ahead_clear(config, state.inputs):
        return Step(waiting)
    if config.merge:
        return Step(waiting, (ClaimWay(passage.passage_id),))
    return release_and_raise(config, permitted, event)


def way_granted(config: PointConfig, state: PointState, event: WayGranted) -> Step:
    """The merge is ours now: use it at once, for later another lane may have been forced open."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id:
        return Step(state)
    if not way_ahead_clear(config, state.inputs):
        return Step(state)
    return release_and_raise(config, replace(state, passage=replace(passage, way=True)), event)


def detector_while_waiting(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Go on as soon as the way ahead clears; until then it is a vehicle nothing was released to."""
    ahead = event.detector is Detector.EXIT and event.state is not Occupancy.UNKNOWN
    if not ahead:
        return detector_before_release(config, state, event)
    if event.state is not Occupancy.CLEAR or state.passage is None:
        return Step(state)
    if config.merge:
        return Step(state, (ClaimWay(state.passage.passage_id),))
    return release_and_raise(config, state, event)


def release_of(config: PointConfig, passage: Passage, permit: Permit, event: Event) -> Release:
    """Build the release of the vehicle that stands here; its id is its passage's."""
    return Release(
        f"{passage.passage_id}.release",
        passage.visit_id or "",
        config.name,
        passage.corridor,
        permit.basis,
        permit.officer,
        permit.checked,
        event.at.utc,
    )


def records_of(config: PointConfig, state: PointState, event: Event, release: Release) -> tuple[Command, ...]:
    """Everything that is committed with a release."""
    said = steps.report(
        "visit.released",
        config,
        state,
        event,
        corridor=release.corridor,
        basis=release.basis.value,
        officer=release.officer,
        checked=list(release.checked),
        release=release.release_id,
    )
    update = UpdateVisit(release.visit_id, VisitStatus.RELEASED, lane=config.name)
    return (GrantRelease(release), update, said)


def release_and_raise(config: PointConfig, state: PointState, event: Event) -> Step:
    """Commit the release, and raise on it in the same step."""
    passage = state.passage
    if passage is None or passage.visit_id is None or passage.permit is None:
        return steps.hold_here(
            config, state, event, Occurrence.INTERLOCK, "nothing permits a release here", alarm=True
        )
    against = why_not_raise(config, state)
    if against:
        reason = f"not opened: {against}"
        return steps.hold_here(config, state, event, Occurrence.INTERLOCK, reason, alarm=True)
    # A vehicle that crept forward is under the barrier already: clearing it is its passage.
    passage = replace(passage, entered=area(config, state.inputs) is Occupancy.OCCUPIED)
    raising = replace(
        state, phase=Phase.RAISING, deadline=event.at.mono + config.barrier_seconds, passage=passage
    )
    if passage.permit is not None and passage.permit.once:
        return orders.opening_of(config, raising, event, passage)
    return _raise_released(config, raising, event, passage)


def _raise_released(config: PointConfig, state: PointState, event: Event, passage: Passage) -> Step:
    if passage.permit is None:
        raise AssertionError("asked by release_and_raise() already")
    release = release_of(config, passage, passage.permit, event)
    raising = replace(state, passage=replace(passage, release_id=release.release_id))
    departed = _departure(config, state, event, passage.permit)
    raised = (*records_of(config, state, event, release), *departed, RaiseBarrier(release.release_id))
    return Step(raising, raised)


def _departure(config: PointConfig, state: PointState, event: Event, permit: Permit) -> tuple[Command, ...]:
    """At an exit: the confirmation a neighbour may ask for, or that it leaves with nothing imported."""
    if permit.basis is not ReleaseBasis.DEPARTURE or state.passage is None:
        return ()
    if permit.left:
        return (UpdateVisit(state.passage.visit_id or "", VisitStatus.LEFT_UNRELEASED),)
    return (steps.report("departure.confirmed", config, state, event, officer=state.passage.officer),)


# --- the barrier rises ------------------------------------------------------------------------


def detector_while_raising(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """A vehicle may already roll in while the barrier rises."""
    passage = state.passage
    if event.state is Occupancy.UNKNOWN or passage is None:
        return lose_inputs(config, state, event)
    if watches_under(event):
        left = passage.left
        if event.state is Occupancy.CLEAR:
            left = state.inputs.arming is Occupancy.CLEAR
        entered = passage.entered or event.state is Occupancy.OCCUPIED
        return Step(replace(state, passage=replace(passage, entered=entered, left=left)))
    if event.detector is Detector.EXIT and event.state is Occupancy.OCCUPIED and passage.entered:
        return Step(replace(state, passage=replace(passage, exited=True)))
    return Step(state)


def barrier_while_raising(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """Show green only once position feedback says the way is open."""
    if event.position is BarrierPosition.UNKNOWN:
        return lose_inputs(config, state, event)
    if event.position is not BarrierPosition.UP:
        return Step(state)
    shown = steps.show(_opened(config, state, event), BoardMessage(MessageKind.GO, config.label))
    return _go_on(config, shown.then(SetSignal(Aspect.GREEN)), event)


def _opened(config: PointConfig, state: PointState, event: Event) -> PointState:
    """The way is open: wait for the vehicle to enter, or for the area to stay clear behind it."""
    passage, since = state.passage, state.area_clear_since
    patience = config.enter_seconds
    if passage is not None and passage.entered:
        patience = config.under_seconds if since is None else since + config.clear_seconds - event.at.mono
    elif state.inputs.arming is not Occupancy.OCCUPIED:
        patience = config.back_seconds
    return replace(state, phase=Phase.PASSING, deadline=event.at.mono + max(0.0, patience))


def _go_on(config: PointConfig, opened: Step, event: Event) -> Step:
    """A vehicle may have been under the boom and through before anybody knew that it was up."""
    passage = opened.state.passage
    if passage is None or not passage.entered:
        return opened
    if not clear_long_enough(config, opened.state, event.at.mono):
        return opened
    through = passing.finish(config, opened.state, event)
    return Step(through.state, (*opened.commands, *through.commands))


def raising_failed(config: PointConfig, state: PointState, event: ActuationFailed) -> Step:
    """The pulse was not accepted: it is spent, an officer decides (never repeated by software)."""
    reason = f"the barrier did not take the opening pulse: {event.reason}"
    return _not_opened(config, state, event, Occurrence.PULSE_REFUSED, reason)


def time_while_raising(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """Opening time-out; without position feedback, time to take the boom for up - and for down."""
    if not steps.is_due(state, event):
        return Step(state)
    if not config.fitted.feedback:
        said = steps.happened(Occurrence.POSSIBLY_BOTH, config, state, event, asked="raise")
        # No green and no "go": a sign says only what is known. The driver sees the boom itself.
        return _go_on(config, Step(_opened(config, state, event), (said,)), event)
    reason = "the barrier did not reach its upper end in time"
    return _not_opened(config, state, event, Occurrence.OPENING_TIME_OUT, reason)


def _not_opened(config: PointConfig, state: PointState, event: Event, what: Occurrence, reason: str) -> Step:
    passage = state.passage
    if passage is None or passage.release_id is None:
        return steps.hold_here(config, state, event, what, reason, alarm=True)
    revoked = RevokeRelease(passage.release_id, reason)
    # A new passage id: a second release of this vehicle is a decision with an id of its own.
    renewed = replace(passage, passage_id=f"{passage.passage_id}r", release_id=None, way=False)
    held = steps.hold_here(config, replace(state, passage=renewed), event, what, reason, alarm=True)
    return Step(held.state, (revoked, *held.commands))
