"""The baggage terminal: an attended number directs its carrier, never the bus (8.0.2)."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import steps
from gate.lanes.answers import answer, explain, identify
from gate.lanes.commands import GrantRelease, OpenVisit, RegisterPassage, UpdateVisit
from gate.lanes.events import (
    AttendanceChanged,
    Decided,
    HelpRequested,
    NumberGiven,
    Occupancy,
    PointClosed,
    PointOpened,
    RegistrationCommitted,
    Started,
    TimeElapsed,
)
from gate.lanes.machine import Step, Table, row
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import (
    Finding,
    IdentifiedBy,
    Outcome,
    Release,
    ReleaseBasis,
    VisitStatus,
)


def _start(config: PointConfig, state: PointState, event: Started) -> Step:
    """Attendance is presence here, and after a restart an officer declares it anew."""
    fresh = PointState(
        boot_id=event.boot_id, passage=state.passage, closed_by=state.closed_by, message=state.message
    )
    passage = state.passage
    if passage is None or state.phase is Phase.DIRECTED or passage.visit_id is None:
        return _rest(config, fresh)
    called = steps.call(config, fresh, "restarted while a carrier was at the terminal")
    held = UpdateVisit(passage.visit_id, VisitStatus.HELD)
    rested = _rest(config, called.state)
    return Step(rested.state, (held, *called.commands, *rested.commands))


def _rest(config: PointConfig, state: PointState) -> Step:
    """End the dialogue; a terminal that an officer closed stays closed."""
    return steps.free(config, replace(state, closing=state.closing or state.closed_by is not None))


def _number(config: PointConfig, state: PointState, event: NumberGiven) -> Step:
    """A number begins the visit; without attendance there is no presence, so it is held unopened."""
    begun = steps.begin(config, replace(state, passage=None), event.at)
    if begun.passage is None:
        raise AssertionError("begin() always begins")
    by = IdentifiedBy.OFFICER if event.officer else IdentifiedBy.TERMINAL
    passage = replace(
        begun.passage,
        visit_id=begun.passage.passage_id,
        number=event.number,
        by=frozenset({by}),
        officer=event.officer,
    )
    opened = OpenVisit(passage.visit_id or "", passage.began_utc, passage.began_mono)
    typed = UpdateVisit(passage.visit_id or "", numbers=(event.number,))
    # The carrier before must not be taken at his direction: it goes from the screen first.
    cleared = steps.show(replace(begun, passage=passage), steps.blank(config, state))
    state = cleared.state
    if state.inputs.arming is Occupancy.OCCUPIED:
        asked = identify(config, state)
        return Step(asked.state, (opened, typed, *cleared.commands, *asked.commands))
    finding = Finding("terminal-unattended", "8.0.2", Outcome.HOLD, "nobody attends the terminal")
    update = UpdateVisit(passage.visit_id or "", VisitStatus.HELD, findings=(finding,))
    said = steps.report("visit.held", config, state, event, findings=[finding.code])
    held = steps.hold(config, state, explain((finding,)))
    held = Step(replace(held.state, deadline=event.at.mono + config.answer_seconds), held.commands)
    return Step(held.state, (opened, typed, update, said, *held.commands))


def _decided(config: PointConfig, state: PointState, event: Decided) -> Step:
    """Answer, and for GREEN and BLUE go on to registration (4.2, 5.2)."""
    answered = answer(config, state, event)
    if answered.state.phase is not Phase.DIRECTED:
        return _patiently(config, answered, event)
    state = replace(answered.state, deadline=event.at.mono + config.answer_seconds)
    corridor = event.decision.corridor
    if corridor is None or corridor.needs_officer:
        return Step(state, answered.commands)
    registering = replace(state, phase=Phase.REGISTERING, deadline=None)
    return Step(registering, (*answered.commands, RegisterPassage(event.visit_id)))


def _patiently(config: PointConfig, answered: Step, event: Decided) -> Step:
    """A hold is shown for as long as a direction is; a foreign answer changes nothing."""
    if answered.state.phase is not Phase.HELD:
        return answered
    return Step(replace(answered.state, deadline=event.at.mono + config.answer_seconds), answered.commands)


def _registered(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
    """GREEN and BLUE: registered, officers informed, so the goods pass (4.2, 5.2)."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id or passage.corridor is None:
        return Step(state)
    if passage.corridor.needs_officer:
        return Step(state)
    release = Release(
        f"{passage.passage_id}.release",
        event.visit_id,
        config.name,
        passage.corridor,
        ReleaseBasis.REGISTERED,
        None,
        (),
        event.at.utc,
    )
    said = steps.report("visit.released", config, state, event, corridor=passage.corridor, basis="registered")
    done = UpdateVisit(event.visit_id, VisitStatus.COMPLETED)
    shown = replace(state, phase=Phase.DIRECTED, deadline=event.at.mono + config.answer_seconds)
    return Step(shown, (GrantRelease(release), done, said))


def _help(config: PointConfig, state: PointState, event: HelpRequested) -> Step:
    return steps.call(config, state, f"a carrier asks for an officer: {event.reason}")


def _attended(_config: PointConfig, state: PointState, event: AttendanceChanged) -> Step:
    arming = Occupancy.OCCUPIED if event.attended else Occupancy.CLEAR
    return Step(replace(state, inputs=replace(state.inputs, arming=arming)))


def _time(config: PointConfig, state: PointState, event: TimeElapsed) -> Step:
    return _rest(config, state) if steps.is_due(state, event) else Step(state)


def _close(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    return steps.close_now(config, state, event)


def _close_while_identifying(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    if event.at_once:
        return steps.abandon(config, state, "the terminal closed with a carrier waiting for an answer")
    return steps.close_when_free(config, state, event)


def _open(config: PointConfig, state: PointState, _event: PointOpened) -> Step:
    return steps.free(config, replace(state, closed_by=None, closing=False))


_P = Phase
_ALL = (_P.FREE, _P.IDENTIFYING, _P.REGISTERING, _P.DIRECTED, _P.HELD, _P.CLOSED)
_ASKED = (_P.IDENTIFYING, _P.HELD)

TABLE: Table = (
    {(phase, Started): row(_start, _P.FREE, _P.CLOSED) for phase in (_P.RECOVERY, *_ALL)}
    | {(phase, AttendanceChanged): row(_attended, phase) for phase in _ALL}
    | {(phase, HelpRequested): row(_help, phase) for phase in _ALL if phase is not _P.CLOSED}
    | {(phase, NumberGiven): row(_number, *_ASKED) for phase in (_P.FREE, _P.DIRECTED, _P.HELD)}
    | {(phase, PointClosed): row(_close, _P.CLOSED) for phase in (_P.FREE, _P.DIRECTED, _P.HELD)}
    | {(phase, TimeElapsed): row(_time, phase, _P.FREE, _P.CLOSED) for phase in (_P.DIRECTED, _P.HELD)}
    | {
        (_P.IDENTIFYING, Decided): row(_decided, _P.IDENTIFYING, _P.REGISTERING, _P.DIRECTED, _P.HELD),
        (_P.IDENTIFYING, PointClosed): row(_close_while_identifying, _P.IDENTIFYING, _P.CLOSED),
        (_P.REGISTERING, RegistrationCommitted): row(_registered, _P.REGISTERING, _P.DIRECTED),
        (_P.REGISTERING, PointClosed): row(_close_while_identifying, _P.REGISTERING, _P.CLOSED),
        (_P.CLOSED, PointOpened): row(_open, _P.FREE),
    }
)
"""The baggage terminal, whole: every (phase, event) that matters."""
