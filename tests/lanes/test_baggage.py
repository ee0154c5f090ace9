"""Accompanied baggage at a terminal (8.0.2): attended, once, and of the carrier alone."""

from __future__ import annotations

import json

from gate.lanes.acts import AttendTerminal, EnterNumber
from gate.lanes.commands import MessageKind
from gate.lanes.rules.decide import RULES_VERSION
from gate.lanes.state import Phase
from gate.model import Corridor, Declaration, NotificationNumber, TransportMode, VisitStatus
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO, does, reports
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import ONE, TWO, declared, openings
from tests.store.kept import rows

HALL = "hall-1"


def baggage(house: House, corridor: Corridor = Corridor.GREEN, **changes: object) -> Declaration:
    """A carrier's baggage, declared under ONE."""
    fields = {"mode": TransportMode.BAGGAGE, "marks": ()} | changes
    return declared(house, corridor, **fields)  # type: ignore[arg-type]  # a scene names its fields


async def attended(house: House, *, yes: bool = True) -> None:
    """An officer stands at the terminal, or goes."""
    await does(house, AttendTerminal(officer=WHO, point=HALL, attended=yes))


async def types(house: House, number: str = ONE) -> str:
    """A carrier types; his visit, once it is answered."""
    before = house.points[HALL].state.passage
    await house.checkpoint.give_number(HALL, NotificationNumber(number))
    await house.until(
        lambda: (
            house.points[HALL].state.passage != before
            and house.points[HALL].state.phase in (Phase.DIRECTED, Phase.HELD)
        )
    )
    passage = house.points[HALL].state.passage
    assert passage is not None
    return passage.visit_id or ""


async def codes(house: House, visit_id: str) -> list[str]:
    """The visit's findings."""
    return [finding.code for finding in (await house.knows(visit_id)).findings]


async def test_an_attended_number_directs_its_carrier_and_is_released_by_registration(
    open_house: House,
) -> None:
    """GREEN: registered, officers told, released; no barrier moves, and no lane waits for a vehicle."""
    await attended(open_house)
    await open_house.files(baggage(open_house))
    visit_id = await types(open_house)
    assert open_house.points[HALL].state.message.kind is MessageKind.DIRECT
    await open_house.until(lambda: bool(reports(open_house, "visit.released")))
    assert (await open_house.knows(visit_id)).status is VisitStatus.COMPLETED
    assert not any(io.told("raise") for io in open_house.io.values())
    assert [open_house.queues.length(lane) for lane in ("lane-1", "lane-4")] == [0, 0]


async def test_a_number_opens_once(open_house: House) -> None:
    """The same number again is another visit, and finds its declaration spent."""
    await attended(open_house)
    await open_house.files(baggage(open_house))
    first = await types(open_house)
    await open_house.until(lambda: bool(reports(open_house, "visit.released")))
    again = await types(open_house)
    assert again != first
    assert await codes(open_house, again) == ["used-before"]
    assert openings(open_house) == [(ONE, "GREEN")]


async def test_a_red_carrier_who_tries_again_is_bound_to_his_first_visit(open_house: House) -> None:
    """Directed to RED and not released yet: another try at the terminal is no other corridor."""
    await attended(open_house)
    await open_house.files(baggage(open_house, Corridor.RED))
    await types(open_house)
    again = await types(open_house)
    assert await codes(open_house, again) == ["opened-before"]


async def test_nobody_attends_and_nothing_is_opened(open_house: House) -> None:
    """Presence is an officer at the terminal: without one the number is not even looked up."""
    await open_house.files(baggage(open_house))
    visit_id = await types(open_house)
    assert await codes(open_house, visit_id) == ["terminal-unattended"]
    assert openings(open_house) == []
    assert not rows(open_house.data / "journal.db", "SELECT 1 FROM journal WHERE body LIKE '%\"Identify\"%'")
    await attended(open_house)
    await attended(open_house, yes=False)
    assert await codes(open_house, await types(open_house)) == ["terminal-unattended"]


async def test_an_officer_enters_the_number_at_the_carriers_request(open_house: House) -> None:
    """8.0.2: the carrier typed a wrong one; the held visit goes on by what the officer enters."""
    await attended(open_house)
    await open_house.files(baggage(open_house, Corridor.RED))
    visit_id = await types(open_house, TWO)
    assert await codes(open_house, visit_id) == ["no-declaration"]
    said = await does(open_house, EnterNumber(officer=WHO, visit_id=visit_id, number=ONE))
    assert said == "directed to lane 4 (RED)"


async def test_a_preliminary_code_serves_as_well_and_two_things_hold(open_house: House) -> None:
    """001: the code finds its notification; where the text is another's notification number, neither."""
    await attended(open_house)
    await open_house.files(baggage(open_house, preliminary=TWO))
    assert await codes(open_house, await types(open_house, TWO)) == ["directed"]
    third = NotificationNumber("3000000000035")
    await open_house.files(baggage(open_house, as_number=TWO), baggage(open_house, as_number=third))
    assert "ambiguous-number" in await codes(open_house, await types(open_house, TWO))


async def test_the_carriers_direction_is_not_the_buss(open_house: House) -> None:
    """The bus that brought him is a vehicle like any other, and his number says nothing of its plate."""
    await attended(open_house)
    await open_house.files(baggage(open_house))
    await types(open_house)
    bus = await open_house.approaches()
    assert await codes(open_house, bus) == ["no-declaration"]
    assert (await open_house.knows(bus)).mark == LORRY


async def test_every_decision_on_record_names_its_rules_and_its_policy(open_house: House) -> None:
    """At the terminal, at the approach and in the bay: what decided can be asked again."""
    await attended(open_house)
    await open_house.files(baggage(open_house))
    await types(open_house)
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    await does(open_house, EnterNumber(officer=WHO, visit_id=visit_id, number=TWO))
    kept = rows(
        open_house.data / "journal.db", "SELECT body FROM journal WHERE kind = 'Decided' ORDER BY seq"
    )
    bodies = [json.loads(str(body)) for (body,) in kept]
    decisions = [body.get("event", body)["decision"] for body in bodies]
    assert len(decisions) == 3
    assert {(d["rules_version"], d["policy_version"]) for d in decisions} == {(RULES_VERSION, "test-1")}
