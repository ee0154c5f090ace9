"""What breaks: central away, power cut in mid-passage, SIGTERM, devices that go silent."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.demo.yard import Stay
from gate.lanes.events import BarrierPosition, Detector
from gate.model import Corridor
from gate.store.journal_check import verify
from tests.scenarios.day import Day

pytestmark = pytest.mark.asyncio(loop_scope="function")


@pytest_asyncio.fixture
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """A checkpoint of its own for each test: these break things."""
    async with Stage(tmp_path_factory.mktemp("site"), seed=6) as stage:
        day = Day(stage)
        await day.begin()
        yield day
        await day.end()


async def declared_and_directed(day: Day, corridor: Corridor) -> tuple[Stay, str]:
    """A vehicle that was declared, was directed, and stands in its lane."""
    script = day.script(Kind.PLAIN, corridor)
    await day.drivers.declare(script)
    lane = await day.directed(script)
    return await day.rolls_up(script, lane), lane


async def test_central_away_for_a_whole_visit_loses_nothing(day: Day) -> None:
    """The visit goes on from the cache; the outbox keeps everything and delivers it when central is back."""
    script = day.script(Kind.PLAIN, Corridor.RED)
    numbers = await day.drivers.declare(script)
    await day.stage.stop_central()
    ending = await day.drivers.play(script, numbers)
    assert ending.as_scripted, ending
    (waiting,) = day.journal("SELECT count(*) FROM outbox")[0]
    assert waiting > 0
    await day.stage.start_central()
    await day.until_delivered()
    (written,) = day.journal("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")[0]
    told = day.told_central()
    assert sum(len(kinds) for kinds in told.values()) == written
    assert "passage.completed" in told[ending.visit_id]


async def test_power_cut_under_the_open_barrier_repeats_no_pulse_and_loses_nothing(day: Day) -> None:
    """Kill -9 with a vehicle under the barrier: after the restart it drives on, the barrier comes down
    once the area is known clear, and the passage is on record.
    """
    stay, lane = await declared_and_directed(day, Corridor.GREEN)
    place = day.place(lane)
    await place.barrier_is(BarrierPosition.UP)
    place.lane.set_detector(Detector.SAFETY, occupied=True)
    await day.until(
        lambda: '"entered":true' in str(day.journal("SELECT state FROM snapshots WHERE point = ?", lane)),
        "the journal to know it has entered",
    )
    await day.stage.kill_daemon()
    raises, lowers = day.raises(lane), len(place.lane.pulses) - day.raises(lane)
    await day.stage.start_daemon(ready=False)
    await day.officer.log_in()
    await day.until_phase(lane, "recovery")
    day.stage.yard.leave(stay)
    place.lane.set_detector(Detector.SAFETY, occupied=False)
    await place.barrier_is(BarrierPosition.DOWN)
    assert day.raises(lane) == raises, "a restart repeated an opening pulse"
    assert len(place.lane.pulses) - raises == lowers + 1, "lowered exactly once"
    await day.until_phase(lane, "free")
    statuses = day.journal("SELECT status FROM visits WHERE lane = ?", lane)
    assert statuses == [("completed",)]
    await day.until_delivered()
    assert verify(day.stage.edge / "journal.db").problem is None


async def test_power_cut_while_red_awaits_its_control(day: Day) -> None:
    """Kill -9 with a RED vehicle at the barrier: it is read again, still waits, and is released once."""
    stay, lane = await declared_and_directed(day, Corridor.RED)
    await day.until_phase(lane, "control")
    await day.stage.kill_daemon()
    assert day.raises(lane) == 0
    await day.stage.start_daemon()
    await day.officer.log_in()
    shown = await day.until_phase(lane, "control")
    assert day.raises(lane) == 0, "a restart raised a barrier"
    done, message = await day.officer.act("ReleaseVisit", visit_id=shown["visit_id"], checked=["goods"])
    assert done, message
    await day.place(lane).barrier_is(BarrierPosition.UP)
    await day.stage.yard.drive_through(stay, 0.05)
    await day.place(lane).barrier_is(BarrierPosition.DOWN)
    assert day.raises(lane) == 1


async def test_sigterm_leaves_the_vehicle_to_the_officer_within_five_seconds(day: Day) -> None:
    """Signs go to "closed", an alarm names the lane, nothing is raised, and the exit code is 0."""
    stay, lane = await declared_and_directed(day, Corridor.RED)
    await day.until_phase(lane, "control")
    began = time.monotonic()
    code = await day.stage.stop_daemon()
    assert time.monotonic() - began < 5.0
    assert code == 0
    assert day.place(lane).sign() == "CLOSED"
    assert day.raises(lane) == 0
    alarms = day.journal("SELECT reason FROM calls WHERE alarm = 1 AND point = ?", lane)
    assert any("closed with a passage in progress" in reason for (reason,) in alarms)
    day.stage.yard.leave(stay)


async def test_a_silent_board_is_shown_and_mends_itself(day: Day) -> None:
    """A lane whose device does not answer says so, raises nothing, and recovers when it answers."""
    place = day.place("lane-1")
    place.lane.mute()
    await day.until_phase("lane-1", "recovery")
    await day.until_shown(
        "lane-1", lambda shown: shown["barrier"] == "unknown" and shown["faults"], "unknown and in fault"
    )
    place.lane.unmute()
    await day.until_phase("lane-1", "free")
    ending = await day.plays(Kind.PLAIN, Corridor.GREEN)
    assert ending.as_scripted, ending


async def test_a_broker_that_goes_away_holds_its_lanes_and_comes_back(day: Day) -> None:
    """MQTT lanes are unknown without their broker, and work again with it."""
    broker = day.stage.broker
    assert broker is not None, "mosquitto is missing: install it with `apt install mosquitto`"
    await broker.stop()
    await day.until_phase("lane-2", "recovery")
    await day.until_broker(lambda status: status.startswith("away since "))
    await broker.start()
    await day.until_phase("lane-2", "free")
    ending = await day.plays(Kind.PLAIN, Corridor.BLUE)
    assert ending.as_scripted, ending


async def test_the_log_is_json_and_names_no_corridor_of_a_vehicle_not_yet_arrived(day: Day) -> None:
    """Rules 3.6: nothing the gate writes tells a verdict before arrival."""
    script = day.script(Kind.PLAIN, Corridor.RED)
    (number,) = await day.drivers.declare(script)
    ending = await day.plays(Kind.PLAIN, Corridor.GREEN)
    assert ending.as_scripted, ending
    lines = (day.stage.edge / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        json.loads(line)
        assert number not in line
    for name in ("cache.db", "cache.db-wal", "journal.db", "journal.db-wal"):
        path = day.stage.edge / name
        data = path.read_bytes() if path.exists() else b""
        at = data.find(number.encode())
        while at >= 0:
            near = data[max(0, at - 200) : at + 600]
            assert b"RED" not in near, f"{name} tells the corridor of {number}"
            at = data.find(number.encode(), at + 1)
