"""A machine without mosquitto: the demo's checkpoint speaks serial everywhere, says so, and works."""

from __future__ import annotations

from pathlib import Path

from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.model import Corridor
from tests.scenarios.day import Day


async def test_without_a_broker_every_lane_speaks_serial_and_a_vehicle_goes_through(tmp_path: Path) -> None:
    """BLUE's lane, MQTT elsewhere, is read, released and driven through over Modbus and Alpha."""
    async with Stage(tmp_path, seed=9, broker=False) as stage:
        assert stage.broker is None
        assert stage.settings.mqtt is None
        drivers = {device.driver for p in stage.settings.points for device in (p.io, p.board) if device}
        assert drivers == {"modbus-rtu", "alpha-serial"}
        assert any("speak serial" in note for note in stage.notes)
        day = Day(stage)
        await day.begin()
        try:
            ending = await day.plays(Kind.PLAIN, Corridor.BLUE)
            assert ending.as_scripted, ending
            assert ending.lane == "lane-2"
            assert day.raises("lane-2") == 1
            assert (await day.officer.overview())["system"]["broker"] == "not configured"
        finally:
            await day.end()
