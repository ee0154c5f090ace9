"""Which duties to offer at a lane: those its table has a row for in this phase, and this role may do."""

from __future__ import annotations

from dataclasses import dataclass

from gate.console.offers import Offer
from gate.console.sessions import may
from gate.lanes.barrier_lane import COMMON
from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
    ConvoyListed,
    CorridorsAssigned,
    EmergencyEnded,
    EmergencyOpened,
    HoldLetGo,
    HoldPressed,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
    VehiclePassed,
)
from gate.lanes.duty_acts import (
    ArmLane,
    AssignCorridors,
    AttendLane,
    BeginMaintenance,
    ClearBreakdown,
    DeclareBreakdown,
    DutyAct,
    EndEmergencies,
    EndMaintenance,
    HoldToRun,
    LeaveLane,
    LetGo,
    ListConvoy,
    OpenForEmergency,
    SayPassed,
)
from gate.lanes.events import Event
from gate.lanes.state import Phase
from gate.lanes.views import Overview, PointView
from gate.store.officers import Officer, Role


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty at a lane: the event it becomes, and how it is offered."""

    event: type[Event]
    title: str
    """What its form is called."""
    label: str
    """What its button says."""
    group: str
    """Under which heading it stands on the lane's page."""
    on_card: str = ""
    """Its button's weight on the lane's card; not there if empty."""


DUTIES_AT_LANE: dict[type[DutyAct], Duty] = {
    HoldToRun: Duty(HoldPressed, "Hold to open", "Hold to open", "By hand", "main"),
    SayPassed: Duty(VehiclePassed, "The vehicle has passed", "Passed", "By hand", "plain"),
    LetGo: Duty(HoldLetGo, "Let the button go", "Let go", "By hand", "main"),
    AttendLane: Duty(AttendedBegan, "Work the lane by hand", "Attend", "By hand"),
    LeaveLane: Duty(AttendedEnded, "End working by hand", "Leave", "By hand"),
    EndEmergencies: Duty(EmergencyEnded, "End the emergency", "End emergency", "Emergency", "plain"),
    OpenForEmergency: Duty(EmergencyOpened, "Open in emergency", "Open in emergency", "Emergency", "danger"),
    DeclareBreakdown: Duty(BreakdownDeclared, "A vehicle has broken down", "Breakdown", "Traffic"),
    ClearBreakdown: Duty(BreakdownCleared, "The vehicle was towed away", "Cleared", "Traffic", "plain"),
    ListConvoy: Duty(ConvoyListed, "Convoy", "Convoy", "Traffic"),
    AssignCorridors: Duty(CorridorsAssigned, "Corridors of this lane", "Corridors", "Traffic"),
    BeginMaintenance: Duty(MaintenanceBegan, "Begin maintenance", "Maintenance", "Devices"),
    EndMaintenance: Duty(MaintenanceEnded, "End maintenance", "End maintenance", "Devices", "plain"),
    ArmLane: Duty(LaneArmed, "Arm the lane", "Arm", "Devices", "main"),
}


def duties_at(point: PointView, officer: Officer) -> tuple[type[DutyAct], ...]:
    """The duties that may be done at this lane now, by this officer."""
    if point.kind not in ("entry", "exit"):
        return ()
    phase = Phase(point.phase)
    return tuple(
        act
        for act, duty in DUTIES_AT_LANE.items()
        if (phase, duty.event) in COMMON and may(officer.role, act) and _fits(act, point, officer)
    )


def _fits(act: type[DutyAct], point: PointView, officer: Officer) -> bool:
    if act in (HoldToRun, SayPassed):
        return point.visit_id is not None and point.attended_by == officer.name
    if act is OpenForEmergency:
        return point.phase != Phase.EMERGENCY
    if act is AssignCorridors:
        return bool(point.corridors)
    return True


def card_offers(point: PointView, officer: Officer) -> tuple[Offer, ...]:
    """The few for the lane's card; the emergency's is always the last."""
    found = [(act, DUTIES_AT_LANE[act]) for act in duties_at(point, officer)]
    shown = [(act, duty) for act, duty in found if duty.on_card]
    shown.sort(key=lambda one: one[1].on_card == "danger")
    return tuple(
        Offer(
            act.__name__,
            "Emergency" if duty.on_card == "danger" else duty.label,
            duty.on_card,
            point.name,
            point.visit_id if act is HoldToRun else None,
        )
        for act, duty in shown
    )


def page_offers(point: PointView, officer: Officer) -> dict[str, list[Offer]]:
    """Everything for the lane's own page, by heading."""
    grouped: dict[str, list[Offer]] = {}
    for act in duties_at(point, officer):
        duty = DUTIES_AT_LANE[act]
        visit_id = point.visit_id if act is HoldToRun else None
        weight = "danger" if duty.on_card == "danger" else "plain"
        grouped.setdefault(duty.group, []).append(
            Offer(act.__name__, duty.label, weight, point.name, visit_id)
        )
    return grouped


def checkpoint_offers(overview: Overview, role: Role) -> tuple[Offer, ...]:
    """What is offered for all lanes at once, at the top of the page."""
    lanes = [point for point in overview.points if point.kind in ("entry", "exit")]
    offers: list[Offer] = []
    if any(point.phase == Phase.EMERGENCY for point in lanes) and may(role, EndEmergencies):
        offers.append(Offer("EndEmergencies", "End emergency in all lanes"))
    if any(point.phase != Phase.EMERGENCY for point in lanes) and may(role, OpenForEmergency):
        offers.append(Offer("OpenForEmergency", "EMERGENCY: open all lanes", "danger"))
    return tuple(offers)
