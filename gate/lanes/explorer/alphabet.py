"""Every event a point can be told, in every variant that can make a difference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from gate.clock import Instant
from gate.lanes.events import (
    ActuationFailed,
    AttendanceChanged,
    BarrierMoved,
    BarrierPosition,
    Decided,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    Event,
    HelpRequested,
    NumberGiven,
    Occupancy,
    OfficerReferred,
    OfficerReleased,
    PlateConfirmed,
    PlateSeen,
    PointClosed,
    PointOpened,
    RegistrationCommitted,
    Started,
    TimeElapsed,
    VisitMatched,
    VisitUnmatched,
)
from gate.lanes.state import PointConfig
from gate.model import Corridor, Decision, NotificationNumber, Outcome, PlateRead, RegistrationMark

NOW = Instant(datetime(2026, 1, 1, tzinfo=UTC), 0.0)
LATER = Instant(datetime(2026, 1, 1, 1, tzinfo=UTC), 1e9)
PASSAGE, VISIT, OTHER = "P", "V", "other"
MARK, OTHER_MARK = RegistrationMark("10AA001"), RegistrationMark("99ZZ999")
NUMBER = NotificationNumber("0000000000000")


def alphabet(kind: str, config: PointConfig) -> Iterator[Event]:
    """Yield all events; ids are those of the (abstract) passage here, and foreign ones."""
    yield Started(at=NOW, boot_id="B")
    yield TimeElapsed(at=NOW)
    yield TimeElapsed(at=LATER)
    for officer in (None, "officer"):
        for at_once in (False, True):
            yield PointClosed(at=NOW, officer=officer, at_once=at_once)
        yield NumberGiven(at=NOW, number=NUMBER, officer=officer)
    yield PointOpened(at=NOW, officer="officer")
    yield HelpRequested(at=NOW, reason="call")
    yield OfficerReferred(at=NOW, officer="officer", reason="transit")
    yield from _devices()
    yield from _plates()
    for visit in (VISIT, OTHER):
        yield RegistrationCommitted(at=NOW, visit_id=visit)
        for checked in ((), ("documents",)):
            yield OfficerReleased(at=NOW, visit_id=visit, officer="officer", checked=checked)
        yield from _decisions(visit)
    if kind == "terminal":
        for attended in (False, True):
            yield AttendanceChanged(at=NOW, officer="officer", attended=attended)
    yield from _matches(config)


def _devices() -> Iterator[Event]:
    for detector in (Detector.ARMING, Detector.SAFETY):
        for occupancy in Occupancy:
            yield DetectorChanged(at=NOW, detector=detector, state=occupancy)
    for position in BarrierPosition:
        yield BarrierMoved(at=NOW, position=position)
    for device in DeviceRole:
        yield DeviceFaulted(at=NOW, device=device, reason="silent")
        yield DeviceRecovered(at=NOW, device=device)
    yield ActuationFailed(at=NOW, decision_id="D", reason="refused")


def _plates() -> Iterator[Event]:
    for mark in (MARK, OTHER_MARK):
        yield PlateConfirmed(at=NOW, mark=mark, officer="officer")
        for sure in (False, True):
            read = PlateRead(mark, "AZ", 0.9, 2, sure, ())
            yield PlateSeen(at=NOW, passage_id=PASSAGE, read=read)
    yield PlateSeen(at=NOW, passage_id=PASSAGE, read=None)
    yield PlateSeen(at=NOW, passage_id=OTHER, read=None)


def _decisions(visit: str) -> Iterator[Event]:
    for outcome in (Outcome.HOLD, Outcome.REFER):
        decision = Decision(outcome, None, (), (), "r", "p")
        yield Decided(at=NOW, visit_id=visit, decision=decision, lane=None, lane_label=None)
    for corridor in Corridor:
        decision = Decision(Outcome.DIRECT, corridor, (), (), "r", "p")
        yield Decided(at=NOW, visit_id=visit, decision=decision, lane="lane", lane_label="1")


def _matches(config: PointConfig) -> Iterator[Event]:
    yield VisitUnmatched(at=NOW, passage_id=PASSAGE, reason="nobody")
    yield VisitUnmatched(at=NOW, passage_id=OTHER, reason="nobody")
    for corridor in (None, *Corridor):
        for lane in (None, config.name, OTHER):
            for may_proceed in (False, True):
                yield VisitMatched(
                    at=NOW,
                    passage_id=PASSAGE,
                    visit_id=VISIT,
                    corridor=corridor,
                    lane=lane,
                    may_proceed=may_proceed,
                    reason="" if may_proceed else "no",
                )
