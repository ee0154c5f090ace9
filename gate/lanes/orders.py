"""Officers' orders at a point: a check of what passes freely (4.4), a hold, and a single opening (2.1).

A check and a hold only ever take a vehicle out of the way to its release. A single opening goes the way
of a release, past every interlock, and commits none.
"""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import oversize, steps
from gate.lanes.answers import explain
from gate.lanes.commands import Command, CommitCheck, GrantOpening, OpenVisit, RaiseOnce, UpdateVisit
from gate.lanes.duties import CheckOrdered, OfficerHeld, OpenedOnce
from gate.lanes.events import Event, Occupancy, RegistrationCommitted
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Passage, Permit, Phase, PointConfig, PointState
from gate.model import Finding, NoGoods, Opening, Outcome, ReleaseBasis, VisitStatus

HELD_BY_OFFICER = "held-by-officer"
"""The finding's code: while a visit has it, nobody releases its vehicle."""


def held_by(officer: str, reason: str) -> Finding:
    """Why an officer holds a vehicle. No provision asks for it: its direction (9.3) is taken back."""
    return Finding("held-by-officer", "9.3", Outcome.HOLD, f"held by {officer}: {reason}")


def is_held(findings: tuple[Finding, ...]) -> bool:
    """Whether an officer holds the visit."""
    return any(finding.code == HELD_BY_OFFICER for finding in findings)


# --- a check of what passes freely ----------------------------------------------------------------


def check_ordered(config: PointConfig, state: PointState, event: CheckOrdered) -> Step:
    """Take the automatic release away from the GREEN or BLUE vehicle here; its corridor stays (4.4)."""
    passage = state.passage
    corridor = passage.corridor if passage is not None and passage.visit_id == event.visit_id else None
    if passage is None or corridor is None or corridor.needs_officer or passage.release_id is not None:
        return Step(state)
    committed = CommitCheck(event.visit_id, corridor, event.source, event.officer)
    why = f"{event.officer} ordered a check ({event.source}): {event.facts}"
    held = _check_here(config, state, event, passage, why)
    return Step(held.state, (committed, *held.commands))


def registered_for_check(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
    """Registered, and a check was ordered on its way here: hold it for the officer (4.4)."""
    if state.passage is None:
        return Step(state)
    why = "a check was ordered of this vehicle"
    return _check_here(config, state, event, state.passage, why)


def _check_here(config: PointConfig, state: PointState, event: Event, passage: Passage, why: str) -> Step:
    unpermitted = replace(state, passage=replace(passage, permit=None, way=False))
    reason = f"{why}; an officer releases it, naming what was checked (Rules 4.4)"
    return steps.hold_here(config, unpermitted, event, Occurrence.CHECK_ORDERED, reason)


# --- a hold ---------------------------------------------------------------------------------------


def held_in_lane(config: PointConfig, state: PointState, event: OfficerHeld) -> Step:
    """Hold the vehicle where it stands before the barrier: whatever permitted its release is gone."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id or passage.release_id is not None:
        return Step(state)
    stopped = replace(state, passage=replace(passage, permit=None, way=False, stopped=True))
    held = steps.hold_here(
        config, stopped, event, Occurrence.HELD_BY_OFFICER, explain(event.findings), alarm=False
    )
    return Step(held.state, (*_on_record(config, state, event, event.findings), *held.commands))


def held_by_hand(config: PointConfig, state: PointState, event: OfficerHeld) -> Step:
    """In a lane that is worked by hand: the vehicle is nobody's to open for, until it is matched anew."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id or passage.release_id is not None:
        return Step(state)
    unbound = replace(state, passage=replace(passage, visit_id=None, corridor=None, permit=None, way=False))
    told = steps.trouble(
        config, unbound, event, Occurrence.HELD_BY_OFFICER, explain(event.findings), alarm=False
    )
    return Step(told.state, (*_on_record(config, state, event, event.findings), *told.commands))


def held_at_approach(config: PointConfig, state: PointState, event: OfficerHeld) -> Step:
    """Take the direction off the board, or change the place a held vehicle is to wait in."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id:
        return Step(state)
    if state.phase is Phase.DIRECTED and passage.corridor is None:
        return Step(state)  # referred: it has left these Rules, and its visit is over
    findings = event.findings
    if passage.oversize and not oversize.was_seen(findings):
        findings = (*findings, oversize.SEEN)
    leave_by = event.at.mono + config.answer_seconds
    place = replace(config, holding_bay=event.place or config.holding_bay)
    stopped = replace(passage, corridor=None, stopped=True)
    held = steps.hold(place, replace(state, passage=stopped), explain(findings))
    deadline = None if state.inputs.arming is Occupancy.OCCUPIED else leave_by
    shown = Step(replace(held.state, deadline=deadline), held.commands)
    return Step(shown.state, (*_on_record(config, state, event, findings), *shown.commands))


def held_still(config: PointConfig, state: PointState) -> Step:
    """Read again after a restart: whom an officer held before it is held for an officer, findings and all."""
    visit_id = state.passage.visit_id if state.passage is not None else None
    held = steps.hold(config, state, "held by an officer before the restart: look at it again")
    return Step(held.state, (UpdateVisit(visit_id or "", VisitStatus.HELD), *held.commands))


def _on_record(
    config: PointConfig, state: PointState, event: OfficerHeld, findings: tuple[Finding, ...]
) -> tuple[Command, ...]:
    update = UpdateVisit(event.visit_id, VisitStatus.HELD, lane=event.place, findings=findings)
    codes = [finding.code for finding in findings]
    said = steps.report("visit.held", config, state, event, officer=event.officer, findings=codes)
    return (update, said)


# --- a single opening -----------------------------------------------------------------------------


def permit_once(config: PointConfig, state: PointState, event: OpenedOnce) -> tuple[Step, Permit] | None:
    """The vehicle here with a visit of its own, and its permit; None where it may have goods to release."""
    passage = state.passage
    if passage is None or passage.passage_id != event.passage_id or passage.stopped:
        return None
    if passage.mark is None or passage.corridor is not None or not event.reason:
        return None
    visit_id = passage.visit_id or passage.passage_id
    opened = (OpenVisit(visit_id, passage.began_utc, passage.began_mono),) if not passage.visit_id else ()
    update = UpdateVisit(visit_id, mark=passage.mark, lane=config.name)
    known = replace(state, passage=replace(passage, visit_id=visit_id))
    permit = Permit(ReleaseBasis.OFFICER, event.officer, (event.category.value, event.reason), once=True)
    return Step(known, (*opened, update)), permit


def opening_of(config: PointConfig, state: PointState, event: Event, passage: Passage) -> Step:
    """Commit the single opening and raise on it; the caller has asked the interlocks. No release is made."""
    permit = passage.permit
    if permit is None or passage.visit_id is None or passage.mark is None or permit.officer is None:
        raise AssertionError("permit_once() sees to all of them")
    category, reason = permit.checked
    opening = Opening(
        f"{passage.passage_id}.once",
        passage.visit_id,
        config.name,
        passage.mark,
        NoGoods(category),
        permit.officer,
        event.at.utc,
    )
    said = steps.happened(
        Occurrence.OPENED_ONCE,
        config,
        state,
        event,
        category=category,
        officer=permit.officer,
        reason=reason,
        evidence=list(passage.evidence),
    )
    opened = replace(state, passage=replace(passage, release_id=opening.opening_id))
    return Step(opened, (GrantOpening(opening), said, RaiseOnce(opening.opening_id)))
