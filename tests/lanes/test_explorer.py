"""The laws proved over every reachable state, and shown to be breakable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gate.lanes import passing, steps
from gate.lanes.commands import LowerBarrier, MessageKind, RaiseBarrier
from gate.lanes.diagram import MACHINES
from gate.lanes.events import (
    BarrierMoved,
    DetectorChanged,
    Event,
    OfficerReleased,
    PlateSeen,
    Started,
    VisitMatched,
)
from gate.lanes.explorer import explore
from gate.lanes.machine import Handler, Row, Step, Table
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import ReleaseBasis

P = Phase
Wrap = Callable[[Handler], Handler]


@pytest.mark.parametrize("kind", sorted(MACHINES))
def test_every_law_holds_in_every_state_the_machine_can_reach(kind: str) -> None:
    """Thousands of states, hundreds of thousands of steps, and not one breaks a law."""
    report = explore(kind, MACHINES[kind])
    assert not report.broken
    assert report.states > 1000
    assert set(report.as_json()["invariants"].values()) == {"held"}  # type: ignore[attr-defined]  # JSON-able dict
    reached = {phase for phase, _ in MACHINES[kind]}
    assert len(reached) > 5


def _mutant(phase: Phase, event: type[Event], wrap: Wrap) -> Table:
    table = dict(MACHINES["entry"])
    line = table[phase, event]
    table[phase, event] = Row(wrap(line.handler), frozenset(Phase))
    return table


def _adds(command: object) -> Wrap:
    def wrap(handler: Handler) -> Handler:
        def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
            return handler(config, state, event).then(command)  # type: ignore[arg-type]  # a mutant

        return mutant

    return wrap


def _asks_no_control(_handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: OfficerReleased) -> Step:
        return passing.release_and_raise(config, state, event, ReleaseBasis.OFFICER, officer=event.officer)

    return mutant


def _releases_everything_by_itself(_handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
        if state.passage is None:
            return Step(state)
        bound = replace(state, passage=replace(state.passage, visit_id="V", corridor=event.corridor))
        return passing.release_and_raise(config, bound, event, ReleaseBasis.REGISTERED)

    return mutant


def _does_not_stop(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(state)


def _explains_itself(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        if step.state.phase is not P.HELD:
            return step
        telling = replace(steps.waiting(config), kind=MessageKind.REFER)
        return Step(replace(step.state, message=telling), step.commands)

    return mutant


def _trusts_its_memory(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(replace(state, phase=P.FREE))


MUTANTS = {
    "raise-on-committed-release": (P.CONTROL, BarrierMoved, _adds(RaiseBarrier("nobody's"))),
    "restart-moves-nothing": (P.PASSING, Started, _adds(LowerBarrier("again"))),
    "officer-named-for-yellow-and-red": (P.CONTROL, OfficerReleased, _asks_no_control),
    "automatic-only-green-and-blue": (P.MATCHING, VisitMatched, _releases_everything_by_itself),
    "lower-only-known-clear": (P.PASSING, DetectorChanged, _adds(LowerBarrier("now"))),
    "stop-under-closing-barrier": (P.LOWERING, DetectorChanged, _does_not_stop),
    "hold-is-neutral": (P.READING, PlateSeen, _explains_itself),
    "free-lane-is-at-rest": (P.RECOVERY, DetectorChanged, _trusts_its_memory),
}


@pytest.mark.parametrize("law", sorted(MUTANTS))
def test_a_mutant_is_caught_by_the_law_it_breaks(law: str) -> None:
    """Break one row on purpose: the walk names the law, and the step that broke it."""
    phase, event, wrap = MUTANTS[law]
    report = explore("entry", _mutant(phase, event, wrap), until_broken=True)
    assert law in report.broken, report.broken
    assert report.as_json()["invariants"][law] == "broken"  # type: ignore[index]  # JSON-able dict
