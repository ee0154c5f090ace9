"""One identification out of all that came: how sure, by what, and what contradicts it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.lanes.acts import ConfirmPlate
from gate.lanes.ports import Lookup
from gate.lanes.rules.facts import Facts, Twin
from gate.lanes.rules.weighing import weigh
from gate.model import Certainty, Corridor, Identification, IdentifiedBy, RegistrationMark, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, declared
from tests.lanes.test_rules import BAGGAGE, FRESH, GOODS, TWO, at_approach, at_terminal, by_two
from tests.store.kept import rows

ALMOST, TRAILER = RegistrationMark("1OAA123"), RegistrationMark("33TT333")
BY = IdentifiedBy


def came(*by: IdentifiedBy, **fields: object) -> Facts:
    """LORRY at the approach, declared, with what else came."""
    who = Identification(frozenset(by), LORRY, None)
    who = replace(who, **fields)  # type: ignore[arg-type]  # a case names its fields
    return at_approach(GOODS, identification=who)


def found(facts: Facts, *declared: object) -> Facts:
    """The same, its number finding these."""
    return replace(facts, lookup=Lookup((GOODS,), declared, (), FRESH))  # type: ignore[arg-type]  # declarations


HERE = Twin("before", VisitStatus.HELD, None, answered=True)
OF_THE_VAN = replace(GOODS, number=TWO, marks=(VAN,))

CASES = {
    "a sure read of a declared plate": (
        came(BY.PLATE, seen=LORRY, confidence=0.97),
        Certainty.SURE,
        (f"plate {LORRY} was read with confidence 0.97", "1 declaration registered with this plate"),
        (),
    ),
    "front and rear agree, and so does the number": (
        found(came(BY.PLATE, BY.KIOSK, seen=LORRY, trailer=LORRY, number=ONE), GOODS),
        Certainty.SURE,
        ("the rear plate is the same", "the number typed finds 1 declaration"),
        (),
    ),
    "the declared trailer": (
        at_approach(
            replace(GOODS, marks=(LORRY, TRAILER)),
            identification=Identification(frozenset({BY.PLATE}), LORRY, None, trailer=TRAILER),
        ),
        Certainty.SURE,
        (f"trailer {TRAILER} was read, and is declared with it",),
        (),
    ),
    "a rear plate that is nobody's": (
        came(BY.PLATE, trailer=TRAILER),
        Certainty.DOUBTFUL,
        (),
        (f"the rear plate {TRAILER} is neither the front's nor declared with it",),
    ),
    "an officer looked where the reader almost had it": (
        came(BY.SIGHT, officer="leyla", seen=ALMOST),
        Certainty.SEEN,
        (f"plate {LORRY} was seen by leyla", f"the reader made {ALMOST} of it, which is almost the same"),
        (),
    ),
    "two officers against the reader": (
        came(BY.SIGHT, officer="leyla", plate_second="rashad", seen=VAN),
        Certainty.DOUBTFUL,
        (f"plate {LORRY} was seen by leyla and rashad",),
        (f"the reader made {VAN} of the plate, not {LORRY}",),
    ),
    "camera and gate disagree": (
        came(BY.SIGHT, officer="leyla", seen=LORRY, rivals=(VAN,)),
        Certainty.DOUBTFUL,
        (),
        (f"another reader made {VAN} of the plate",),
    ),
    "a number of another plate": (
        found(came(BY.PLATE, BY.KIOSK, number=TWO), OF_THE_VAN),
        Certainty.DOUBTFUL,
        (),
        (f"the number given is declared for {VAN}",),
    ),
    "a number of another plate, by two officers": (
        by_two(OF_THE_VAN, GOODS),
        Certainty.DOUBTFUL,
        ("the number entered by leyla and rashad finds 1 declaration",),
        (f"the number given is declared for {VAN}",),
    ),
    "a number that finds nothing": (
        came(BY.PLATE, BY.KIOSK, number=TWO),
        Certainty.DOUBTFUL,
        (),
        ("the number given finds nothing",),
    ),
    "almost a declared plate": (
        at_approach(near=(VAN,)),
        Certainty.DOUBTFUL,
        (),
        (f"{VAN} is declared, almost the same",),
    ),
    "a double": (
        replace(came(BY.PLATE), twins=(HERE,)),
        Certainty.DOUBTFUL,
        (),
        ("a vehicle with this plate was sent to the holding bay and has not left",),
    ),
    "no plate": (
        at_approach(identification=Identification(frozenset({BY.KIOSK}), None, ONE)),
        Certainty.UNKNOWN,
        (),
        (),
    ),
    "a carrier's number": (
        at_terminal(BAGGAGE),
        Certainty.SURE,
        ("the number typed finds 1 declaration",),
        (),
    ),
    "a carrier's number that finds two": (
        at_terminal(BAGGAGE, replace(BAGGAGE, number=TWO)),
        Certainty.DOUBTFUL,
        (),
        ("the number finds 2 declarations",),
    ),
    "a carrier's number that finds nothing": (at_terminal(), Certainty.UNKNOWN, (), ()),
}


@pytest.mark.parametrize("case", CASES)
def test_what_came_is_laid_side_by_side(case: str) -> None:
    """How sure it leaves us, what is among the reasons for it, and everything that is against it."""
    facts, certainty, supports, contradicts = CASES[case]
    who = weigh(facts)
    assert who.certainty is certainty
    assert set(supports) <= set(who.supports), who.supports
    assert who.contradicts == contradicts
    assert replace(who, certainty=Certainty.UNKNOWN, supports=(), contradicts=()) == facts.identification


async def test_officers_read_it_in_the_visits_story_and_the_journal_keeps_it(open_house: House) -> None:
    """At the approach and in the bay alike; the opening names the same."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches(read(ALMOST))
    await open_house.moves_on()
    await does(open_house, ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=LORRY))
    first, second = [
        line.what for line in await open_house.store.ledger.story(visit_id) if line.what.startswith("decided")
    ]
    assert "decided: HOLD; identified by plate, doubtful: plate 1OAA123 was read" in first
    assert f"Against it: {LORRY} is declared, almost the same" in first
    assert f"decided: DIRECT; identified by sight, seen: plate {LORRY} was seen by {WHO}" in second
    assert "the reader made 1OAA123 of it, which is almost the same" in second
    assert "Against it" not in second
    kept = rows(open_house.data / "journal.db", "SELECT count(*) FROM journal WHERE body LIKE '%certainty%'")
    assert kept[0][0] == 4, "asked and decided, at the approach and in the bay"
