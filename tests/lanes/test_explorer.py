"""The laws proved over every reachable state, and shown to be breakable."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from gate.clock import Instant
from gate.lanes import attended, steps
from gate.lanes.attended import FALLIBLE
from gate.lanes.commands import (
    Command,
    DeclareEmergency,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    OpenInEmergency,
    RaiseBarrier,
    SetSignal,
    StopBarrier,
)
from gate.lanes.diagram import MACHINES
from gate.lanes.duties import HoldLetGo, HoldPressed, MaintenanceBegan
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    DetectorChanged,
    Event,
    OfficerReleased,
    PlateSeen,
    RegistrationCommitted,
    Started,
    VisitMatched,
)
from gate.lanes.explorer import EVERYTHING, VARIANTS, Report, Variant, explore, explore_all, wander
from gate.lanes.explorer.alphabet import LATER, NOW, PASSAGE, STARTED, VISIT, alphabet
from gate.lanes.explorer.laws import LAWS
from gate.lanes.explorer.walk import abstract
from gate.lanes.machine import Handler, Machine, Row, Step, Table
from gate.lanes.releasing import proceed
from gate.lanes.state import Permit, Phase, PointConfig, PointState
from gate.model import ReleaseBasis

P = Phase
Wrap = Callable[[Handler], Handler]
BY_NAME = {variant.name: variant for variant in VARIANTS}


@cache
def walks() -> dict[str, Report]:
    """Every walk, side by side; made once for all who ask."""
    return {report.machine: report for report in explore_all()}


def walked(variant: Variant) -> Report:
    """One whole walk."""
    return walks()[variant.name]


@pytest.mark.timeout(600)  # all walks are made for the first who asks
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


@pytest.mark.timeout(600)  # all walks are made for the first who asks
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
        state, mono = machine.step(PointState(), STARTED).state, 0.0
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


# --- broken on purpose ------------------------------------------------------------------------


def _mutant(phase: Phase, event: type[Event], wrap: Wrap) -> Table:
    table = dict(MACHINES["entry"])
    line = table[phase, event]
    table[phase, event] = Row(wrap(line.handler), frozenset(Phase))
    return table


def _adds(*commands: Command) -> Wrap:
    return lambda handler: lambda config, state, event: handler(config, state, event).then(*commands)


def _asks_no_control(_handler: Handler) -> Handler:
    return lambda config, state, event: proceed(
        config, state, event, Permit(ReleaseBasis.OFFICER, event.officer)
    )


def _releases_everything_by_itself(_handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: VisitMatched) -> Step:
        if state.passage is None:
            return Step(state)
        bound = replace(state, passage=replace(state.passage, visit_id="V", corridor=event.corridor))
        return proceed(config, bound, event, Permit(ReleaseBasis.REGISTERED))

    return mutant


def _releases_another(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        swapped = tuple(
            GrantRelease(replace(command.release, visit_id="somebody else's"))
            if isinstance(command, GrantRelease)
            else command
            for command in step.commands
        )
        return Step(step.state, swapped)

    return mutant


def _answers_for_everything(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, replace(state, failed=FALLIBLE), event)
        return Step(replace(step.state, failed=state.failed), step.commands)

    return mutant


def _sees_no_contact(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        blind = replace(state.inputs, active=frozenset(), normal=config.fitted.contacts)
        step = handler(config, replace(state, inputs=blind), event)
        return Step(replace(step.state, inputs=state.inputs), step.commands)

    return mutant


def _knows_of_no_merge(handler: Handler) -> Handler:
    return lambda config, state, event: handler(replace(config, merge=False), state, event)


def _opens_unreleased(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(replace(state, phase=P.PASSING))


def _does_nothing(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(state)


def _lets_go_without_a_stop(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(replace(state, phase=P.ATTENDED))


def _stops_and_goes_on(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(state, (StopBarrier(),))


def _explains_itself(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        if step.state.phase is not P.HELD:
            return step
        telling = replace(steps.waiting(config), kind=MessageKind.REFER)
        return Step(replace(step.state, message=telling), step.commands)

    return mutant


def _leaves_its_text(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        return Step(replace(step.state, message=steps.waiting(config)), step.commands)

    return mutant


def _trusts_its_memory(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(replace(state, phase=P.FREE))


MUTANTS: dict[str, tuple[str, Phase, type[Event], Wrap]] = {
    "raise-on-committed-release-or-emergency": (
        "entry",
        P.CONTROL,
        BarrierMoved,
        _adds(RaiseBarrier("nobody's")),
    ),
    "raise-with-inputs-known": ("entry by hand", P.ATTENDED, HoldPressed, _answers_for_everything),
    "raise-unless-wire-or-hand-forbids": (
        "entry with emergency stop",
        P.REGISTERING,
        RegistrationCommitted,
        _sees_no_contact,
    ),
    "raise-into-a-free-way": (
        "entry at a merge",
        P.REGISTERING,
        RegistrationCommitted,
        _knows_of_no_merge,
    ),
    "by-hand-one-at-a-time": ("entry by hand", P.HOLDING, HoldLetGo, _lets_go_without_a_stop),
    "restart-moves-nothing": ("entry", P.PASSING, Started, _adds(LowerBarrier("again"))),
    "officer-named-for-yellow-and-red": ("entry", P.CONTROL, OfficerReleased, _asks_no_control),
    "automatic-only-green-and-blue": ("entry", P.MATCHING, VisitMatched, _releases_everything_by_itself),
    "release-in-own-corridor": ("entry", P.MATCHING, VisitMatched, _releases_everything_by_itself),
    "release-of-who-stands-here": ("entry", P.REGISTERING, RegistrationCommitted, _releases_another),
    "lower-only-known-clear": ("entry", P.PASSING, DetectorChanged, _adds(LowerBarrier("now"))),
    "never-closing-on-somebody": ("entry", P.LOWERING, DetectorChanged, _stops_and_goes_on),
    "stop-under-closing-barrier": ("entry with photo-eye", P.LOWERING, DetectorChanged, _does_nothing),
    "open-only-for-a-release": ("entry", P.MATCHING, VisitMatched, _opens_unreleased),
    "out-of-service-is-still": (
        "entry",
        P.FREE,
        MaintenanceBegan,
        _adds(DeclareEmergency("E", "officer", "why not"), OpenInEmergency("E")),
    ),
    "hold-is-neutral": ("entry", P.READING, PlateSeen, _explains_itself),
    "sign-agrees-with-barrier": ("entry", P.RAISING, DetectorChanged, _adds(SetSignal(Aspect.GREEN))),
    "sign-clears-with-its-vehicle": ("entry", P.READING, DetectorChanged, _leaves_its_text),
    "free-lane-is-at-rest": ("entry", P.RECOVERY, DetectorChanged, _trusts_its_memory),
}


def test_every_law_has_its_mutant() -> None:
    """A law that nothing can break proves nothing."""
    assert set(MUTANTS) == set(LAWS)


@pytest.mark.parametrize("law", sorted(MUTANTS))
def test_a_mutant_is_caught_by_the_law_it_breaks(law: str) -> None:
    """Break one row on purpose: the walk names the law, and the step that broke it."""
    variant, phase, event, wrap = MUTANTS[law]
    report = explore(BY_NAME[variant], _mutant(phase, event, wrap), until_broken=law)
    assert law in report.broken, report.broken
    assert report.as_json()["invariants"][law] == "broken"  # type: ignore[index]  # JSON-able dict
