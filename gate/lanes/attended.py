"""ATTENDED: an input has failed and an officer works the lane by hand, one vehicle at a time.

Hold-to-run: the boom rises while the officer's hand is on the button, and stops when it lets go.
Software never lowers here: that is done with the barrier's own key switch, by somebody who looks.
So a failed sensor does not make emergency-open a habit.
"""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import ahead, arriving, interlocks, passing, recovery, steps
from gate.lanes.answers import note_read
from gate.lanes.commands import (
    BoardMessage,
    ClaimWay,
    Command,
    FindVisit,
    MessageKind,
    OpenVisit,
    RaiseBarrier,
    RevokeRelease,
    SetSignal,
    StartReading,
    StopBarrier,
    StopReading,
    UpdateVisit,
)
from gate.lanes.duties import AttendedBegan, AttendedEnded, HoldKept, HoldLetGo, HoldPressed, VehiclePassed
from gate.lanes.events import (
    ActuationFailed,
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Occupancy,
    PlateConfirmed,
    PlateSeen,
    PointClosed,
    TimeElapsed,
    VisitMatched,
    VisitUnmatched,
    WayGranted,
)
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.releasing import records_of, release_of
from gate.lanes.state import Passage, Permit, Phase, PointConfig, PointState, serves
from gate.model import IdentifiedBy, ReleaseBasis

FALLIBLE = frozenset({*(detector.value for detector in Detector), "barrier"})
"""What an officer's eyes can stand in for. Contacts are wired to the barrier itself: nobody can."""


def begin(config: PointConfig, state: PointState, event: AttendedBegan) -> Step:
    """Put the lane into the officer's hands; nothing moves by that."""
    if not event.failed or not event.failed <= FALLIBLE:
        return Step(state)
    interrupted = recovery.end_interrupted(config, state, event)
    settled = ahead.nobody_followed(config, interrupted.state, event)
    ended = Step(settled.state, (*interrupted.commands, *settled.commands))
    passage = ended.state.passage
    standing = None
    asked: tuple[Command, ...] = ()
    if passage is not None and not passage.over:
        # Matched anew: what held it here before holds it under the officer's hand, too.
        standing = replace(passage, permit=None, visit_id=None, corridor=None, way=False, stopped=False)
        asked = (FindVisit(passage.passage_id, passage.mark),) if passage.mark else ()
    by_hand = replace(
        ended.state,
        phase=Phase.ATTENDED,
        passage=standing,
        deadline=None,
        attended_by=event.officer,
        failed=event.failed,
    )
    said = steps.happened(
        Occurrence.ATTENDED,
        config,
        by_hand,
        event,
        officer=event.officer,
        failed=sorted(event.failed),
        reason=event.reason,
    )
    shown = steps.show(by_hand, BoardMessage(MessageKind.FOLLOW, config.label))
    return Step(shown.state, (*ended.commands, said, SetSignal(Aspect.RED), *shown.commands, *asked))


def end(config: PointConfig, state: PointState, event: AttendedEnded) -> Step:
    """The officer leaves: RECOVERY, where inputs count again."""
    said = steps.happened(Occurrence.ATTENDED_ENDED, config, state, event, officer=event.officer)
    stop = (StopBarrier(),) if state.phase is Phase.HOLDING else ()
    alone = replace(state, attended_by=None, failed=frozenset())
    entered = recovery.enter(config, alone, event)
    return Step(entered.state, (*stop, said, *entered.commands))


# --- who stands here ----------------------------------------------------------------------------


def detector(config: PointConfig, state: PointState, event: DetectorChanged) -> Step:
    """Begin a passage with whoever rolls up, forget one who leaves unreleased, see one enter."""
    passage = state.passage
    if event.detector is Detector.ARMING and event.state is Occupancy.OCCUPIED and passage is None:
        begun = steps.begin(config, state, event.at)
        reading = (StartReading(begun.passage.passage_id),) if begun.passage else ()
        return Step(begun, reading)
    if passage is None:
        return Step(state)
    if event.detector is Detector.ARMING and event.state is Occupancy.CLEAR and passage.release_id is None:
        said = steps.happened(Occurrence.LEFT, config, state, event)
        return Step(replace(state, passage=None), (StopReading(passage.passage_id), said))
    if arriving.watches_under(event) and event.state is Occupancy.OCCUPIED and passage.release_id:
        return Step(replace(state, passage=replace(passage, entered=True)))
    return Step(state)


def plate_seen(_config: PointConfig, state: PointState, event: PlateSeen) -> Step:
    """A sure read is matched as ever; an unsure one waits for the officer's eyes."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id or passage.visit_id is not None:
        return Step(state)
    seen = note_read(passage, event.read)
    if event.read is None or not event.read.sure:
        return Step(replace(state, passage=seen))
    known = replace(seen, mark=event.read.mark, by=frozenset({IdentifiedBy.PLATE}))
    return Step(replace(state, passage=known), (FindVisit(known.passage_id, event.read.mark),))


def plate_confirmed(config: PointConfig, state: PointState, event: PlateConfirmed) -> Step:
    """The officer says what is on the vehicle; with a failed arming detector that begins its passage."""
    if state.passage is not None and state.passage.release_id is not None:
        return Step(state)
    here = state if state.passage is not None else steps.begin(config, state, event.at)
    passage = here.passage
    if passage is None:
        return Step(state)
    known = replace(
        passage,
        mark=event.mark,
        by=frozenset({IdentifiedBy.SIGHT}),
        officer=event.officer,
        visit_id=None,
        corridor=None,
    )
    asked = (StopReading(passage.passage_id), FindVisit(passage.passage_id, event.mark))
    return Step(replace(here, passage=known), asked)


def matched(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
    """Bind the visit that may proceed here; any other stays unbound, and cannot be released."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id or passage.release_id is not None:
        return Step(state)
    corridors = serves(config, state)
    own = not corridors or (event.lane in (None, config.name) and event.corridor in corridors)
    if not event.may_proceed or not own:
        what = Occurrence.MAY_NOT_PROCEED if own else Occurrence.WRONG_LANE
        reason = event.reason or "directed to another lane, or to a corridor this lane does not serve (9.3)"
        return steps.trouble(config, state, event, what, reason, alarm=False)
    bound = replace(passage, visit_id=event.visit_id, corridor=event.corridor if corridors else None)
    update = UpdateVisit(event.visit_id, lane=config.name)
    return Step(replace(state, passage=bound), (update, *_claim(config, bound)))


def unmatched(config: PointConfig, state: PointState, event: VisitUnmatched) -> Step:
    """Leaving without having come in by this gate is ordinary; coming in undirected is not."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id or passage.release_id is not None:
        return Step(state)
    if config.corridors:
        return steps.trouble(config, state, event, Occurrence.NOT_DIRECTED, event.reason, alarm=False)
    departing = replace(passage, visit_id=passage.passage_id)
    opened = OpenVisit(passage.passage_id, passage.began_utc, passage.began_mono)
    update = UpdateVisit(passage.passage_id, mark=passage.mark, lane=config.name)
    return Step(replace(state, passage=departing), (opened, update, *_claim(config, departing)))


def _claim(config: PointConfig, passage: Passage) -> tuple[Command, ...]:
    return (ClaimWay(passage.passage_id),) if config.merge and not passage.way else ()


def way_granted(_config: PointConfig, state: PointState, event: WayGranted) -> Step:
    """The merge shared with other lanes is this vehicle's."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id:
        return Step(state)
    return Step(replace(state, passage=replace(passage, way=True)))


# --- the officer's hand -------------------------------------------------------------------------


def why_not_press(config: PointConfig, state: PointState, event: HoldPressed) -> str:
    """Why hold-to-run does nothing now, for the officer; empty when the boom rises."""
    passage = state.passage
    if event.officer != state.attended_by:
        return f"the lane is attended by {state.attended_by}"
    if passage is None or passage.visit_id != event.visit_id:
        return "this visit does not stand here, or is not matched yet: confirm its plate"
    if passage.entered:
        return "one vehicle at a time: say first that the last one has passed"
    if not event.checked:
        return "name what was checked (Rules 5.6, 5.8)"
    if config.merge and not passage.way:
        return "another lane of this merge is open, or may be"
    if Detector.EXIT.value not in state.failed and not interlocks.way_ahead_clear(config, state.inputs):
        return "something stands behind the barrier"
    return interlocks.why_not_raise(config, state, failed=state.failed)


def press(config: PointConfig, state: PointState, event: HoldPressed) -> Step:
    """Commit the release and raise while the button is held; pressed anew it is a decision anew."""
    passage = state.passage
    if passage is None or why_not_press(config, state, event):
        return Step(state)
    basis = ReleaseBasis.OFFICER if config.corridors else ReleaseBasis.DEPARTURE
    permit = Permit(basis, event.officer, event.checked)
    revoked: tuple[Command, ...] = ()
    if passage.release_id is not None:
        revoked = (RevokeRelease(passage.release_id, "hold-to-run was let go"),)
        passage = replace(passage, passage_id=f"{passage.passage_id}r")
    release = release_of(config, passage, permit, event)
    holding = replace(
        state,
        phase=Phase.HOLDING,
        deadline=event.at.mono + config.hold_seconds,
        passage=replace(passage, permit=permit, release_id=release.release_id),
    )
    pulse = RaiseBarrier(release.release_id)
    return Step(holding, (*revoked, *records_of(config, holding, event, release), pulse))


def keep(config: PointConfig, state: PointState, event: HoldKept) -> Step:
    """The hand is still there."""
    if event.officer != state.attended_by:
        return Step(state)
    return Step(replace(state, deadline=event.at.mono + config.hold_seconds))


def let_go(config: PointConfig, state: PointState, event: HoldLetGo | TimeElapsed) -> Step:
    """The hand is gone: stop, wherever the boom is."""
    if isinstance(event, TimeElapsed) and not steps.is_due(state, event):
        return Step(state)
    said = steps.happened(Occurrence.LET_GO, config, state, event)
    return Step(replace(state, phase=Phase.ATTENDED, deadline=None), (StopBarrier(), said))


def barrier(_config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """Up: the button may be let go. Everything else the officer sees himself."""
    if event.position is not BarrierPosition.UP:
        return Step(state)
    return Step(replace(state, phase=Phase.ATTENDED, deadline=None))


def pulse_failed(config: PointConfig, state: PointState, event: ActuationFailed) -> Step:
    """The pulse was not accepted: pressing again is a decision of its own."""
    reason = f"the barrier did not take the opening pulse: {event.reason}"
    told = steps.trouble(config, state, event, Occurrence.PULSE_REFUSED, reason)
    return Step(replace(told.state, phase=Phase.ATTENDED, deadline=None), (StopBarrier(), *told.commands))


def passed(config: PointConfig, state: PointState, event: VehiclePassed) -> Step:
    """The officer saw it through and lowered the boom by key; the feedback must agree where it works."""
    passage = state.passage
    if event.officer != state.attended_by or passage is None or passage.release_id is None:
        return Step(state)
    trusted = config.fitted.feedback and "barrier" not in state.failed
    if trusted and state.inputs.barrier is not BarrierPosition.DOWN:
        return Step(state)
    ended = passing.end(config, state, event)
    return Step(replace(ended.state, passage=None, unsettled=None), ended.commands)


def close(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    """A lane worked by hand closes at once when the gate stops; an officer ends it himself first."""
    if not event.at_once:
        return Step(state)
    stop = (StopBarrier(),) if state.phase is Phase.HOLDING else ()
    alone = replace(state, attended_by=None, failed=frozenset())
    if state.passage is None:
        closed = steps.close(config, alone)
    else:
        closed = steps.abandon(config, alone, "the gate stopped while the lane was worked by hand")
    return Step(closed.state, (*stop, *closed.commands))
