"""Out of a lane's ordinary service: maintenance, arming, breakdowns, convoys, other corridors."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import recovery, steps
from gate.lanes.arriving import moved_unasked
from gate.lanes.commands import (
    BoardMessage,
    Command,
    MessageKind,
    OpenVisit,
    RevokeRelease,
    SetSignal,
    StopReading,
    UpdateVisit,
)
from gate.lanes.duties import (
    BreakdownCleared,
    BreakdownDeclared,
    ConvoyListed,
    CorridorsAssigned,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
)
from gate.lanes.events import Aspect, BarrierMoved, BarrierPosition, DeviceRole, VisitUnmatched
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.releasing import proceed
from gate.lanes.state import Convoy, Inputs, Permit, Phase, PointConfig, PointState
from gate.model import ReleaseBasis, VisitStatus


def maintain(config: PointConfig, state: PointState, event: MaintenanceBegan) -> Step:
    """Let go of the devices; not with a vehicle's passage in progress."""
    ended = recovery.end_interrupted(config, state, event)
    passage = ended.state.passage
    if passage is not None and not passage.over:
        return Step(state)
    idle = replace(
        ended.state,
        phase=Phase.MAINTENANCE,
        passage=None,
        deadline=None,
        inputs=Inputs(),
        area_clear_since=None,
        attended_by=None,
        failed=frozenset(),
    )
    said = steps.happened(
        Occurrence.MAINTENANCE, config, idle, event, officer=event.officer, reason=event.reason
    )
    shown = steps.show(idle, BoardMessage(MessageKind.CLOSED, config.label))
    return Step(shown.state, (*ended.commands, said, SetSignal(Aspect.RED), *shown.commands))


def maintained(config: PointConfig, state: PointState, event: MaintenanceEnded) -> Step:
    """The devices are ours again, and nothing is known of them."""
    said = steps.happened(Occurrence.MAINTENANCE_ENDED, config, state, event, officer=event.officer)
    fresh = replace(
        state, inputs=Inputs(), area_clear_since=None, faults=state.faults - {DeviceRole.IO, DeviceRole.BOARD}
    )
    entered = recovery.enter(config, fresh, event)
    return Step(entered.state, (said, *entered.commands))


def armed(config: PointConfig, state: PointState, event: LaneArmed) -> Step:
    """Somebody at the site has seen these devices work: they are this lane's from now on."""
    said = steps.happened(Occurrence.ARMED, config, state, event, officer=event.officer)
    entered = recovery.enter(config, replace(state, devices=config.devices, passage=None), event)
    return Step(entered.state, (said, *entered.commands))


def broken_down(config: PointConfig, state: PointState, event: BreakdownDeclared) -> Step:
    """Take nobody in any more; those behind read where to go. What was released is revoked."""
    passage = state.passage
    reason = f"a vehicle has broken down in the lane ({event.officer})"
    stop: tuple[Command, ...] = ()
    if passage is not None and not passage.over:
        stop = (StopReading(passage.passage_id),)
        if passage.release_id is not None:
            stop = (*stop, RevokeRelease(passage.release_id, reason))
        if passage.visit_id is not None:
            stop = (*stop, UpdateVisit(passage.visit_id, VisitStatus.HELD))
    told = steps.trouble(config, state, event, Occurrence.BREAKDOWN, reason, alarm=False)
    blocked = replace(told.state, phase=Phase.BLOCKED, passage=None, deadline=None, unsettled=None)
    away = (
        BoardMessage(MessageKind.DIRECT, event.label, event.corridor)
        if event.label is not None and event.corridor is not None
        else BoardMessage(MessageKind.CLOSED, config.label)
    )
    shown = steps.show(blocked, away)
    return Step(shown.state, (*stop, *told.commands, SetSignal(Aspect.RED), *shown.commands))


def towed_away(config: PointConfig, state: PointState, event: BreakdownCleared) -> Step:
    """The lane is empty again."""
    said = steps.happened(Occurrence.BREAKDOWN_CLEARED, config, state, event, officer=event.officer)
    entered = recovery.enter(config, state, event)
    return Step(entered.state, (said, *entered.commands))


def assign(config: PointConfig, state: PointState, event: CorridorsAssigned) -> Step:
    """Serve other corridors from the next vehicle on; an exit lane serves none, whatever is said."""
    if not config.corridors or state.passage is not None or event.corridors == ():
        return Step(state)
    said = steps.happened(
        Occurrence.CORRIDORS, config, state, event, officer=event.officer, corridors=event.corridors
    )
    assigned = replace(state, corridors=event.corridors)
    if state.message.kind is not MessageKind.BLANK:
        return Step(assigned, (said,))
    shown = steps.show(assigned, steps.blank(config, assigned))
    return Step(shown.state, (said, *shown.commands))


def convoy(config: PointConfig, state: PointState, event: ConvoyListed) -> Step:
    """Note the marks that an officer answers for, or forget them."""
    listed = Convoy(event.officer, event.reason, event.marks) if event.marks else None
    said = steps.happened(
        Occurrence.CONVOY,
        config,
        state,
        event,
        officer=event.officer,
        reason=event.reason,
        marks=sorted(event.marks),
    )
    return Step(replace(state, convoy=listed), (said,))


def convoy_vehicle(config: PointConfig, state: PointState, event: VisitUnmatched) -> Step | None:
    """Release one listed vehicle, by the officer who listed it; None when this is not one.

    A vehicle that has a visit is never here: whoever is directed by the Rules goes by his direction.
    """
    listed, passage = state.convoy, state.passage
    if listed is None or passage is None or passage.mark is None or passage.mark not in listed.marks:
        return None
    left = listed.marks - {passage.mark}
    known = replace(
        state,
        convoy=replace(listed, marks=left) if left else None,
        passage=replace(passage, visit_id=passage.passage_id, corridor=None),
    )
    said = steps.happened(
        Occurrence.CONVOY_VEHICLE, config, known, event, officer=listed.officer, left=sorted(left)
    )
    opened = OpenVisit(passage.passage_id, passage.began_utc, passage.began_mono)
    update = UpdateVisit(passage.passage_id, mark=passage.mark, lane=config.name)
    permit = Permit(ReleaseBasis.OFFICER, listed.officer, (f"convoy: {listed.reason}",))
    raised = proceed(config, known, event, permit)
    return Step(raised.state, (opened, update, said, *raised.commands))


def moved_while_closed(config: PointConfig, state: PointState, event: BarrierMoved) -> Step:
    """A closed lane's barrier is nobody's to move."""
    if event.position in (BarrierPosition.DOWN, BarrierPosition.UNKNOWN):
        return Step(state)
    moved = moved_unasked(config, state, event)
    return Step(moved.state, (*moved.commands, SetSignal(Aspect.RED)))
