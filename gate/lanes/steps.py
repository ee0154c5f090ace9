"""Moves that every point's table shares: beginning and ending a passage, calling, holding, closing."""

from __future__ import annotations

from dataclasses import replace

from gate.clock import Instant
from gate.lanes.commands import (
    BoardMessage,
    CallOfficer,
    MessageKind,
    Report,
    ShowMessage,
)
from gate.lanes.events import Event, PointClosed, TimeElapsed
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Passage, Phase, PointConfig, PointState, serves


def blank(config: PointConfig, state: PointState) -> BoardMessage:
    """What a free point's board shows: a lane its own corridor, an approach nothing."""
    corridors = serves(config, state)
    return BoardMessage(MessageKind.BLANK, config.label, corridors[0] if corridors else None)


def waiting(config: PointConfig) -> BoardMessage:
    """Build the one neutral text, the same whatever the cause."""
    return BoardMessage(MessageKind.WAIT, config.holding_bay)


def show(state: PointState, message: BoardMessage) -> Step:
    """Put a message on the board, unless it is there already."""
    if state.message == message:
        return Step(state)
    return Step(replace(state, message=message), (ShowMessage(message),))


def begin(config: PointConfig, state: PointState, at: Instant) -> PointState:
    """Begin a new passage with an id of its own."""
    count = state.count + 1
    passage = Passage(f"{config.name}-{state.boot_id}-{count}", at.utc.isoformat(), began_mono=at.mono)
    return replace(state, count=count, passage=passage)


def call(config: PointConfig, state: PointState, reason: str, *, alarm: bool = False) -> Step:
    """Call an officer until somebody acknowledges."""
    count = state.count + 1
    visit_id = state.passage.visit_id if state.passage else None
    wanted = CallOfficer(f"{config.name}-{state.boot_id}-{count}", visit_id, reason, alarm=alarm)
    return Step(replace(state, count=count), (wanted,))


def hold(config: PointConfig, state: PointState, reason: str, *, alarm: bool = False) -> Step:
    """Hold the vehicle: neutral text, officer called (law 3)."""
    called = call(config, replace(state, phase=Phase.HELD, deadline=None), reason, alarm=alarm)
    shown = show(called.state, waiting(config))
    return Step(shown.state, (*shown.commands, *called.commands))


def trouble(
    config: PointConfig,
    state: PointState,
    event: Event,
    what: Occurrence,
    reason: str,
    *,
    alarm: bool = True,
) -> Step:
    """Report what happened in a lane, and call an officer for it."""
    called = call(config, state, reason, alarm=alarm)
    return Step(called.state, (happened(what, config, state, event, reason=reason), *called.commands))


def hold_here(
    config: PointConfig,
    state: PointState,
    event: Event,
    what: Occurrence,
    reason: str,
    *,
    alarm: bool = False,
) -> Step:
    """Hold a vehicle where it stands in a lane, and say why to officers and central alone."""
    held = hold(config, state, reason, alarm=alarm)
    staying = replace(held.state, deadline=event.at.mono + config.stay_seconds)
    return Step(staying, (happened(what, config, state, event, reason=reason), *held.commands))


def free(config: PointConfig, state: PointState) -> Step:
    """End the passage: the point is free again, or closed if that was asked for meanwhile."""
    ended = replace(state, passage=None, deadline=None)
    if state.closing:
        return close(config, ended)
    shown = show(replace(ended, phase=Phase.FREE), blank(config, state))
    return Step(shown.state, shown.commands)


def close(config: PointConfig, state: PointState) -> Step:
    """Go out of service: the board says so."""
    shown = show(
        replace(state, phase=Phase.CLOSED, closing=False, passage=None, deadline=None),
        BoardMessage(MessageKind.CLOSED, config.label),
    )
    return Step(shown.state, shown.commands)


def close_when_free(_config: PointConfig, state: PointState, event: PointClosed) -> Step:
    """Remember that the point is to close after the passage in progress."""
    # A shutdown names nobody: the lane an officer closed stays closed after the restart.
    return Step(replace(state, closing=True, closed_by=event.officer or state.closed_by))


def close_now(config: PointConfig, state: PointState, event: PointClosed) -> Step:
    """Close a point that has no passage in progress."""
    return close(config, replace(state, closed_by=event.officer or state.closed_by))


def abandon(config: PointConfig, state: PointState, reason: str) -> Step:
    """Close with a passage in progress: it is left to the officer with an alarm."""
    called = call(config, state, reason, alarm=True)
    closed = close(config, called.state)
    return Step(closed.state, (*called.commands, *closed.commands))


def is_due(state: PointState, event: TimeElapsed) -> bool:
    """Whether the state's deadline has really passed."""
    return state.deadline is not None and event.at.mono >= state.deadline


def report(kind: str, config: PointConfig, state: PointState, event: Event, **facts: object) -> Report:
    """Build a message to central about the passage in progress."""
    passage = state.passage
    body: dict[str, object] = {
        "point": config.name,
        "at": event.at.utc.isoformat(),
        "visit": passage.visit_id if passage else None,
        "mark": passage.mark if passage else None,
    }
    return Report(kind, body | facts)


def happened(
    what: Occurrence, config: PointConfig, state: PointState, event: Event, **facts: object
) -> Report:
    """Build the message to central about an outcome in a lane."""
    return report(f"lane.{what.value}", config, state, event, **facts)
