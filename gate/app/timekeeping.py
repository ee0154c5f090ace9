"""The clock as people and monitors see it, and the last measure kept for the next run."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

import structlog
from prometheus_client import Gauge

from gate.clock_trust import ClockTrust, Reading
from gate.lanes.rules.declared import skew
from gate.lanes.views import ClockView
from gate.store.measures import keep_measure
from gate.store.store import Store

log = structlog.get_logger()

OFFSET = Gauge("gate_clock_offset_seconds", "Central's clock minus this box's; NaN while nobody knows")
UNCERTAINTY = Gauge("gate_clock_uncertainty_seconds", "What the offset may be wrong by, either way")

_UNKNOWN = (
    "Every vehicle is held until central answers or a time server sets the clock: look at the line to"
    " central, at `timedatectl` and its NTP service, and at the battery of the machine's clock (gate doctor)."
)
_SKEWED = (
    "Every vehicle is held until the clock is set: `timedatectl set-ntp true`, or set it by hand; change the"
    " battery of the machine's clock if this comes again. If this clock is right, tell central's operators."
)


def clock_view(reading: Reading, max_offset: timedelta) -> ClockView:
    """Say what is known, and what to do unless it is enough to direct anybody."""
    if reading.offset is None:
        said = "unknown: neither central nor a time server confirmed it"
        return ClockView(says=said, do=_UNKNOWN)
    seconds, sure = reading.offset.total_seconds(), reading.uncertainty.total_seconds()
    # In hundredths, the doubt rounded up: more is noise.
    at = reading.measured_at.replace(microsecond=0) if reading.measured_at is not None else None
    figures = (round(seconds, 2), math.ceil(sure * 100) / 100, at)
    if abs(reading.offset) + reading.uncertainty > max_offset:
        said = f"wrong: {skew(reading.offset)} central's"
        return ClockView("skewed", reading.basis, *figures, said, _SKEWED)
    if reading.basis == "kernel":
        return ClockView("trusted", reading.basis, *figures, "kept by a time server")
    return ClockView("trusted", reading.basis, *figures, f"within {abs(seconds) + sure:.1f} s of central's")


class Timekeeper:
    """Looks at the clock a few times a second."""

    def __init__(
        self, trust: ClockTrust, store: Store, max_offset: timedelta, on_change: Callable[[], None]
    ) -> None:
        self._trust = trust
        self._store = store
        self._max_offset = max_offset
        self._on_change = on_change
        self._state = self.view().state
        OFFSET.set_function(lambda: _figure(trust.reading(), lambda reading: reading.offset))
        UNCERTAINTY.set_function(lambda: _figure(trust.reading(), lambda reading: reading.uncertainty))

    def view(self) -> ClockView:
        """What the console and `gate status` show."""
        return clock_view(self._trust.reading(), self._max_offset)

    async def look(self) -> None:
        """Tell the console of a change, and keep the measure for the next run."""
        reading = self._trust.reading()
        state = clock_view(reading, self._max_offset).state
        if state != self._state:
            log.info("clock.state", state=state, basis=reading.basis)
            self._state = state
            self._on_change()
        measure = self._trust.worth_keeping()
        if measure is not None:
            await keep_measure(self._store.thread, measure)
            self._trust.kept(measure)


def _figure(reading: Reading, of: Callable[[Reading], timedelta | None]) -> float:
    value = of(reading)
    return math.nan if reading.offset is None or value is None else value.total_seconds()
