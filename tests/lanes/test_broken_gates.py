"""Gates broken on purpose: each must be seen from outside (`outside.py`)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gate.lanes import arriving, interlocks
from gate.lanes.actuation import Actuation
from gate.lanes.commands import DeviceCommand, RaiseBarrier
from gate.lanes.events import Detector, Event, Started
from gate.lanes.machine import Step
from gate.lanes.runtime import PointRuntime
from gate.lanes.state import Phase
from tests.lanes.emulated import World, emulated
from tests.lanes.outside import WIRE_SECONDS
from tests.lanes.random_lives import hurries

pytestmark = pytest.mark.usefixtures("short_times")


def _replays(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restart the last release is raised on once more."""
    take = PointRuntime._take

    async def replaying(self: PointRuntime, event: Event) -> Step:
        passage = self.state.passage
        step = await take(self, event)
        if isinstance(event, Started) and passage is not None and passage.release_id is not None:
            again = RaiseBarrier(passage.release_id)
            asyncio.get_running_loop().call_later(0.5, self._actuation.order, again)
        return step

    monkeypatch.setattr(PointRuntime, "_take", replaying)


def _is_never_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pulse that waited in line goes out whatever became of its decision."""

    def never(_self: Actuation, _command: DeviceCommand) -> bool:
        return False

    monkeypatch.setattr(Actuation, "_is_stale", never)


def _ignores_the_eye(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop alone watches the area under the boom."""
    monkeypatch.setattr(interlocks, "UNDER", (Detector.SAFETY,))
    monkeypatch.setattr(arriving, "UNDER", (Detector.SAFETY,))


def _raises_without_a_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vehicle is felt, and the boom goes up."""
    take = PointRuntime._take

    async def eager(self: PointRuntime, event: Event) -> Step:
        before = self.state.phase
        step = await take(self, event)
        if before is Phase.FREE and step.state.phase is Phase.READING:
            self._actuation.order(RaiseBarrier("nobody's"))
        return step

    monkeypatch.setattr(PointRuntime, "_take", eager)


async def _stands_in_the_beam(world: World) -> None:
    """A high bed stays under the boom where the loop does not feel it."""
    await world.comes(0)
    assert await world.until(lambda: world.phase is Phase.PASSING)
    world.goes_under()
    await world.calm()
    world.clears(Detector.ARMING)
    world.set(Detector.EXIT, True)
    await world.until(lambda: False, WIRE_SECONDS)
    world.clears(Detector.SAFETY)
    await world.until(lambda: bool(world.outside.broken), 1.5)


async def _killed_under_a_raised_boom(world: World) -> None:
    await world.comes(0)
    assert await world.until(lambda: world.phase is Phase.PASSING)
    await world.kill()
    await world.start()
    await world.until(lambda: bool(world.outside.broken), 1.5)


async def _emergencies_over_a_slow_line(world: World) -> None:
    """Opened and ended again and again while the line is busy: only what still lasts may go out."""
    await hurries(world, 1)
    await world.until(lambda: bool(world.outside.broken), 2.0)


async def _comes_for_nothing(world: World) -> None:
    await world.comes(5)
    await world.calm()


BROKEN = {
    "raise: .*earlier boot|raise: .*pulsed before": (_replays, _killed_under_a_raised_boom),
    "raise: .*withdrawn": (_is_never_stale, _emergencies_over_a_slow_line),
    "lower: .*occupied": (_ignores_the_eye, _stands_in_the_beam),
    "raise: .*no decision": (_raises_without_a_commit, _comes_for_nothing),
}


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "broken"])
@pytest.mark.parametrize("law", BROKEN)
def test_a_broken_gate_is_seen_from_outside(
    law: str, whole: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same scene with the gate as it is, and broken on purpose: only the second breaks a law."""
    breaks, scene = BROKEN[law]
    if not whole:
        breaks(monkeypatch)

    async def run() -> None:
        async with emulated("modbus-rtu", tmp_path) as world:
            await scene(world)
            world.outside.hold()

    if whole:
        asyncio.run(run())
        return
    with pytest.raises(AssertionError, match=law):
        asyncio.run(run())
