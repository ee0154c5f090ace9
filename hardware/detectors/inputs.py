"""What a lane has been told of its inputs: tells changes only, a fault once, and the truth after it."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from gate.clock import Clock
from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    Occupancy,
)
from gate.lanes.ports import Post

log = structlog.get_logger()


class LaneInputs:
    """The memory between an I/O driver and its lane. `detectors` and `barrier` say what the point has."""

    def __init__(self, clock: Clock, lane: str, detectors: tuple[Detector, ...], *, barrier: bool) -> None:
        self._clock = clock
        self._lane = lane
        self._detectors = detectors
        self._barrier = barrier
        self._told: dict[Detector, Occupancy] = {}
        self._position: BarrierPosition | None = None
        self._post: Post | None = None
        self.fault: str | None = None

    def bind(self, post: Post) -> None:
        """A new run of the driver begins: nothing has been told yet."""
        self._post = post
        self._told = {}
        self._position = None
        self.fault = None

    def report(self, detectors: Mapping[Detector, Occupancy], position: BarrierPosition) -> None:
        """The device answers, and these are its inputs."""
        if self._post is None:
            return
        if self.fault is not None:
            self.fault = None
            log.info("io.recovered", lane=self._lane)
            self._post(DeviceRecovered(at=self._clock.now(), device=DeviceRole.IO))
        self._tell(detectors, position)

    def lost(self, reason: str) -> None:
        """The device does not answer: its inputs are unknown. Repeats are not told."""
        if self._post is None or self.fault is not None:
            return
        self.fault = reason
        log.warning("io.faulted", lane=self._lane, reason=reason)
        self._post(DeviceFaulted(at=self._clock.now(), device=DeviceRole.IO, reason=reason))
        self._tell(dict.fromkeys(self._detectors, Occupancy.UNKNOWN), BarrierPosition.UNKNOWN)

    def _tell(self, detectors: Mapping[Detector, Occupancy], position: BarrierPosition) -> None:
        if self._post is None:
            return
        at = self._clock.now()
        for detector in self._detectors:
            state = detectors.get(detector, Occupancy.UNKNOWN)
            if self._told.get(detector) != state:
                self._told[detector] = state
                self._post(DetectorChanged(at=at, detector=detector, state=state))
        if self._barrier and self._position != position:
            self._position = position
            self._post(BarrierMoved(at=at, position=position))
