"""What kiosk devices send that cannot be used: counted by reason, logged at a bounded rate, never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import structlog
from prometheus_client import Counter

from gate.lanes.events import DeviceRole

log = structlog.get_logger()

REFUSED = Counter(
    "gate_kiosk_device_refused_total",
    "What scanners, keypads and printers sent that was refused",
    ["device", "reason"],
)

Reason = Literal[
    "too-long",  # a line or frame beyond its limit
    "not-text",  # bytes that are no printable text
    "cut-off",  # a line that broke off before its end
    "unknown-key",  # a key that stands for no character, or is not on the terminal
    "overrun",  # the kernel lost key events
    "damaged",  # a frame whose checksum or shape is wrong
    "repeated",  # the same frame, or the same code held before the scanner
    "stuck-key",  # one key that does not stop
    "no-number",  # a code without a notification number, or with more than one
    "too-often",  # beyond what fingers do: the back-off that typed numbers have, too
    "unasked",  # an answer to nothing that was asked
]

_LOG_SECONDS = 10.0


@dataclass(slots=True)
class Refusals:
    """One device's. What was refused is not kept: it may hold a number."""

    point: str
    device: DeviceRole
    _logged: dict[Reason, float] = field(default_factory=dict)
    _unlogged: dict[Reason, int] = field(default_factory=dict)

    def refuse(self, reason: Reason, now: float) -> None:
        """Count one more; log the first, then at most one line in ten seconds. `now` is monotonic."""
        REFUSED.labels(self.device.value, reason).inc()
        last = self._logged.get(reason)
        if last is not None and now - last < _LOG_SECONDS:
            self._unlogged[reason] = self._unlogged.get(reason, 0) + 1
            return
        self._logged[reason] = now
        log.warning(
            "kiosk.device_refused",
            point=self.point,
            device=self.device.value,
            reason=reason,
            unlogged=self._unlogged.pop(reason, 0),
        )
