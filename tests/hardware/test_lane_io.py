"""One contract, every LaneIo driver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    Occupancy,
)
from tests.hardware.conftest import IoBench, io_bench, running

DRIVERS = ["modbus-rtu", "modbus-tcp", "mqtt"]


@pytest.fixture(params=DRIVERS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[IoBench]:
    """A bench whose driver is not running."""
    async with io_bench(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def live(bench: IoBench) -> AsyncIterator[IoBench]:
    """The same, running, every input known."""
    async with running(bench.io, bench.posted):
        await bench.posted.until(lambda: _known(bench))
        yield bench


def _known(bench: IoBench) -> bool:
    posted = bench.posted
    return (
        posted.detector(Detector.ARMING) is Occupancy.CLEAR
        and posted.detector(Detector.SAFETY) is Occupancy.CLEAR
        and posted.barrier is BarrierPosition.DOWN
        and not posted.faulted
    )


async def test_true_states_come_after_start_without_a_fault(live: IoBench) -> None:
    """A device that is there from the start is never called faulty."""
    assert live.posted.of(DeviceFaulted) == []
    assert live.posted.of(DeviceRecovered) == []


async def test_a_vehicle_is_seen_coming_and_going(live: IoBench) -> None:
    """Each detector is told as itself, once a change."""
    live.lane.set_detector(Detector.ARMING, True)
    await live.posted.until(lambda: live.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    live.lane.set_detector(Detector.ARMING, False)
    await live.posted.until(lambda: live.posted.detector(Detector.ARMING) is Occupancy.CLEAR)
    said = [e.state for e in live.posted.of(DetectorChanged) if e.detector is Detector.ARMING]
    assert said[-2:] == [Occupancy.OCCUPIED, Occupancy.CLEAR]
    assert live.posted.detector(Detector.SAFETY) is Occupancy.CLEAR


async def test_one_raise_is_one_device_timed_pulse(live: IoBench) -> None:
    """Accepted on return, done by position feedback, and exactly one pulse on the barrier."""
    await live.io.raise_barrier(RaiseBarrier("release-1"))
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.UP)
    assert [event.position for event in live.posted.of(BarrierMoved)][-2:] == [
        BarrierPosition.MOVING,
        BarrierPosition.UP,
    ]
    assert [(p.kind, p.timed) for p in live.lane.pulses] == [("raise", True)]
    assert live.lane.pulses[0].decision_id == ("release-1" if live.carries_ids else None)


async def test_lower_brings_the_boom_down(live: IoBench) -> None:
    """The closing pulse, after the opening one."""
    await live.io.raise_barrier(RaiseBarrier("release-1"))
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.UP)
    await live.io.lower_barrier(LowerBarrier("lower-1"))
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.DOWN)
    assert [pulse.kind for pulse in live.lane.pulses] == ["raise", "lower"]


async def test_stop_ends_movement(live: IoBench) -> None:
    """A stopped boom stays between its ends."""
    await live.io.raise_barrier(RaiseBarrier("release-1"))
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.MOVING)
    await live.io.stop_barrier()
    assert [pulse.kind for pulse in live.lane.pulses] == ["raise", "stop"]
    assert 0.0 < live.lane.position < 1.0
    assert live.lane.barrier is BarrierPosition.MOVING


async def test_the_signal_follows(live: IoBench) -> None:
    """Green, then red."""
    for aspect in (Aspect.GREEN, Aspect.RED):
        await live.io.set_signal(aspect)
        assert live.lane.signal is aspect


async def test_a_silent_device_is_one_fault_and_unknown_until_it_answers(live: IoBench) -> None:
    """Muted: one fault, everything unknown. Unmuted: recovered first, then the truth as it is now."""
    live.lane.mute()
    live.lane.set_detector(Detector.ARMING, True)
    await live.posted.until(lambda: live.posted.faulted)
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.UNKNOWN)
    assert live.posted.detector(Detector.ARMING) is Occupancy.UNKNOWN
    assert live.posted.detector(Detector.SAFETY) is Occupancy.UNKNOWN
    with pytest.raises(DeviceError):
        await live.io.raise_barrier(RaiseBarrier("release-1"))
    before = len(live.posted.events)
    live.lane.unmute()
    await live.posted.until(lambda: live.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    await live.posted.until(lambda: live.posted.detector(Detector.SAFETY) is Occupancy.CLEAR)
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.DOWN)
    assert isinstance(live.posted.events[before], DeviceRecovered)
    assert len(live.posted.of(DeviceFaulted)) == 1
    assert live.lane.pulses == []


async def test_a_pulled_plug_mends_itself(live: IoBench) -> None:
    """Unplugged and plugged again: fault, unknown, recovered, known."""
    live.lane.unplug()
    await live.posted.until(lambda: live.posted.faulted and live.posted.barrier is BarrierPosition.UNKNOWN)
    with pytest.raises(DeviceError):
        await live.io.lower_barrier(LowerBarrier("lower-1"))
    live.lane.plug()
    await live.posted.until(lambda: _known(live))
    assert live.lane.pulses == []
    await live.io.raise_barrier(RaiseBarrier("release-2"))
    await live.lane.wait_until(lambda: live.lane.limit_up)
    assert len(live.lane.raises()) == 1


async def test_a_command_the_device_does_not_answer_is_an_error_and_not_repeated(live: IoBench) -> None:
    """The device falls silent just before the pulse: DeviceError, and no pulse when it wakes."""
    live.lane.mute()
    with pytest.raises(DeviceError):
        await live.io.raise_barrier(RaiseBarrier("release-1"))
    live.lane.unmute()
    await live.posted.until(lambda: _known(live))
    live.lane.set_detector(Detector.ARMING, True)
    await live.posted.until(lambda: live.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    assert live.lane.pulses == []


async def test_a_device_absent_at_start_is_a_fault_until_it_comes(bench: IoBench) -> None:
    """The driver runs without its device, and finds it later."""
    bench.lane.unplug()
    async with running(bench.io, bench.posted):
        await bench.posted.until(lambda: bench.posted.faulted)
        bench.lane.plug()
        await bench.posted.until(lambda: _known(bench))


async def test_a_barrier_that_sticks_is_accepted_and_never_done(live: IoBench) -> None:
    """Done is told by position alone: a stuck boom stays down, whatever was accepted."""
    live.lane.stick()
    await live.io.raise_barrier(RaiseBarrier("release-1"))
    live.lane.set_detector(Detector.ARMING, True)
    await live.posted.until(lambda: live.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
    assert live.posted.barrier is BarrierPosition.DOWN


@pytest.mark.parametrize("driver", DRIVERS)
async def test_an_approach_has_no_barrier_to_move(driver: str, tmp_path: Path) -> None:
    """At a point without a barrier only the arming detector speaks, and a pulse is an error."""
    async with io_bench(driver, tmp_path, barrier=False) as bench, running(bench.io, bench.posted):
        await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.CLEAR)
        with pytest.raises(DeviceError, match="no barrier"):
            await bench.io.raise_barrier(RaiseBarrier("release-1"))
        with pytest.raises(DeviceError, match="no barrier"):
            await bench.io.lower_barrier(LowerBarrier("lower-1"))
        await bench.io.stop_barrier()
        assert bench.posted.barrier is None
        assert bench.posted.detector(Detector.SAFETY) is None
        assert bench.lane.pulses == []


async def test_the_barriers_own_safety_reverses_a_closing_boom(live: IoBench) -> None:
    """Something comes under a falling boom: it goes up again without software."""
    await live.io.raise_barrier(RaiseBarrier("release-1"))
    await live.posted.until(lambda: live.posted.barrier is BarrierPosition.UP)
    await live.io.lower_barrier(LowerBarrier("lower-1"))
    await live.lane.wait_until(lambda: not live.lane.limit_up)
    live.lane.set_detector(Detector.SAFETY, True)
    await live.lane.wait_until(lambda: live.lane.limit_up)
    await live.posted.until(lambda: live.posted.detector(Detector.SAFETY) is Occupancy.OCCUPIED)
    assert [pulse.kind for pulse in live.lane.pulses] == ["raise", "lower"]


async def test_a_device_that_returns_is_set_to_the_signal_wanted_meanwhile(live: IoBench) -> None:
    """Green when it was cut off, red asked for since: it does not stay green."""
    await live.io.set_signal(Aspect.GREEN)
    live.lane.unplug()
    await live.posted.until(lambda: live.posted.faulted)
    with pytest.raises(DeviceError):
        await live.io.set_signal(Aspect.RED)
    live.lane.plug()
    await live.lane.wait_until(lambda: live.lane.signal is Aspect.RED)


async def test_a_signal_asked_for_before_the_device_is_found_is_shown_when_it_is(bench: IoBench) -> None:
    """The lane's first word may come before the driver's first poll."""
    async with running(bench.io, bench.posted):
        with pytest.raises(DeviceError):
            await bench.io.set_signal(Aspect.GREEN)
        await bench.lane.wait_until(lambda: bench.lane.signal is Aspect.GREEN)
        assert bench.posted.of(DeviceFaulted) == []
