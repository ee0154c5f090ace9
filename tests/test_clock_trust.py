"""What the box knows of central's time: measured, aged, forgotten, kept for the next run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import Instant
from gate.clock_trust import DRIFT, JUMP, KEEP_SECONDS, ClockTrust, Measure
from gate.kernel_clock import LinuxClock
from tests.clocks import PaperKernel, SetClock, adrift

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TINY = timedelta(milliseconds=1)


def asked(
    trust: ClockTrust, clock: SetClock, offset: float, *, there: float = 0.01, back: float = 0.01
) -> None:
    """One exchange with a central whose clock is `offset` seconds ahead of this box's."""
    sent = clock.now()
    clock.passes(there)
    central = clock.utc + timedelta(seconds=offset)
    clock.passes(back)
    trust.measured(sent, clock.now(), central)


def boxed(kernel: PaperKernel | None = None) -> tuple[SetClock, ClockTrust]:
    """A box that has just been switched on."""
    clock = SetClock(NOON)
    return clock, ClockTrust(clock, kernel or adrift())


def test_until_somebody_says_so_the_time_is_unknown() -> None:
    """Law 3: neither central nor the kernel has spoken."""
    _, trust = boxed()
    reading = trust.reading()
    assert (reading.basis, reading.offset, trust.offset()) == ("unknown", None, None)
    assert reading.central(1000.0) is None


@given(
    offset=st.floats(-200_000, 200_000),
    there=st.floats(0, 30),
    back=st.floats(0, 30),
    drift=st.floats(-DRIFT, DRIFT),
    age=st.floats(0, 500_000),
)
def test_the_truth_lies_within_what_is_said(
    offset: float, there: float, back: float, drift: float, age: float
) -> None:
    """However long the ways there and back, however unlike, and however the clocks part afterwards."""
    clock, trust = boxed()
    asked(trust, clock, offset, there=there, back=back)
    clock.passes(age)
    truth = timedelta(seconds=offset + drift * (age + back))
    reading = trust.reading()
    assert reading.offset is not None
    assert abs(reading.offset - truth) <= reading.uncertainty + timedelta(microseconds=1)
    for ago in (0.0, age / 2, age, age + back):
        told = reading.central(clock.mono - ago)
        assert told is not None
        then = clock.utc - timedelta(seconds=ago) + timedelta(seconds=offset + drift * (age + back - ago))
        assert abs(told[0] - then) <= told[1] + timedelta(microseconds=2)


def test_a_long_answer_does_not_blur_a_short_one() -> None:
    """The surest measure stands until it has aged beyond a newer one."""
    clock, trust = boxed()
    asked(trust, clock, 5.0, there=0.001, back=0.001)
    sure = trust.reading().uncertainty
    asked(trust, clock, 5.0, there=0.0, back=8.0)
    assert trust.reading().uncertainty < sure + timedelta(milliseconds=2)
    clock.passes(40_000)
    aged = trust.reading().uncertainty
    assert aged > timedelta(seconds=7)
    asked(trust, clock, 5.0, there=0.5, back=0.5)
    assert trust.reading().uncertainty < SECOND


def test_an_answer_that_contradicts_replaces_what_was_known() -> None:
    """Central's clock was set, or ours slewed: however sure the old measure was, it is over."""
    clock, trust = boxed()
    asked(trust, clock, 0.0, there=0.001, back=0.001)
    asked(trust, clock, -600.0, there=2.0, back=2.0)
    assert trust.offset() == pytest.approx(-600.0, abs=2.1)


@pytest.mark.parametrize("seconds", [2.001, 3600.0, -2.001, -86_400.0 * 3])
def test_a_step_of_utc_forgets_the_measure_until_the_next(seconds: float) -> None:
    """Somebody set the clock: nothing is known, and the next answer makes it known again."""
    clock, trust = boxed()
    asked(trust, clock, 1.0)
    clock.utc += timedelta(seconds=seconds)
    assert trust.offset() is None
    clock.utc -= timedelta(seconds=seconds)
    assert trust.offset() is None, "setting it back is another step, not an undoing"
    asked(trust, clock, 1.0)
    assert trust.offset() == pytest.approx(1.0, abs=0.02)


def test_a_nudge_of_utc_is_followed() -> None:
    """A leap second or a small correction: the offset is the new one at once."""
    clock, trust = boxed()
    asked(trust, clock, 1.0)
    clock.utc += SECOND
    assert trust.offset() == pytest.approx(0.0, abs=0.02)


def test_an_exchange_during_which_utc_was_set_measures_nothing() -> None:
    """Its two ends are on two clocks."""
    clock, trust = boxed()
    sent = clock.now()
    clock.passes(0.1)
    clock.utc += 60 * SECOND
    trust.measured(sent, clock.now(), clock.utc)
    assert trust.offset() is None


def test_an_exchange_that_ends_before_it_began_measures_nothing() -> None:
    """No clock that goes backwards is a monotonic one."""
    clock, trust = boxed()
    trust.measured(clock.now(), Instant(clock.utc, clock.mono - 1), clock.utc)
    assert trust.offset() is None


def test_while_a_time_server_keeps_utc_it_is_trusted_without_central() -> None:
    """The kernel's word, with the kernel's own doubt; central's is better as soon as it comes."""
    kernel = PaperKernel(wrong_by=timedelta(milliseconds=40))
    clock, trust = boxed(kernel)
    reading = trust.reading()
    assert (reading.basis, reading.offset, reading.uncertainty) == (
        "kernel",
        timedelta(),
        timedelta(milliseconds=40),
    )
    asked(trust, clock, 7.0)
    assert trust.reading().basis == "central"
    kernel.wrong_by = None
    assert trust.offset() == pytest.approx(7.0, abs=0.02)


# --- the next run -------------------------------------------------------------------------------


def restarted(clock: SetClock, kept: Measure | None, boot: str = "this-boot") -> ClockTrust:
    """The daemon's next run on this machine."""
    trust = ClockTrust(clock, adrift(boot))
    trust.recall(kept)
    return trust


def test_a_restart_while_central_is_away_goes_on_with_the_measure() -> None:
    """The machine ran on: what was measured holds, a little less sure."""
    clock, trust = boxed()
    asked(trust, clock, 3.0)
    kept = trust.worth_keeping()
    before = trust.reading()
    clock.passes(600)
    after = restarted(clock, kept).reading()
    assert after.offset == before.offset
    assert after.uncertainty > before.uncertainty


def test_a_power_cut_forgets_the_measure() -> None:
    """Another boot of the machine: its monotonic clock began anew, and its UTC is anybody's guess."""
    clock, trust = boxed()
    asked(trust, clock, 3.0)
    assert restarted(clock, trust.worth_keeping(), "next-boot").offset() is None


def test_utc_set_between_two_runs_forgets_the_measure() -> None:
    """Nobody was running to see the step; the two clocks show it."""
    clock, trust = boxed()
    asked(trust, clock, 3.0)
    kept = trust.worth_keeping()
    clock.utc -= JUMP + TINY
    assert restarted(clock, kept).offset() is None


def test_a_measure_is_written_once_a_minute_and_at_every_change() -> None:
    """A disk is not for saying the same thing every second."""
    clock, trust = boxed()
    assert trust.worth_keeping() is None
    asked(trust, clock, 3.0)
    first = trust.worth_keeping()
    assert first is not None
    trust.kept(first)
    asked(trust, clock, 3.0, there=0.001, back=0.001)
    assert trust.worth_keeping() is None
    asked(trust, clock, 30.0)
    moved = trust.worth_keeping()
    assert moved is not None
    trust.kept(moved)
    clock.passes(KEEP_SECONDS)
    assert trust.worth_keeping() is None, "nothing newer was measured"
    asked(trust, clock, 30.0, there=0.001, back=0.001)
    assert trust.worth_keeping() is not None


def test_the_running_kernel_answers() -> None:
    """Its boot has one name however often it is asked; its error is that of the state it tells."""
    kernel = LinuxClock()
    assert kernel.boot_id() == kernel.boot_id()
    assert len(kernel.boot_id()) == 36
    assert (kernel.error() is None) == (kernel.state() in (-1, 5))
