"""The engineer's lane: the gate lets go of its devices after its last orders, and begins anew with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import serial

from gate.lanes.duties import MaintenanceEnded
from gate.lanes.duty_acts import BeginMaintenance, EndMaintenance
from gate.lanes.events import Aspect, Detector, DeviceRole
from gate.lanes.state import Inputs, Phase
from tests.lanes.emulated import LANE, World, emulated

WHO = "leyla"
BEGIN = BeginMaintenance(officer=WHO, point=LANE, reason="oil")
END = EndMaintenance(officer=WHO, point=LANE)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A lane at rest on a Modbus board."""
    async with emulated("modbus-rtu", tmp_path) as living:
        yield living


def _engineer(world: World) -> serial.Serial:
    """Open the board's port as a commissioning tool does: exclusively."""
    return serial.Serial(str(world.data / "dev" / "io"), 115200, exclusive=True)


def _is_free(world: World) -> bool:
    try:
        _engineer(world).close()
    except serial.SerialException:
        return False
    return True


async def _begins(world: World) -> None:
    assert (await world.house.checkpoint.act(BEGIN)).done
    assert await world.until(lambda: _is_free(world)), "the gate never let go of the port"


async def test_the_port_is_the_gates_until_maintenance_and_the_engineers_then(world: World) -> None:
    """The last order, red, is carried out before the link is let go; then the port can be had alone."""
    assert not _is_free(world)
    world.lane.set_signal(Aspect.GREEN)
    await _begins(world)
    assert world.lane.signal is Aspect.RED
    assert not world.point._devices
    engineer = _engineer(world)
    pulses = len(world.lane.pulses)
    world.set(Detector.ARMING, True)
    world.lane.push_by_hand(up=True)
    assert await world.until(lambda: world.lane.limit_up)
    assert world.phase is Phase.MAINTENANCE
    engineer.close()
    assert len(world.lane.pulses) == pulses


async def test_afterwards_nothing_is_known_until_the_board_says_it(world: World) -> None:
    """While the engineer still has the port the lane recovers; then it knows all, and is free."""
    await _begins(world)
    engineer = _engineer(world)
    done = await world.point.tell(MaintenanceEnded(at=world.house.clock.now(), officer=WHO))
    assert (done.state.phase, done.state.inputs) == (Phase.RECOVERY, Inputs())
    assert await world.until(lambda: DeviceRole.IO in world.point.state.faults)
    assert (world.phase, world.point.state.inputs) == (Phase.RECOVERY, Inputs())
    engineer.close()
    assert await world.until(lambda: world.phase is Phase.FREE)
    assert not world.point.state.faults
    assert not world.point.fault_reasons


async def test_a_restart_leaves_the_engineer_his_port(world: World) -> None:
    """The gate dies and comes back in maintenance: the devices are still not its own."""
    await _begins(world)
    engineer = _engineer(world)
    await world.kill()
    await world.start()
    assert world.phase is Phase.MAINTENANCE
    await world.point.orders_done()
    engineer.close()
    assert _is_free(world)
    assert (await world.house.checkpoint.act(END)).done
    assert await world.until(lambda: world.phase is Phase.FREE)


async def test_a_silent_board_is_let_go_of_all_the_same(world: World) -> None:
    """Its last orders fail, and are not waited for; mended, its old fault is forgotten."""
    world.lane.mute()
    assert await world.until(lambda: DeviceRole.IO in world.point.state.faults)
    await _begins(world)
    world.lane.unmute()
    assert (await world.house.checkpoint.act(END)).done
    assert await world.until(lambda: world.phase is Phase.FREE)
    assert not world.point.state.faults


async def test_begun_and_ended_in_haste_the_lane_has_its_devices_once(world: World) -> None:
    """Letting go and taking back overtake each other: in the end one driver holds the port, and works."""
    for _ in range(5):
        for act in (BEGIN, END):
            assert (await world.house.checkpoint.act(act)).done
        await asyncio.sleep(0)
    assert await world.until(lambda: world.phase is Phase.FREE)
    assert len(world.point._devices) == 1
    await world.comes(0)
    assert await world.until(lambda: world.lane.limit_up)
    assert len(world.lane.raises()) == 1
