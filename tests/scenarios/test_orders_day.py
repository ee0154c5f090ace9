"""A day of officers' orders over the whole daemon: the dog, an empty lorry, a hidden tank, a false alarm."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gate.clock import SystemClock
from gate.demo.officer import Officer
from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.lanes.events import BarrierPosition
from gate.model import Corridor
from gate.store.journal_check import verify
from gate.store.officers import Officers, Role
from tests.scenarios.day import Day
from tests.scenarios.test_rough_day import declared_and_directed

pytestmark = pytest.mark.asyncio(loop_scope="module")
UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN
NEUTRAL = "WAIT: OFFICER COMING"


async def _acts(day: Day, act: str, **fields: Any) -> str:
    done, message = await day.officer.act(act, **fields)
    assert done, message
    return message


async def _refused(day: Day, act: str, **fields: Any) -> str:
    done, message = await day.officer.act(act, **fields)
    assert not done
    return message


async def _directed_visit(day: Day, mark: str) -> dict[str, Any]:
    """The open visit of this plate, as the console shows it."""
    visits = (await day.officer.overview())["visits"]
    found: dict[str, Any] = next(visit for visit in visits if visit["mark"] == mark)
    return found


async def test_the_dog_sits_down_beside_a_green_lorry(day: Day) -> None:
    """4.4: ordered on its way, held in its lane with the neutral text, checked, released; green on record."""
    script = day.script(Kind.PLAIN, Corridor.GREEN)
    await day.drivers.declare(script)
    lane = await day.directed(script)
    visit_id = (await _directed_visit(day, script.mark))["visit_id"]
    await _acts(day, "OrderCheck", visit_id=visit_id, source="canine", facts="the dog sat down")
    stay = await day.rolls_up(script, lane)
    await day.until_phase(lane, "held")
    place, raises = day.place(lane), day.raises(lane)
    await place.sign_says(lambda text: text == NEUTRAL)
    assert day.raises(lane) == raises
    await _acts(day, "ReleaseVisit", visit_id=visit_id, checked=["goods"])
    await place.barrier_is(UP)
    await day.stage.yard.drive_through(stay, 0.1)
    await place.barrier_is(DOWN)
    await day.until_phase(lane, "free")
    released = day.release(visit_id)
    assert (released["corridor"], released["basis"]) == ("GREEN", "officer")
    assert "already released at" in await _refused(
        day, "OrderCheck", visit_id=visit_id, source="canine", facts="again"
    )


async def test_an_empty_lorry_goes_through_once(day: Day) -> None:
    """2.1: nobody directed it, nothing is declared for it; opened once, and there is no release of it."""
    script = day.script(Kind.PLAIN, Corridor.GREEN)
    stay = await day.rolls_up(script, "lane-1")
    await day.until_phase("lane-1", "held")
    fields = {"point": "lane-1", "category": "empty", "reason": "doors open, looked inside"}
    await _acts(day, "OpenOnce", **fields)
    place = day.place("lane-1")
    await place.barrier_is(UP)
    await day.stage.yard.drive_through(stay, 0.1)
    await place.barrier_is(DOWN)
    await day.until_phase("lane-1", "free")
    await _refused(day, "OpenOnce", **fields)
    ((opening, revoked),) = day.journal("SELECT opening_id, revoked FROM single_openings")
    assert revoked is None
    assert day.journal("SELECT kind FROM pulses WHERE decision_id = ?", opening) == [("once",)]
    assert day.journal("SELECT 1 FROM releases WHERE release_id = ?", opening) == []


async def test_whoever_has_goods_is_not_opened_for(day: Day) -> None:
    """A declared lorry that nobody directed: to open once would be to release it."""
    script = day.script(Kind.PLAIN, Corridor.GREEN)
    await day.drivers.declare(script)
    stay = await day.rolls_up(script, "lane-1")
    await day.until_phase("lane-1", "held")
    raises = day.raises("lane-1")
    why = await _refused(day, "OpenOnce", point="lane-1", category="empty", reason="empty, he says")
    assert "goods are declared" in why
    assert day.raises("lane-1") == raises
    day.stage.yard.leave(stay)
    await day.until_phase("lane-1", "free")


async def test_a_red_lorry_is_held_over_a_restart_and_looked_at_again(day: Day) -> None:
    """Held in its lane; the daemon is killed and comes back; nobody releases it before it is decided anew."""
    stay, lane = await declared_and_directed(day, Corridor.RED)
    shown = await day.until_phase(lane, "control")
    visit_id, mark = shown["visit_id"], shown["plate"]
    await _acts(day, "HoldVisit", visit_id=visit_id, reason="a hidden tank?")
    await day.place(lane).sign_says(lambda text: text == NEUTRAL)
    await day.stage.kill_daemon()
    await day.stage.start_daemon()
    await day.officer.log_in()
    await day.until_phase(lane, "held")
    why = await _refused(day, "ReleaseVisit", visit_id=visit_id, checked=["goods"])
    assert "look at it again" in why
    said = await _acts(day, "ConfirmPlate", point=lane, visit_id=visit_id, mark=mark)
    assert "RED" in said
    await day.until_phase(lane, "control")
    await _acts(day, "ReleaseVisit", visit_id=visit_id, checked=["goods", "vehicle"])
    await day.place(lane).barrier_is(UP)
    await day.stage.yard.drive_through(stay, 0.1)
    await day.place(lane).barrier_is(DOWN)
    await day.until_phase(lane, "free")


async def test_a_false_alarm_is_looked_back_at_by_another(day: Day) -> None:
    """Opened by one officer, ended, and waiting on every screen until a shift lead says what it was."""
    await _acts(day, "OpenForEmergency", points=["lane-2", "lane-3"], reason="smoke")
    for lane in ("lane-2", "lane-3"):
        await day.place(lane).barrier_is(UP)
    await _acts(day, "EndEmergencies", points=["lane-2", "lane-3"])
    for lane in ("lane-2", "lane-3"):
        await day.place(lane).barrier_is(DOWN)
        await day.until_phase(lane, "free")
    for line in (await day.officer.overview())["roll_call"]:
        await _acts(day, "AnswerRollCall", visit_id=line["visit_id"], present=False)
    (line,) = (await day.officer.overview())["reviews"]
    emergency = line["emergency_ids"][0]
    why = await _refused(day, "ReviewEmergency", emergency_id=emergency, finding="I was right")
    assert "another shift lead" in why
    second = await _another_shift_lead(day.stage)
    done, message = await second.act("ReviewEmergency", emergency_id=emergency, finding="a burnt toaster")
    await second.aclose()
    assert done, message
    assert (await day.officer.overview())["reviews"] == []
    assert day.journal("SELECT count(*) FROM emergency_reviews") == [(2,)]
    assert verify(day.stage.edge / "journal.db").problem is None


async def _another_shift_lead(stage: Stage) -> Officer:
    officers = Officers(stage.edge / "officers.db", SystemClock())
    try:
        await asyncio.to_thread(officers.add, "Nigar", "a long passphrase of Nigar's", Role.SHIFT_LEAD)
    finally:
        officers.close()
    officer = Officer(stage.console_url, "Nigar", "a long passphrase of Nigar's", trust=stage.trust)
    await officer.log_in()
    return officer
