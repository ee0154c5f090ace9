"""Each provision of the Rules as the gate executes it, case by case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from gate.lanes.ports import CacheState, Lookup, PriorOpening
from gate.lanes.rules.decide import screen
from gate.lanes.rules.facts import ClockFacts, Facts, Twin
from gate.lanes.rules.policy import Groupage, Policy
from gate.model import (
    Category,
    Declaration,
    DeclarationStatus,
    Finding,
    Identification,
    IdentifiedBy,
    Outcome,
    RegistrationMark,
    SealedVerdict,
    TransportMode,
    TravelDirection,
    VisitStatus,
)
from tests.lanes.stories import LORRY, MORNING, VAN, number

POLICY = Policy("test-1")
STRICT = Policy("test-2", undeclared_trailer_holds=True, groupage=Groupage.HOLD)
ONE, TWO = number("100000000001"), number("200000000002")
SEALED = SealedVerdict(1, MORNING - timedelta(days=1), MORNING + timedelta(days=1), b"c" * 16)
GOODS = Declaration(
    ONE,
    1,
    "samur",
    TravelDirection.ENTRY,
    TransportMode.ROAD,
    Category.GOODS,
    DeclarationStatus.ACTIVE,
    (LORRY,),
    MORNING - timedelta(hours=3),
    SEALED,
)
BAGGAGE = replace(GOODS, mode=TransportMode.BAGGAGE, marks=())
FRESH = CacheState(41, MORNING, behind_journal=False)
RIGHT = ClockFacts(timedelta(), timedelta(), timedelta())
"""A clock that agrees with central's to the microsecond."""


def at_approach(*declarations: Declaration, **changes: object) -> Facts:
    """A read plate at the approach and what the cache holds for it."""
    who = Identification(frozenset({IdentifiedBy.PLATE}), LORRY, None)
    facts = Facts("samur", MORNING, MORNING, False, who, Lookup(declarations, (), (), FRESH), clock=RIGHT)
    return replace(facts, **changes)  # type: ignore[arg-type]  # a case names its fields


def with_trailer(trailer: str, *declarations: Declaration) -> Facts:
    """A tractor declared with the trailer 33TT333, and the trailer its rear camera surely read."""
    who = Identification(frozenset({IdentifiedBy.PLATE}), LORRY, None, trailer=RegistrationMark(trailer))
    towing = replace(GOODS, marks=(LORRY, RegistrationMark("33TT333")))
    return at_approach(*(declarations or (towing,)), identification=who)


def at_terminal(*declarations: Declaration, by: IdentifiedBy = IdentifiedBy.TERMINAL) -> Facts:
    """A number at an attended terminal and what the cache holds for it."""
    who = Identification(frozenset({by}), None, ONE)
    return Facts("samur", MORNING, MORNING, True, who, Lookup((), declarations, (), FRESH), clock=RIGHT)


def with_cache(cache: CacheState) -> Facts:
    """A vehicle against which nothing speaks but the cache."""
    return at_approach(GOODS, lookup=Lookup((GOODS,), (), (), cache))


def with_number(given: str, *declarations: Declaration) -> Facts:
    """A read plate and a number typed beside it."""
    who = Identification(frozenset({IdentifiedBy.PLATE, IdentifiedBy.KIOSK}), LORRY, number(given[:12]))
    return at_approach(*declarations, identification=who)


def both_spaces(here: Declaration, elsewhere: Declaration) -> Facts:
    """A typed text that is one declaration's number and another one's preliminary code."""
    facts = with_number(here.number, here)
    return replace(facts, lookup=Lookup((here,), (here, elsewhere), (), FRESH))


def code_of(*declared: Declaration) -> Facts:
    """A typed preliminary code that several declarations of the plate carry."""
    facts = with_number("777777777777", *declared)
    return replace(facts, lookup=Lookup(declared, declared, (), FRESH))


def by_two(of_the_number: Declaration, *of_the_plate: Declaration) -> Facts:
    """A number declared with another plate, entered by two officers for a vehicle seen as LORRY."""
    by = frozenset({IdentifiedBy.PLATE, IdentifiedBy.OFFICER})
    who = Identification(by, LORRY, of_the_number.number, "leyla", number_second="rashad")
    return at_approach(identification=who, lookup=Lookup(of_the_plate, (of_the_number,), (), FRESH))


@dataclass(frozen=True)
class Case:
    """What is so, and the findings' codes with their numbers in the Rules."""

    says: str
    facts: Facts
    codes: tuple[tuple[str, str], ...] = ()
    outcome: Outcome = Outcome.HOLD


def _late(minutes: int, mode: TransportMode = TransportMode.ROAD) -> Declaration:
    return replace(GOODS, registered_at=MORNING - timedelta(minutes=minutes), mode=mode)


NOBODY = Identification(frozenset({IdentifiedBy.KIOSK}), None, ONE)
TRANSIT = replace(GOODS, category=Category.TRANSIT, number=TWO)
LEFT = PriorOpening(ONE, "visit-7", left_unreleased=True, completed=False)
SPENT = PriorOpening(ONE, "visit-3", left_unreleased=False, completed=True)
AGES = timedelta(minutes=15)
FAR = timedelta(seconds=120)
TICK = timedelta(microseconds=1)
CLUELESS = (("no-declaration", "3.1"), ("clock-unknown", "2.2"))

UNSIGNED = Finding("forged-row", "3.6", Outcome.HOLD, "declaration 1 is not what central signed")
CASES = (
    Case("nothing speaks against it", at_approach(GOODS)),
    Case(
        "the row found is not what central signed",
        at_approach(lookup=Lookup((), (), (), FRESH, refused=(UNSIGNED,))),
        (("forged-row", "3.6"),),
    ),
    Case("several declarations, all in order", at_approach(GOODS, replace(GOODS, number=TWO))),
    Case("an attended terminal and baggage", at_terminal(BAGGAGE)),
    Case("a number entered by an officer in the bay", at_terminal(BAGGAGE, by=IdentifiedBy.OFFICER)),
    Case("nothing was declared", at_approach(), (("no-declaration", "3.1"),)),
    Case("nothing was declared under this number", at_terminal(), (("no-declaration", "3.1"),)),
    Case(
        "for another checkpoint",
        at_approach(replace(GOODS, site="biləsuvar")),
        (("other-checkpoint", "3.1"),),
    ),
    Case(
        "not for import",
        at_approach(replace(GOODS, direction=TravelDirection.EXIT)),
        (("other-direction", "3.1"),),
    ),
    Case("transit alone", at_approach(TRANSIT), (("outside-rules", "2.1"),), Outcome.REFER),
    Case("transit beside goods", at_approach(GOODS, TRANSIT), (("mixed-scope", "2.1"),)),
    Case("59 minutes before", at_approach(_late(59)), (("late-declaration", "2.2"),)),
    Case("an hour before to the second", at_approach(_late(60))),
    Case("declared after it came", at_approach(_late(-5)), (("late-declaration", "2.2"),)),
    Case(
        "one of two too late",
        at_approach(GOODS, replace(_late(10), number=TWO)),
        (("late-declaration", "2.2"),),
    ),
    Case(
        "withdrawn",
        at_approach(replace(GOODS, status=DeclarationStatus.WITHDRAWN)),
        (("withdrawn", "3.3"),),
    ),
    Case(
        "withdrawn, and its verdict with it",
        at_approach(replace(GOODS, status=DeclarationStatus.WITHDRAWN, verdict=None)),
        (("withdrawn", "3.3"),),
    ),
    Case("no verdict", at_approach(replace(GOODS, verdict=None)), (("no-verdict", "3.5"),)),
    Case(
        "no plate, a typed number", at_approach(identification=NOBODY), (("number-without-plate", "8.0.1"),)
    ),
    Case(
        "no plate at all",
        at_approach(identification=replace(NOBODY, number=None)),
        (("unread-plate", "8.0.1"),),
    ),
    Case(
        "almost a declared plate",
        at_approach(near=(VAN,)),
        (("near-match", "8.0.1"), ("no-declaration", "3.1")),
    ),
    Case(
        "almost two declared plates",
        at_approach(near=(VAN, RegistrationMark("77BC407"))),
        (("ambiguous-plate", "8.0.1"), ("no-declaration", "3.1")),
    ),
    Case("a declared plate is never only almost another", at_approach(GOODS, near=(VAN,))),
    Case(
        "a number that finds one on this plate and one on another",
        both_spaces(GOODS, replace(GOODS, number=TWO, marks=(VAN,))),
        (("ambiguous-number", "8.0.1"),),
    ),
    Case(
        "a code that two declarations of this plate carry",
        code_of(GOODS, replace(GOODS, number=TWO)),
    ),
    Case(
        "a number of another plate, entered by two officers: both plates' declarations count",
        by_two(replace(GOODS, number=TWO, marks=(VAN,)), GOODS),
    ),
    Case(
        "a verdict that ran out an hour ago",
        at_approach(replace(GOODS, verdict=replace(SEALED, valid_until=MORNING - timedelta(hours=1)))),
        (("expired-verdict", "3.6"),),
    ),
    Case(
        "a verdict whose time ends with this arrival",
        at_approach(replace(GOODS, verdict=replace(SEALED, valid_until=MORNING))),
        (("expired-verdict", "3.6"),),
    ),
    Case(
        "a verdict for tomorrow",
        at_approach(replace(GOODS, verdict=replace(SEALED, valid_from=MORNING + timedelta(days=1)))),
        (("early-verdict", "3.6"),),
    ),
    Case("amended well before it came", at_approach(replace(GOODS, version=2))),
    Case(
        "amended while it stood here",
        at_approach(replace(_late(-5), version=2)),
        (("amended-after-arrival", "8.0"), ("late-declaration", "2.2")),
    ),
    Case("a rear plate nobody declared, policy silent", with_trailer("44TT444", GOODS)),
    Case("a number of this plate", with_number(ONE, GOODS)),
    Case("a number of another plate", with_number(TWO, GOODS), (("plate-number-disagree", "8.0.1"),)),
    Case("the declared trailer", with_trailer("33TT333")),
    Case("another trailer", with_trailer("44TT444"), (("trailer-mismatch", "8.0.1"),)),
    Case("no trailer declared", with_trailer("44TT444", GOODS)),
    Case(
        "the plate's visit in the holding bay",
        at_approach(GOODS, twins=(Twin("before", VisitStatus.HELD, None, answered=True),)),
        (("cloned-plate", "8.0.1"),),
    ),
    Case(
        "a visit that a restart cut off",
        at_approach(GOODS, twins=(Twin("before", VisitStatus.HELD, None, answered=False),)),
    ),
    Case("baggage papers on a lorry", at_approach(BAGGAGE), (("baggage-on-vehicle", "8.0.1"),)),
    Case("a lorry's papers at a terminal", at_terminal(GOODS), (("vehicle-at-terminal", "8.0.2"),)),
    Case(
        "a number in two number spaces",
        at_terminal(BAGGAGE, replace(BAGGAGE, version=2)),
        (("ambiguous-number", "8.0.2"),),
    ),
    Case(
        "a kiosk's number treated as a terminal's",
        at_terminal(BAGGAGE, by=IdentifiedBy.KIOSK),
        (("not-at-terminal", "8.0.2"),),
    ),
    Case(
        "the declaration of an earlier trip, used up",
        at_approach(GOODS, lookup=Lookup((GOODS,), (), (SPENT,), FRESH)),
        (("used-before", "8.0"),),
    ),
    Case(
        "a second trip: the first declaration is used up, the second is new",
        at_approach(GOODS, lookup=Lookup((GOODS, replace(GOODS, number=TWO)), (), (SPENT,), FRESH)),
    ),
    Case(
        "turned round and came back",
        at_approach(GOODS, lookup=Lookup((GOODS,), (), (LEFT,), FRESH)),
        (("turned-round", "8.0"),),
    ),
    Case(
        "directed before, and not gone",
        at_approach(GOODS, lookup=Lookup((GOODS,), (), (replace(LEFT, left_unreleased=False),), FRESH)),
        (("opened-before", "8.0"),),
    ),
    Case("a cache just fresh enough", with_cache(replace(FRESH, fetched_at=MORNING - AGES))),
    Case(
        "a cache too old",
        with_cache(replace(FRESH, fetched_at=MORNING - AGES - timedelta(seconds=1))),
        (("stale-cache", "3.3"),),
    ),
    Case("an empty cache", with_cache(CacheState(0, None, False)), (("stale-cache", "3.3"),)),
    Case(
        "a cache older than the journal",
        with_cache(replace(FRESH, behind_journal=True)),
        (("stale-cache", "3.3"),),
    ),
    Case(
        "a box that does not know the time",
        at_approach(GOODS, now=datetime(1970, 1, 1, tzinfo=UTC), clock=ClockFacts()),
        (("clock-unknown", "2.2"),),
    ),
    Case("a box that does not know the time, by default", at_approach(clock=ClockFacts()), CLUELESS),
    Case(
        "a vehicle that came before the machine restarted, by a clock nobody knew",
        at_approach(GOODS, clock=ClockFacts(timedelta(), timedelta())),
        (("clock-unknown", "2.2"),),
    ),
    Case("a clock just near enough", at_approach(GOODS, clock=replace(RIGHT, offset=FAR))),
    Case("a clock just near enough, ahead", at_approach(GOODS, clock=replace(RIGHT, offset=-FAR))),
    Case(
        "a clock too far behind",
        at_approach(GOODS, clock=replace(RIGHT, offset=FAR + TICK)),
        (("clock-skewed", "2.2"),),
    ),
    Case(
        "a clock too far ahead",
        at_approach(GOODS, clock=replace(RIGHT, offset=-FAR - TICK)),
        (("clock-skewed", "2.2"),),
    ),
    Case(
        "a clock that may be too far, at worst",
        at_approach(GOODS, clock=replace(RIGHT, offset=FAR, uncertainty=TICK)),
        (("clock-skewed", "2.2"),),
    ),
    Case(
        "an hour less a microsecond of doubt",
        at_approach(_late(60), clock=replace(RIGHT, presence_uncertainty=TICK)),
        (("late-declaration", "2.2"),),
    ),
    Case(
        "a cache confirmed at a time that has not come yet",
        with_cache(replace(FRESH, fetched_at=MORNING + TICK)),
        (("clock-unknown", "2.2"),),
    ),
    Case(
        "a cache just fresh enough but for the doubt",
        at_approach(
            GOODS,
            lookup=Lookup((GOODS,), (), (), replace(FRESH, fetched_at=MORNING - AGES)),
            clock=replace(RIGHT, uncertainty=TICK),
        ),
        (("stale-cache", "3.3"),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_what_speaks_against_it(case: Case) -> None:
    """Each case gives exactly its findings, under their numbers, and each holds unless it refers."""
    findings = screen(case.facts, POLICY)
    assert tuple((finding.code, finding.rule) for finding in findings) == case.codes
    assert {finding.outcome for finding in findings} <= {case.outcome}
    assert all(finding.detail for finding in findings)


@pytest.mark.parametrize("category", [c for c in Category if c is not Category.GOODS])
def test_only_the_category_refers(category: Category) -> None:
    """2.1: everything but goods goes to the general lane, and names its category."""
    (finding,) = screen(at_approach(replace(GOODS, category=category)), POLICY)
    assert finding.outcome is Outcome.REFER
    assert category.value in finding.detail


def test_the_lead_time_is_the_modes_own() -> None:
    """2.3: another mode may have another lead time, as the policy says."""
    slow = Policy("test-2", {TransportMode.ROAD: timedelta(hours=2), TransportMode.BAGGAGE: timedelta()})
    assert [f.code for f in screen(at_approach(_late(90)), slow)] == ["late-declaration"]
    just_now = replace(BAGGAGE, registered_at=MORNING)
    assert screen(at_terminal(just_now), slow) == ()
    assert [f.code for f in screen(at_terminal(just_now), POLICY)] == ["late-declaration"]


def test_the_lead_time_counts_to_first_presence_not_to_now() -> None:
    """2.2: waiting at the approach does not make a late declaration early."""
    waited = at_approach(_late(30), now=MORNING + timedelta(hours=2))
    waited = replace(waited, lookup=replace(waited.lookup, cache=replace(FRESH, fetched_at=waited.now)))
    assert [f.code for f in screen(waited, POLICY)] == ["late-declaration"]


def test_policy_may_hold_groupage_and_undeclared_trailers_until_an_officer_has_looked() -> None:
    """What the law leaves open holds where the policy says so, and an officer's look settles it."""
    two = at_approach(GOODS, replace(GOODS, number=TWO))
    towed = with_trailer("44TT444", GOODS)
    assert [f.code for f in screen(two, STRICT)] == ["groupage-held"]
    assert [f.code for f in screen(towed, STRICT)] == ["trailer-undeclared"]
    for facts in (two, towed):
        looked = replace(facts.identification, by=frozenset({IdentifiedBy.SIGHT}))
        assert screen(replace(facts, identification=looked), STRICT) == ()
    assert screen(at_approach(near=(VAN,)), replace(POLICY, near_match=False))[0].code == "no-declaration"


def test_two_officers_number_takes_nothing_away_from_the_plate() -> None:
    """1.3: the plate's own declarations stay, so that the strictest verdict still sets the lane."""
    other = replace(GOODS, number=TWO, marks=(VAN,))
    assert {d.number for d in by_two(other, GOODS).within_scope} == {ONE, TWO}
    alone = by_two(other, GOODS)
    alone = replace(alone, identification=replace(alone.identification, number_second=None))
    assert [f.code for f in screen(alone, POLICY)] == ["plate-number-disagree"]
    assert {d.number for d in alone.within_scope} == {ONE}
