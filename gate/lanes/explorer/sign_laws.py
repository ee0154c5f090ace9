"""What a sign and a signal may say, over one step."""

from __future__ import annotations

from gate.lanes import steps
from gate.lanes.commands import MessageKind, SetSignal
from gate.lanes.events import Aspect, BarrierPosition
from gate.lanes.explorer.taken import Taken
from gate.lanes.state import Phase

_TO_SOMEBODY = (MessageKind.GO, MessageKind.WAIT)
_DIRECTIONS = (MessageKind.DIRECT, MessageKind.REFER)


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
    return _last_aspect(taken) is not Aspect.GREEN or (state.phase is Phase.PASSING and up)


def green_ends(taken: Taken) -> bool:
    """A green signal goes out in the very step in which the way is no longer its vehicle's.

    Only PASSING is ever shown green, so no other phase may be entered from it without a red.
    """
    was_open = taken.before.phase is Phase.PASSING
    if not was_open or taken.step.state.phase is Phase.PASSING:
        return True
    return _last_aspect(taken) is Aspect.RED


def sign_clears(taken: Taken) -> bool:
    """No sign speaks to a vehicle that is not there."""
    state = taken.step.state
    if state.passage is not None:
        return True
    # A blocked lane's board sends those behind the broken-down vehicle elsewhere: that one may stay.
    return state.message.kind not in (_TO_SOMEBODY if taken.is_lane else (*_TO_SOMEBODY, *_DIRECTIONS))


def direction_for_who_was_directed(taken: Taken) -> bool:
    """An approach or terminal shows a direction to the vehicle it was found for, while it is known there."""
    state = taken.step.state
    if taken.is_lane or state.message.kind not in _DIRECTIONS:
        return True
    return state.passage is not None and state.phase in (Phase.DIRECTED, Phase.REGISTERING)


def _last_aspect(taken: Taken) -> Aspect | None:
    aspects = [command.aspect for command in taken.step.commands if isinstance(command, SetSignal)]
    return aspects[-1] if aspects else None
