"""What stands against a barrier's movement. Unknown is not safe: it stands against it too (law 3)."""

from __future__ import annotations

from gate.lanes.events import BarrierPosition, Contact, Detector, DeviceRole, Occupancy
from gate.lanes.state import Inputs, PointConfig, PointState

UNDER = (Detector.SAFETY, Detector.PHOTO_EYE)
"""What watches the area under the boom: the loop loses drawbars and high beds, the photo-eye does not."""

_FORBIDDING = (Contact.FIRE, Contact.EMERGENCY_STOP, Contact.KEY_SWITCH)
"""While one of these is active the barrier belongs to the wire or to a hand, not to software."""


def area(config: PointConfig, inputs: Inputs) -> Occupancy:
    """The area under the boom: clear only if everything fitted there is known clear."""
    seen = [inputs.detector(detector) for detector in UNDER if detector in config.fitted.detectors]
    if Occupancy.OCCUPIED in seen:
        return Occupancy.OCCUPIED
    return Occupancy.UNKNOWN if Occupancy.UNKNOWN in seen or not seen else Occupancy.CLEAR


def unknown_inputs(config: PointConfig, inputs: Inputs) -> frozenset[str]:
    """The fitted inputs that nobody knows: detectors and contacts by their words, and "barrier"."""
    lost = {d.value for d in config.fitted.detectors if inputs.detector(d) is Occupancy.UNKNOWN}
    lost |= {contact.value for contact in config.fitted.contacts - inputs.normal - inputs.active}
    if config.fitted.feedback and inputs.barrier is BarrierPosition.UNKNOWN:
        lost.add("barrier")
    return frozenset(lost)


def known(config: PointConfig, inputs: Inputs) -> bool:
    """Every fitted input is known."""
    return not unknown_inputs(config, inputs)


def forbidding(inputs: Inputs) -> Contact | None:
    """The active contact that takes the barrier out of software's hands, if one does."""
    return next((contact for contact in _FORBIDDING if contact in inputs.active), None)


def why_not_raise(config: PointConfig, state: PointState, *, failed: frozenset[str] = frozenset()) -> str:
    """Why the barrier may not be raised now, for officers; empty when it may.

    `failed` are the inputs an attending officer answers for.
    """
    lost = unknown_inputs(config, state.inputs) - failed
    if lost:
        return f"not known: {', '.join(sorted(lost))}"
    if DeviceRole.IO in state.faults:
        return "the barrier's link does not answer"
    contact = forbidding(state.inputs)
    if contact is not None:
        return f"the {contact.value} contact is active"
    if Contact.MAINS in state.inputs.active:
        return "the mains are away: on battery the lane releases nobody"
    return ""


def clear_long_enough(config: PointConfig, state: PointState, now: float) -> bool:
    """The area has been known clear for the configured time at monotonic `now`."""
    return state.area_clear_since is not None and now - state.area_clear_since >= config.clear_seconds


def may_lower(config: PointConfig, state: PointState, now: float) -> bool:
    """Link and inputs known, nothing forbidding, and the area known clear for the configured time."""
    return (
        DeviceRole.IO not in state.faults
        and known(config, state.inputs)
        and forbidding(state.inputs) is None
        and area(config, state.inputs) is Occupancy.CLEAR
        and clear_long_enough(config, state, now)
    )


def way_ahead_clear(config: PointConfig, inputs: Inputs) -> bool:
    """Nothing stands behind the barrier, where a loop watches that."""
    return Detector.EXIT not in config.fitted.detectors or inputs.exit is Occupancy.CLEAR
