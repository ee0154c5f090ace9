"""Fair lanes and full bays: whom a vehicle queues behind, and where the held ones wait."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.lanes.balancing import Balancer, LaneNow, fairest
from gate.lanes.commands import UpdateVisit
from gate.lanes.events import DeviceFaulted, DeviceRole, PointClosed
from gate.lanes.hub import Queues
from gate.lanes.machine import Step
from gate.lanes.places import BAY, HoldingPlaces, Place
from gate.lanes.state import Phase, PointState
from gate.lanes.views import Overview
from gate.model import Corridor, VisitStatus
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.officers import WHO
from tests.lanes.stories import read


def lanes_now(queues: Queues, names: list[str]) -> list[LaneNow]:
    """Open, equal lanes with the queues they have."""
    return [
        LaneNow(name, name, serves=True, hindered=False, queue=queues.length(name), turn=queues.turn(name))
        for name in names
    ]


def send(queues: Queues, names: list[str], visit_id: str) -> str:
    """Direct one vehicle as the desk and the journal would."""
    best = fairest(lanes_now(queues, names))
    assert best is not None
    queues.take_turn(best.name)
    sent = UpdateVisit(visit_id, VisitStatus.DIRECTED, lane=best.name)
    queues.note(Step(PointState(), (sent,)))
    return best.name


@given(st.integers(1, 6), st.integers(0, 40))
def test_vehicles_that_come_are_spread_within_one(count: int, vehicles: int) -> None:
    """However many open equal lanes and vehicles: no lane has two more than another."""
    queues, names = Queues(), [f"lane-{n}" for n in range(count)]
    for n in range(vehicles):
        send(queues, names, f"v{n}")
    lengths = [queues.length(name) for name in names]
    assert max(lengths) - min(lengths) <= 1


@given(st.integers(2, 5), st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=60))
def test_nobody_queues_behind_more_than_he_must(count: int, day: list[int | None]) -> None:
    """Vehicles come (None) and are released in any order: each goes to a lane with a shortest queue."""
    queues, names, waiting = Queues(), [f"lane-{n}" for n in range(count)], []
    for n, what in enumerate(day):
        if what is None:
            shortest = min(queues.length(name) for name in names)
            lane = send(queues, names, f"v{n}")
            assert queues.length(lane) == shortest + 1
            waiting.append(f"v{n}")
        elif waiting:
            gone = waiting.pop(what % len(waiting))
            queues.note(Step(PointState(), (UpdateVisit(gone, VisitStatus.RELEASED),)))


@given(st.integers(2, 6), st.integers(0, 40))
def test_empty_lanes_take_turns(count: int, vehicles: int) -> None:
    """Each vehicle is gone before the next comes: the work is shared within one, not all the first lane's."""
    queues, names = Queues(), [f"lane-{n}" for n in range(count)]
    used: Counter[str] = Counter(dict.fromkeys(names, 0))
    for n in range(vehicles):
        used[send(queues, names, f"v{n}")] += 1
        queues.note(Step(PointState(), (UpdateVisit(f"v{n}", VisitStatus.RELEASED),)))
    assert max(used.values()) - min(used.values()) <= 1


def test_a_lane_in_fault_or_closed_is_never_offered() -> None:
    """Nor is one without its board, while another serves; alone it is better than none."""
    closed = LaneNow("shut", "1", serves=False, hindered=False, queue=0, turn=0)
    blind = LaneNow("blind", "2", serves=True, hindered=True, queue=0, turn=0)
    busy = LaneNow("busy", "3", serves=True, hindered=False, queue=7, turn=9)
    assert fairest([]) is None
    assert fairest([closed]) is None
    assert fairest([closed, blind, busy]) is busy
    assert fairest([closed, blind]) is blind


def _both_corridors(house: House) -> None:
    for point in house.points.values():
        config = replace(point.machine.config, corridors=(Corridor.GREEN, Corridor.BLUE))
        point.machine = replace(point.machine, config=config)


async def test_the_running_lanes_are_balanced_by_what_they_are(tmp_path: Path) -> None:
    """Turn by turn while both rest; a closed lane and a silent io get nobody, a recovering lane the last."""
    async with gatehouse(tmp_path, ("green", "blue"), prepare=_both_corridors) as house:
        points = {"lane-1": house.points["lane-1"], "lane-2": house.points["lane-2"]}
        balancer = Balancer(points, house.queues)
        await house.rests("lane-2")
        assert {_name(balancer) for _ in range(3)} == {"lane-2"}, "lane-1 is finding its rest"
        await house.rests("lane-1")
        chosen = [balancer.choose(Corridor.GREEN) for _ in range(4)]
        assert [lane.name for lane in chosen if lane] == ["lane-1", "lane-2", "lane-1", "lane-2"]
        assert balancer.on_foot(Corridor.GREEN) is not None
        at = house.clock.now()
        await points["lane-1"].tell(DeviceFaulted(at=at, device=DeviceRole.IO, reason="silent"))
        assert {_name(balancer) for _ in range(3)} == {"lane-2"}
        assert balancer.on_foot(Corridor.GREEN) is not None, "a carrier on foot needs no barrier"
        await points["lane-2"].tell(PointClosed(at=at, officer=WHO))
        assert _name(balancer) is None
        assert balancer.choose(Corridor.RED) is None


def _name(balancer: Balancer) -> str | None:
    lane = balancer.choose(Corridor.GREEN)
    return lane.name if lane else None


# --- holding places -----------------------------------------------------------------------------


def held(places: HoldingPlaces, visit_id: str, *, point: str = "approach") -> str | None:
    """A vehicle is held at a point and told a place."""
    label = places.choose()
    places.note(point, Step(PointState(), (UpdateVisit(visit_id, VisitStatus.HELD, lane=label),)))
    return label


def test_held_vehicles_fill_the_place_with_the_most_room() -> None:
    """3 and 1 places: the larger takes two before they are alike; then the first named."""
    places = HoldingPlaces([Place("H1", 3), Place("H2", 1)])
    assert [held(places, f"v{n}") for n in range(4)] == ["H1", "H1", "H1", "H2"]
    assert places.tipped.empty()
    assert [(view.waiting, view.overfull) for view in places.view()] == [(3, False), (1, False)]
    held(places, "v4")
    assert places.tipped.get_nowait() == "v4"
    assert [(view.waiting, view.overfull) for view in places.view()] == [(4, True), (1, False)]
    places.note(BAY, Step(PointState(), (UpdateVisit("v0", VisitStatus.DIRECTED, lane="lane-1"),)))
    assert not places.overfull


def test_a_plain_place_is_never_counted_full() -> None:
    """`holding_bay: H` as ever: one place, no label to choose, nobody counts."""
    places = HoldingPlaces([Place("H")])
    assert [held(places, f"v{n}") for n in range(50)] == [None] * 50
    assert not places.overfull
    assert places.waiting("H") == 50


def test_carriers_on_foot_take_no_place() -> None:
    """Baggage held at its terminal stays there, and so does its visit when it is decided again."""
    places = HoldingPlaces([Place("H", 1)], {"hall-1"})
    held(places, "carrier", point="hall-1")
    held(places, "carrier", point=BAY)
    assert places.waiting("H") == 0


async def test_an_overfull_bay_calls_an_officer_and_says_so(tmp_path: Path) -> None:
    """Two places of one vehicle each, three held: told apart, on record, and one call for the third."""
    bays = (Place("H1", 1), Place("H2", 1))
    async with gatehouse(tmp_path, ("approach",), bays=bays) as house:
        await house.rests("approach")
        visits = []
        for n in range(3):
            visits.append(await house.approaches(read(f"10AA{n}00")))
            await house.moves_on()
        assert [(await house.knows(visit)).lane for visit in visits] == ["H1", "H2", "H1"]
        labels = [shown.lane for shown in house.boards["approach"].shows if shown.kind.value == "wait"]
        assert labels == ["H1", "H2", "H1"]
        overview = await until_called(house)
        (call,) = [call for call in overview.calls if call.point == BAY]
        assert call.visit_id == visits[2]
        assert "over-full" in call.reason
        assert [(place.waiting, place.overfull) for place in overview.places] == [(2, True), (1, False)]
    again = HoldingPlaces(bays)
    async with gatehouse(tmp_path, ("approach",), boot="boot2") as house:
        again.load(await house.store.ledger.open_visits())
    assert [place.waiting for place in again.view()] == [2, 1], "after a restart it is known as it was"
    assert again.tipped.empty(), "the call is open already"


async def until_called(house: House) -> Overview:
    """The overview once the holding bay has called."""
    async for _ in house.hub.changes():
        overview = await house.checkpoint.overview()
        if any(call.point == BAY for call in overview.calls):
            return overview
    raise AssertionError("the hub ended")


async def test_an_unread_vehicle_goes_to_the_first_place(tmp_path: Path) -> None:
    """Held before any identification it is told what the point tells everybody."""
    async with gatehouse(tmp_path, ("approach",), bays=(Place("H", 4), Place("H2", 4))) as house:
        await house.rests("approach")
        await house.approaches(unread=True)
        assert house.points["approach"].state.phase is Phase.HELD
        assert house.places.waiting("H") == 1


@pytest.mark.parametrize("status", [VisitStatus.DIRECTED, VisitStatus.REFERRED, VisitStatus.LEFT_UNRELEASED])
def test_whoever_goes_on_leaves_his_place(status: VisitStatus) -> None:
    """Directed, referred or turned back: the place is free again."""
    places = HoldingPlaces([Place("H", 1)])
    held(places, "v")
    places.note(BAY, Step(PointState(), (UpdateVisit("v", status),)))
    assert places.waiting("H") == 0
