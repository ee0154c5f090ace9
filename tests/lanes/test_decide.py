"""`decide`: the gravest finding wins, the strictest corridor is the lane, and HOLD is the default."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from gate.lanes.ports import CacheState, Lookup, PriorOpening
from gate.lanes.rules.decide import RULES_VERSION, decide, screen, strictest
from gate.lanes.rules.facts import ClockFacts, Facts, hold
from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    Identification,
    IdentifiedBy,
    Outcome,
    TransportMode,
    TravelDirection,
)
from tests.lanes.stories import LORRY, MORNING, number
from tests.lanes.test_rules import FRESH, GOODS, POLICY, RIGHT, SEALED, at_approach

NUMBERS = tuple(number(f"{n:012d}") for n in range(1, 4))
corridors = st.sampled_from(tuple(Corridor))


def verdict(declaration: Declaration, corridor: Corridor) -> CorridorVerdict:
    """What the door gave for a declaration."""
    return CorridorVerdict(declaration.number, corridor, None, None)


good_or_bad = st.builds(
    Declaration,
    number=st.sampled_from(NUMBERS),
    version=st.just(1),
    site=st.sampled_from(["samur", "samur", "samur", "astara"]),
    direction=st.sampled_from([TravelDirection.ENTRY, TravelDirection.ENTRY, TravelDirection.EXIT]),
    mode=st.sampled_from([TransportMode.ROAD, TransportMode.ROAD, TransportMode.BAGGAGE]),
    category=st.sampled_from([Category.GOODS, Category.GOODS, Category.GOODS, *Category]),
    status=st.sampled_from([DeclarationStatus.ACTIVE, DeclarationStatus.ACTIVE, DeclarationStatus.WITHDRAWN]),
    marks=st.just((LORRY,)),
    registered_at=st.sampled_from([MORNING - timedelta(minutes=m) for m in (300, 90, 61, 60, 59, 0)]),
    verdict=st.sampled_from([SEALED, SEALED, None]),
)


@st.composite
def orderly(draw: st.DrawFn) -> Facts:
    """A read plate with declarations in order, each of whose verdicts was opened."""
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=1, unique=True))
    declared = tuple(replace(GOODS, number=chosen) for chosen in numbers)
    return at_approach(*declared, verdicts=tuple(verdict(d, draw(corridors)) for d in declared))


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Any arrival: who, what was found, how old the cache is, and what the door said; half are in order."""
    if draw(st.booleans()):
        return draw(orderly())
    declared = draw(st.lists(good_or_bad, max_size=3, unique_by=lambda d: d.number))
    by = draw(st.frozensets(st.sampled_from(tuple(IdentifiedBy)), min_size=1, max_size=2))
    mark = draw(st.sampled_from([LORRY, LORRY, None]))
    typed = draw(st.sampled_from([None, None, *NUMBERS]))
    at_terminal = draw(st.booleans())
    opened = [verdict(d, draw(corridors)) for d in declared if draw(st.integers(0, 4))]
    cache = draw(st.sampled_from([FRESH, FRESH, FRESH, CacheState(0, None, False), replace(FRESH, cursor=1)]))
    prior = draw(
        st.sampled_from(
            [(), (), (), (PriorOpening(NUMBERS[0], "before", left_unreleased=True, completed=False),)]
        )
    )
    found = tuple(declared)
    return Facts(
        "samur",
        MORNING,
        MORNING,
        at_terminal,
        Identification(by, mark, typed),
        Lookup(() if at_terminal else found, found if at_terminal else (), prior, cache),
        draw(st.sampled_from([None, tuple(opened), tuple(opened)])),
        draw(st.sampled_from([(), (), (hold("seal-refused", "3.6", "forged"),)])),
        clock=draw(st.sampled_from([RIGHT, RIGHT, RIGHT, ClockFacts()])),
    )


@settings(max_examples=250, deadline=None)
@given(any_facts())
def test_a_corridor_only_when_nothing_at_all_speaks_against_it(facts: Facts) -> None:
    """Law 3, whatever the facts: no corridor with a finding, and none but the strictest opened one."""
    decision = decide(facts, POLICY)
    against = (*screen(facts, POLICY), *facts.door_findings)
    if any(finding.outcome is Outcome.HOLD for finding in against):
        assert decision.outcome is Outcome.HOLD
    if decision.outcome is not Outcome.DIRECT:
        assert decision.corridor is None
        assert decision.findings, "a refusal is never a bare bool"
        return
    assert against == ()
    opened = facts.verdicts or ()
    assert {v.number for v in opened} == {d.number for d in facts.declarations}
    assert all(d.category is Category.GOODS for d in facts.declarations)
    assert decision.corridor is not None
    assert all(decision.corridor.strictness >= v.corridor.strictness for v in opened)
    assert decision.corridor in {v.corridor for v in opened}


@settings(max_examples=120, deadline=None)
@given(any_facts())
def test_refer_only_by_category(facts: Facts) -> None:
    """2.1: nobody is sent to the general lane for a doubt."""
    decision = decide(facts, POLICY)
    if decision.outcome is Outcome.REFER:
        assert facts.declarations
        assert all(d.category is not Category.GOODS for d in facts.declarations)


@given(st.lists(corridors, min_size=1, max_size=6))
def test_the_strictest_corridor_sets_the_lane(chosen: list[Corridor]) -> None:
    """RED > YELLOW > BLUE > GREEN, in whatever order the declarations come."""
    order = [Corridor.GREEN, Corridor.BLUE, Corridor.YELLOW, Corridor.RED]
    assert strictest(tuple(chosen)) is order[max(order.index(corridor) for corridor in chosen)]


@pytest.mark.parametrize(
    ("corridor", "rule"),
    [
        (Corridor.GREEN, "7.0.1"),
        (Corridor.BLUE, "7.0.2"),
        (Corridor.YELLOW, "7.0.3"),
        (Corridor.RED, "7.0.4"),
    ],
)
def test_a_direction_names_its_provision(corridor: Corridor, rule: str) -> None:
    """7.0.1-7.0.4: the decision says by which provision, under which edition and policy."""
    decision = decide(at_approach(GOODS, verdicts=(verdict(GOODS, corridor),)), POLICY)
    assert (decision.outcome, decision.corridor) == (Outcome.DIRECT, corridor)
    assert [finding.rule for finding in decision.findings] == [rule]
    assert (decision.rules_version, decision.policy_version) == (RULES_VERSION, "test-1")
    assert decision.numbers == (GOODS.number,)


@pytest.mark.parametrize("verdicts", [None, ()])
def test_hold_by_default(verdicts: tuple[CorridorVerdict, ...] | None) -> None:
    """Nothing speaks against it and no verdict was opened: HOLD, never a corridor."""
    decision = decide(at_approach(GOODS, verdicts=verdicts), POLICY)
    assert (decision.outcome, decision.corridor) == (Outcome.HOLD, None)
    assert [finding.code for finding in decision.findings] == ["not-all-opened"]


def test_a_verdict_of_another_declaration_opens_nothing() -> None:
    """As many verdicts as declarations is not enough: they must be theirs."""
    stranger = CorridorVerdict(NUMBERS[2], Corridor.GREEN, None, None)
    assert decide(at_approach(GOODS, verdicts=(stranger,)), POLICY).outcome is Outcome.HOLD
    extra = (verdict(GOODS, Corridor.GREEN), stranger)
    assert decide(at_approach(GOODS, verdicts=extra), POLICY).outcome is Outcome.HOLD


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_facts_above_reach_every_outcome(outcome: Outcome) -> None:
    """The property tests are worth something: such facts do direct, hold and refer."""
    quick = settings(max_examples=2000, phases=[Phase.generate], deadline=None)
    found = find(any_facts(), lambda facts: decide(facts, POLICY).outcome is outcome, settings=quick)
    assert decide(found, POLICY).outcome is outcome
