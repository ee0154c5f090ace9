"""The machinery of a transition table: total over every event, and checked against what it declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gate.lanes.commands import Command
from gate.lanes.events import (
    BarrierMoved,
    ContactChanged,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    Event,
    Occupancy,
)
from gate.lanes.interlocks import area
from gate.lanes.state import Phase, PointConfig, PointState


@dataclass(frozen=True, slots=True)
class Step:
    """A step's result: the state after, and what is asked for, in order."""

    state: PointState
    commands: tuple[Command, ...] = ()

    def then(self, *commands: Command) -> Step:
        """Append: the same step with more commands at its end."""
        return Step(self.state, (*self.commands, *commands))


Handler = Callable[[PointConfig, PointState, Any], Step]
"""(config, state with inputs already absorbed, event) -> Step. Pure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a transition table: what to do, and every phase it may lead to."""

    handler: Handler
    to: frozenset[Phase]


Table = Mapping[tuple[Phase, type[Event]], Row]


def row(handler: Handler, *to: Phase) -> Row:
    """A table row; `to` must name every phase the handler may return."""
    return Row(handler, frozenset(to))


class TableError(Exception):
    """A handler led where its table does not say: the table, the docs or the handler is wrong."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One point's machine: a table and the point's fixed facts."""

    name: str
    table: Table
    config: PointConfig

    def step(self, state: PointState, event: Event) -> Step:
        """Absorb the event's inputs, then follow the table. An event without a row changes no phase."""
        absorbed = absorb(self.config, state, event)
        found = self.table.get((absorbed.phase, type(event)))
        if found is None:
            return Step(absorbed)
        result = found.handler(self.config, absorbed, event)
        if result.state.phase not in found.to:
            raise TableError(
                f"{self.name}: {absorbed.phase} on {type(event).__name__} led to {result.state.phase},"
                f" the table allows {sorted(found.to)}"
            )
        return result


def absorb(config: PointConfig, state: PointState, event: Event) -> PointState:
    """The state with what the event says of inputs and faults; never its phase."""
    match event:
        case DetectorChanged(detector=detector, state=occupancy):
            return _timed(
                config, replace(state, inputs=state.inputs.with_detector(detector, occupancy)), event
            )
        case ContactChanged(contact=contact, state=now):
            return replace(state, inputs=state.inputs.with_contact(contact, now))
        case BarrierMoved(position=position):
            return replace(state, inputs=replace(state.inputs, barrier=position))
        case DeviceFaulted(device=device):
            return replace(state, faults=state.faults | {device})
        case DeviceRecovered(device=device):
            return replace(state, faults=state.faults - {device})
        case _:
            return state


def _timed(config: PointConfig, state: PointState, event: Event) -> PointState:
    """Keep since when the area under the boom has been known clear."""
    if area(config, state.inputs) is not Occupancy.CLEAR:
        return replace(state, area_clear_since=None)
    if state.area_clear_since is None:
        return replace(state, area_clear_since=event.at.mono)
    return state
