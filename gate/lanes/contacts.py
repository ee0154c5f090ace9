"""Contacts we only observe: what each means to a lane. None of them is ever switched by software."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import emergency, recovery, steps
from gate.lanes.arriving import lose_inputs, too_tall
from gate.lanes.commands import SetSignal, StopBarrier
from gate.lanes.events import Aspect, Contact, ContactChanged, ContactState
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Phase, PointConfig, PointState

_BEFORE = frozenset(
    {Phase.READING, Phase.MATCHING, Phase.REGISTERING, Phase.CONTROL, Phase.WAITING, Phase.HELD}
)
_MOVING = frozenset({Phase.RAISING, Phase.PASSING, Phase.LOWERING})
_IN_SERVICE = _BEFORE | _MOVING | {Phase.FREE}
_BY_HAND = frozenset({Phase.ATTENDED, Phase.HOLDING})


def changed(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """Take one contact's new state; a lane in RECOVERY may come to rest by it."""
    if event.contact not in config.fitted.contacts:
        return Step(state)
    if event.state is ContactState.UNKNOWN:
        return lose_inputs(config, state, event) if state.phase in _IN_SERVICE else Step(state)
    told = _take(config, state, event)
    if told.state.phase is not Phase.RECOVERY or state.phase is not Phase.RECOVERY:
        return told
    settled = recovery.settle(config, told.state, event)
    return Step(settled.state, (*told.commands, *settled.commands))


def _take(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    active = event.state is ContactState.ACTIVE
    match event.contact:
        case Contact.FIRE if active:
            return emergency.fire(config, state, event)
        case Contact.HEIGHT if active:
            return _tall(config, state, event)
        case Contact.EMERGENCY_STOP if active:
            return _stopped(config, state, event)
        case Contact.KEY_SWITCH if active and state.phase not in _BY_HAND:
            reason = "somebody works the barrier by its key switch"
            return steps.trouble(config, state, event, Occurrence.KEY_SWITCH, reason, alarm=False)
        case Contact.MAINS:
            return _power(config, state, event)
        case Contact.UPS if active:
            return _battery_low(config, state, event)
        case Contact.CABINET if active:
            reason = "the lane's cabinet was opened"
            return steps.trouble(config, state, event, Occurrence.CABINET_OPEN, reason)
        case _:
            return Step(state)


def _tall(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """The height detector lies before the arming loop: it speaks of who stands here, or comes next."""
    if config.takes_oversize:
        return Step(state)
    if state.phase in _BEFORE and state.phase is not Phase.HELD:
        return too_tall(config, state, event)
    seen = replace(state, tall=True)
    if state.phase is not Phase.HELD or state.tall:
        return Step(seen)
    # Who is held for something else would go on once that is settled: the officer must know.
    reason = "too high for this lane, this vehicle or the next: look, and send it to another"
    return steps.trouble(config, seen, event, Occurrence.OVERSIZE, reason)


def _stopped(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """The wire has stopped the boom: what was under way is over, and an officer looks."""
    reason = "the emergency stop was pressed"
    told = steps.trouble(config, state, event, Occurrence.EMERGENCY_STOP, reason)
    if state.phase in _BY_HAND:
        return Step(replace(told.state, phase=Phase.ATTENDED, deadline=None), told.commands)
    if state.phase not in _MOVING:
        return told
    recovering = replace(told.state, phase=Phase.RECOVERY, deadline=None)
    shown = steps.show(recovering, steps.waiting(config))
    # The pulse in line, if there is one, must not follow the stop.
    stop = (StopBarrier(),) if state.phase is not Phase.PASSING else ()
    return Step(shown.state, (*stop, *told.commands, SetSignal(Aspect.RED), *shown.commands))


def _power(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    if event.state is ContactState.ACTIVE:
        reason = "the mains are away: what is under way ends on the battery, nobody is released"
        return steps.trouble(config, state, event, Occurrence.POWER_LOST, reason)
    return Step(state, (steps.happened(Occurrence.POWER_BACK, config, state, event),))


def _battery_low(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """Close while there is still power to do it in order."""
    reason = "the battery is nearly empty: the lane closes"
    told = steps.trouble(config, state, event, Occurrence.BATTERY_LOW, reason)
    if state.phase is Phase.FREE:
        closed = steps.close(config, replace(told.state, closed_by="battery"))
        return Step(closed.state, (*told.commands, *closed.commands))
    if state.phase in _IN_SERVICE or state.phase is Phase.RECOVERY:
        return Step(replace(told.state, closing=True, closed_by="battery"), told.commands)
    return told
