"""A day with everything in it, played by the real runtime into a real journal."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

from gate.lanes.acts import AttendTerminal, ConfirmPlate, EnterNumber, ReferVisit, ReleaseVisit
from gate.lanes.duty_acts import (
    BeginMaintenance,
    EndEmergencies,
    EndMaintenance,
    ListConvoy,
    OpenForEmergency,
)
from gate.lanes.events import BarrierPosition, Detector, Occupancy
from gate.lanes.state import Phase
from gate.model import Corridor, NotificationNumber, RegistrationMark, TransportMode
from gate.replay.entries import Entry, read
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.officers import WHO, does
from tests.lanes.stories import number
from tests.lanes.stories import read as plate_of
from tests.lanes.test_desk import declared
from tests.sealing.made import made

KINDS = ("approach", "terminal", "green", "red", "exit")
LANE, RED_LANE, EXIT, HALL = "lane-1", "lane-4", "exit-1", "hall-1"
LATE = 2
"""Vehicles of a day whose declaration came twenty minutes before them."""


def entries(journal: Path, day: date | None = None) -> list[Entry]:
    """What a journal holds, or holds of a day."""
    with read(journal, day) as found:
        return list(found.rows)


def play(data: Path) -> Path:
    """Two processes, the first killed with the boom on its way up. The journal's path."""
    asyncio.run(_play(data))
    return data / "journal.db"


def play_two_days(data: Path) -> Path:
    """One process over midnight: a vehicle on each of two days."""
    asyncio.run(_play_two_days(data))
    return data / "journal.db"


async def _play(data: Path) -> None:
    keys = made()
    async with gatehouse(data, KINDS, keys=keys) as house:
        await house.rests("approach", LANE, RED_LANE, EXIT)
        await goes_green(house, 1)
        await goes_red(house, 2)
        for vehicle in range(10, 10 + LATE):
            await comes_late(house, vehicle)
        await is_confirmed_in_the_bay(house, 20)
        await _enters_a_number(house, 21)
        await brings_baggage(house, 30)
        await does(house, ListConvoy(officer=WHO, point=RED_LANE, marks=frozenset({_mark(90)}), reason="aid"))
        await does(house, OpenForEmergency(officer=WHO, points=(RED_LANE,), reason="ambulance"))
        await does(house, EndEmergencies(officer=WHO, points=(RED_LANE,)))
        await does(house, BeginMaintenance(officer=WHO, point=EXIT, reason="oil"))
        await does(house, EndMaintenance(officer=WHO, point=EXIT))
        await _stands_before_a_rising_boom(house, 3)
    async with gatehouse(data, KINDS, keys=keys, boot="boot2") as house:
        house.cursor = 100  # the feed goes on where it was
        await house.rests("approach", RED_LANE, EXIT)
        await _leaves(house, 1)
        await goes_red(house, 4)


async def _play_two_days(data: Path) -> None:
    async with gatehouse(data, KINDS) as house:
        await house.rests("approach", LANE, RED_LANE, EXIT)
        await goes_green(house, 1)
        later(house, timedelta(days=1))
        await goes_green(house, 2)


def later(house: House, time: timedelta) -> None:
    """Let the wall clock go on, in the same process; nothing happens meanwhile."""
    house.clock._began -= time.total_seconds()


def _mark(vehicle: int) -> RegistrationMark:
    return RegistrationMark(f"10AA{vehicle:04d}")


def _number(vehicle: int) -> NotificationNumber:
    return number(f"{vehicle:012d}")


async def _declares(house: House, vehicle: int, corridor: Corridor, **changes: object) -> None:
    marked = {"marks": (_mark(vehicle),)} | changes
    await house.files(declared(house, corridor, as_number=_number(vehicle), **marked))


async def _approaches(house: House, vehicle: int, *, unread: bool = False) -> str:
    visit_id = await house.approaches(plate_of(_mark(vehicle)), unread=unread)
    await house.moves_on()
    return visit_id


async def _drives_through(house: House, point: str) -> None:
    await house.phase(point, Phase.RAISING)
    house.barrier(point, BarrierPosition.UP)
    house.detector(point, Detector.SAFETY, Occupancy.OCCUPIED)
    house.detector(point, Detector.ARMING, Occupancy.CLEAR)
    house.detector(point, Detector.SAFETY, Occupancy.CLEAR)
    await house.phase(point, Phase.LOWERING)
    house.barrier(point, BarrierPosition.DOWN)
    await house.phase(point, Phase.FREE)


async def goes_green(house: House, vehicle: int) -> None:
    """Directed, read again in its lane, registered, released and gone."""
    await _declares(house, vehicle, Corridor.GREEN)
    await _approaches(house, vehicle)
    await house.rolls_up(LANE, plate_of(_mark(vehicle)))
    await _drives_through(house, LANE)


async def goes_red(house: House, vehicle: int) -> None:
    """Released by an officer, who has looked at the seal."""
    await _declares(house, vehicle, Corridor.RED)
    visit_id = await _approaches(house, vehicle)
    await house.rolls_up(RED_LANE, plate_of(_mark(vehicle)))
    await house.phase(RED_LANE, Phase.CONTROL)
    await does(house, ReleaseVisit(officer=WHO, visit_id=visit_id, checked=("seal",)))
    await _drives_through(house, RED_LANE)


async def comes_late(house: House, vehicle: int) -> None:
    """Held for the lead time; an officer finds it outside the Rules."""
    registered = house.clock.now().utc - timedelta(minutes=20)
    await _declares(house, vehicle, Corridor.GREEN, registered_at=registered)
    visit_id = await _approaches(house, vehicle)
    await does(house, ReferVisit(officer=WHO, visit_id=visit_id, reason="empty"))


async def is_confirmed_in_the_bay(house: House, vehicle: int) -> None:
    """Unread, held, and directed once an officer has read the plate."""
    await _declares(house, vehicle, Corridor.GREEN)
    visit_id = await _approaches(house, vehicle, unread=True)
    confirmed = ConfirmPlate(officer=WHO, point="holding-bay", visit_id=visit_id, mark=_mark(vehicle))
    assert "directed" in await does(house, confirmed)
    await house.rolls_up(LANE, plate_of(_mark(vehicle)))
    await _drives_through(house, LANE)


async def _enters_a_number(house: House, vehicle: int) -> None:
    """Of no declaration, beside a plate nobody declared: a hold."""
    visit_id = await _approaches(house, vehicle)
    entered = EnterNumber(officer=WHO, visit_id=visit_id, number=_number(99))
    assert "still held" in await does(house, entered)


async def brings_baggage(house: House, vehicle: int) -> None:
    """On foot, to an attended terminal, and released there (8.0.2)."""
    await _declares(house, vehicle, Corridor.RED, mode=TransportMode.BAGGAGE, marks=())
    await does(house, AttendTerminal(officer=WHO, point=HALL, attended=True))
    await house.checkpoint.give_number(HALL, _number(vehicle))
    await house.phase(HALL, Phase.DIRECTED)
    passage = house.points[HALL].state.passage
    assert passage is not None
    act = ReleaseVisit(officer=WHO, visit_id=passage.visit_id or "", checked=("bags",))
    await does(house, act)


async def _stands_before_a_rising_boom(house: House, vehicle: int) -> None:
    await _declares(house, vehicle, Corridor.GREEN)
    await _approaches(house, vehicle)
    await house.rolls_up(LANE, plate_of(_mark(vehicle)))
    await house.phase(LANE, Phase.RAISING)


async def _leaves(house: House, vehicle: int) -> None:
    await house.rolls_up(EXIT, plate_of(_mark(vehicle)))
    await _drives_through(house, EXIT)
