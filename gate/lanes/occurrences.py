"""What can happen in a lane, each as its own outcome: journalled, reported to central, and in the docs."""

from __future__ import annotations

from enum import StrEnum


class Occurrence(StrEnum):
    """One kind of trouble, or of unusual order. Reported as `lane.` and this word."""

    UNREAD_PLATE = "unread-plate"
    NOT_DIRECTED = "not-directed"
    WRONG_LANE = "wrong-lane"
    MAY_NOT_PROCEED = "may-not-proceed"
    LEFT = "left"
    INTERLOCK = "interlock"
    OPENING_TIME_OUT = "opening-time-out"
    CLOSING_TIME_OUT = "closing-time-out"
    PULSE_REFUSED = "pulse-refused"
    STUCK = "barrier-stuck"
    FORCED = "barrier-forced"
    POSSIBLY_BOTH = "possibly-both"
    DID_NOT_MOVE = "did-not-move"
    BACKED_OUT = "backed-out"
    BUMPER_TO_BUMPER = "bumper-to-bumper"
    TAILGATING = "tailgating"
    WRONG_SIDE = "wrong-side"
    UNDER_CLOSED = "under-closed-barrier"
    UNDER_CLOSING = "under-closing-barrier"
    STANDS_UNDER = "stands-under-barrier"
    STANDS_TOO_LONG = "stands-too-long"
    OVERSIZE = "oversize"
    BREAKDOWN = "breakdown"
    BREAKDOWN_CLEARED = "breakdown-cleared"
    CONVOY = "convoy"
    CONVOY_VEHICLE = "convoy-vehicle"
    POWER_LOST = "power-lost"
    POWER_BACK = "power-back"
    BATTERY_LOW = "battery-low"
    CABINET_OPEN = "cabinet-open"
    KEY_SWITCH = "key-switch"
    EMERGENCY_STOP = "emergency-stop"
    FIRE = "fire"
    EMERGENCY_OPEN = "emergency-open"
    UNRELEASED_IN_EMERGENCY = "unreleased-in-emergency"
    PASSED_IN_EMERGENCY = "passed-in-emergency"
    EMERGENCY_ENDED = "emergency-ended"
    INPUTS_LOST = "inputs-lost"
    RESTARTED = "restarted"
    NOT_AT_REST = "not-at-rest"
    MAINTENANCE = "maintenance"
    MAINTENANCE_ENDED = "maintenance-ended"
    DISARMED = "disarmed"
    ARMED = "armed"
    ATTENDED = "attended"
    ATTENDED_ENDED = "attended-ended"
    LET_GO = "hold-let-go"
    CORRIDORS = "corridors-assigned"
    CHECK_ORDERED = "check-ordered"
    HELD_BY_OFFICER = "held-by-officer"
    OPENED_ONCE = "opened-once"


MEANING: dict[Occurrence, str] = {
    Occurrence.UNREAD_PLATE: "no sure read in the lane: held, an officer confirms the plate by sight (8.0.1)",
    Occurrence.NOT_DIRECTED: "nobody directed this vehicle here: held (9.3)",
    Occurrence.WRONG_LANE: "directed to another lane, or to a corridor this lane does not serve: held (9.3)",
    Occurrence.MAY_NOT_PROCEED: "the visit is held, spent or bound elsewhere: held",
    Occurrence.LEFT: "backed away before anything was released: the visit stays as it was",
    Occurrence.INTERLOCK: "a release was due and an interlock stood against raising: held",
    Occurrence.OPENING_TIME_OUT: "the boom did not reach its upper end: release revoked, held",
    Occurrence.CLOSING_TIME_OUT: "the boom did not reach its lower end: RECOVERY, an officer looks",
    Occurrence.PULSE_REFUSED: "the device did not take the pulse: never repeated, held or RECOVERY",
    Occurrence.STUCK: "asked to close three times and still up: software asks no more",
    Occurrence.FORCED: "the boom moved and nobody asked: alarm, RECOVERY",
    Occurrence.POSSIBLY_BOTH: "a barrier without feedback was told to move: from now on it may be up or down",
    Occurrence.DID_NOT_MOVE: "released and still standing: release revoked, boom lowered when known clear",
    Occurrence.BACKED_OUT: "the released vehicle went back: authorisation revoked, visit held, alarm",
    Occurrence.BUMPER_TO_BUMPER: "the arming loop never cleared behind it: the next read tells who left",
    Occurrence.TAILGATING: "a second vehicle under the open boom: evidence, alarm, never closed on it",
    Occurrence.WRONG_SIDE: "somebody came from behind the barrier: alarm, nothing moves",
    Occurrence.UNDER_CLOSED: "something is under the closed boom: alarm, nothing moves",
    Occurrence.UNDER_CLOSING: "something came under the closing boom: stopped at once, alarm",
    Occurrence.STANDS_UNDER: "stands under the open boom beyond the limit: alarm, it stays open",
    Occurrence.STANDS_TOO_LONG: "stands before the barrier beyond the limit: an officer is called",
    Occurrence.OVERSIZE: "too high for this lane: held before anything is released",
    Occurrence.BREAKDOWN: "a vehicle broke down: lane blocked, release revoked, those behind redirected",
    Occurrence.BREAKDOWN_CLEARED: "towed away: the lane comes back through RECOVERY",
    Occurrence.CONVOY: "an officer listed a convoy's vehicles, or ended it",
    Occurrence.CONVOY_VEHICLE: "one listed vehicle was released, by the officer who listed it",
    Occurrence.POWER_LOST: "the mains are away: what is under way ends, nobody is released on battery",
    Occurrence.POWER_BACK: "the mains are back",
    Occurrence.BATTERY_LOW: "the battery is nearly empty: the lane drains and closes",
    Occurrence.CABINET_OPEN: "the cabinet's door was opened outside maintenance: alarm",
    Occurrence.KEY_SWITCH: "somebody operates the barrier by its key: software keeps its hands off",
    Occurrence.EMERGENCY_STOP: "the emergency stop was pressed: by wire; software keeps its hands off",
    Occurrence.FIRE: "the fire panel opened the barrier by wire: the lane is in EMERGENCY",
    Occurrence.EMERGENCY_OPEN: "an officer opened the lane in an emergency",
    Occurrence.UNRELEASED_IN_EMERGENCY: "the vehicle that stood here was not released: on the roll-call",
    Occurrence.PASSED_IN_EMERGENCY: "a vehicle passed the open lane; its plate, if it could be read",
    Occurrence.EMERGENCY_ENDED: "how many vehicles passed; those not released are called over",
    Occurrence.INPUTS_LOST: "an input of the lane became unknown: nothing moves until all are known",
    Occurrence.RESTARTED: "the gate restarted with a vehicle in the lane: RECOVERY, an officer looks",
    Occurrence.NOT_AT_REST: "after a restart or a fault the lane did not come to rest: an officer looks",
    Occurrence.MAINTENANCE: "the lane is an engineer's: the gate has let go of its devices",
    Occurrence.MAINTENANCE_ENDED: "the devices are the gate's again: RECOVERY",
    Occurrence.DISARMED: "the device configuration changed: nothing is commanded until armed at the site",
    Occurrence.ARMED: "armed at the site: RECOVERY",
    Occurrence.ATTENDED: "an officer works the lane by hand because an input has failed",
    Occurrence.ATTENDED_ENDED: "the officer ended it: RECOVERY",
    Occurrence.LET_GO: "hold-to-run was let go before the boom was up: stopped",
    Occurrence.CORRIDORS: "the lane serves other corridors from now on",
    Occurrence.CHECK_ORDERED: "green or blue, to be checked by order: held until an officer releases it",
    Occurrence.HELD_BY_OFFICER: "an officer holds it: nothing is released until it was looked at again",
    Occurrence.OPENED_ONCE: "an officer opened once for a vehicle without goods; no release (2.1)",
}
"""For officers and the docs: what happened, and what the lane does."""
