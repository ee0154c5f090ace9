"""Contacts at an approach: who comes too high, and whether its cabinet is in order."""

from __future__ import annotations

from dataclasses import replace

from gate.lanes import oversize, steps
from gate.lanes.events import Contact, ContactChanged, ContactState
from gate.lanes.machine import Step
from gate.lanes.occurrences import Occurrence
from gate.lanes.state import Phase, PointConfig, PointState

_UNDECIDED = frozenset({Phase.READING, Phase.IDENTIFYING, Phase.HELD})


def changed(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """Take one contact's new state. There is no barrier here: nothing else moves or stops by it."""
    if event.contact not in config.fitted.contacts:
        return Step(state)
    if event.contact is Contact.HEIGHT:
        return _height(config, state, event)
    if event.state is not ContactState.ACTIVE:
        return Step(state)
    match event.contact:
        case Contact.CABINET:
            reason = "the approach's cabinet was opened"
            return steps.trouble(config, state, event, Occurrence.CABINET_OPEN, reason)
        case Contact.MAINS:
            reason = "the mains are away at the approach"
            return steps.trouble(config, state, event, Occurrence.POWER_LOST, reason)
        case Contact.UPS:
            reason = "the approach's battery is nearly empty"
            return steps.trouble(config, state, event, Occurrence.BATTERY_LOW, reason)
        case _:
            return Step(state)


def _height(config: PointConfig, state: PointState, event: ContactChanged) -> Step:
    """It lies before the presence loop: it speaks of who stands here undecided, or comes next.

    Unknown is not low (law 3); for whoever comes next that is asked when he comes.
    """
    if event.state is ContactState.NORMAL:
        return Step(state)
    if state.phase in _UNDECIDED:
        noted = oversize.note(config, state, event)
        if state.phase is not Phase.HELD or not noted.commands:
            return noted
        # Its findings are on record already: the officer who comes is told.
        called = steps.call(config, noted.state, oversize.SEEN.detail)
        return Step(called.state, (*noted.commands, *called.commands))
    return Step(replace(state, tall=state.tall or event.state is ContactState.ACTIVE))
