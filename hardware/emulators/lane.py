"""The physics of one lane, whatever its link: detectors, a motor driven by pulses, limit switches."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from gate.lanes.events import Aspect, BarrierPosition, Contact, Detector
from hardware.emulators.faults import Faults

PulseKind = Literal["raise", "lower", "stop"]

_UNDER = (Detector.SAFETY, Detector.PHOTO_EYE)
"""What the barrier's own controller is wired to: a boom does not close on these."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One pulse that reached the barrier, with what was true at that moment."""

    kind: PulseKind
    at_mono: float
    decision_id: str | None
    """None on links that carry no ids (Modbus)."""
    area_occupied: bool
    """Something was under the boom, by loop or photo-eye."""
    position: float
    """0 down to 1 up."""
    timed: bool = True
    """False when a contact was closed without a device-timed end."""


class EmulatedLane(Faults):
    """Starts closed, empty and red. The barrier's own hard-wired safety works whatever software says:
    a lowering boom stops and reverses when something stands under it.
    """

    def __init__(self, name: str, *, travel_seconds: float = 0.3) -> None:
        super().__init__()
        self.name = name
        self.pulses: list[Pulse] = []
        self.stuck = False
        self.signal = Aspect.RED
        self._travel = travel_seconds
        self._occupied = dict.fromkeys(Detector, False)
        self._active: set[Contact] = set()
        self._direction = 0
        self._from = 0.0
        self._since = 0.0
        self._arrival: asyncio.TimerHandle | None = None

    # --- the world ------------------------------------------------------------------------------

    def set_detector(self, detector: Detector, occupied: bool) -> None:
        """Something comes to stand on a detector, or leaves it."""
        self._occupied[detector] = occupied
        if detector in _UNDER and occupied and self._direction < 0:
            self._move(+1)
        self.changed()

    def occupied(self, detector: Detector) -> bool:
        """Whether something stands there."""
        return self._occupied[detector]

    def set_contact(self, contact: Contact, active: bool) -> None:
        """A contact trips, or is at rest again. Fire opens and the emergency stop stops, by wire."""
        (self._active.add if active else self._active.discard)(contact)
        if contact is Contact.FIRE and active and not self.stuck:
            self._move(+1)
        if contact is Contact.EMERGENCY_STOP and active:
            self._move(0)
        self.changed()

    def active(self, contact: Contact) -> bool:
        """Whether the contact is tripped."""
        return contact in self._active

    def push_by_hand(self, *, up: bool) -> None:
        """Somebody moves the boom without any command: force, or the key switch."""
        self._move(+1 if up else -1)
        self.changed()

    def stick(self) -> None:
        """The barrier does not move, whatever it is told."""
        self.stuck = True
        self._move(0)
        self.changed()

    def travel_in(self, seconds: float) -> None:
        """From its next movement on the boom takes this long from end to end."""
        self._travel = seconds

    def free(self) -> None:
        """The barrier moves again when told."""
        self.stuck = False
        self.changed()

    # --- the barrier ------------------------------------------------------------------------------

    @property
    def position(self) -> float:
        """0 down to 1 up, now."""
        if self._direction == 0:
            return self._from
        moved = (time.monotonic() - self._since) / self._travel * self._direction
        return min(1.0, max(0.0, self._from + moved))

    @property
    def limit_up(self) -> bool:
        """The upper limit switch."""
        return self._direction == 0 and self._from >= 1.0

    @property
    def limit_down(self) -> bool:
        """The lower limit switch."""
        return self._direction == 0 and self._from <= 0.0

    @property
    def barrier(self) -> BarrierPosition:
        """By the limit switches."""
        if self.limit_up:
            return BarrierPosition.UP
        return BarrierPosition.DOWN if self.limit_down else BarrierPosition.MOVING

    def pulse(self, kind: PulseKind, decision_id: str | None = None, *, timed: bool = True) -> None:
        """A pulse on the barrier's terminals."""
        under = any(self._occupied[detector] for detector in _UNDER)
        self.pulses.append(Pulse(kind, time.monotonic(), decision_id, under, self.position, timed))
        if kind == "stop" or self.stuck or Contact.EMERGENCY_STOP in self._active:
            self._move(0)
        elif kind == "raise":
            self._move(+1)
        elif not under:
            self._move(-1)
        self.changed()

    def set_signal(self, aspect: Aspect) -> None:
        """The traffic signal changes."""
        self.signal = aspect
        self.changed()

    def close(self) -> None:
        """Forget the pending movement."""
        self._move(0)

    def raises(self) -> list[Pulse]:
        """The opening pulses so far."""
        return [pulse for pulse in self.pulses if pulse.kind == "raise"]

    def _move(self, direction: int) -> None:
        self._from = self.position
        self._since = time.monotonic()
        self._direction = direction
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None
        if direction == 0:
            return
        way = 1.0 - self._from if direction > 0 else self._from
        if way <= 0.0:
            self._direction = 0
            return
        self._arrival = asyncio.get_running_loop().call_later(way * self._travel, self._arrive, direction)

    def _arrive(self, direction: int) -> None:
        self._arrival = None
        self._from = 1.0 if direction > 0 else 0.0
        self._direction = 0
        self.changed()
