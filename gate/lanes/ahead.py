"""A vehicle of which nobody knows whether it drove through or backed out, and who tells: the next one."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import steps
from gate.lanes.commands import Command, RevokeRelease, UpdateVisit
from gate.lanes.events import Event
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import PointConfig, PointState, Unsettled
from gate.model import RegistrationMark, VisitStatus


def completed(config: PointConfig) -> VisitStatus:
    """What a visit is once its vehicle drove through."""
    return VisitStatus.COMPLETED if config.corridors else VisitStatus.DEPARTED


def is_back(state: PointState, mark: RegistrationMark) -> bool:
    """Whether the vehicle here is the very one of which nobody knew."""
    return state.unsettled is not None and state.unsettled.mark == mark


def stands_here_again(config: PointConfig, state: PointState, event: Event) -> Step:
    """It backed out: its authorisation is revoked, and it is held where it stands."""
    before = state.unsettled
    if before is None:
        return Step(state)
    reason = "the released vehicle backed out and stands here again"
    held = steps.hold_here(
        config, replace(state, unsettled=None), event, Occurrence.BACKED_OUT, reason, alarm=True
    )
    return Step(held.state, (*_taken_back(before, reason), *held.commands))


def another_follows(config: PointConfig, state: PointState, event: Event) -> Step:
    """Another vehicle stands here now, so the one before is through."""
    before = state.unsettled
    if before is None:
        return Step(state)
    said = steps.report("passage.completed", config, state, event, release=before.release_id)
    body = dict(said.body) | {"visit": before.visit_id, "mark": before.mark}
    done = UpdateVisit(before.visit_id, completed(config))
    return Step(replace(state, unsettled=None), (done, replace(said, body=body)))


def nobody_followed(config: PointConfig, state: PointState, event: Event) -> Step:
    """The detector cleared and nobody was read: whoever stood here went back."""
    before = state.unsettled
    if before is None:
        return Step(state)
    reason = "the released vehicle may have backed out: nobody was read behind it"
    told = steps.trouble(config, replace(state, unsettled=None), event, Occurrence.BACKED_OUT, reason)
    return Step(told.state, (*_taken_back(before, reason), *told.commands))


def _taken_back(before: Unsettled, reason: str) -> tuple[Command, ...]:
    return (RevokeRelease(before.release_id, reason), UpdateVisit(before.visit_id, VisitStatus.HELD))
