"""Time is injected: rooms take a Clock, pure code takes an Instant out of its event."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks: `utc` for the record and the Rules, `mono` (seconds) for timers."""

    utc: datetime
    mono: float


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Instant:
        """The present moment on both clocks."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock's monotonic side."""
        ...


class SystemClock:
    """The machine's own clock. `mono` is the clock asyncio timers run on."""

    def now(self) -> Instant:
        """The present moment on both clocks."""
        return Instant(datetime.now(UTC), time.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(seconds)
