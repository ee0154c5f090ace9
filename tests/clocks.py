"""Clocks a test can set, and kernels that say of them what the test wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gate.clock import Clock, Instant, SystemClock
from gate.clock_trust import ClockTrust


@dataclass
class PaperKernel:
    """A kernel whose clock is kept right, to the nanosecond, unless the test says otherwise."""

    boot: str = "this-boot"
    wrong_by: timedelta | None = timedelta()
    """At most; None while nothing keeps the clock right."""

    def boot_id(self) -> str:
        """Name this boot."""
        return self.boot

    def error(self) -> timedelta | None:
        """How far UTC may be wrong."""
        return self.wrong_by


def adrift(boot: str = "this-boot") -> PaperKernel:
    """A kernel whose clock nothing keeps right: only central can tell the time."""
    return PaperKernel(boot, None)


def trusted(clock: Clock | None = None) -> ClockTrust:
    """A clock that is right."""
    return ClockTrust(clock or SystemClock(), PaperKernel())


@dataclass
class SetClock:
    """Two hands that a test moves: the monotonic one only goes on, the wall clock anybody may set."""

    utc: datetime
    mono: float = 1000.0

    def now(self) -> Instant:
        """Both hands as they stand."""
        return Instant(self.utc, self.mono)

    async def sleep(self, seconds: float) -> None:
        """Time goes by at once."""
        self.passes(seconds)

    def passes(self, seconds: float) -> None:
        """Time goes by, on both hands."""
        self.mono += seconds
        self.utc += timedelta(seconds=seconds)
