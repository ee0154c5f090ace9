"""The desk with the real store and the real door: who has come, and what the Rules say of it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gate.lanes.commands import FindVisit, Identify, UpdateVisit
from gate.lanes.events import Decided, VisitMatched, VisitUnmatched
from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    Identification,
    IdentifiedBy,
    NotificationNumber,
    Onward,
    Outcome,
    RegistrationMark,
    TransportMode,
    VisitStatus,
)
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import LORRY, VAN, number
from tests.sealing.made import ARRIVED, REGISTERED, plain
from tests.store.kept import rows, step

ONE, TWO = number("100000000001"), number("200000000002")
SUSPECT_LATE = ARRIVED - timedelta(minutes=20)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A checkpoint with a desk and nobody at it."""
    async with gatehouse(tmp_path, kinds=()) as made:
        yield made


def declared(
    house: House, corridor: Corridor = Corridor.GREEN, *, as_number: str = ONE, **changes: object
) -> Declaration:
    """A declaration for LORRY with its verdict sealed beside it by central."""
    bare = replace(plain(), number=NotificationNumber(as_number), marks=(LORRY,))
    bare = replace(bare, **changes)  # type: ignore[arg-type]  # a test names its fields
    return house.keys.sealed(CorridorVerdict(bare.number, corridor, None, None), bare)


async def comes(
    house: House,
    mark: RegistrationMark | None = LORRY,
    typed: str | None = None,
    *,
    visit_id: str = "visit-1",
    by: IdentifiedBy = IdentifiedBy.PLATE,
    at_terminal: bool = False,
) -> Decided:
    """An arrival at the approach, or at a terminal, is decided."""
    await house.store.ledger.commit(step(house.opens(visit_id)))
    who = Identification(frozenset({by}), mark, NotificationNumber(typed) if typed else None)
    request = Identify(visit_id, ARRIVED.isoformat(), who)
    return await house.desk.identify("approach", request, at_terminal=at_terminal)


def openings(house: House) -> list[tuple[object, ...]]:
    """Which verdicts are open."""
    return rows(house.data / "journal.db", "SELECT number, corridor FROM openings ORDER BY number")


@pytest.mark.parametrize("corridor", list(Corridor))
async def test_a_read_plate_is_directed_by_its_opened_verdict(house: House, corridor: Corridor) -> None:
    """8.0.1: plate, declaration, verdict, lane; the opening is on record."""
    await house.files(declared(house, corridor))
    decided = await comes(house)
    assert (decided.decision.outcome, decided.decision.corridor) == (Outcome.DIRECT, corridor)
    assert decided.lane == f"lane-{corridor.strictness + 1}"
    assert decided.lane_label == str(corridor.strictness + 1)
    assert openings(house) == [(ONE, corridor.value)]


async def test_groupage_goes_to_the_strictest_lane_and_each_keeps_its_own(house: House) -> None:
    """Two declarations on one plate: the vehicle goes to RED, the green consignment stays green on record."""
    await house.files(declared(house), declared(house, Corridor.RED, as_number=TWO))
    decided = await comes(house)
    assert decided.decision.corridor is Corridor.RED
    assert decided.decision.numbers == (ONE, TWO)
    assert openings(house) == [(ONE, "GREEN"), (TWO, "RED")]


async def test_the_way_on_comes_with_the_direction_and_never_without(house: House) -> None:
    """Route and time leave the door with the corridor (5.5.1); of who is held nothing does."""
    bare = replace(plain(), marks=(LORRY,))
    bound = CorridorVerdict(bare.number, Corridor.YELLOW, "samur - Quba", 48)
    await house.files(house.keys.sealed(bound, bare))
    held = await comes(house, typed=TWO, visit_id="visit-0")
    assert (held.decision.outcome, held.onward) == (Outcome.HOLD, None)
    directed = await comes(house)
    assert directed.onward == Onward(("samur - Quba",), 48)
    assert "Quba" not in directed.basis


HELD: dict[str, tuple[dict[str, object], str]] = {
    "late": ({"registered_at": SUSPECT_LATE}, "late-declaration"),
    "withdrawn": ({"status": DeclarationStatus.WITHDRAWN}, "withdrawn"),
    "for another checkpoint": ({"site": "astara"}, "other-checkpoint"),
    "baggage": ({"mode": TransportMode.BAGGAGE}, "baggage-on-vehicle"),
}


@pytest.mark.parametrize("why", sorted(HELD))
@pytest.mark.parametrize("beside", [False, True])
async def test_what_holds_a_vehicle_keeps_every_verdict_shut(house: House, why: str, beside: bool) -> None:
    """Alone or beside a good one: nothing is opened before nothing speaks against it (3.6)."""
    changes, code = HELD[why]
    bad = declared(house, Corridor.GREEN, as_number=TWO, **changes)
    await house.files(bad, *([declared(house)] if beside else []))
    decided = await comes(house)
    assert decided.decision.outcome is Outcome.HOLD
    assert [finding.code for finding in decided.decision.findings] == [code]
    assert (decided.lane, decided.lane_label) == (None, None)
    assert openings(house) == []


async def test_no_verdict_holds(house: House) -> None:
    """3.5: data that does not conform gets no corridor."""
    await house.files(replace(declared(house), verdict=None))
    assert (await comes(house)).decision.findings[0].code == "no-verdict"


async def test_a_forged_verdict_holds(house: House) -> None:
    """The door's refusal reaches the decision as a finding."""
    await house.smuggles(replace(declared(house), signature=bytes(64)))
    decided = await comes(house)
    assert decided.decision.outcome is Outcome.HOLD
    assert [finding.code for finding in decided.decision.findings] == ["forged-row"]


EDITED = {
    "to be referred": "category = 'transit'",
    "to be on time": "registered_at = registered_at - 86400000000",
    "to be in force": "version = version + 1",
}


@pytest.mark.parametrize("why", sorted(EDITED))
async def test_a_row_edited_in_the_cache_decides_nothing(house: House, why: str) -> None:
    """What the Rules go by before the door is asked must be central's word too, or the vehicle is held."""
    await house.files(declared(house))
    with closing(sqlite3.connect(house.data / "cache.db")) as connection, connection:
        connection.execute(f"UPDATE declarations SET {EDITED[why]}")  # noqa: S608 - a case above
    decided = await comes(house)
    assert decided.decision.outcome is Outcome.HOLD
    assert [finding.code for finding in decided.decision.findings] == ["forged-row"]
    assert openings(house) == []


async def test_a_withdrawn_declaration_does_not_come_back(house: House) -> None:
    """The row from before the withdrawal, put back into the cache as central once signed it."""
    before = declared(house)
    await house.files(before)
    withdrawn = replace(before, version=before.version + 1, status=DeclarationStatus.WITHDRAWN, verdict=None)
    await house.files(withdrawn)
    with closing(sqlite3.connect(house.data / "cache.db")) as connection, connection:
        connection.execute("UPDATE declarations SET version = 1")  # or the feed's side would not replace it
    await house.files(before)
    decided = await comes(house)
    assert decided.decision.outcome is Outcome.HOLD
    assert [finding.code for finding in decided.decision.findings] == ["older-row"]
    assert openings(house) == []


async def test_a_stale_cache_holds_everybody(house: House) -> None:
    """What central said a quarter of an hour ago is no longer known to be so."""
    await house.store.cache.apply(1, [declared(house)], ARRIVED - timedelta(minutes=16))
    assert (await comes(house)).decision.findings[0].code == "stale-cache"
    await house.store.cache.touch(ARRIVED)
    assert (await comes(house)).decision.outcome is Outcome.DIRECT


async def test_nobody_is_directed_twice_on_one_declaration(house: House) -> None:
    """8.0: a RED driver who turns round and tries again is held, whatever his visit is called."""
    await house.files(declared(house, Corridor.RED))
    assert (await comes(house, visit_id="visit-1")).decision.corridor is Corridor.RED
    again = await comes(house, visit_id="visit-2")
    assert again.decision.outcome is Outcome.HOLD
    assert again.decision.findings[0].code == "opened-before"
    same = await comes(house, visit_id="visit-1")
    assert same.decision.corridor is Corridor.RED


async def test_no_open_lane_holds_and_keeps_the_corridor_on_record(house: House) -> None:
    """9.1: the decision stands, the board stays neutral, an officer finds a lane."""
    house.closed.add(Corridor.BLUE)
    await house.files(declared(house, Corridor.BLUE))
    decided = await comes(house)
    assert decided.decision.outcome is Outcome.HOLD
    assert decided.decision.corridor is Corridor.BLUE
    assert decided.decision.findings[-1].code == "no-open-lane"
    assert decided.lane is None
    assert decided.lane_label is None


async def test_outside_the_rules_is_the_general_lane(house: House) -> None:
    """2.1: by category from central, without opening anything."""
    await house.files(declared(house, category=Category.TRANSIT))
    decided = await comes(house)
    assert (decided.decision.outcome, decided.lane, decided.lane_label) == (Outcome.REFER, None, "G")
    assert openings(house) == []


async def test_a_typed_number_alone_finds_nothing_out(house: House) -> None:
    """8.0.1: no plate, no answer but HOLD, and the same for a number that exists and one that does not."""
    await house.files(declared(house))
    answers = []
    for typed in (ONE, TWO):
        decided = await comes(house, None, typed, by=IdentifiedBy.KIOSK)
        answers.append((decided.decision.outcome, decided.decision.findings, decided.lane_label))
    assert answers[0] == answers[1]
    assert answers[0][0] is Outcome.HOLD
    assert openings(house) == []


async def test_a_terminal_directs_by_its_number(house: House) -> None:
    """8.0.2: baggage by exactly one number."""
    await house.files(declared(house, mode=TransportMode.BAGGAGE, marks=()))
    decided = await comes(house, None, ONE, by=IdentifiedBy.TERMINAL, at_terminal=True)
    assert decided.decision.corridor is Corridor.GREEN


async def test_a_store_that_fails_is_a_hold(house: House) -> None:
    """A fault directs nobody, and says so to the officer."""
    await house.files(declared(house))
    await house.store.thread.run(lambda: house.store.thread.cache.execute("DROP TABLE declaration_marks"))
    decided = await comes(house)
    assert decided.decision.outcome is Outcome.HOLD
    assert [finding.code for finding in decided.decision.findings] == ["fault"]


# --- matching -----------------------------------------------------------------------------------


async def finds(house: House, *, leaving: bool = False) -> VisitMatched | VisitUnmatched:
    """A lane asks whose visit LORRY belongs to."""
    return await house.desk.find_visit(FindVisit("passage-1", LORRY), leaving=leaving)


async def has(house: House, status: VisitStatus, *, opened: bool = False) -> None:
    """LORRY has a visit in this state."""
    await house.has_directed("visit-1", Corridor.RED, "lane-4")
    if opened:
        await house.store.ledger.write(lambda c, _: c.execute("UPDATE visits SET opened = 1"))
    await house.store.ledger.commit(step(UpdateVisit("visit-1", status)))


@pytest.mark.parametrize("status", list(VisitStatus))
async def test_only_a_directed_visit_may_enter(house: House, status: VisitStatus) -> None:
    """Held, released before, or over: the lane stays shut and the officer is told why."""
    await has(house, status)
    found = await finds(house)
    if status.is_over:
        assert isinstance(found, VisitUnmatched)
        return
    assert isinstance(found, VisitMatched)
    assert (found.visit_id, found.corridor, found.lane) == ("visit-1", Corridor.RED, "lane-4")
    assert found.may_proceed is (status is VisitStatus.DIRECTED)
    assert bool(found.reason) is not found.may_proceed


async def test_a_vehicle_nobody_directed_is_not_matched(house: House) -> None:
    """Queue order identifies nobody."""
    await house.has_directed("visit-1", Corridor.GREEN, "lane-1", VAN)
    found = await finds(house)
    assert isinstance(found, VisitUnmatched)
    assert LORRY in found.reason


@pytest.mark.parametrize(
    ("status", "opened", "may"),
    [
        (VisitStatus.RELEASED, True, True),
        (VisitStatus.DIRECTED, True, False),
        (VisitStatus.HELD, True, False),
        (VisitStatus.HELD, False, True),
    ],
)
async def test_a_bound_vehicle_may_not_leave_unreleased(
    house: House, status: VisitStatus, opened: bool, may: bool
) -> None:
    """What was opened is bound; who was never told anything may turn round."""
    await has(house, status, opened=opened)
    found = await finds(house, leaving=True)
    assert isinstance(found, VisitMatched)
    assert (found.may_proceed, found.corridor, found.lane) == (may, None, None)


def test_the_stories_arrive_after_the_lead_time() -> None:
    """The fixtures' own arithmetic: two hours for a rule that wants one."""
    assert timedelta(hours=1) <= ARRIVED - REGISTERED
