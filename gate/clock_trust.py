"""Whether this box knows central's time: the offset of its clock, how sure that is, and since when.

Central's answers carry its time. An answer's stamp was made between the moment the request left and the
moment the answer's head came, so it is compared with the middle of the two, and half the way there and
back is what it may be wrong by. What is kept is central's time at the zero of this boot's *monotonic*
clock: steps of UTC do not move that, and a restart of the daemon does not lose it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from gate.clock import Clock, Instant
from gate.kernel_clock import KernelClock

log = structlog.get_logger()

JUMP = timedelta(seconds=2)
"""UTC that moves this far against the monotonic clock was set by somebody: the offset is measured anew."""
DRIFT = 200e-6
"""Seconds a second that two clocks nobody disciplines may part: twice what a cheap quartz does."""
ROUNDING = timedelta(microseconds=5)
"""What sums of floats and microseconds may lose: not in anybody's favour."""
KEEP_SECONDS = 60.0
"""How often a measure of the same value is worth a write to disk."""

Basis = Literal["central", "kernel", "unknown"]


@dataclass(frozen=True, slots=True)
class Measure:
    """Central's time against the monotonic clock of one boot, as one exchange showed it."""

    boot: str
    central_at_zero: datetime
    uncertainty: timedelta
    """Either way, at the moment of measuring."""
    mono: float
    """The monotonic moment of measuring."""
    utc_at_zero: datetime
    """This box's own UTC at the monotonic zero, by its clock of then: shows whether UTC was set since."""

    @property
    def at(self) -> datetime:
        """When it was measured, by central's clock."""
        return self.central_at_zero + timedelta(seconds=self.mono)

    def uncertainty_at(self, mono: float) -> timedelta:
        """Either way, at another moment."""
        return self.uncertainty + _drifted(mono - self.mono)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of central's time at one moment. Without an offset nothing is."""

    now: Instant
    boot: str
    basis: Basis
    offset: timedelta | None = None
    """Central's time minus this box's."""
    sure_to: timedelta = timedelta()
    """Either way, at the monotonic moment `sure_at`."""
    sure_at: float = 0.0
    measured_at: datetime | None = None

    @property
    def uncertainty(self) -> timedelta:
        """What the offset may be wrong by now, either way."""
        return self.sure_to + _drifted(self.now.mono - self.sure_at)

    def central(self, mono: float) -> tuple[datetime, timedelta] | None:
        """Central's time at a monotonic moment of this boot, and what it may be wrong by, either way."""
        if self.offset is None:
            return None
        moment = self.now.utc + self.offset - timedelta(seconds=self.now.mono - mono)
        return moment, self.sure_to + _drifted(mono - self.sure_at)


class ClockTrust:
    """Keeps the best recent measure; says "unknown" rather than guess (law 3).

    Known is: measured against central in this boot of the machine, and UTC not set since; or else, while
    the kernel says that something keeps UTC right, an offset of zero give or take the kernel's error.
    Safe to ask from any thread; `measured` and `recall` on the loop's alone.
    """

    def __init__(self, clock: Clock, kernel: KernelClock) -> None:
        self._clock = clock
        self._kernel = kernel
        self._boot = kernel.boot_id()
        self._measure: Measure | None = None
        self._kept: Measure | None = None

    def now(self) -> Instant:
        """Read the box's own clocks."""
        return self._clock.now()

    def measured(self, sent: Instant, received: Instant, central: datetime) -> None:
        """Take one exchange with central: both its ends on this box's clocks, and central's stamp."""
        at_zero = _at_zero(received)
        if received.mono < sent.mono or abs(at_zero - _at_zero(sent)) > JUMP:
            return  # UTC was set meanwhile: of such an exchange nothing is known
        way = timedelta(seconds=received.mono - sent.mono)
        middle = timedelta(seconds=sent.mono) + way / 2
        doubt = way / 2 + _drifted(way.total_seconds()) + ROUNDING
        new = Measure(self._boot, central - middle, doubt, received.mono, at_zero)
        old = self._standing(received)
        if old is None or _is_better(new, old):
            self._measure = new
        if old is None:
            log.info("clock.measured", offset=round((new.central_at_zero - at_zero).total_seconds(), 3))

    def recall(self, kept: Measure | None) -> None:
        """Go on with what an earlier run of the daemon measured, if it was in this boot of the machine."""
        self._kept = kept
        if kept is not None and kept.boot == self._boot and self._measure is None:
            self._measure = kept

    def worth_keeping(self) -> Measure | None:
        """Tell which measure should be written down for the next run; None when that is done."""
        new, kept = self._standing(self.now()), self._kept
        if new is None or new is kept:
            return None
        if kept is not None and kept.boot == new.boot and new.mono - kept.mono < KEEP_SECONDS:
            moved = abs(new.central_at_zero - kept.central_at_zero)
            if moved <= kept.uncertainty_at(new.mono) and abs(new.utc_at_zero - kept.utc_at_zero) <= JUMP:
                return None
        return new

    def kept(self, measure: Measure) -> None:
        """Note that `measure` is on disk."""
        self._kept = measure

    def reading(self) -> Reading:
        """Tell what is known now."""
        now = self.now()
        measure = self._standing(now)
        if measure is not None:
            offset = measure.central_at_zero - _at_zero(now)
            return Reading(now, self._boot, "central", offset, measure.uncertainty, measure.mono, measure.at)
        error = self._kernel.error()
        if error is not None:
            return Reading(now, self._boot, "kernel", timedelta(), error, now.mono)
        return Reading(now, self._boot, "unknown")

    def offset(self) -> float | None:
        """Seconds from this box's clock to central's, or None while nobody knows."""
        offset = self.reading().offset
        return None if offset is None else offset.total_seconds()

    def _standing(self, now: Instant) -> Measure | None:
        """The measure, unless UTC was set since it was taken: then it is forgotten."""
        measure = self._measure
        if measure is None:
            return None
        moved = _at_zero(now) - measure.utc_at_zero
        if abs(moved) <= JUMP:
            return measure
        self._measure = None
        log.warning("clock.stepped", seconds=round(moved.total_seconds(), 3), doing="measuring anew")
        return None


def _drifted(seconds: float) -> timedelta:
    """How far clocks may have parted in this time, looking forward or back."""
    return timedelta(seconds=abs(seconds) * DRIFT)


def _at_zero(at: Instant) -> datetime:
    return at.utc - timedelta(seconds=at.mono)


def _is_better(new: Measure, old: Measure) -> bool:
    """Surer than the old one has become; or so far from it that a clock must have changed."""
    aged = old.uncertainty_at(new.mono)
    apart = abs(new.central_at_zero - old.central_at_zero)
    return new.uncertainty <= aged or apart > new.uncertainty + aged
