"""Steps as bytes: canonical JSON for the journal, and snapshots that come back as the same state."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from gate.lanes.commands import (
    AnswerFor,
    CallOfficer,
    CallOver,
    Command,
    CommitCheck,
    CommitReview,
    DeclareEmergency,
    EndEmergency,
    GrantOpening,
    GrantRelease,
    LowerBarrier,
    OpenInEmergency,
    OpenVisit,
    RaiseBarrier,
    RaiseOnce,
    Record,
    Report,
    RevokeRelease,
    UpdateVisit,
)
from gate.lanes.events import Event
from gate.lanes.machine import Step
from gate.lanes.ports import Pulse, StepRecord
from gate.lanes.state import PointConfig, PointState

_SNAPSHOT = TypeAdapter(PointState)
_AS_IT_IS = (str, bool, int, float, type(None))
_RECORDS = (
    OpenVisit,
    UpdateVisit,
    GrantRelease,
    RevokeRelease,
    CommitCheck,
    GrantOpening,
    CommitReview,
    DeclareEmergency,
    EndEmergency,
    CallOver,
    AnswerFor,
    CallOfficer,
    Report,
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a replay may take up: what the point is, and its state before the step.

    Kept with the first step of every process and of every UTC day, so that a day can be replayed alone.
    """

    kind: str
    config: PointConfig
    state: PointState


def plain(value: object) -> object:
    """Turn a frozen value into JSON-able data; dataclasses say their type, sets are sorted."""
    kind: Any = type(value)
    if kind in _AS_IT_IS:  # most of it, and a vehicle waits
        return value
    if (names := _field_names(kind)) is not None:
        return {"type": kind.__name__} | {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, frozenset | set):
        return sorted(str(plain(item)) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


@cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def canonical(value: object) -> bytes:
    """Render as canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def dump_state(state: PointState) -> bytes:
    """Write a snapshot."""
    return _SNAPSHOT.dump_json(state)


def load_state(snapshot: bytes) -> PointState:
    """Read a snapshot back. Raises ValueError when it is not one."""
    return _SNAPSHOT.validate_json(snapshot)


def digest(state: PointState) -> str:
    """Name a state shortly, the same in every process; a field added later changes nothing while unused."""
    return hashlib.sha256(_SNAPSHOT.dump_json(state, exclude_defaults=True)).hexdigest()[:16]


def records_of(commands: tuple[Command, ...]) -> tuple[Record, ...]:
    """Pick the commands that are rows, not acts."""
    return tuple(command for command in commands if isinstance(command, _RECORDS))


def step_record(
    point: str, before: PointState, event: Event, step: Step, begins: Beginning | None = None
) -> StepRecord:
    """Put one step into the form in which it is committed before anything acts on it."""
    pulses: list[Pulse] = []
    for command in step.commands:
        if isinstance(command, RaiseBarrier):
            pulses.append(Pulse(command.release_id, "raise", command.release_id))
        elif isinstance(command, RaiseOnce):
            pulses.append(Pulse(command.opening_id, "once", None))
        elif isinstance(command, OpenInEmergency):
            pulses.append(Pulse(command.emergency_id, "emergency", None))
        elif isinstance(command, LowerBarrier):
            pulses.append(Pulse(command.decision_id, "lower", None))
    body = {
        "event": event,
        "from": before.phase,
        "to": step.state.phase,
        "state": digest(step.state),
        "visit": step.state.passage.visit_id if step.state.passage else _visit(before),
        "commands": step.commands,
    }
    if begins is not None:
        body["begins"] = begins
    return StepRecord(
        point,
        event.at.utc,
        type(event).__name__,
        canonical(body),
        dump_state(step.state),
        records_of(step.commands),
        tuple(pulses),
    )


def _visit(state: PointState) -> str | None:
    return state.passage.visit_id if state.passage else None
