"""What officers' orders may lead to, over one step."""

from __future__ import annotations

from gate.lanes.commands import (
    GrantOpening,
    GrantRelease,
    Identify,
    OpenInEmergency,
    RaiseBarrier,
    RaiseOnce,
    UpdateVisit,
)
from gate.lanes.duties import CheckOrdered, OfficerHeld
from gate.lanes.events import (
    Decided,
    Event,
    NumberGiven,
    PlateConfirmed,
    RegistrationCommitted,
    VisitMatched,
)
from gate.lanes.explorer.taken import Taken
from gate.lanes.state import Phase

_OPENS = (GrantRelease, GrantOpening, RaiseBarrier, RaiseOnce)


def stopped_is_not_released(taken: Taken) -> bool:
    """What an officer held, or ordered a check of, goes no further by itself.

    The order's own step opens nothing and leaves no permit behind; a registration that was told of it
    releases nothing; and who is held is released by nobody before he was matched anew, and not even looked
    up again but by an officer.
    """
    event, before, after = taken.event, taken.before, taken.step.state
    told = isinstance(event, RegistrationCommitted) and (event.check_ordered or event.held)
    ordered = isinstance(event, CheckOrdered | OfficerHeld) and bool(taken.step.commands)
    held = before.phase is Phase.HELD and before.passage is not None and before.passage.stopped
    stopped = before.passage is not None and before.passage.stopped
    if stopped and taken.has(Identify) and not _is_officers(event):
        return False
    if not (told or ordered or held):
        return True
    if taken.is_lane and taken.has(*_OPENS):
        return False
    return not ordered or after.passage is None or after.passage.permit is None


def _is_officers(event: Event) -> bool:
    return isinstance(event, PlateConfirmed) or (isinstance(event, NumberGiven) and event.officer is not None)


def open_once_is_no_release(taken: Taken) -> bool:
    """A single opening is for the known vehicle that stands here, that no verdict was opened for.

    It is by a named officer, says of what kind the vehicle is, and releases nothing.
    """
    if not taken.has(RaiseOnce, GrantOpening):
        return True
    passage = taken.step.state.passage
    openings = [c.opening for c in taken.step.commands if isinstance(c, GrantOpening)]
    if passage is None or len(openings) != 1 or taken.kind != "entry" or taken.has(GrantRelease):
        return False
    opening = openings[0]
    ours = (opening.visit_id, opening.mark) == (passage.visit_id, passage.mark) and bool(opening.officer)
    return ours and passage.corridor is None


def never_milder(taken: Taken) -> bool:
    """Only the desk's answers, which rest on opened verdicts, say a corridor: nothing else changes one."""
    if isinstance(taken.event, Decided | VisitMatched):
        return True
    for command in taken.step.commands:
        if isinstance(command, UpdateVisit) and command.corridor is not None:
            return False
    if taken.has(OpenInEmergency):
        return True  # nobody stands here any more
    before, after = taken.before.passage, taken.step.state.passage
    if before is None or after is None or after.corridor is None:
        return True
    return after.corridor is before.corridor
