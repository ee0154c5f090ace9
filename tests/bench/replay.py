"""How fast a recorded day is replayed, how that grows with its length, and what recording it costs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from gate.replay.entries import read
from gate.replay.replay import Replay, replay
from tests.bench.measuring import Figure
from tests.lanes.gatehouse import gatehouse
from tests.replay.days import KINDS, comes_late, entries, goes_green, goes_red, later

VEHICLES = (40, 160, 640)
EVERY = timedelta(seconds=20)
"""A busy border: 4,320 vehicles a day."""
AIM = 1_000


async def figures(folder: Path) -> list[Figure]:
    """Days of different length, recorded by the real runtime; the clock alone is put forward."""
    found: list[Figure] = []
    for vehicles in VEHICLES:
        data = folder / f"of-{vehicles}"
        await _record(data, vehicles)
        found.append(_replayed(data / "journal.db", vehicles))
    return [*found, _size(data / "journal.db", vehicles)]


async def _record(data: Path, vehicles: int) -> None:
    """Four in ten GREEN, five RED, and one late, held and referred."""
    async with gatehouse(data, KINDS) as house:
        await house.rests("approach", "lane-1", "lane-4", "exit-1")
        for vehicle in range(vehicles):
            kinds = (goes_green, goes_red) if vehicle % 10 else (comes_late, comes_late)
            await kinds[vehicle % 2](house, vehicle)
            later(house, EVERY)


def _replayed(journal: Path, vehicles: int) -> Figure:
    began, worked = time.perf_counter(), time.process_time()
    with read(journal) as told:
        found: Replay = replay(told.rows)
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    assert not found.differences
    assert found.decisions == vehicles
    times = vehicles * EVERY.total_seconds() / seconds
    met = "met" if times >= AIM else "MISSED"
    value = f"{found.entries / seconds:,.0f} entries/s, {times:,.0f} times real time"
    pace = f"a vehicle every {EVERY.total_seconds():.0f} s"
    note = f"{found.entries:,} entries, {pace}; {found.entries / busy:,.0f} entries per second of processor"
    return Figure(f"replay, {vehicles:,} vehicles", value, note, f"{AIM:,} times: {met}")


def _size(journal: Path, vehicles: int) -> Figure:
    """What is on record for replay alone: the bases, the states' names, the beginnings."""
    kept = entries(journal)
    bases = sum(len(str(_basis(entry.body))) for entry in kept)
    names = sum(len('"state":"",') + len(entry.body["state"]) for entry in kept if entry.is_step)
    whole = sum(len(str(entry.body)) for entry in kept)
    value = f"{(bases + names) / vehicles:,.0f} bytes a vehicle"
    note = f"of {whole / vehicles:,.0f}; {bases / vehicles:,.0f} are bases, the others name states"
    return Figure("  on record for replay", value, note)


def _basis(body: dict[str, object]) -> object:
    event = body.get("event")
    return event.get("basis", "") if isinstance(event, dict) else ""
