"""What approach, terminal and holding bay share: asking who has come, and carrying out the decision."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import steps
from gate.lanes.commands import BoardMessage, Identify, MessageKind, ShowMessage, UpdateVisit
from gate.lanes.events import Decided, NumberGiven, Occupancy, OfficerReferred
from gate.lanes.machine import Step
from gate.lanes.state import Passage, Phase, PointConfig, PointState
from gate.model import (
    Finding,
    Identification,
    IdentifiedBy,
    NotificationNumber,
    Outcome,
    PlateRead,
    RegistrationMark,
    VisitStatus,
)

_GIVEN = frozenset({IdentifiedBy.KIOSK, IdentifiedBy.OFFICER, IdentifiedBy.CARGO})
ALARMING = frozenset({"cloned-plate"})
"""Codes of findings that call an officer by an alarm."""


def note_read(passage: Passage, read: PlateRead | None, trailer: PlateRead | None = None) -> Passage:
    """Keep what the readers saw, sure or not, with its pictures; of the rear only a sure read counts."""
    if trailer is not None:
        sure = trailer.mark if trailer.sure else None
        passage = replace(passage, trailer=sure, evidence=trailer.evidence)
    if read is None:
        return passage
    evidence = (*read.evidence, *(trailer.evidence if trailer else ()))
    return replace(passage, seen=read.mark, confidence=read.confidence, rivals=read.rivals, evidence=evidence)


def keep_number(state: PointState, event: NumberGiven) -> Step:
    """Keep a number that was typed or entered; nothing is looked up by it alone (8.0.1)."""
    if state.passage is None:
        return Step(state)
    source = IdentifiedBy.OFFICER if event.officer else IdentifiedBy.KIOSK
    by = (state.passage.by - _GIVEN) | {source} | ({IdentifiedBy.CARGO} if event.cargo else set())
    officer = event.officer or state.passage.officer
    # The second officer vouched for the number he entered, and for no later one.
    passage = replace(state.passage, number=event.number, by=by, officer=officer, number_second=event.second)
    return Step(
        replace(state, passage=passage),
        (UpdateVisit(passage.visit_id or "", numbers=(event.number,)),),
    )


def identify(_config: PointConfig, state: PointState) -> Step:
    """Ask the desk; the passage says by what the vehicle is known."""
    passage = state.passage
    if passage is None or passage.visit_id is None:
        return Step(state)
    asked = Identify(
        passage.visit_id,
        passage.began_utc,
        Identification(
            passage.by,
            passage.mark,
            passage.number,
            passage.officer,
            passage.trailer,
            RegistrationMark(passage.seen) if passage.seen else None,
            passage.confidence,
            passage.rivals,
            passage.plate_second,
            passage.number_second,
        ),
        passage.oversize,
    )
    update = UpdateVisit(passage.visit_id, mark=passage.mark)
    return Step(replace(state, phase=Phase.IDENTIFYING, deadline=None), (update, asked))


def explain(findings: tuple[Finding, ...]) -> str:
    """Findings in one line, for officers."""
    return "; ".join(f"{finding.detail} (Rules {finding.rule})" for finding in findings)


def visit_update(visit_id: str, event: Decided) -> UpdateVisit:
    """The visit's row after a decision."""
    status = {
        Outcome.DIRECT: VisitStatus.DIRECTED,
        Outcome.HOLD: VisitStatus.HELD,
        Outcome.REFER: VisitStatus.REFERRED,
    }[event.decision.outcome]
    return UpdateVisit(
        visit_id,
        status,
        numbers=tuple(NotificationNumber(n) for n in event.decision.numbers)
        if event.decision.outcome is Outcome.DIRECT
        else None,
        corridor=event.decision.corridor,
        # A held vehicle's lane is the holding place it was sent to, where there are several.
        lane=event.lane_label if event.decision.outcome is Outcome.HOLD else event.lane,
        findings=event.decision.findings,
    )


def answer(config: PointConfig, state: PointState, event: Decided) -> Step:
    """Carry the decision out at the point the vehicle stands at."""
    passage = state.passage
    if passage is None or passage.visit_id != event.visit_id:
        return Step(state)
    decision = event.decision
    update = visit_update(event.visit_id, event)
    codes = [finding.code for finding in decision.findings]
    said = steps.report(
        {
            Outcome.DIRECT: "visit.directed",
            Outcome.HOLD: "visit.held",
            Outcome.REFER: "visit.referred",
        }[decision.outcome],
        config,
        state,
        event,
        corridor=decision.corridor,
        lane=event.lane,
        findings=codes,
        numbers=list(decision.numbers),
        rules=decision.rules_version,
        policy=decision.policy_version,
    )
    leave_by = event.at.mono + config.answer_seconds
    deadline = None if state.inputs.arming is Occupancy.OCCUPIED else leave_by
    if decision.outcome is Outcome.HOLD:
        place = replace(config, holding_bay=event.lane_label or config.holding_bay)
        alarm = not ALARMING.isdisjoint(codes)
        held = steps.hold(place, state, explain(decision.findings), alarm=alarm)
        return Step(replace(held.state, deadline=deadline), (update, said, *held.commands))
    message = (
        BoardMessage(MessageKind.DIRECT, event.lane_label, decision.corridor)
        if decision.outcome is Outcome.DIRECT
        else BoardMessage(MessageKind.REFER, event.lane_label)
    )
    directed = replace(
        state,
        phase=Phase.DIRECTED,
        deadline=deadline,
        message=message,
        passage=replace(passage, corridor=decision.corridor, onward=event.onward),
    )
    return Step(directed, (update, said, ShowMessage(message)))


def refer(config: PointConfig, state: PointState, event: OfficerReferred) -> Step:
    """An officer finds the vehicle outside these Rules (2.1)."""
    message = BoardMessage(MessageKind.REFER)
    visit_id = state.passage.visit_id if state.passage else None
    finding = Finding("referred-by-officer", "2.1", Outcome.REFER, event.reason)
    update = UpdateVisit(visit_id or "", VisitStatus.REFERRED, findings=(finding,))
    said = steps.report("visit.referred", config, state, event, officer=event.officer, reason=event.reason)
    return Step(
        replace(state, phase=Phase.DIRECTED, message=message, deadline=None),
        (update, said, ShowMessage(message)),
    )
