"""Machines broken on purpose: each law of the explorer has a mutant that it catches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gate.lanes import steps
from gate.lanes.answers import answer
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
from gate.lanes.duties import (
    CheckOrdered,
    HoldLetGo,
    HoldPressed,
    MaintenanceBegan,
    MaintenanceEnded,
    OfficerHeld,
    OpenedOnce,
)
from gate.lanes.events import (
    ActuationFailed,
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Decided,
    DetectorChanged,
    Event,
    Occupancy,
    OfficerReleased,
    PlateSeen,
    RegistrationCommitted,
    Started,
    VisitMatched,
)
from gate.lanes.explorer import VARIANTS, Report, explore
from gate.lanes.explorer.laws import LAWS
from gate.lanes.machine import Handler, Row, Step, Table
from gate.lanes.releasing import proceed, release_of
from gate.lanes.state import Permit, Phase, PointConfig, PointState
from gate.model import Corridor, ReleaseBasis

P, DOWN = Phase, BarrierPosition.DOWN
Wrap = Callable[[Handler], Handler]
BY_NAME = {variant.name: variant for variant in VARIANTS}


def _mutant(kind: str, phase: Phase, event: type[Event], wrap: Wrap) -> Table:
    table = dict(MACHINES[kind])
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


def _trusts_every_input(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        calm = replace(state.inputs, arming=Occupancy.OCCUPIED, safety=Occupancy.CLEAR, barrier=DOWN)
        step = handler(config, replace(state, inputs=calm, faults=frozenset()), event)
        return Step(
            replace(step.state, inputs=replace(state.inputs, safety=Occupancy.UNKNOWN)), step.commands
        )

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


def _keeps_its_name(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        if step.state.passage is None or state.passage is None:
            return step
        named = replace(step.state.passage, passage_id=state.passage.passage_id)
        return Step(replace(step.state, passage=named), step.commands)

    return mutant


def _takes_any_devices(handler: Handler) -> Handler:
    return lambda config, state, event: handler(replace(config, devices=state.devices or ""), state, event)


def _leaves_it_green(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        return Step(step.state, tuple(c for c in step.commands if not isinstance(c, SetSignal)))

    return mutant


def _keeps_its_sign(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        return Step(replace(step.state, message=state.message), step.commands)

    return mutant


def _answers_at_once(_handler: Handler) -> Handler:
    return answer


def _forgets_its_link(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, replace(state, faults=frozenset()), event)
        return Step(replace(step.state, faults=state.faults), step.commands)

    return mutant


def _holds_for_ever(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        return Step(replace(step.state, deadline=None), step.commands)

    return mutant


def _lowers_again(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        if step.state.passage is None or state.passage is None:
            return step
        passage = replace(step.state.passage, attempts=state.passage.attempts)
        return Step(replace(step.state, passage=passage), step.commands)

    return mutant


def _forgets_what_was_ordered(handler: Handler) -> Handler:
    return lambda config, state, event: handler(
        config, state, replace(event, check_ordered=False, held=False)
    )


def _keeps_its_permit(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        if step.state.passage is None or state.passage is None:
            return step
        passage = replace(step.state.passage, permit=state.passage.permit)
        return Step(replace(step.state, passage=passage), step.commands)

    return mutant


def _forgets_the_hold(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        if state.passage is None:
            return Step(state)
        return handler(config, replace(state, passage=replace(state.passage, stopped=False)), event)

    return mutant


def _opens_for_goods_too(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        if state.passage is None:
            return Step(state)
        step = handler(config, replace(state, passage=replace(state.passage, corridor=None)), event)
        if step.state.passage is None:
            return step
        passage = replace(step.state.passage, corridor=state.passage.corridor)
        return Step(replace(step.state, passage=passage), step.commands)

    return mutant


def _releases_along(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        passage = step.state.passage
        if passage is None or passage.permit is None or not passage.permit.once or not passage.release_id:
            return step
        return step.then(GrantRelease(release_of(config, passage, passage.permit, event)))

    return mutant


def _makes_it_green(handler: Handler) -> Handler:
    def mutant(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        if step.state.passage is None:
            return step
        passage = replace(step.state.passage, corridor=Corridor.GREEN)
        return Step(replace(step.state, passage=passage), step.commands)

    return mutant


def _trusts_its_memory(_handler: Handler) -> Handler:
    return lambda _config, state, _event: Step(replace(state, phase=P.FREE))


Mutant = tuple[str, Phase, type[Event], Wrap]
MUTANTS: dict[str, Mutant] = {
    "raise-on-committed-release-opening-or-emergency": (
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
    "one-pulse-per-decision": ("entry", P.RAISING, ActuationFailed, _keeps_its_name),
    "disarmed-until-armed": (
        "entry with other devices",
        P.MAINTENANCE,
        MaintenanceEnded,
        _takes_any_devices,
    ),
    "green-ends-with-its-way": ("entry", P.PASSING, DetectorChanged, _leaves_it_green),
    "direction-for-who-was-directed": ("approach", P.DIRECTED, Started, _keeps_its_sign),
    "oversize-known-to-its-decision": (
        "approach with height detector",
        P.IDENTIFYING,
        Decided,
        _answers_at_once,
    ),
    "stopped-by-an-officer-is-not-released": (
        "entry under orders",
        P.REGISTERING,
        RegistrationCommitted,
        _forgets_what_was_ordered,
    ),
    "open-once-is-no-release": ("entry under orders", P.HELD, OpenedOnce, _opens_for_goods_too),
    "no-act-makes-it-milder": ("entry under orders", P.CONTROL, OfficerHeld, _makes_it_green),
}
OTHER_WAYS: dict[str, tuple[str, Mutant]] = {
    "a link nobody asks about": (
        "raise-with-inputs-known",
        ("entry whose link fails", P.REGISTERING, RegistrationCommitted, _forgets_its_link),
    ),
    "a second closing pulse by the same id": (
        "one-pulse-per-decision",
        ("entry", P.RECOVERY, BarrierMoved, _lowers_again),
    ),
    "a hand that need not be renewed": (
        "by-hand-one-at-a-time",
        ("entry by hand", P.ATTENDED, HoldPressed, _holds_for_ever),
    ),
    "a release of who is held by an officer": (
        "stopped-by-an-officer-is-not-released",
        ("entry under orders", P.HELD, OfficerReleased, _forgets_the_hold),
    ),
    "a single opening of who is held by an officer": (
        "stopped-by-an-officer-is-not-released",
        ("entry under orders", P.HELD, OpenedOnce, _forgets_the_hold),
    ),
    "a check that leaves the permit": (
        "stopped-by-an-officer-is-not-released",
        ("entry under orders", P.HELD, CheckOrdered, _keeps_its_permit),
    ),
    "a hold that leaves the permit": (
        "stopped-by-an-officer-is-not-released",
        ("entry under orders", P.HELD, OfficerHeld, _keeps_its_permit),
    ),
    "a single opening that releases along": (
        "open-once-is-no-release",
        ("entry under orders", P.HELD, OpenedOnce, _releases_along),
    ),
    "a single opening past an emergency stop": (
        "raise-with-inputs-known",
        ("entry under orders", P.HELD, OpenedOnce, _trusts_every_input),
    ),
    "an approach that forgets the hold over a restart": (
        "stopped-by-an-officer-is-not-released",
        ("approach", P.READING, PlateSeen, _forgets_the_hold),
    ),
    "an approach that goes on talking": (
        "sign-clears-with-its-vehicle",
        ("approach", P.DIRECTED, DetectorChanged, _keeps_its_sign),
    ),
    "a restart that leaves the light green": (
        "green-ends-with-its-way",
        ("entry", P.PASSING, Started, _leaves_it_green),
    ),
}
"""Laws with more than one way to break them: law and mutant, by what the mutant is."""


def test_every_law_has_its_mutant() -> None:
    """A law that nothing can break proves nothing."""
    assert set(MUTANTS) == set(LAWS)


@pytest.mark.parametrize("law", sorted(MUTANTS))
def test_a_mutant_is_caught_by_the_law_it_breaks(law: str) -> None:
    """Break one row on purpose: the walk names the law, and the step that broke it."""
    report = _broken(law, MUTANTS[law])
    assert report.as_json()["invariants"][law] == "broken"  # type: ignore[index]  # JSON-able dict


@pytest.mark.parametrize("way", sorted(OTHER_WAYS))
def test_other_ways_to_break_a_law_are_caught_too(way: str) -> None:
    """What a law says in two halves is broken in both."""
    _broken(*OTHER_WAYS[way])


def _broken(law: str, mutant: Mutant) -> Report:
    name, phase, event, wrap = mutant
    variant = BY_NAME[name]
    report = explore(variant, _mutant(variant.kind, phase, event, wrap), until_broken=law)
    assert law in report.broken, report.broken
    return report
