"""A day of officers' orders replays to the letter, and a core that forgets one is named at its entry."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gate.lanes import entry_lane
from gate.lanes.acts import ConfirmPlate, ReleaseVisit
from gate.lanes.diagram import MACHINES
from gate.lanes.duties import OpenedOnce
from gate.lanes.duty_acts import EndEmergencies, OpenForEmergency
from gate.lanes.events import Event, RegistrationCommitted
from gate.lanes.machine import Row, Step, Table
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import CheckSource, Corridor, NoGoods
from gate.replay.entries import Entry
from gate.replay.replay import replay
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.officers import WHO, does
from tests.lanes.stories import read
from tests.replay.days import LANE, RED_LANE, _approaches, _declares, _drives_through, _mark, entries

KINDS = ("approach", "green", "red")


async def _is_checked(house: House, vehicle: int) -> None:
    """GREEN, and the dog sat down: held in its lane, released by an officer."""
    await _declares(house, vehicle, Corridor.GREEN)
    visit_id = await _approaches(house, vehicle)
    facts = "the dog sat down"
    act = OrderCheck(officer=WHO, visit_id=visit_id, source=CheckSource.CANINE, facts=facts)
    await does(house, act)
    await house.rolls_up(LANE, read(_mark(vehicle)))
    await house.phase(LANE, Phase.HELD)
    await does(house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("goods",)))
    await _drives_through(house, LANE)


async def _is_held(house: House, vehicle: int) -> None:
    """RED, held in its lane, looked at again, released."""
    await _declares(house, vehicle, Corridor.RED)
    visit_id = await _approaches(house, vehicle)
    await house.rolls_up(RED_LANE, read(_mark(vehicle)))
    await house.phase(RED_LANE, Phase.CONTROL)
    await does(house, HoldVisit(officer=WHO, visit_id=visit_id, reason="the seal is another"))
    await does(house, ConfirmPlate(officer=WHO, point=RED_LANE, visit_id=visit_id, mark=_mark(vehicle)))
    await house.phase(RED_LANE, Phase.CONTROL)
    await does(house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("seals",)))
    await _drives_through(house, RED_LANE)


async def _is_sent_to_the_bay(house: House, vehicle: int) -> None:
    await _declares(house, vehicle, Corridor.GREEN)
    visit_id = await _approaches(house, vehicle)
    await does(house, SendToBay(officer=WHO, visit_id=visit_id, place="H", reason="look inside"))


async def _goes_through_empty(house: House, vehicle: int) -> None:
    await house.rolls_up(LANE, read(_mark(vehicle)))
    await house.phase(LANE, Phase.HELD)
    await does(house, OpenOnce(officer=WHO, point=LANE, category=NoGoods.EMPTY, reason="doors open"))
    await _drives_through(house, LANE)


async def _play(data: Path) -> None:
    async with gatehouse(data, KINDS) as house:
        await house.rests("approach", LANE, RED_LANE)
        await _is_checked(house, 1)
        await _is_held(house, 2)
        await _is_sent_to_the_bay(house, 3)
        await _goes_through_empty(house, 50)
        await does(house, OpenForEmergency(officer=WHO, points=(RED_LANE,), reason="ambulance"))
        await does(house, EndEmergencies(officer=WHO, points=(RED_LANE,)))
        (line,) = await house.store.ledger.reviews()
        review = ReviewEmergency(officer="nigar", emergency_id=line.emergency_ids[0], finding="as it was")
        await does(house, review)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """The day's journal."""
    data = tmp_path_factory.mktemp("orders")
    asyncio.run(_play(data))
    return entries(data / "journal.db")


def test_a_day_of_orders_replays_to_the_letter(day: list[Entry]) -> None:
    """Checks, holds, the bay, a single opening and a review: no decision, command or state is another."""
    found = replay(day)
    assert found.differences == []
    assert found.erased == found.out_of_reach == 0
    kinds = {entry.kind for entry in day}
    assert {"CheckOrdered", "OfficerHeld", "OpenedOnce", "EmergencyReviewed"} <= kinds


def _deaf(state: PointState, event: Any) -> tuple[PointState, Any]:
    return state, replace(event, check_ordered=False)


def _generous(state: PointState, event: Any) -> tuple[PointState, Any]:
    return state, replace(event, reason="other")


@pytest.mark.parametrize(
    ("at", "mutant"),
    [((Phase.REGISTERING, RegistrationCommitted), _deaf), ((Phase.HELD, OpenedOnce), _generous)],
    ids=["a core that forgets an ordered check", "a core that writes another reason"],
)
def test_a_core_that_does_otherwise_is_named_at_its_entry(
    day: list[Entry], monkeypatch: pytest.MonkeyPatch, at: tuple[Phase, type[Event]], mutant: Any
) -> None:
    """Each difference is told where it was made."""
    good = entry_lane.TABLE[at].handler

    def other(config: PointConfig, state: PointState, told: Any) -> Step:
        return good(config, *mutant(state, told))

    table: Table = {**entry_lane.TABLE, at: Row(other, frozenset(Phase))}
    monkeypatch.setitem(MACHINES, "entry", table)
    phase, event = at
    named = {one.seq for one in replay(day).differences}
    meant = {e.seq for e in day if e.kind == event.__name__ and e.body.get("from") == phase.value}
    assert named & meant
    assert min(named) == min(meant & named)
