"""The approach: presence, plate or number, identification, and the direction on the board (8.0.1, 9.3)."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import approach_contacts, orders, oversize, steps
from gate.lanes.answers import answer, identify, keep_number, note_read, refer
from gate.lanes.commands import Command, MessageKind, OpenVisit, StartReading, StopReading, UpdateVisit
from gate.lanes.duties import OfficerHeld
from gate.lanes.events import (
    ContactChanged,
    Decided,
    Detector,
    DetectorChanged,
    HelpRequested,
    NumberGiven,
    Occupancy,
    OfficerReferred,
    PlateConfirmed,
    PlateSeen,
    PointClosed,
    PointOpened,
    Started,
    TimeElapsed,
)
from gate.lanes.machine import Step, Table, row
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import Finding, IdentifiedBy, Outcome, VisitStatus


def _start(config: PointConfig, state: PointState, event: Started) -> Step:
    """Trust nothing after a (re)start: inputs are unknown until their devices speak."""
    fresh = PointState(boot_id=event.boot_id, passage=state.passage, closed_by=state.closed_by)
    fresh = replace(fresh, message=state.message, closing=state.closed_by is not None)
    return _undirected(config, fresh)


def _undirected(config: PointConfig, state: PointState) -> Step:
    """Take a direction off the board: nobody knows any more that its vehicle is the one that reads it."""
    if state.message.kind in (MessageKind.DIRECT, MessageKind.REFER):
        return steps.show(state, steps.blank(config, state))
    return Step(state)


def _detector_in_recovery(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    if event.detector is not Detector.ARMING:
        return Step(state)
    if event.state is Occupancy.CLEAR:
        return _gone(config, state)
    if event.state is Occupancy.OCCUPIED and not state.closing:
        return _arrive(config, state, event)
    if event.state is Occupancy.OCCUPIED:
        return steps.free(config, state)
    return Step(state)


def _arrive(config: PointConfig, state: PointState, event: DetectorChanged | PointOpened) -> Step:
    """Begin the visit, or go on with the one a restart interrupted: its vehicle is read again."""
    before = state.passage
    begun = steps.begin(config, state, event.at)
    passage = begun.passage
    if passage is None:
        raise AssertionError("begin() always begins")
    if before is not None:
        passage = replace(before, passage_id=passage.passage_id)
    else:
        passage = replace(passage, visit_id=passage.passage_id)
    reads = replace(
        begun, phase=Phase.READING, passage=passage, tall=False, deadline=event.at.mono + config.read_seconds
    )
    shown = steps.show(reads, steps.blank(config, state))
    opened: tuple[Command, ...] = (OpenVisit(passage.visit_id or "", passage.began_utc, passage.began_mono),)
    if before is None:
        opened = (*opened, steps.report("visit.arrived", config, shown.state, event))
    noted = Step(shown.state)
    if oversize.is_coming(config, state):
        noted = oversize.note(config, shown.state, event)
    return Step(noted.state, (*shown.commands, *opened, *noted.commands, StartReading(passage.passage_id)))


def _detector_when_free(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    if event.detector is not Detector.ARMING:
        return Step(state)
    if event.state is Occupancy.OCCUPIED:
        return _arrive(config, state, event)
    if event.state is Occupancy.UNKNOWN:
        return Step(replace(state, phase=Phase.RECOVERY))
    return Step(state)


def _detector_while_reading(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    passage = state.passage
    if event.detector is not Detector.ARMING or event.state is not Occupancy.CLEAR or passage is None:
        return Step(state)
    left = UpdateVisit(passage.visit_id or "", VisitStatus.LEFT_UNRELEASED)
    said = steps.report("visit.left", config, state, event, before="identification")
    ended = steps.free(config, state)
    return Step(ended.state, (StopReading(passage.passage_id), left, said, *ended.commands))


def _detector_when_answered(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """The vehicle moves on to where it was sent, or the next one rolls up behind it."""
    if event.detector is not Detector.ARMING:
        return Step(state)
    if event.state is Occupancy.CLEAR:
        return steps.free(config, state)
    if event.state is Occupancy.OCCUPIED:
        return _arrive(config, replace(state, passage=None), event)
    return _undirected(config, replace(state, phase=Phase.RECOVERY, deadline=None))


def _gone(config: PointConfig, state: PointState) -> Step:
    """After a restart nobody stands here: a visit that was not answered waits for an officer."""
    freed = steps.free(config, state)
    passage = state.passage
    if passage is None or passage.corridor is not None:
        return freed
    called = steps.call(config, freed.state, "vehicle left the approach while the gate restarted")
    held = UpdateVisit(passage.visit_id or "", VisitStatus.HELD)
    return Step(called.state, (held, *freed.commands, *called.commands))


def _plate_seen(config: PointConfig, state: PointState, event: PlateSeen) -> Step:
    passage = state.passage
    if passage is None or event.passage_id != passage.passage_id:
        return Step(state)
    seen = note_read(passage, event.read, event.trailer)
    state = replace(state, passage=seen)
    if event.read is None or not event.read.sure:
        return _unread(config, state, event)
    if passage.mark is not None and passage.mark != event.read.mark:
        return _held(config, state, event, "not-the-same-vehicle", "a restart found another plate here")
    if state.inputs.arming is not Occupancy.OCCUPIED:
        return _held(config, state, event, "presence-unknown", "the presence detector does not answer")
    state = replace(state, passage=replace(seen, mark=event.read.mark, by=seen.by | {IdentifiedBy.PLATE}))
    return orders.held_still(config, state) if passage.stopped else identify(config, state)


def _unread(config: PointConfig, state: PointState, event: PlateSeen | TimeElapsed) -> Step:
    """With a number or without: nothing is looked up, so that no covered plate makes an oracle (8.0.1)."""
    if state.passage is not None and state.passage.number is not None:
        detail = "a number was typed and the plate could not be read: an officer must confirm it by sight"
        return _held(config, state, event, "number-without-plate", detail)
    return _held(config, state, event, "unread-plate", "the plate could not be read")


def _held(
    config: PointConfig,
    state: PointState,
    event: PlateSeen | TimeElapsed | HelpRequested,
    code: str,
    detail: str,
) -> Step:
    """Hold before any identification: with an unread plate nothing is looked up (8.0.1)."""
    finding = Finding(code, "8.0.1", Outcome.HOLD, detail)
    visit_id = state.passage.visit_id if state.passage else None
    tall = state.passage is not None and state.passage.oversize
    findings = (finding, oversize.SEEN) if tall else (finding,)
    update = UpdateVisit(visit_id or "", VisitStatus.HELD, findings=findings)
    said = steps.report("visit.held", config, state, event, findings=[one.code for one in findings])
    held = steps.hold(config, state, f"{detail} (Rules 8.0.1)")
    return Step(held.state, (update, said, *held.commands))


def _time_while_reading(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    if not steps.is_due(state, event) or state.passage is None:
        return Step(state)
    held = _unread(config, state, event)
    return Step(held.state, (StopReading(state.passage.passage_id), *held.commands))


def _help_while_reading(config: PointConfig, state: PointState, event: HelpRequested) -> Step:
    """The driver wants an officer; the plate is still being read, so only the call is new."""
    return steps.call(config, state, f"driver asks for an officer: {event.reason}")


def _number(config: PointConfig, state: PointState, event: NumberGiven) -> Step:
    """A number typed by the driver is kept; one entered by an officer is acted on (8.0.2)."""
    kept = keep_number(state, event)
    if event.officer is None:
        return kept
    asked = identify(config, _looked_at(kept.state))
    return Step(asked.state, (*kept.commands, *asked.commands))


def _looked_at(state: PointState) -> PointState:
    """An officer's hold ends by an officer's look."""
    passage = state.passage
    return state if passage is None else replace(state, passage=replace(passage, stopped=False))


def _number_while_reading(_config: PointConfig, state: PointState, event: NumberGiven) -> Step:
    return keep_number(state, event)


def _plate_confirmed(config: PointConfig, state: PointState, event: PlateConfirmed) -> Step:
    passage = state.passage
    if passage is None:
        return Step(state)
    by = (passage.by - {IdentifiedBy.PLATE}) | {IdentifiedBy.SIGHT}
    confirmed = replace(
        passage,
        mark=event.mark,
        by=by,
        officer=event.officer,
        stopped=False,
        plate_second=event.second,
        # Two officers took the number for the plate they saw: with another plate it is to be entered anew.
        number_second=passage.number_second if passage.mark == event.mark else None,
    )
    asked = identify(config, replace(state, passage=confirmed))
    if state.phase is Phase.READING:
        return Step(asked.state, (StopReading(passage.passage_id), *asked.commands))
    return asked


def _time_when_answered(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    """Blank the board after a vehicle that had moved on before its answer came."""
    if steps.is_due(state, event) and state.inputs.arming is Occupancy.CLEAR:
        return steps.free(config, state)
    return Step(state)


def _decided(config: PointConfig, state: PointState, event: Decided) -> Step:
    passage = state.passage
    ours = passage is not None and passage.visit_id == event.visit_id
    if ours and passage is not None and passage.oversize and not event.oversize:
        return identify(config, state)  # seen too late for that decision: ask for another
    return answer(config, state, event)


def _referred(config: PointConfig, state: PointState, event: OfficerReferred) -> Step:
    return refer(config, state, event)


def _abandon_or_wait(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    if event.at_once:
        left = steps.abandon(config, state, "the point closed with a vehicle at the approach")
        # Its visit is gone on with when the gate is back: nobody's first presence moves by a restart (2.2).
        return Step(replace(left.state, passage=state.passage), left.commands)
    return steps.close_when_free(config, state, event)


def _open(config: PointConfig, state: PointState, event: PointOpened) -> Step:
    """Back in service: what stands on the detector is read anew."""
    opened = replace(state, phase=Phase.RECOVERY, closed_by=None, closing=False)
    if state.inputs.arming is Occupancy.CLEAR:
        return steps.free(config, opened)
    if state.inputs.arming is Occupancy.OCCUPIED:
        return _arrive(config, opened, event)
    return Step(opened)


_P = Phase
_ENDS = (_P.FREE, _P.CLOSED)
_NEXT = (*_ENDS, _P.READING, _P.RECOVERY)

TABLE: Table = (
    {
        (phase, Started): row(_start, _P.RECOVERY)
        for phase in (
            _P.RECOVERY,
            _P.FREE,
            _P.READING,
            _P.IDENTIFYING,
            _P.DIRECTED,
            _P.HELD,
            _P.CLOSED,
        )
    }
    | {
        (phase, ContactChanged): row(approach_contacts.changed, phase)
        for phase in (_P.RECOVERY, _P.FREE, _P.READING, _P.IDENTIFYING, _P.DIRECTED, _P.HELD, _P.CLOSED)
    }
    | {
        (_P.RECOVERY, DetectorChanged): row(_detector_in_recovery, *_ENDS, _P.READING, _P.RECOVERY),
        (_P.RECOVERY, PointClosed): row(steps.close_now, _P.CLOSED),
        (_P.FREE, DetectorChanged): row(_detector_when_free, _P.FREE, _P.READING, _P.RECOVERY),
        (_P.FREE, PointClosed): row(steps.close_now, _P.CLOSED),
        (_P.READING, DetectorChanged): row(_detector_while_reading, _P.READING, *_ENDS),
        (_P.READING, PlateSeen): row(_plate_seen, _P.READING, _P.IDENTIFYING, _P.HELD),
        (_P.READING, NumberGiven): row(_number_while_reading, _P.READING),
        (_P.READING, HelpRequested): row(_help_while_reading, _P.READING),
        (_P.READING, PlateConfirmed): row(_plate_confirmed, _P.IDENTIFYING),
        (_P.READING, TimeElapsed): row(_time_while_reading, _P.READING, _P.HELD),
        (_P.READING, PointClosed): row(_abandon_or_wait, _P.READING, _P.CLOSED),
        (_P.IDENTIFYING, Decided): row(_decided, _P.IDENTIFYING, _P.DIRECTED, _P.HELD),
        (_P.IDENTIFYING, HelpRequested): row(_help_while_reading, _P.IDENTIFYING),
        (_P.IDENTIFYING, PointClosed): row(_abandon_or_wait, _P.IDENTIFYING, _P.CLOSED),
        (_P.DIRECTED, DetectorChanged): row(_detector_when_answered, _P.DIRECTED, *_NEXT),
        (_P.DIRECTED, TimeElapsed): row(_time_when_answered, _P.DIRECTED, *_ENDS),
        (_P.DIRECTED, HelpRequested): row(_help_while_reading, _P.DIRECTED),
        (_P.DIRECTED, OfficerHeld): row(orders.held_at_approach, _P.DIRECTED, _P.HELD),
        (_P.DIRECTED, PointClosed): row(_abandon_or_wait, _P.DIRECTED, _P.CLOSED),
        (_P.HELD, DetectorChanged): row(_detector_when_answered, _P.HELD, *_NEXT),
        (_P.HELD, PlateConfirmed): row(_plate_confirmed, _P.IDENTIFYING),
        (_P.HELD, NumberGiven): row(_number, _P.HELD, _P.IDENTIFYING),
        (_P.HELD, HelpRequested): row(_help_while_reading, _P.HELD),
        (_P.HELD, OfficerHeld): row(orders.held_at_approach, _P.HELD),
        (_P.HELD, OfficerReferred): row(_referred, _P.DIRECTED),
        (_P.HELD, TimeElapsed): row(_time_when_answered, _P.HELD, *_ENDS),
        (_P.HELD, PointClosed): row(_abandon_or_wait, _P.HELD, _P.CLOSED),
        (_P.CLOSED, PointOpened): row(_open, *_ENDS, _P.READING, _P.RECOVERY),
    }
)
"""The approach, whole: every (phase, event) that matters; any other pair changes no phase."""
