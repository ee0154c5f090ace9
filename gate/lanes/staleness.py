"""Whether an act is still about what its officer saw; where it is not, it is refused with a sentence."""

from __future__ import annotations

from gate.lanes.acts import (
    Act,
    AgreeAsSecond,
    AskSecond,
    ConfirmPlate,
    EnterCargoNumber,
    EnterNumber,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
)
from gate.lanes.duty_acts import HoldToRun, LetGo, OpenForEmergency
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, SendToBay
from gate.lanes.sight import LASTS_SECONDS, Sight

COMPARED: tuple[type[Act], ...] = (
    ReleaseVisit,
    ConfirmPlate,
    EnterNumber,
    EnterCargoNumber,
    ReferVisit,
    TurnBack,
    AskSecond,
    OrderCheck,
    HoldVisit,
    SendToBay,
    OpenOnce,
)
"""Acts refused when what their officer saw is no longer so."""
ANSWERING = tuple(kind for kind in COMPARED if kind is not AskSecond)
"""Acts by which an officer answers the calls from where the vehicle stands."""
ON_VEHICLES = (*COMPARED, HoldToRun, AgreeAsSecond)
"""Acts on one vehicle: the glass takes none without a look at it.

The last two are compared by who carries them out: a machine, so that a hand on a button waits for no
disk; and a request, with what its own officer saw.
"""
NEVER_LATE = (OpenForEmergency, LetGo, HoldToRun)
"""Acts that no form is too old for: an emergency, and a hand at the vehicle."""


def too_old(act: Act) -> str | None:
    """Why the form this act came by is no longer good; None where it is."""
    seen = act.seen
    if seen is None or seen.sight is None or isinstance(act, NEVER_LATE) or seen.age <= LASTS_SECONDS:
        return None
    return f"you looked more than {LASTS_SECONDS / 60:g} minutes ago: look again, and ask again"


def changed(act: Act, then: Sight, now: Sight | None) -> str | None:
    """Say what has changed since `then` in a way that matters to this act; None when nothing has.

    Duties at a lane are about no vehicle: their machine's table says what may be done there now.
    """
    if not isinstance(act, COMPARED):
        return None
    if now is None:
        return "there is no such visit any more"
    # A visit may move on to the holding bay under the officer's eyes; a lane's vehicle is known by standing.
    here = isinstance(act, ReleaseVisit | OpenOnce) or (
        isinstance(act, ConfirmPlate) and then.visit_id is None
    )
    if here and (then.point, then.passage_id) != (now.point, now.passage_id):
        return _elsewhere(then, now)
    if then.status != now.status:
        return f"the visit is {now.status} now, and was {then.status}"
    if then.mark != now.mark:
        return f"its plate is {now.mark or 'not known'} now, and was {then.mark or 'not known'}"
    if here and then.visit_id is None and then.plate != now.plate:
        return f"its plate was read as {now.plate or 'nothing'} now, and was as {then.plate or 'nothing'}"
    if then.numbers != now.numbers:
        return "its numbers are others now"
    if then.lane != now.lane:
        return f"it was sent to {now.lane or 'no lane'} now"
    if frozenset(then.findings) != frozenset(now.findings):
        return "other findings speak against it now"
    return None


def _elsewhere(then: Sight, now: Sight) -> str:
    if then.point is None:
        return f"the vehicle stands at {now.point} now"
    if now.point == then.point and now.passage_id is not None:
        if then.visit_id is not None and then.visit_id == now.visit_id:
            return f"the vehicle's passage through {then.point} began anew"
        return f"another vehicle stands at {then.point} now"
    return f"the vehicle has left {then.point}"
