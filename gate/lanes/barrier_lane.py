"""What entry and exit lanes share, as one table: every row but those of matching and releasing."""

from __future__ import annotations

from gate.lanes import (
    arriving,
    attended,
    contacts,
    emergency,
    passing,
    recovery,
    releasing,
    service,
    steps,
)
from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
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
    VehiclePassed,
)
from gate.lanes.events import (
    ActuationFailed,
    BarrierMoved,
    ContactChanged,
    DetectorChanged,
    HelpRequested,
    PlateConfirmed,
    PlateSeen,
    PointClosed,
    PointOpened,
    Started,
    TimeElapsed,
    VisitMatched,
    VisitUnmatched,
    WayGranted,
)
from gate.lanes.machine import Table, row
from gate.lanes.state import Phase

_P = Phase
BEFORE = (_P.READING, _P.MATCHING, _P.REGISTERING, _P.CONTROL, _P.WAITING, _P.HELD)
"""A vehicle stands here and nothing is released."""
MOVING = (_P.RAISING, _P.PASSING, _P.LOWERING)
BY_HAND = (_P.ATTENDED, _P.HOLDING)
OUT = (_P.CLOSED, _P.BLOCKED, _P.EMERGENCY, *BY_HAND, _P.MAINTENANCE, _P.DISARMED)
PHASES = (_P.RECOVERY, _P.FREE, *BEFORE, *MOVING, *OUT)
REST = (_P.FREE, _P.READING, _P.HELD, _P.CLOSED)
"""Where a lane that comes to rest may be: HELD when what stands there is too high for it."""
RELEASED = (_P.WAITING, _P.RAISING, _P.HELD)
"""Where a permit leads."""
BACK = (_P.RECOVERY, _P.LOWERING, *REST)
"""Where a lane comes back to service."""

_DRIVING: Table = (
    {(phase, Started): row(recovery.start, _P.RECOVERY, _P.DISARMED, *recovery.LASTING) for phase in PHASES}
    | {
        (phase, DetectorChanged): row(
            arriving.detector_before_release, phase, _P.FREE, _P.CLOSED, _P.RECOVERY
        )
        for phase in BEFORE
    }
    | {
        (phase, BarrierMoved): row(arriving.barrier_before_release, phase, _P.RECOVERY)
        for phase in (_P.FREE, *BEFORE)
    }
    | {(phase, HelpRequested): row(arriving.help_asked, phase) for phase in PHASES}
    | {
        (phase, PointClosed): row(recovery.close, phase, _P.CLOSED)
        for phase in (*BEFORE, _P.RECOVERY, *MOVING)
    }
    | {
        (phase, PlateConfirmed): row(arriving.plate_confirmed, _P.MATCHING, _P.HELD)
        for phase in (_P.READING, _P.HELD)
    }
    | {(phase, TimeElapsed): row(arriving.time_while_standing, phase) for phase in (_P.HELD, _P.WAITING)}
    | {
        (_P.RECOVERY, DetectorChanged): row(recovery.observe, *BACK),
        (_P.RECOVERY, BarrierMoved): row(recovery.observe, *BACK),
        (_P.RECOVERY, TimeElapsed): row(recovery.time_in_recovery, *BACK),
        (_P.RECOVERY, PlateSeen): row(recovery.plate_of_a_follower, _P.RECOVERY),
        (_P.FREE, DetectorChanged): row(
            arriving.detector_when_free, _P.FREE, _P.READING, _P.HELD, _P.RECOVERY
        ),
        (_P.FREE, PointClosed): row(steps.close_now, _P.CLOSED),
        (_P.READING, PlateSeen): row(arriving.plate_seen, _P.READING, _P.MATCHING, _P.HELD),
        (_P.READING, TimeElapsed): row(arriving.time_while_reading, _P.READING, _P.HELD),
        (_P.WAITING, WayGranted): row(releasing.way_granted, *RELEASED),
        (_P.WAITING, DetectorChanged): row(
            releasing.detector_while_waiting, *RELEASED, _P.FREE, _P.CLOSED, _P.RECOVERY
        ),
        (_P.RAISING, DetectorChanged): row(releasing.detector_while_raising, _P.RAISING, _P.RECOVERY),
        (_P.RAISING, BarrierMoved): row(
            releasing.barrier_while_raising, _P.RAISING, _P.PASSING, _P.LOWERING, _P.RECOVERY
        ),
        (_P.RAISING, ActuationFailed): row(releasing.raising_failed, _P.HELD),
        (_P.RAISING, TimeElapsed): row(
            releasing.time_while_raising, _P.RAISING, _P.PASSING, _P.LOWERING, _P.RECOVERY, _P.HELD
        ),
        (_P.PASSING, DetectorChanged): row(
            passing.detector_while_passing, _P.PASSING, _P.LOWERING, _P.RECOVERY
        ),
        (_P.PASSING, BarrierMoved): row(passing.barrier_while_passing, _P.PASSING, _P.RECOVERY),
        (_P.PASSING, TimeElapsed): row(passing.time_while_passing, _P.PASSING, _P.LOWERING, _P.RECOVERY),
        (_P.LOWERING, DetectorChanged): row(passing.detector_while_lowering, _P.LOWERING, _P.RECOVERY),
        (_P.LOWERING, BarrierMoved): row(passing.barrier_while_lowering, _P.LOWERING, _P.RECOVERY, *REST),
        (_P.LOWERING, ActuationFailed): row(passing.lowering_failed, _P.RECOVERY),
        (_P.LOWERING, TimeElapsed): row(passing.time_while_lowering, _P.LOWERING, _P.RECOVERY, *REST),
        (_P.CLOSED, PointOpened): row(recovery.reopen, *BACK),
        (_P.CLOSED, BarrierMoved): row(service.moved_while_closed, _P.CLOSED),
    }
)

_CONTACTS: Table = {
    (phase, ContactChanged): row(
        contacts.changed,
        phase,
        _P.EMERGENCY,
        *(() if phase in OUT else (_P.RECOVERY,)),
        *((_P.HELD,) if phase in BEFORE else ()),
        *((_P.CLOSED,) if phase is _P.FREE else ()),
        *(BACK if phase is _P.RECOVERY else ()),
        *((_P.ATTENDED,) if phase is _P.HOLDING else ()),
    )
    for phase in PHASES
    if phase is not _P.MAINTENANCE
}

_EMERGENCY: Table = {
    (phase, EmergencyOpened): row(emergency.opened, _P.EMERGENCY)
    for phase in PHASES
    if phase is not _P.MAINTENANCE
} | {
    (_P.EMERGENCY, DetectorChanged): row(emergency.detector, _P.EMERGENCY),
    (_P.EMERGENCY, ActuationFailed): row(emergency.not_opened, _P.EMERGENCY),
    (_P.EMERGENCY, PlateSeen): row(emergency.plate, _P.EMERGENCY),
    (_P.EMERGENCY, EmergencyEnded): row(emergency.ended, _P.EMERGENCY, _P.DISARMED, *BACK),
}

_BY_HAND: Table = (
    {
        (phase, AttendedBegan): row(attended.begin, phase, _P.ATTENDED)
        for phase in (_P.RECOVERY, _P.FREE, _P.READING, _P.MATCHING, _P.CONTROL, _P.HELD, _P.CLOSED)
    }
    | {(phase, AttendedEnded): row(attended.end, *BACK) for phase in BY_HAND}
    | {(phase, DetectorChanged): row(attended.detector, phase) for phase in BY_HAND}
    | {(phase, PointClosed): row(attended.close, phase, _P.CLOSED) for phase in BY_HAND}
    | {
        (_P.ATTENDED, PlateSeen): row(attended.plate_seen, _P.ATTENDED),
        (_P.ATTENDED, PlateConfirmed): row(attended.plate_confirmed, _P.ATTENDED),
        (_P.ATTENDED, VisitMatched): row(attended.matched, _P.ATTENDED),
        (_P.ATTENDED, VisitUnmatched): row(attended.unmatched, _P.ATTENDED),
        (_P.ATTENDED, WayGranted): row(attended.way_granted, _P.ATTENDED),
        (_P.ATTENDED, HoldPressed): row(attended.press, _P.ATTENDED, _P.HOLDING),
        (_P.ATTENDED, VehiclePassed): row(attended.passed, _P.ATTENDED),
        (_P.HOLDING, HoldKept): row(attended.keep, _P.HOLDING),
        (_P.HOLDING, HoldLetGo): row(attended.let_go, _P.ATTENDED),
        (_P.HOLDING, TimeElapsed): row(attended.let_go, _P.HOLDING, _P.ATTENDED),
        (_P.HOLDING, BarrierMoved): row(attended.barrier, _P.HOLDING, _P.ATTENDED),
        (_P.HOLDING, ActuationFailed): row(attended.pulse_failed, _P.ATTENDED),
    }
)

_SERVICE: Table = (
    {
        (phase, MaintenanceBegan): row(service.maintain, phase, _P.MAINTENANCE)
        for phase in (_P.RECOVERY, _P.FREE, _P.CLOSED, _P.BLOCKED, _P.DISARMED, _P.ATTENDED)
    }
    | {
        (phase, BreakdownDeclared): row(service.broken_down, _P.BLOCKED)
        for phase in (_P.RECOVERY, _P.FREE, *BEFORE, _P.RAISING, _P.PASSING, _P.ATTENDED)
    }
    | {
        (phase, CorridorsAssigned): row(service.assign, phase)
        for phase in (_P.FREE, _P.CLOSED, _P.RECOVERY, _P.BLOCKED, _P.MAINTENANCE, _P.DISARMED)
    }
    | {
        (phase, ConvoyListed): row(service.convoy, phase)
        for phase in (_P.RECOVERY, _P.FREE, *BEFORE, *MOVING)
    }
    | {
        (_P.MAINTENANCE, MaintenanceEnded): row(service.maintained, _P.DISARMED, *BACK),
        (_P.DISARMED, LaneArmed): row(service.armed, *BACK),
        (_P.BLOCKED, BreakdownCleared): row(service.towed_away, *BACK),
    }
)

COMMON: Table = {**_DRIVING, **_CONTACTS, **_EMERGENCY, **_BY_HAND, **_SERVICE}
"""Every row that entry and exit lanes share."""
