"""The laws of a lane as named invariants over one step: what holds for every step holds for every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gate.lanes import interlocks, steps
from gate.lanes.commands import (
    DeclareEmergency,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    OpenInEmergency,
    RaiseBarrier,
    SetSignal,
    StopBarrier,
)
from gate.lanes.duties import HoldPressed
from gate.lanes.events import (
    Aspect,
    BarrierPosition,
    Contact,
    Detector,
    DetectorChanged,
    DeviceRole,
    Event,
    Occupancy,
    Started,
)
from gate.lanes.machine import Step
from gate.lanes.state import Phase, PointConfig, PointState, serves
from gate.model import Corridor, Release, ReleaseBasis


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken. `kind` is approach, terminal, entry or exit."""

    kind: str
    config: PointConfig
    before: PointState
    event: Event
    step: Step

    @property
    def is_lane(self) -> bool:
        """A point with a barrier."""
        return self.kind in ("entry", "exit")

    def granted(self) -> list[Release]:
        """Releases committed in this step."""
        return [command.release for command in self.step.commands if isinstance(command, GrantRelease)]

    def has(self, *kinds: type) -> bool:
        """Whether the step asks for any of these."""
        return any(isinstance(command, kinds) for command in self.step.commands)


def raise_on_release(taken: Taken) -> bool:
    """A raise follows the commit of its own release, or of its emergency, in the same step; one at most."""
    committed: set[str] = set()
    raised = 0
    for command in taken.step.commands:
        match command:
            case GrantRelease(release=release):
                committed.add(release.release_id)
            case DeclareEmergency(emergency_id=emergency_id):
                committed.add(emergency_id)
            case RaiseBarrier(release_id=decision_id) | OpenInEmergency(emergency_id=decision_id):
                raised += 1
                if decision_id not in committed:
                    return False
            case _:
                pass
    return raised <= 1


def raise_inputs_known(taken: Taken) -> bool:
    """Nothing is raised on an unknown input, but for those an attending officer answers for."""
    if not taken.has(RaiseBarrier):
        return True
    state = taken.step.state
    answered = state.failed if state.phase is Phase.HOLDING else frozenset()
    linked = DeviceRole.IO not in state.faults or state.phase is not Phase.HOLDING
    return linked and interlocks.unknown_inputs(taken.config, state.inputs) <= answered


def raise_unless_forbidden(taken: Taken) -> bool:
    """Nothing is raised while the wire or a hand has the barrier, or on battery."""
    inputs = taken.step.state.inputs
    free = interlocks.forbidding(inputs) is None and Contact.MAINS not in inputs.active
    return not taken.has(RaiseBarrier) or free


def raise_into_a_free_way(taken: Taken) -> bool:
    """Nothing is raised into another lane's merge, or onto somebody behind the barrier."""
    if not taken.has(RaiseBarrier):
        return True
    state = taken.step.state
    ours = not taken.config.merge or (state.passage is not None and state.passage.way)
    excused = state.phase is Phase.HOLDING and Detector.EXIT.value in state.failed
    return ours and (excused or interlocks.way_ahead_clear(taken.config, state.inputs))


def hold_to_run(taken: Taken) -> bool:
    """By hand: the attending officer presses, for one vehicle at a time, and lets go to stop."""
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
    moves = taken.has(RaiseBarrier, OpenInEmergency, LowerBarrier, GrantRelease)
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
    """A way is opened, or open, for a passage that holds a release."""
    state = taken.step.state
    if state.phase not in (Phase.RAISING, Phase.PASSING, Phase.HOLDING):
        return True
    held = state.passage is not None and state.passage.release_id is not None
    return held and (state.phase is Phase.HOLDING or interlocks.known(taken.config, state.inputs))


def out_of_service_is_still(taken: Taken) -> bool:
    """A lane in maintenance, disarmed, blocked or closed opens for nobody."""
    out = (Phase.MAINTENANCE, Phase.DISARMED, Phase.BLOCKED, Phase.CLOSED)
    return taken.step.state.phase not in out or not taken.has(RaiseBarrier, OpenInEmergency)


def hold_is_neutral(taken: Taken) -> bool:
    """Every HOLD shows the one text, whatever its cause (3.6)."""
    state = taken.step.state
    return state.phase is not Phase.HELD or state.message == steps.waiting(taken.config)


def sign_agrees(taken: Taken) -> bool:
    """GO and a green signal are for a barrier known up and its vehicle alone."""
    state = taken.step.state
    up = state.inputs.barrier is BarrierPosition.UP
    if state.message.kind is MessageKind.GO and not (state.phase is Phase.PASSING and up):
        return False
    aspects = [c.aspect for c in taken.step.commands if isinstance(c, SetSignal)]
    return not aspects or aspects[-1] is not Aspect.GREEN or (state.phase is Phase.PASSING and up)


def sign_clears(taken: Taken) -> bool:
    """No lane's sign speaks to a vehicle that is not there."""
    state = taken.step.state
    if not taken.is_lane or state.passage is not None:
        return True
    return state.message.kind not in (MessageKind.GO, MessageKind.WAIT)


def free_is_at_rest(taken: Taken) -> bool:
    """A free barrier lane has its boom known down, where that can be known, and all detectors clear."""
    state = taken.step.state
    if not taken.is_lane or state.phase is not Phase.FREE:
        return True
    inputs = state.inputs
    clear = interlocks.area(taken.config, inputs) is Occupancy.CLEAR and inputs.arming is Occupancy.CLEAR
    return clear and (inputs.barrier is BarrierPosition.DOWN or not taken.config.fitted.feedback)


LAWS: dict[str, Callable[[Taken], bool]] = {
    "raise-on-committed-release-or-emergency": raise_on_release,
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
    "hold-is-neutral": hold_is_neutral,
    "sign-agrees-with-barrier": sign_agrees,
    "sign-clears-with-its-vehicle": sign_clears,
    "free-lane-is-at-rest": free_is_at_rest,
}
