"""Every event a point can be told, in every variant that can make a difference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from gate.clock import Instant
from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
    CheckOrdered,
    ConvoyListed,
    CorridorsAssigned,
    EmergencyEnded,
    EmergencyOpened,
    HoldKept,
    HoldLetGo,
    HoldPressed,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
    OfficerHeld,
    OpenedOnce,
    VehiclePassed,
)
from gate.lanes.events import (
    ActuationFailed,
    AttendanceChanged,
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
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
    WayGranted,
)
from gate.lanes.explorer.variants import Variant
from gate.lanes.orders import held_by
from gate.model import (
    CheckSource,
    Corridor,
    Decision,
    NoGoods,
    NotificationNumber,
    Outcome,
    PlateRead,
    RegistrationMark,
)

NOW = Instant(datetime(2026, 1, 1, tzinfo=UTC), 0.0)
LATER = Instant(datetime(2026, 1, 1, 1, tzinfo=UTC), 1e9)
"""After every patience has run out."""
PASSAGE, VISIT, OTHER = "P", "V", "other"
MARK, OTHER_MARK = RegistrationMark("10AA001"), RegistrationMark("99ZZ999")
NUMBER = NotificationNumber("0000000000000")
OFFICER = "officer"

STARTED = Started(at=NOW, boot_id="B")
"""What every point hears first."""


def alphabet(variant: Variant) -> Iterator[Event]:
    """Yield all events; ids are those of the (abstract) passage here, and foreign ones."""
    yield STARTED
    for at in (NOW, LATER):
        yield TimeElapsed(at=at)
        yield from _devices(variant, at)
        if "closing" in variant.duties:
            for at_once in (False, True):
                yield PointClosed(at=at, officer=OFFICER, at_once=at_once)
            yield PointOpened(at=at, officer=OFFICER)
    yield HelpRequested(at=NOW, reason="call")
    yield from _plates()
    for visit in (VISIT, OTHER):
        yield RegistrationCommitted(at=NOW, visit_id=visit)
        for checked in ((), ("documents",)):
            yield OfficerReleased(at=NOW, visit_id=visit, officer=OFFICER, checked=checked)
    if variant.kind in ("entry", "exit"):
        yield from _matches(variant)
        yield from _duties(variant)
        return
    yield PointClosed(at=NOW, officer=None)
    for officer in (None, OFFICER):
        yield NumberGiven(at=NOW, number=NUMBER, officer=officer)
    yield OfficerReferred(at=NOW, officer=OFFICER, reason="transit")
    if variant.kind == "approach":
        yield from _holds()
    for visit in (VISIT, OTHER):
        yield from _decisions(visit, tall=(False, True) if _measures(variant) else (False,))
    for attended in (False, True):
        yield AttendanceChanged(at=NOW, officer=OFFICER, attended=attended)


def _devices(variant: Variant, at: Instant) -> Iterator[Event]:
    fitted = variant.config.fitted
    for detector in Detector:
        if detector in fitted.detectors:
            for occupancy in Occupancy:
                yield DetectorChanged(at=at, detector=detector, state=occupancy)
    for contact in fitted.contacts:
        for state in ContactState:
            yield ContactChanged(at=at, contact=contact, state=state)
    if fitted.feedback:
        for position in BarrierPosition:
            yield BarrierMoved(at=at, position=position)
    if at is NOW and not variant.duties.isdisjoint(("attended", "link")):
        # A link that is lost makes every input unknown besides, and that is walked everywhere.
        yield DeviceFaulted(at=at, device=DeviceRole.IO, reason="silent")
        yield DeviceRecovered(at=at, device=DeviceRole.IO)
    if at is NOW:
        yield ActuationFailed(at=at, decision_id="D", reason="refused")


def _plates() -> Iterator[Event]:
    for mark in (MARK, OTHER_MARK):
        yield PlateConfirmed(at=NOW, mark=mark, officer=OFFICER)
        for sure in (False, True):
            read = PlateRead(mark, "AZ", 0.9, 2, sure, ())
            yield PlateSeen(at=NOW, passage_id=PASSAGE, read=read)
    yield PlateSeen(at=NOW, passage_id=PASSAGE, read=None)
    yield PlateSeen(at=NOW, passage_id=OTHER, read=None)


def _measures(variant: Variant) -> bool:
    return Contact.HEIGHT in variant.config.fitted.contacts


def _decisions(visit: str, tall: tuple[bool, ...]) -> Iterator[Event]:
    for oversize in tall:
        for outcome in (Outcome.HOLD, Outcome.REFER):
            decision = Decision(outcome, None, (), (), "r", "p")
            yield Decided(
                at=NOW, visit_id=visit, decision=decision, lane=None, lane_label=None, oversize=oversize
            )
        for corridor in Corridor:
            decision = Decision(Outcome.DIRECT, corridor, (), (), "r", "p")
            yield Decided(
                at=NOW, visit_id=visit, decision=decision, lane="lane", lane_label="1", oversize=oversize
            )


def _matches(variant: Variant) -> Iterator[Event]:
    yield VisitUnmatched(at=NOW, passage_id=PASSAGE, reason="nobody")
    yield VisitUnmatched(at=NOW, passage_id=OTHER, reason="nobody")
    # BLUE stands for every corridor the lane does not serve.
    for corridor in (None, Corridor.GREEN, Corridor.BLUE, Corridor.RED):
        for lane in (None, variant.config.name, OTHER):
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


def _duties(variant: Variant) -> Iterator[Event]:
    """What officers and engineers may do here."""
    if variant.config.merge:
        for passage in (PASSAGE, OTHER):
            yield WayGranted(at=NOW, passage_id=passage)
    if "emergency" in variant.duties:
        yield EmergencyOpened(at=NOW, emergency_id="E", officer=OFFICER, reason="ambulance")
        for at in (NOW, LATER):
            yield EmergencyEnded(at=at, officer=OFFICER)
    if "maintenance" in variant.duties:
        yield MaintenanceBegan(at=NOW, officer=OFFICER, reason="service")
        yield MaintenanceEnded(at=NOW, officer=OFFICER)
        yield LaneArmed(at=NOW, officer=OFFICER)
    if "breakdown" in variant.duties:
        yield BreakdownDeclared(at=NOW, officer=OFFICER, label="2", corridor=Corridor.GREEN)
        for at in (NOW, LATER):
            yield BreakdownCleared(at=at, officer=OFFICER)
    if "attended" in variant.duties:
        yield from _by_hand()
    if "convoy" in variant.duties:
        yield ConvoyListed(at=NOW, officer=OFFICER, reason="aid", marks=frozenset({MARK}))
        yield ConvoyListed(at=NOW, officer=OFFICER, reason="aid", marks=frozenset())
    if "orders" in variant.duties:
        yield from _orders(variant)
    if "corridors" in variant.duties:
        yield CorridorsAssigned(at=NOW, officer=OFFICER, corridors=(Corridor.BLUE,))
        yield CorridorsAssigned(at=NOW, officer=OFFICER, corridors=None)


def _holds() -> Iterator[Event]:
    for visit in (VISIT, OTHER):
        yield OfficerHeld(at=NOW, visit_id=visit, officer=OFFICER, findings=(held_by(OFFICER, "a smell"),))


def _orders(variant: Variant) -> Iterator[Event]:
    """What an officer orders beside the Rules' own course, and what of it the desk and the registry tell."""
    yield from _holds()
    for visit in (VISIT, OTHER):
        yield CheckOrdered(
            at=NOW, visit_id=visit, officer=OFFICER, source=CheckSource.CANINE, facts="the dog sat down"
        )
    for passage in (PASSAGE, OTHER):
        yield OpenedOnce(
            at=NOW, passage_id=passage, officer=OFFICER, category=NoGoods.EMPTY, reason="an empty lorry"
        )
    yield RegistrationCommitted(at=NOW, visit_id=VISIT, check_ordered=True)
    yield RegistrationCommitted(at=NOW, visit_id=VISIT, held=True)
    for corridor in (None, Corridor.GREEN):
        yield VisitMatched(
            at=NOW,
            passage_id=PASSAGE,
            visit_id=VISIT,
            corridor=corridor,
            lane=variant.config.name,
            may_proceed=False,
            reason="held",
            stopped=True,
        )


def _by_hand() -> Iterator[Event]:
    for failed in (frozenset({"safety"}), frozenset({"arming", "barrier"})):
        yield AttendedBegan(at=NOW, officer=OFFICER, failed=failed, reason="broken")
    for at in (NOW, LATER):
        yield AttendedEnded(at=at, officer=OFFICER)
    for officer in (OFFICER, OTHER):
        for visit in (VISIT, OTHER):
            yield HoldPressed(at=NOW, officer=officer, visit_id=visit, checked=("documents",))
        yield HoldKept(at=NOW, officer=officer)
        yield VehiclePassed(at=NOW, officer=officer)
    yield HoldPressed(at=NOW, officer=OFFICER, visit_id=VISIT, checked=())
    yield HoldLetGo(at=NOW, officer=OFFICER)
