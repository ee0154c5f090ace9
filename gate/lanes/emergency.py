"""EMERGENCY: opened by the fire panel's wire, or by an officer; and what is known of who went through."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import interlocks, recovery, steps
from gate.lanes.answers import note_read
from gate.lanes.arriving import watches_under
from gate.lanes.commands import (
    BoardMessage,
    Command,
    DeclareEmergency,
    EndEmergency,
    MessageKind,
    OpenInEmergency,
    RevokeRelease,
    SetSignal,
    StartReading,
    StopBarrier,
    StopReading,
    UpdateVisit,
)
from gate.lanes.duties import EmergencyEnded, EmergencyOpened
from gate.lanes.events import (
    ActuationFailed,
    Aspect,
    Contact,
    ContactChanged,
    Detector,
    DetectorChanged,
    Event,
    Occupancy,
    PlateSeen,
)
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import VisitStatus


def fire(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """The fire panel has opened the barrier by wire: follow, and command nothing against it."""
    if state.phase is Phase.EMERGENCY:
        return Step(state)
    return _begin(config, state, event, Occurrence.FIRE, "the fire panel opened the barrier", None)


def opened(config: PointConfig, state: PointState, event: EmergencyOpened) -> Step:
    """An officer opens the lane: committed first, then one pulse, whatever stands against raising."""
    if state.emergency_id is not None:
        return Step(state)
    declared = DeclareEmergency(event.emergency_id, event.officer, event.reason)
    pulse = OpenInEmergency(event.emergency_id)
    if state.phase is Phase.EMERGENCY:
        return Step(replace(state, emergency_id=event.emergency_id), (declared, pulse))
    reason = f"opened in an emergency by {event.officer}: {event.reason}"
    begun = _begin(config, state, event, Occurrence.EMERGENCY_OPEN, reason, event.emergency_id)
    return Step(begun.state, (declared, *begun.commands, pulse))


def _begin(
    config: PointConfig,
    state: PointState,
    event: Event,
    what: Occurrence,
    reason: str,
    emergency_id: str | None,
) -> Step:
    interrupted = _interrupted(config, state, event)
    told = steps.trouble(config, state, event, what, reason)
    open_to_all = replace(
        told.state,
        phase=Phase.EMERGENCY,
        passage=None,
        deadline=None,
        emergency_id=emergency_id,
        crossings=0,
        attended_by=None,
        failed=frozenset(),
        unsettled=None,
    )
    shown = steps.show(open_to_all, BoardMessage(MessageKind.FOLLOW, config.label))
    # A closing pulse that is still moving the boom must not fight the wire.
    stop = (StopBarrier(),) if state.phase is Phase.LOWERING else ()
    return Step(shown.state, (*stop, *interrupted, *told.commands, SetSignal(Aspect.RED), *shown.commands))


def _interrupted(config: PointConfig, state: PointState, event: Event) -> tuple[Command, ...]:
    """What becomes of the vehicle that stood here: unless it was through, it was not released."""
    passage = state.passage
    if passage is None or passage.over:
        return ()
    stop: tuple[Command, ...] = (StopReading(passage.passage_id),)
    if passage.visit_id is None:
        return stop
    reason = "interrupted by an emergency"
    revoked = (RevokeRelease(passage.release_id, reason),) if passage.release_id else ()
    bound = (UpdateVisit(passage.visit_id, VisitStatus.HELD),) if passage.release_id else ()
    said = steps.happened(Occurrence.UNRELEASED_IN_EMERGENCY, config, state, event, reason=reason)
    return (*stop, *revoked, *bound, said)


def detector(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Count who goes through, and picture him: the roll-call afterwards asks."""
    if event.detector is Detector.ARMING and event.state is Occupancy.OCCUPIED and state.passage is None:
        return _comes(config, state, event)
    if not watches_under(event):
        return Step(state)
    if event.state is Occupancy.OCCUPIED:
        comes = _comes(config, state, event) if state.passage is None else Step(state)
        passage = comes.state.passage
        if passage is None:
            return comes
        return Step(replace(comes.state, passage=replace(passage, entered=True)), comes.commands)
    passage = state.passage
    through = interlocks.area(config, state.inputs) is Occupancy.CLEAR
    if passage is None or not passage.entered or not through:
        return Step(state)
    said = steps.happened(
        Occurrence.PASSED_IN_EMERGENCY,
        config,
        state,
        event,
        read=passage.seen,
        evidence=list(passage.evidence),
    )
    counted = replace(state, passage=None, crossings=state.crossings + 1)
    return Step(counted, (said, StopReading(passage.passage_id)))


def not_opened(config: PointConfig, state: PointState, event: ActuationFailed) -> Step:
    """The barrier did not take the emergency's pulse: somebody must open it by hand."""
    reason = f"the barrier did not open in the emergency, open it by hand: {event.reason}"
    return steps.trouble(config, state, event, Occurrence.PULSE_REFUSED, reason)


def _comes(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    begun = steps.begin(config, state, event.at)
    if begun.passage is None:
        raise AssertionError("begin() always begins")
    return Step(begun, (StartReading(begun.passage.passage_id),))


def plate(_config: PointConfig, state: PointState, event: PlateSeen) -> Step:
    """Keep what the readers saw of who goes through."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id:
        return Step(state)
    return Step(replace(state, passage=note_read(passage, event.read)))


def ended(config: PointConfig, state: PointState, event: EmergencyEnded) -> Step:
    """Back through RECOVERY, once the fire panel is known to be at rest where there is one."""
    fire_fitted = Contact.FIRE in config.fitted.contacts
    if fire_fitted and Contact.FIRE not in state.inputs.normal:
        return Step(state)
    said = steps.happened(
        Occurrence.EMERGENCY_ENDED, config, state, event, crossings=state.crossings, officer=event.officer
    )
    over = (EndEmergency(state.emergency_id),) if state.emergency_id is not None else ()
    stop = (StopReading(state.passage.passage_id),) if state.passage else ()
    calm = replace(state, passage=None, emergency_id=None, crossings=0)
    entered = recovery.enter(config, calm, event)
    return Step(entered.state, (*over, *stop, said, *entered.commands))
