"""The laws of a lane as named invariants over one step: what holds for every step holds for every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gate.lanes import steps
from gate.lanes.commands import (
    GrantRelease,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    SetSignal,
    StopBarrier,
)
from gate.lanes.events import (
    Aspect,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Event,
    Occupancy,
    Started,
)
from gate.lanes.machine import Step
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import Corridor, Release, ReleaseBasis


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken. `kind` is approach, terminal, entry or exit."""

    kind: str
    config: PointConfig
    before: PointState
    event: Event
    step: Step

    def granted(self) -> list[Release]:
        """Releases committed in this step."""
        return [command.release for command in self.step.commands if isinstance(command, GrantRelease)]

    def has(self, *kinds: type) -> bool:
        """Whether the step asks for any of these."""
        return any(isinstance(command, kinds) for command in self.step.commands)


def raise_on_release(taken: Taken) -> bool:
    """A raise follows the commit of its own release in the same step, and there is one at most."""
    granted: set[str] = set()
    raised = 0
    for command in taken.step.commands:
        if isinstance(command, GrantRelease):
            granted.add(command.release.release_id)
        elif isinstance(command, RaiseBarrier):
            raised += 1
            if command.release_id not in granted:
                return False
    return raised <= 1


def raise_inputs_known(taken: Taken) -> bool:
    """Nothing is raised while any input of the lane is unknown."""
    return not taken.has(RaiseBarrier) or taken.step.state.inputs.known


def restart_moves_nothing(taken: Taken) -> bool:
    """A restart replays no actuation and makes none."""
    return not isinstance(taken.event, Started) or not taken.has(RaiseBarrier, LowerBarrier, GrantRelease)


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
            if taken.kind != "terminal" and release.corridor not in taken.config.corridors:
                return False
    return True


def release_of_who_stands_here(taken: Taken) -> bool:
    """A release is of the visit that stands at this point, and no other."""
    passage = taken.step.state.passage
    return all(passage is not None and r.visit_id == passage.visit_id for r in taken.granted())


def lower_known_clear(taken: Taken) -> bool:
    """Lowering is asked for only with the area known clear and every input known."""
    inputs = taken.step.state.inputs
    return not taken.has(LowerBarrier) or (inputs.known and inputs.safety is Occupancy.CLEAR)


def stop_under_closing(taken: Taken) -> bool:
    """Something under a closing barrier, or nobody knows: stop."""
    event = taken.event
    if taken.before.phase is not Phase.LOWERING or not isinstance(event, DetectorChanged):
        return True
    if event.detector is not Detector.SAFETY or event.state is Occupancy.CLEAR:
        return True
    return taken.has(StopBarrier)


def open_for_released(taken: Taken) -> bool:
    """A way is opened, or open, for a passage that holds a release."""
    state = taken.step.state
    if state.phase not in (Phase.RAISING, Phase.PASSING):
        return True
    return state.passage is not None and state.passage.release_id is not None and state.inputs.known


def hold_is_neutral(taken: Taken) -> bool:
    """Every HOLD shows the one text, whatever its cause (3.6)."""
    state = taken.step.state
    return state.phase is not Phase.HELD or state.message == steps.waiting(taken.config)


def sign_agrees(taken: Taken) -> bool:
    """GO and a green signal are for an open barrier and its vehicle alone."""
    state = taken.step.state
    if state.message.kind is MessageKind.GO and state.phase is not Phase.PASSING:
        return False
    aspects = [c.aspect for c in taken.step.commands if isinstance(c, SetSignal)]
    return not aspects or aspects[-1] is not Aspect.GREEN or state.phase is Phase.PASSING


def free_is_at_rest(taken: Taken) -> bool:
    """A free barrier lane has its barrier known down and its detectors known clear."""
    state = taken.step.state
    if taken.kind not in ("entry", "exit") or state.phase is not Phase.FREE:
        return True
    inputs = state.inputs
    clear = inputs.safety is Occupancy.CLEAR and inputs.arming is Occupancy.CLEAR
    return clear and inputs.barrier is BarrierPosition.DOWN


LAWS: dict[str, Callable[[Taken], bool]] = {
    "raise-on-committed-release": raise_on_release,
    "raise-with-inputs-known": raise_inputs_known,
    "restart-moves-nothing": restart_moves_nothing,
    "officer-named-for-yellow-and-red": officer_named,
    "automatic-only-green-and-blue": automatic_in_own_lane,
    "release-of-who-stands-here": release_of_who_stands_here,
    "lower-only-known-clear": lower_known_clear,
    "stop-under-closing-barrier": stop_under_closing,
    "open-only-for-a-release": open_for_released,
    "hold-is-neutral": hold_is_neutral,
    "sign-agrees-with-barrier": sign_agrees,
    "free-lane-is-at-rest": free_is_at_rest,
}
