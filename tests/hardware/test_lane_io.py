"""One contract, every LaneIo driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import (
    Aspect,
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    Occupancy,
)
from gate.settings import Input
from tests.hardware.conftest import EVERY_INPUT, IoBench, io_bench, running

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


async def test_a_pulse_withdrawn_while_its_line_was_busy_is_not_sent(live: IoBench) -> None:
    """Asked last thing before the write: the decision no longer stands, so nothing goes out."""
    stands = True

    def withdrawn() -> bool:
        return stands

    signal = asyncio.create_task(live.io.set_signal(Aspect.GREEN))
    await asyncio.sleep(0)  # the signal has its turn on the line; the pulse comes after it
    pulse = asyncio.create_task(live.io.raise_barrier(RaiseBarrier("release-1"), withdrawn))
    stands = False
    with pytest.raises(DeviceError, match="withdrawn"):
        await pulse
    await signal
    with pytest.raises(DeviceError, match="withdrawn"):
        await live.io.lower_barrier(LowerBarrier("lower-1"), withdrawn)
    assert live.lane.pulses == []


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


@pytest.fixture(params=DRIVERS)
async def full(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[IoBench]:
    """A lane with everything that can be wired, running and known."""
    async with (
        io_bench(request.param, tmp_path, inputs=EVERY_INPUT) as bench,
        running(bench.io, bench.posted),
    ):
        await bench.posted.until(lambda: _all_at_rest(bench))
        yield bench


def _all_at_rest(bench: IoBench) -> bool:
    posted = bench.posted
    return (
        all(posted.detector(detector) is Occupancy.CLEAR for detector in Detector)
        and all(posted.contact(contact) is ContactState.NORMAL for contact in Contact)
        and posted.barrier is BarrierPosition.DOWN
        and not posted.faulted
    )


async def test_every_detector_is_told_as_itself(full: IoBench) -> None:
    """Arming, safety, photo-eye and exit: one occupied, the others clear, for each in turn."""
    for detector in Detector:
        full.lane.set_detector(detector, True)
        await full.posted.until(lambda at=detector: full.posted.detector(at) is Occupancy.OCCUPIED)  # type: ignore[misc]  # bound per round
        others = {full.posted.detector(other) for other in Detector if other is not detector}
        assert others == {Occupancy.CLEAR}
        full.lane.set_detector(detector, False)
        await full.posted.until(lambda at=detector: full.posted.detector(at) is Occupancy.CLEAR)  # type: ignore[misc]  # bound per round


async def test_every_contact_is_told_as_itself(full: IoBench) -> None:
    """Height, fire, emergency stop, key switch, mains, battery, cabinet: one active, the others normal."""
    for contact in Contact:
        full.lane.set_contact(contact, True)
        await full.posted.until(lambda at=contact: full.posted.contact(at) is ContactState.ACTIVE)  # type: ignore[misc]  # bound per round
        others = {full.posted.contact(other) for other in Contact if other is not contact}
        assert others == {ContactState.NORMAL}
        full.lane.set_contact(contact, False)
        await full.posted.until(lambda at=contact: full.posted.contact(at) is ContactState.NORMAL)  # type: ignore[misc]  # bound per round


async def test_a_lost_device_makes_every_fitted_input_unknown(full: IoBench) -> None:
    """Silence: no detector clear, no contact normal, no position; and the truth of then when it is back."""
    full.lane.mute()
    await full.posted.until(lambda: full.posted.barrier is BarrierPosition.UNKNOWN)
    assert {full.posted.detector(detector) for detector in Detector} == {Occupancy.UNKNOWN}
    assert {full.posted.contact(contact) for contact in Contact} == {ContactState.UNKNOWN}
    full.lane.set_contact(Contact.CABINET, True)
    full.lane.set_detector(Detector.EXIT, True)
    full.lane.unmute()
    await full.posted.until(lambda: full.posted.contact(Contact.CABINET) is ContactState.ACTIVE)
    await full.posted.until(lambda: full.posted.detector(Detector.EXIT) is Occupancy.OCCUPIED)
    await full.posted.until(lambda: full.posted.contact(Contact.FIRE) is ContactState.NORMAL)
    await full.posted.until(lambda: full.posted.detector(Detector.ARMING) is Occupancy.CLEAR)


async def test_fire_opens_by_wire_and_is_seen(full: IoBench) -> None:
    """The panel opens the barrier without any command of ours; position and contact tell it."""
    full.lane.set_contact(Contact.FIRE, True)
    await full.posted.until(lambda: full.posted.barrier is BarrierPosition.UP)
    await full.posted.until(lambda: full.posted.contact(Contact.FIRE) is ContactState.ACTIVE)
    assert full.lane.pulses == []


async def test_a_boom_moved_by_hand_is_seen(full: IoBench) -> None:
    """Somebody lifts it: up, though no pulse was sent."""
    full.lane.push_by_hand(up=True)
    await full.posted.until(lambda: full.posted.barrier is BarrierPosition.UP)
    assert full.lane.pulses == []


@pytest.mark.parametrize("driver", DRIVERS)
async def test_what_is_not_fitted_is_never_told(driver: str, tmp_path: Path) -> None:
    """Arming and safety only, no limit switches: no photo-eye, no contact, and no position at all."""
    wiring: dict[Input, int] = {"arming": 6, "safety": 4}
    async with io_bench(driver, tmp_path, inputs=wiring) as bench, running(bench.io, bench.posted):
        await bench.posted.until(lambda: bench.posted.detector(Detector.SAFETY) is Occupancy.CLEAR)
        bench.lane.set_detector(Detector.PHOTO_EYE, True)
        bench.lane.set_contact(Contact.CABINET, True)
        await bench.io.raise_barrier(RaiseBarrier("release-1"))
        await bench.lane.wait_until(lambda: bench.lane.limit_up)
        bench.lane.set_detector(Detector.ARMING, True)
        await bench.posted.until(lambda: bench.posted.detector(Detector.ARMING) is Occupancy.OCCUPIED)
        bench.lane.mute()
        await bench.posted.until(lambda: bench.posted.detector(Detector.SAFETY) is Occupancy.UNKNOWN)
        assert bench.posted.of(BarrierMoved) == []
        assert bench.posted.of(ContactChanged) == []
        assert {event.detector for event in bench.posted.of(DetectorChanged)} == {
            Detector.ARMING,
            Detector.SAFETY,
        }
