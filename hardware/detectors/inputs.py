"""What a lane has been told of its inputs: tells changes only, a fault once, and the truth after it."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from gate.clock import Clock
from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    Occupancy,
)
from gate.lanes.fitted import Fitted
from gate.lanes.ports import Post

log = structlog.get_logger()


class LaneInputs:
    """The memory between an I/O driver and its lane. Only what the point is fitted with is told."""

    def __init__(self, clock: Clock, lane: str, fitted: Fitted) -> None:
        self._clock = clock
        self._lane = lane
        self._fitted = fitted
        self._told: dict[Detector | Contact, Occupancy | ContactState] = {}
        self._position: BarrierPosition | None = None
        self._post: Post | None = None
        self.fault: str | None = None

    def bind(self, post: Post) -> None:
        """A new run of the driver begins: nothing has been told yet."""
        self._post = post
        self._told = {}
        self._position = None
        self.fault = None

    def report(
        self,
        detectors: Mapping[Detector, Occupancy],
        position: BarrierPosition,
        contacts: Mapping[Contact, ContactState] | None = None,
    ) -> None:
        """The device answers, and these are its inputs. What is fitted and not named is unknown."""
        if self._post is None:
            return
        if self.fault is not None:
            self.fault = None
            log.info("io.recovered", lane=self._lane)
            self._post(DeviceRecovered(at=self._clock.now(), device=DeviceRole.IO))
        self._tell(detectors, contacts or {}, position)

    def lost(self, reason: str) -> None:
        """The device does not answer: its inputs are unknown. Repeats are not told."""
        if self._post is None or self.fault is not None:
            return
        self.fault = reason
        log.warning("io.faulted", lane=self._lane, reason=reason)
        self._post(DeviceFaulted(at=self._clock.now(), device=DeviceRole.IO, reason=reason))
        self._tell({}, {}, BarrierPosition.UNKNOWN)

    def _tell(
        self,
        detectors: Mapping[Detector, Occupancy],
        contacts: Mapping[Contact, ContactState],
        position: BarrierPosition,
    ) -> None:
        if self._post is None:
            return
        at = self._clock.now()
        # Contacts first: who comes with the next word must find the height detector already heard.
        for contact in Contact:
            state = contacts.get(contact, ContactState.UNKNOWN)
            if contact in self._fitted.contacts and self._told.get(contact) != state:
                self._told[contact] = state
                self._post(ContactChanged(at=at, contact=contact, state=state))
        for detector in Detector:
            occupancy = detectors.get(detector, Occupancy.UNKNOWN)
            if detector in self._fitted.detectors and self._told.get(detector) != occupancy:
                self._told[detector] = occupancy
                self._post(DetectorChanged(at=at, detector=detector, state=occupancy))
        if self._fitted.feedback and self._position != position:
            self._position = position
            self._post(BarrierMoved(at=at, position=position))
