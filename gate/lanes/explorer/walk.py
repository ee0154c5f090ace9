"""Breadth first over every state a machine can reach. Time, counters and free text are abstracted away."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gate.lanes.events import Event
from gate.lanes.explorer.alphabet import PASSAGE, VISIT, alphabet
from gate.lanes.explorer.laws import LAWS, Taken
from gate.lanes.machine import Machine, Table
from gate.lanes.passing import MAX_CLOSING_ATTEMPTS
from gate.lanes.state import Passage, PointConfig, PointState
from gate.model import Corridor

CONFIGS: dict[str, PointConfig] = {
    "approach": PointConfig("approach", "A", "site", "H"),
    "terminal": PointConfig("terminal", "T", "site", "H"),
    # One automatic and one controlled corridor: together all that an entry lane can be asked.
    "entry": PointConfig("entry", "1", "site", "H", (Corridor.GREEN, Corridor.RED)),
    "exit": PointConfig("exit", "X", "site", "H"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk found. `broken` names each broken law with the first step that broke it."""

    machine: str
    states: int
    transitions: int
    broken: Mapping[str, str]
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


def explore(kind: str, table: Table, *, until_broken: bool = False) -> Report:
    """Walk one machine's whole reachable state space and check every law on every step.

    A step that does nothing is passed over: it breaks no law its state did not break on arrival.
    `until_broken` ends the walk at the first broken law. A handler that leads where its table does
    not say raises TableError.
    """
    began = time.perf_counter()
    machine = Machine(kind, table, CONFIGS[kind])
    start = abstract(PointState())
    seen = {start}
    waiting = deque([start])
    transitions = 0
    broken: dict[str, str] = {}
    events = list(alphabet(kind, machine.config))
    while waiting and not (until_broken and broken):
        before = waiting.popleft()
        for event in events:
            step = machine.step(before, event)
            transitions += 1
            if not step.commands and step.state == before:
                continue
            taken = Taken(kind, machine.config, before, event, step)
            for name, holds in LAWS.items():
                if name not in broken and not holds(taken):
                    broken[name] = _tell(before, event, taken)
            after = abstract(step.state)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return Report(kind, len(seen), transitions, broken, time.perf_counter() - began)


def abstract(state: PointState) -> PointState:
    """Keep what can make a difference to a later step; name what is left of ids the same everywhere."""
    passage = state.passage
    return replace(
        state,
        boot_id="B",
        count=0,
        deadline=None if state.deadline is None else 0.0,
        faults=frozenset(),
        closed_by="officer" if state.closed_by else None,
        passage=None if passage is None else _abstract(passage),
    )


def _abstract(passage: Passage) -> Passage:
    return replace(
        passage,
        passage_id=PASSAGE,
        began_utc="2026-01-01T00:00:00+00:00",
        visit_id=VISIT if passage.visit_id else None,
        seen=None,
        evidence=(),
        number=None,
        by=frozenset(),
        officer=None,
        release_id="R" if passage.release_id else None,
        attempts=min(passage.attempts, MAX_CLOSING_ATTEMPTS),
    )


def _tell(before: PointState, event: Event, taken: Taken) -> str:
    asked = ", ".join(type(command).__name__ for command in taken.step.commands) or "nothing"
    return f"{before.phase} on {event!r} led to {taken.step.state.phase} and asked for {asked}"
