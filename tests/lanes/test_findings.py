"""Every finding, made to happen at a checkpoint, and the list of them held to the code that makes them."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import gate
from gate.lanes.acts import AttendTerminal, EnterNumber, ReferVisit, TurnBack
from gate.lanes.commands import UpdateVisit
from gate.lanes.events import Detector, NumberGiven, Occupancy, PlateSeen, Started
from gate.lanes.order_acts import HoldVisit
from gate.lanes.rules.meanings import MEANING
from gate.lanes.state import Phase
from gate.model import (
    Category,
    Corridor,
    DeclarationStatus,
    NotificationNumber,
    PlateRead,
    RegistrationMark,
    TransportMode,
    TravelDirection,
    VisitStatus,
)
from gate.store.refusals import CODES
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does, in_control, in_the_bay
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, TWO, declared
from tests.sealing.made import ARRIVED
from tests.store.kept import step

ALMOST, ALSO_ALMOST = RegistrationMark("1OAA123"), RegistrationMark("10AA128")
TRAILER, STRANGER = RegistrationMark("33TT333"), RegistrationMark("44TT444")

Scene = Callable[[House], Awaitable[str]]
"""Makes it happen; the visit that carries the finding."""


async def comes(house: House) -> None:
    """A vehicle is felt at the approach, and its plate is being read."""
    house.detector("approach", Detector.ARMING, Occupancy.OCCUPIED)
    await house.until(lambda: "approach" in house.reader.wanted)


async def is_read(house: House, plate: PlateRead | None) -> str:
    """The readers answer about it; its visit, once that is answered."""
    passage_id = house.reader.wanted.pop("approach")
    house.points["approach"].post(PlateSeen(at=house.clock.now(), passage_id=passage_id, read=plate))
    await house.phase("approach", Phase.DIRECTED, Phase.HELD)
    passage = house.points["approach"].state.passage
    assert passage is not None
    return passage.visit_id or ""


def types(house: House, number: str) -> None:
    """The driver types at the approach's kiosk."""
    given = NumberGiven(at=house.clock.now(), number=NotificationNumber(number), officer=None)
    house.points["approach"].post(given)


async def _terminal(house: House, *, attended: bool = True) -> str:
    if attended:
        await does(house, AttendTerminal(officer=WHO, point="hall-1", attended=True))
    await house.checkpoint.give_number("hall-1", ONE)
    await house.phase("hall-1", Phase.HELD, Phase.DIRECTED)
    passage = house.points["hall-1"].state.passage
    assert passage is not None
    return passage.visit_id or ""


def vehicle(plate: RegistrationMark = LORRY, **changes: object) -> Scene:
    """A vehicle read as `plate` comes; LORRY is declared with these changes."""

    async def happens(house: House) -> str:
        await house.files(declared(house, **changes))  # type: ignore[arg-type]  # a scene names its fields
        return await house.approaches(read(plate))

    return happens


def baggage(**changes: object) -> Scene:
    """A carrier types ONE at an attended terminal."""

    async def happens(house: House) -> str:
        fields = {"mode": TransportMode.BAGGAGE, "marks": ()} | changes
        await house.files(declared(house, **fields))  # type: ignore[arg-type]  # a scene names its fields
        return await _terminal(house)

    return happens


async def unread(house: House) -> str:
    """No plate, no number."""
    return await house.approaches(unread=True)


async def typed_without_a_plate(house: House) -> str:
    """A covered plate and a driver who types: the kiosk is no oracle, whatever the number."""
    await house.files(declared(house))
    await comes(house)
    types(house, ONE)
    return await is_read(house, None)


async def two_almost(house: House) -> str:
    """One read, two declared plates that are almost it."""
    await house.files(declared(house), declared(house, as_number=TWO, marks=(ALSO_ALMOST,)))
    return await house.approaches(read("10AA125"))


async def number_of_another_plate(house: House) -> str:
    """A driver types another vehicle's number."""
    await house.files(declared(house), declared(house, as_number=TWO, marks=(VAN,)))
    await comes(house)
    types(house, TWO)
    return await is_read(house, read())


async def number_in_two_spaces(house: House) -> str:
    """What is typed is this vehicle's notification number, and another one's preliminary code."""
    other = declared(house, as_number=TWO, marks=(VAN,), preliminary=NotificationNumber(ONE))
    await house.files(declared(house), other)
    await comes(house)
    types(house, ONE)
    return await is_read(house, read())


async def strange_trailer(house: House) -> str:
    """Another trailer than the one declared."""
    await house.files(declared(house, marks=(LORRY, TRAILER)))
    return await house.approaches(trailer=read(STRANGER))


async def second_with_one_plate(house: House) -> str:
    """The first stands in its lane."""
    await in_control(house)
    return await house.approaches()


async def after_a_restart(house: House) -> str:
    """The point starts anew while one vehicle stands at it, and reads another's plate."""
    await house.approaches(read(VAN))
    await house.points["approach"].tell(Started(at=house.clock.now(), boot_id="boot2"))
    await comes(house)
    return await is_read(house, read())


async def presence_lost(house: House) -> str:
    """The loop's board falls silent while the plate is read."""
    await comes(house)
    house.detector("approach", Detector.ARMING, Occupancy.UNKNOWN)
    return await is_read(house, read())


async def nobody_attends(house: House) -> str:
    """A number at a terminal without an officer near it."""
    await house.files(declared(house, mode=TransportMode.BAGGAGE, marks=()))
    return await _terminal(house, attended=False)


async def used_up(house: House) -> str:
    """Its declaration served an earlier trip, which is over."""
    await house.files(declared(house))
    first = await house.approaches()
    await house.moves_on()
    await house.store.ledger.commit(step(UpdateVisit(first, VisitStatus.COMPLETED)))
    return await house.approaches()


async def comes_again(house: House) -> str:
    """Directed, not gone, and here again: another vehicle, or the same one round the fence."""
    await house.files(declared(house))
    await house.approaches()
    await house.moves_on()
    return await house.approaches()


async def turns_round(house: House) -> str:
    """Directed to RED, turned back, and tries again."""
    await house.files(declared(house, Corridor.RED))
    first = await house.approaches()
    await house.moves_on()
    await does(house, TurnBack(officer=WHO, visit_id=first, reason="refuses the control"))
    return await house.approaches()


async def amended_here(house: House) -> str:
    """Held for its late declaration, it has it amended while it waits: that is no way to a new draw."""
    soon = ARRIVED + timedelta(minutes=5)
    await house.files(declared(house, version=2, registered_at=soon))
    return await house.approaches()


async def amended_after_opening(house: House) -> str:
    """No lane was open for what was opened; meanwhile the trader amends."""
    house.closed.add(Corridor.GREEN)
    await house.files(declared(house))
    visit_id = await house.approaches()
    await house.files(declared(house, version=99))
    await house.moves_on()
    await does(house, EnterNumber(officer=WHO, visit_id=visit_id, number=ONE))
    return visit_id


async def two_scopes(house: House) -> str:
    """Goods and transit on one plate."""
    await house.files(declared(house), declared(house, as_number=TWO, category=Category.TRANSIT))
    return await house.approaches()


async def referred(house: House) -> str:
    """An officer finds an ambulance."""
    visit_id = await in_the_bay(house)
    await does(house, ReferVisit(officer=WHO, visit_id=visit_id, reason="ambulance"))
    return visit_id


async def stale(house: House) -> str:
    """Nobody has heard from central for a quarter of an hour."""
    await house.store.cache.apply(1, [declared(house)], ARRIVED - timedelta(minutes=16))
    return await house.approaches()


async def stopped(house: House) -> str:
    """Directed, and held by an officer all the same."""
    await house.files(declared(house))
    visit_id = await house.approaches()
    await does(house, HoldVisit(officer=WHO, visit_id=visit_id, reason="a hidden tank?"))
    return visit_id


async def no_lane(house: House) -> str:
    """BLUE is closed."""
    house.closed.add(Corridor.BLUE)
    await house.files(declared(house, Corridor.BLUE))
    return await house.approaches()


async def store_fails(house: House) -> str:
    """The cache cannot be read."""
    await house.store.thread.run(lambda: house.store.thread.cache.execute("DROP TABLE declaration_marks"))
    return await house.approaches()


async def without_verdict(house: House) -> str:
    """Central signed the row and gave no verdict."""
    await house.files(house.keys.signed(replace(declared(house), verdict=None)))
    return await house.approaches()


SCENES: dict[str, Scene] = {
    "unread-plate": unread,
    "number-without-plate": typed_without_a_plate,
    "near-match": vehicle(ALMOST),
    "ambiguous-plate": two_almost,
    "plate-number-disagree": number_of_another_plate,
    "ambiguous-number": number_in_two_spaces,
    "trailer-mismatch": strange_trailer,
    "cloned-plate": second_with_one_plate,
    "baggage-on-vehicle": vehicle(mode=TransportMode.BAGGAGE),
    "not-the-same-vehicle": after_a_restart,
    "presence-unknown": presence_lost,
    "terminal-unattended": nobody_attends,
    "vehicle-at-terminal": baggage(mode=TransportMode.ROAD, marks=(LORRY,)),
    "used-before": used_up,
    "opened-before": comes_again,
    "turned-round": turns_round,
    "amended-after-arrival": amended_here,
    "amended-after-opening": amended_after_opening,
    "no-declaration": vehicle(VAN),
    "other-checkpoint": vehicle(site="astara"),
    "other-direction": vehicle(direction=TravelDirection.EXIT),
    "mixed-scope": two_scopes,
    "outside-rules": vehicle(category=Category.TRANSIT),
    "referred-by-officer": referred,
    "held-by-officer": stopped,
    "late-declaration": vehicle(registered_at=ARRIVED - timedelta(minutes=20)),
    "withdrawn": vehicle(status=DeclarationStatus.WITHDRAWN),
    "stale-cache": stale,
    "fault": store_fails,
    "no-verdict": without_verdict,
    "no-open-lane": no_lane,
    "directed": vehicle(),
}


ELSEWHERE = (
    "tests/lanes/test_rules.py",
    "tests/lanes/test_decide.py",
    "tests/lanes/test_identity_findings.py",
    "tests/store/test_door.py",
    "tests/lanes/test_oversize.py",
    "tests/store/test_groupage.py",
)
"""Where findings are made to happen that need another policy, another clock, or a broken seal."""
ROOT = Path(gate.__file__).parents[1]


@pytest.mark.parametrize("code", SCENES)
async def test_it_happens_at_the_checkpoint(open_house: House, code: str) -> None:
    """The scene's visit carries the finding, under its number, with something for officers to read."""
    visit = await open_house.knows(await SCENES[code](open_house))
    found = {finding.code: finding for finding in visit.findings}
    assert code in found, found
    assert found[code].rule in MEANING[code].rules
    assert found[code].outcome is MEANING[code].outcome
    assert found[code].detail
    held = {VisitStatus.HELD} if code != "cloned-plate" else {VisitStatus.HELD, VisitStatus.DIRECTED}
    wanted = {"HOLD": held, "REFER": {VisitStatus.REFERRED}, "DIRECT": {VisitStatus.DIRECTED}}
    assert visit.status in wanted[MEANING[code].outcome.value]


@pytest.mark.parametrize("code", sorted(set(MEANING) - set(SCENES)))
def test_what_happens_elsewhere_is_tested_there(code: str) -> None:
    """No finding is without a test that asks for it by name."""
    assert any(f'"{code}"' in (ROOT / place).read_text(encoding="utf-8") for place in ELSEWHERE)


# --- the list and the code ------------------------------------------------------------------------

_MAKERS = {"hold": (0, 1), "Finding": (0, 1), "_finding": (0, None), "_held": (3, None)}
"""Calls that make a finding: where the code stands, and where its Rules number."""


def made(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Every finding a module makes, by what is written there."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        at, rule = _MAKERS.get(call.func.id, (None, None))
        if at is None or len(call.args) <= at or not isinstance(call.args[at], ast.Constant):
            continue
        number = call.args[rule] if rule is not None else None
        written = call.args[at]
        assert isinstance(written, ast.Constant)
        yield str(written.value), str(number.value) if isinstance(number, ast.Constant) else None


def all_made() -> set[tuple[str, str | None]]:
    """Every finding the gate makes; the door's names come from its own list."""
    found: set[tuple[str, str | None]] = {(code, "3.6") for code in CODES.values()}
    for folder in ("lanes", "store"):
        for path in sorted((ROOT / "gate" / folder).rglob("*.py")):
            found |= set(made(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def test_the_list_is_what_the_code_makes() -> None:
    """A finding without its line, a line nothing makes, and a number not listed: each is told."""
    found = all_made()
    assert {code for code, _ in found} == set(MEANING)
    numbered = {(code, rule) for code, rule in found if rule is not None}
    unlisted = {(code, rule) for code, rule in numbered if rule not in MEANING[code].rules}
    assert not unlisted


def test_a_finding_nobody_listed_would_be_noticed() -> None:
    """The reading of the code is worth something: a planted finding is found."""
    planted = ast.parse('hold("made-up", "8.0.1", "planted")\n_held(c, s, e, "also", "planted")')
    assert set(made(planted)) == {("made-up", "8.0.1"), ("also", None)}
