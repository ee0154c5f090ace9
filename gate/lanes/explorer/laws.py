"""The laws of a lane as named invariants over one step: what holds for every step holds for every run."""

from __future__ import annotations

from collections.abc import Callable

from gate.lanes import interlocks
from gate.lanes.commands import (
    DeclareEmergency,
    GrantOpening,
    GrantRelease,
    LowerBarrier,
    OpenInEmergency,
    RaiseBarrier,
    RaiseOnce,
    StopBarrier,
)
from gate.lanes.duties import HoldPressed, LaneArmed
from gate.lanes.events import (
    BarrierPosition,
    Contact,
    Decided,
    Detector,
    DetectorChanged,
    DeviceRole,
    Occupancy,
    Started,
)
from gate.lanes.explorer import order_laws, sign_laws
from gate.lanes.explorer.taken import Taken
from gate.lanes.state import Phase, serves
from gate.model import Corridor, ReleaseBasis


def raise_on_release(taken: Taken) -> bool:
    """A raise follows the commit of what it rests on in the same step; one at most.

    That is its own release, its single opening, or its emergency.
    """
    committed: set[str] = set()
    raised = 0
    for command in taken.step.commands:
        match command:
            case GrantRelease(release=release):
                committed.add(release.release_id)
            case GrantOpening(opening=opening):
                committed.add(opening.opening_id)
            case DeclareEmergency(emergency_id=emergency_id):
                committed.add(emergency_id)
            case (
                RaiseBarrier(release_id=decision_id)
                | RaiseOnce(opening_id=decision_id)
                | OpenInEmergency(emergency_id=decision_id)
            ):
                raised += 1
                if decision_id not in committed:
                    return False
            case _:
                pass
    return raised <= 1


def one_pulse_per_decision(taken: Taken) -> bool:
    """A pulse is a decision of its own: no id is pulsed twice, nor kept for a second try.

    The database refuses a second pulse of one id (`pulses.decision_id`); no step may run into that.
    """
    before, after = taken.before.passage, taken.step.state.passage
    if taken.has(OpenInEmergency) and taken.before.emergency_id is not None:
        return False
    if before is None or after is None:
        return True
    same = before.passage_id == after.passage_id
    if taken.has(LowerBarrier) and same and after.attempts <= before.attempts:
        return False
    if before.release_id is None or not same:
        return True
    # Its id is its passage's: whoever is to be released again is a passage with another name.
    granted = taken.has(GrantRelease, GrantOpening)
    return not granted and (after.release_id == before.release_id or after.over)


def raise_inputs_known(taken: Taken) -> bool:
    """Nothing is raised on a link or an input nobody knows, but for what an attending officer answers for."""
    if not taken.raises:
        return True
    state = taken.step.state
    answered = state.failed if state.phase is Phase.HOLDING else frozenset()
    linked = DeviceRole.IO not in state.faults
    return linked and interlocks.unknown_inputs(taken.config, state.inputs) <= answered


def raise_unless_forbidden(taken: Taken) -> bool:
    """Nothing is raised while the wire or a hand has the barrier, or on battery."""
    inputs = taken.step.state.inputs
    free = interlocks.forbidding(inputs) is None and Contact.MAINS not in inputs.active
    return not taken.raises or free


def raise_into_a_free_way(taken: Taken) -> bool:
    """Nothing is raised into another lane's merge, or onto somebody behind the barrier."""
    if not taken.raises:
        return True
    state = taken.step.state
    ours = not taken.config.merge or (state.passage is not None and state.passage.way)
    excused = state.phase is Phase.HOLDING and Detector.EXIT.value in state.failed
    return ours and (excused or interlocks.way_ahead_clear(taken.config, state.inputs))


def hold_to_run(taken: Taken) -> bool:
    """By hand: the attending officer presses, for one vehicle at a time, and lets go to stop.

    A hand that says nothing more is gone, so holding always ends by itself.
    """
    if taken.step.state.phase is Phase.HOLDING and taken.step.state.deadline is None:
        return False
    if taken.before.phase is Phase.HOLDING and taken.step.state.phase is Phase.ATTENDED:
        up = taken.step.state.inputs.barrier is BarrierPosition.UP
        return up or taken.has(StopBarrier) or Contact.EMERGENCY_STOP in taken.step.state.inputs.active
    if not taken.has(RaiseBarrier) or taken.step.state.phase is not Phase.HOLDING:
        return True
    event, before = taken.event, taken.before
    alone = before.passage is not None and not before.passage.entered
    return isinstance(event, HoldPressed) and event.officer == before.attended_by and alone


def restart_moves_nothing(taken: Taken) -> bool:
    """A restart replays no actuation and makes none."""
    moves = taken.has(RaiseBarrier, RaiseOnce, OpenInEmergency, LowerBarrier, GrantRelease)
    return not isinstance(taken.event, Started) or not moves


def officer_named(taken: Taken) -> bool:
    """YELLOW and RED are released by an officer who names what was checked (5.6, 5.8)."""
    strict = [r for r in taken.granted() if r.corridor in (Corridor.YELLOW, Corridor.RED)]
    return all(release.officer and release.checked for release in strict)


def automatic_in_own_lane(taken: Taken) -> bool:
    """Only GREEN and BLUE are released by registration, and in a lane that serves them (4.2, 5.2)."""
    for release in taken.granted():
        if release.basis is ReleaseBasis.REGISTERED:
            if release.corridor not in (Corridor.GREEN, Corridor.BLUE):
                return False
            if taken.kind != "terminal" and release.corridor not in serves(taken.config, taken.before):
                return False
    return True


def release_in_own_corridor(taken: Taken) -> bool:
    """An entry lane releases into the corridors it serves; only a listed convoy has none (2.1)."""
    if taken.kind != "entry":
        return True
    for release in taken.granted():
        convoy = release.corridor is None and taken.before.convoy is not None and release.officer is not None
        if not convoy and release.corridor not in serves(taken.config, taken.before):
            return False
    return True


def release_of_who_stands_here(taken: Taken) -> bool:
    """A release is of the visit that stands at this point, and no other."""
    passage = taken.step.state.passage
    return all(passage is not None and r.visit_id == passage.visit_id for r in taken.granted())


def lower_known_clear(taken: Taken) -> bool:
    """Lowering is asked for only over an area known clear for the configured time, in service."""
    if not taken.has(LowerBarrier):
        return True
    state = taken.step.state
    in_service = state.phase in (Phase.LOWERING, Phase.CLOSED)
    return in_service and interlocks.may_lower(taken.config, state, taken.event.at.mono)


def never_closing_on_somebody(taken: Taken) -> bool:
    """No lane stays in LOWERING with anything, or nobody knows what, under its boom."""
    state = taken.step.state
    clear = interlocks.area(taken.config, state.inputs) is Occupancy.CLEAR
    return state.phase is not Phase.LOWERING or clear


def stop_under_closing(taken: Taken) -> bool:
    """Something under a closing barrier, or nobody knows: stop."""
    event = taken.event
    if taken.before.phase is not Phase.LOWERING or not isinstance(event, DetectorChanged):
        return True
    if event.detector not in interlocks.UNDER or event.state is Occupancy.CLEAR:
        return True
    return taken.has(StopBarrier)


def open_for_released(taken: Taken) -> bool:
    """A way is opened, or open, for a passage that holds a release or a single opening."""
    state = taken.step.state
    if state.phase not in (Phase.RAISING, Phase.PASSING, Phase.HOLDING):
        return True
    held = state.passage is not None and state.passage.release_id is not None
    return held and (state.phase is Phase.HOLDING or interlocks.known(taken.config, state.inputs))


def out_of_service_is_still(taken: Taken) -> bool:
    """A lane in maintenance, disarmed, blocked or closed opens for nobody."""
    out = (Phase.MAINTENANCE, Phase.DISARMED, Phase.BLOCKED, Phase.CLOSED)
    return taken.step.state.phase not in out or not taken.has(RaiseBarrier, RaiseOnce, OpenInEmergency)


def free_is_at_rest(taken: Taken) -> bool:
    """A free barrier lane has its boom known down, where that can be known, and all detectors clear."""
    state = taken.step.state
    if not taken.is_lane or state.phase is not Phase.FREE:
        return True
    inputs = state.inputs
    clear = interlocks.area(taken.config, inputs) is Occupancy.CLEAR and inputs.arming is Occupancy.CLEAR
    return clear and (inputs.barrier is BarrierPosition.DOWN or not taken.config.fitted.feedback)


def oversize_is_asked_about(taken: Taken) -> bool:
    """An oversize vehicle is told where to go only by a decision that knew it to be one."""
    if not isinstance(taken.event, Decided) or taken.is_lane:
        return True
    passage = taken.before.passage
    seen = passage is not None and passage.oversize
    return not seen or taken.event.oversize or taken.step.state.phase is taken.before.phase


def disarmed_until_armed(taken: Taken) -> bool:
    """With other devices than it was armed with a lane moves nothing, until armed at the site.

    But for emergencies; and an emergency or maintenance that ends, ends there.
    """
    if not taken.is_lane:
        return True
    state = taken.step.state
    if state.devices == taken.config.devices:
        was_armed = taken.before.devices == taken.config.devices
        return was_armed or isinstance(taken.event, LaneArmed | Started)
    still = (Phase.DISARMED, Phase.EMERGENCY, Phase.MAINTENANCE)
    return state.phase in still and not taken.has(RaiseBarrier, RaiseOnce, LowerBarrier, GrantRelease)


LAWS: dict[str, Callable[[Taken], bool]] = {
    "raise-on-committed-release-opening-or-emergency": raise_on_release,
    "one-pulse-per-decision": one_pulse_per_decision,
    "raise-with-inputs-known": raise_inputs_known,
    "raise-unless-wire-or-hand-forbids": raise_unless_forbidden,
    "raise-into-a-free-way": raise_into_a_free_way,
    "by-hand-one-at-a-time": hold_to_run,
    "restart-moves-nothing": restart_moves_nothing,
    "officer-named-for-yellow-and-red": officer_named,
    "automatic-only-green-and-blue": automatic_in_own_lane,
    "release-in-own-corridor": release_in_own_corridor,
    "release-of-who-stands-here": release_of_who_stands_here,
    "lower-only-known-clear": lower_known_clear,
    "never-closing-on-somebody": never_closing_on_somebody,
    "stop-under-closing-barrier": stop_under_closing,
    "open-only-for-a-release": open_for_released,
    "out-of-service-is-still": out_of_service_is_still,
    "oversize-known-to-its-decision": oversize_is_asked_about,
    "disarmed-until-armed": disarmed_until_armed,
    "hold-is-neutral": sign_laws.hold_is_neutral,
    "sign-agrees-with-barrier": sign_laws.sign_agrees,
    "green-ends-with-its-way": sign_laws.green_ends,
    "sign-clears-with-its-vehicle": sign_laws.sign_clears,
    "direction-for-who-was-directed": sign_laws.direction_for_who_was_directed,
    "free-lane-is-at-rest": free_is_at_rest,
    "stopped-by-an-officer-is-not-released": order_laws.stopped_is_not_released,
    "open-once-is-no-release": order_laws.open_once_is_no_release,
    "no-act-makes-it-milder": order_laws.never_milder,
}
