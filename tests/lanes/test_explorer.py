"""The laws proved over every reachable state of every machine."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from gate.clock import Instant
from gate.lanes import attended
from gate.lanes.diagram import MACHINES
from gate.lanes.events import (
    Event,
    VisitMatched,
)
from gate.lanes.explorer import EVERYTHING, VARIANTS, Report, Variant, explore_all, wander
from gate.lanes.explorer.alphabet import LATER, NOW, PASSAGE, STARTED, VISIT, alphabet
from gate.lanes.explorer.walk import abstract
from gate.lanes.machine import Machine, Step
from gate.lanes.state import PointState


@cache
def walks() -> dict[str, Report]:
    """Every walk, side by side; made once for all who ask."""
    return {report.machine: report for report in explore_all()}


def walked(variant: Variant) -> Report:
    """One whole walk."""
    return walks()[variant.name]


@pytest.mark.timeout(1800)  # all walks are made for the first who asks
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name.replace(" ", "-"))
def test_every_law_holds_in_every_state_the_machine_can_reach(variant: Variant) -> None:
    """Thousands of states, hundreds of thousands of steps, and not one breaks a law."""
    report = walked(variant)
    assert not report.broken
    assert report.states > 500
    assert set(report.as_json()["invariants"].values()) == {"held"}  # type: ignore[attr-defined]  # JSON-able dict


@cache
def wandered(variant: Variant) -> Report:
    """One long random walk with everything fitted."""
    return wander(variant, MACHINES[variant.kind], steps=150_000, seed=20)


@pytest.mark.parametrize("variant", EVERYTHING, ids=lambda variant: variant.kind)
def test_with_every_feature_at_once_no_law_is_broken_by_chance_either(variant: Variant) -> None:
    """What meets where no whole walk goes: long random walks with all inputs, contacts and duties."""
    report = wandered(variant)
    assert not report.broken
    assert report.states > 5_000


@pytest.mark.timeout(1800)  # all walks are made for the first who asks
@pytest.mark.parametrize("kind", sorted(MACHINES))
def test_every_handler_of_a_table_does_something_somewhere(kind: str) -> None:
    """What no walk reaches is dead, or a walk is missing."""
    table = MACHINES[kind]
    reached = set().union(*(walked(variant).rows for variant in VARIANTS if variant.kind == kind))
    reached |= set().union(*(wandered(variant).rows for variant in EVERYTHING if variant.kind == kind))
    # That a hand is still on the button moves only the deadline, which the walks do not tell apart.
    at_work = {table[line].handler for line in reached if line in table} | {attended.keep}
    assert {line.handler.__qualname__ for line in table.values() if line.handler not in at_work} == set()
    assert {phase for phase, _ in reached} >= {phase for phase, _ in table}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name.replace(" ", "-"))
def test_the_abstraction_forgets_nothing_that_matters(variant: Variant) -> None:
    """A state and its abstraction, told the same, ask for the same and stay each other's likeness.

    Patience may have run out or not: the walk tries both, and one of them is what happened.
    """
    machine = Machine(variant.name, MACHINES[variant.kind], variant.config)
    events = list(alphabet(variant))
    for seed in range(12):
        dice = random.Random(seed)  # noqa: S311 - a test's dice, not a secret
        state, mono = machine.step(PointState(devices=variant.armed_with), STARTED).state, 0.0
        for _ in range(250):
            event = dice.choice(events)
            mono += 1e6 if event.at is LATER else 0.0
            here = machine.step(state, _meant_for(state, event, mono))
            likeness = abstract(state)
            told = [machine.step(likeness, replace(event, at=at)) for at in (NOW, LATER)]
            assert _seen(here) in [_seen(step) for step in told], f"{variant.name}: {event} in {state}"
            state = here.state


def _meant_for(state: PointState, event: Event, mono: float) -> Event:
    """The walk's event, with the ids of the passage that really stands here."""
    names: dict[str, Any] = {"at": Instant(event.at.utc, mono)}
    passage = state.passage
    if passage is not None:
        if getattr(event, "passage_id", None) == PASSAGE:
            names["passage_id"] = passage.passage_id
        bound = isinstance(event, VisitMatched)  # it names the visit; all others ask for one
        if getattr(event, "visit_id", None) == VISIT and passage.visit_id and not bound:
            names["visit_id"] = passage.visit_id
    return replace(event, **names)


def _seen(step: Step) -> tuple[PointState, tuple[str, ...]]:
    return abstract(step.state), tuple(type(command).__name__ for command in step.commands)
