"""Breadth first over every state a machine can reach. Time, counters and free text are abstracted away."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

from gate.lanes.commands import Command
from gate.lanes.diagram import MACHINES
from gate.lanes.duties import AttendedBegan, BreakdownDeclared, EmergencyOpened, MaintenanceBegan
from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    Event,
    Occupancy,
    PointClosed,
    Started,
)
from gate.lanes.explorer.alphabet import MARK, OFFICER, PASSAGE, STARTED, VISIT, alphabet
from gate.lanes.explorer.laws import LAWS
from gate.lanes.explorer.taken import Taken
from gate.lanes.explorer.variants import VARIANTS, Variant
from gate.lanes.machine import Machine, Table
from gate.lanes.passing import MAX_CLOSING_ATTEMPTS
from gate.lanes.state import Inputs, Passage, Permit, Phase, PointState
from gate.model import RegistrationMark

_ANEW = 1500
_NOT_YET = 1.0
"""A deadline between the alphabet's NOW and LATER."""
_BY_HAND = (Phase.ATTENDED, Phase.HOLDING)
_UNDERWAY = (Phase.RAISING, Phase.PASSING)
_SPENT = (Phase.PASSING, Phase.LOWERING, Phase.RECOVERY)
"""Phases whose released passage is released no second time."""
_STOPPED = (Phase.HELD, Phase.READING, Phase.RECOVERY, Phase.CLOSED)
"""Where an officer's hold is asked for, or waits to be: an approach goes on with its visit when started."""
_HEARD_ONCE = frozenset({Contact.CABINET, Contact.UPS})
_ABSORBED = (DetectorChanged, ContactChanged, BarrierMoved, DeviceFaulted, DeviceRecovered)
"""What changes a state without a row of the table."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk found. `broken` names each broken law with the first step that broke it."""

    machine: str
    states: int
    transitions: int
    broken: Mapping[str, str]
    rows: frozenset[tuple[Phase, type[Event]]]
    """The lines of the table that did something on the way."""
    seconds: float

    def as_json(self) -> dict[str, object]:
        """One line of `gate lanes explore --json`."""
        return {
            "machine": self.machine,
            "states": self.states,
            "transitions": self.transitions,
            "invariants": {name: "broken" if name in self.broken else "held" for name in LAWS},
            "seconds": round(self.seconds, 2),
        }


def explore(variant: Variant, table: Table, *, until_broken: str = "") -> Report:
    """Walk one machine's whole reachable state space and check every law on every step.

    An event without a row that is no input changes nothing, by `Machine.step`: it is counted and passed
    over, as is a step that does nothing: neither breaks a law its state did not break on arrival.
    `until_broken` ends the walk once that law is broken. A handler that leads where its table does
    not say raises TableError.
    """
    began = time.perf_counter()
    machine = Machine(variant.name, table, variant.config)
    start = abstract(machine.step(PointState(devices=variant.armed_with), STARTED).state)
    seen = {start}
    waiting = deque([start])
    events = list(alphabet(variant))
    heard = _heard(table, events)
    taken_steps = 0
    broken: dict[str, str] = {}
    rows: set[tuple[Phase, type[Event]]] = {(Phase.RECOVERY, type(STARTED))}
    while waiting and until_broken not in broken:
        before = waiting.popleft()
        taken_steps += len(events)
        for event in heard[before.phase]:
            step = machine.step(before, event)
            if not step.commands and step.state == before:
                continue
            rows.add((before.phase, type(event)))
            _judge(Taken(variant.kind, machine.config, before, event, step), broken)
            after = abstract(step.state)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    seconds = time.perf_counter() - began
    return Report(variant.name, len(seen), taken_steps, broken, frozenset(rows), seconds)


def explore_all(kinds: Collection[str] | None = None) -> Iterator[Report]:
    """Walk every variant of these kinds on the tables they run on, on all processors, in order."""
    chosen = [variant for variant in VARIANTS if kinds is None or variant.kind in kinds]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(_explore_one, chosen)


def _explore_one(variant: Variant) -> Report:
    return explore(variant, MACHINES[variant.kind])


def wander(variant: Variant, table: Table, *, steps: int, seed: int) -> Report:
    """Go where the dice say, with every feature at once: a sample of what no whole walk could hold."""
    began = time.perf_counter()
    dice = random.Random(seed)  # noqa: S311 - dice, not a secret
    machine = Machine(variant.name, table, variant.config)
    heard = _heard(table, list(alphabet(variant)))
    weights = {phase: [_weight(event) for event in events] for phase, events in heard.items()}
    seen: set[PointState] = set()
    broken: dict[str, str] = {}
    rows: set[tuple[Phase, type[Event]]] = set()
    # Anew now and then, with other devices than before: what is left early is come back to.
    fresh = abstract(machine.step(PointState(devices="before"), STARTED).state)
    state = fresh
    for taken in range(steps):
        state = fresh if taken % _ANEW == 0 else state
        (event,) = dice.choices(heard[state.phase], weights[state.phase])
        step = machine.step(state, event)
        if step.commands or step.state != state:
            rows.add((state.phase, type(event)))
            _judge(Taken(variant.kind, machine.config, state, event, step), broken)
        state = abstract(step.state)
        seen.add(state)
    return Report(variant.name, len(seen), steps, broken, frozenset(rows), time.perf_counter() - began)


_RARE = (Started, PointClosed, EmergencyOpened, MaintenanceBegan, BreakdownDeclared, AttendedBegan)


def _weight(event: Event) -> float:
    """How likely the dice take it: were trouble as likely as order, no lane would ever leave RECOVERY."""
    match event:
        case DetectorChanged(state=Occupancy.UNKNOWN) | BarrierMoved(position=BarrierPosition.UNKNOWN):
            return 0.01
        case ContactChanged(state=state):
            return 1.0 if state is ContactState.NORMAL else 0.01
        case _:
            return 0.05 if isinstance(event, _RARE) else 1.0


def _judge(taken: Taken, broken: dict[str, str]) -> None:
    for name, holds in LAWS.items():
        if name not in broken and not holds(taken):
            broken[name] = _tell(taken.before, taken.event, taken.step.state, taken.step.commands)


def _heard(table: Table, events: list[Event]) -> dict[Phase, list[Event]]:
    return {
        phase: [event for event in events if (phase, type(event)) in table or isinstance(event, _ABSORBED)]
        for phase in Phase
    }


def abstract(state: PointState) -> PointState:
    """Keep what can make a difference to a later step.

    Ids are named the same everywhere, and what nobody reads any more in this phase is dropped; a test
    steps states and their abstractions side by side and compares.
    """
    before = state.unsettled
    return replace(
        state,
        boot_id="B",
        count=0,
        crossings=0,
        deadline=None if state.deadline is None else _NOT_YET,
        area_clear_since=None if state.area_clear_since is None else 0.0,
        inputs=_read_on(state.inputs),
        closed_by=OFFICER if state.closed_by else None,
        emergency_id="E" if state.emergency_id else None,
        passage=None if state.passage is None else _abstract(state.phase, state.passage),
        # Whoever came before is the one whose mark is MARK: the next is he, or somebody else.
        unsettled=None if before is None else replace(before, visit_id=VISIT, mark=MARK, release_id="R"),
    )


def _abstract(phase: Phase, passage: Passage) -> Passage:
    named = Passage(
        PASSAGE,
        "2026-01-01T00:00:00+00:00",
        over=passage.over,
        attempts=min(passage.attempts, MAX_CLOSING_ATTEMPTS),
    )
    if passage.over:
        return named  # nothing is asked of a passage whose end has been told, but how often to lower
    released = passage.release_id is not None
    underway = phase in _UNDERWAY
    return replace(
        named,
        visit_id=VISIT if passage.visit_id else None,
        # Compared with another mark only while it is matched; later there is one, or there is none.
        mark=_mark(phase, passage),
        oversize=passage.oversize,
        corridor=passage.corridor if phase in _BY_HAND or not (released and phase in _SPENT) else None,
        permit=_permit(passage.permit) if phase not in _SPENT or not released else None,
        way=passage.way,
        release_id="R" if released else None,
        # Elsewhere nobody asks, and it is found out anew whenever the vehicle is matched.
        stopped=passage.stopped and phase in _STOPPED,
        entered=passage.entered and (released or phase is Phase.EMERGENCY),
        left=passage.left and underway,
        exited=passage.exited and underway,
    )


def _mark(phase: Phase, passage: Passage) -> RegistrationMark | None:
    if phase is Phase.MATCHING:
        return passage.mark
    return MARK if passage.mark and passage.release_id is None else None


def _read_on(inputs: Inputs) -> Inputs:
    """Of these contacts only the change is heard; afterwards they are known, or not."""
    heard = inputs.active & _HEARD_ONCE
    return replace(inputs, active=inputs.active - heard, normal=inputs.normal | heard) if heard else inputs


def _permit(permit: Permit | None) -> Permit | None:
    return None if permit is None else replace(permit, officer=OFFICER if permit.officer else None)


def _tell(before: PointState, event: Event, after: PointState, commands: tuple[Command, ...]) -> str:
    asked = ", ".join(type(command).__name__ for command in commands) or "nothing"
    return f"{before.phase} on {event!r} led to {after.phase} and asked for {asked}"
