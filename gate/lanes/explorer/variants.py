"""What is walked: each machine as it may be fitted. A feature that asks nothing of the others walks alone.

All features of a lane together would be millions of states. They meet only in `interlocks` (is
everything known, is the area clear, does a contact forbid), so each is walked with the whole rest of
the machine, and with those it does meet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gate.lanes.events import Contact, Detector
from gate.lanes.fitted import APPROACH, Fitted
from gate.lanes.state import PointConfig
from gate.model import Corridor

_LOOPS = frozenset({Detector.ARMING, Detector.SAFETY})
# One automatic and one controlled corridor: together all that an entry lane can be asked.
_ENTRY = PointConfig("entry", "1", "site", "H", (Corridor.GREEN, Corridor.RED), clear_seconds=1.0)
_APPROACH = PointConfig(
    "approach",
    "A",
    "site",
    "H",
    fitted=Fitted(APPROACH.detectors, frozenset({Contact.HEIGHT}), barrier=False, feedback=False),
)
_CLOSING = frozenset({"closing"})
_EXIT = PointConfig("exit", "X", "site", "H", clear_seconds=1.0)


@dataclass(frozen=True, slots=True)
class Variant:
    """One machine, fitted one way, told one set of officers' duties."""

    name: str
    kind: str
    config: PointConfig
    duties: frozenset[str] = frozenset()
    armed_with: str | None = None
    """The device configuration it was armed with before this start; None at its first."""


def _fitted(config: PointConfig, *more: Detector | Contact, feedback: bool = True) -> PointConfig:
    detectors = _LOOPS | {one for one in more if isinstance(one, Detector)}
    contacts = frozenset(one for one in more if isinstance(one, Contact))
    return replace(config, fitted=Fitted(detectors, contacts, barrier=True, feedback=feedback))


VARIANTS: tuple[Variant, ...] = (
    Variant("approach", "approach", PointConfig("approach", "A", "site", "H"), _CLOSING),
    Variant("approach with height detector", "approach", _APPROACH),
    Variant("terminal", "terminal", PointConfig("terminal", "T", "site", "H"), _CLOSING),
    Variant("entry", "entry", _ENTRY, _CLOSING | {"emergency", "maintenance", "breakdown"}),
    Variant("entry by hand", "entry", _ENTRY, _CLOSING | {"attended"}),
    Variant("entry with photo-eye", "entry", _fitted(_ENTRY, Detector.PHOTO_EYE)),
    Variant("entry with exit loop", "entry", _fitted(_ENTRY, Detector.EXIT)),
    Variant("entry with fire panel", "entry", _fitted(_ENTRY, Contact.FIRE), frozenset({"emergency"})),
    Variant("entry with emergency stop", "entry", _fitted(_ENTRY, Contact.EMERGENCY_STOP)),
    Variant("entry with mains contact", "entry", _fitted(_ENTRY, Contact.MAINS)),
    Variant("entry with battery contact", "entry", _fitted(_ENTRY, Contact.UPS), _CLOSING),
    Variant("entry with height detector", "entry", _fitted(_ENTRY, Contact.HEIGHT)),
    Variant("entry without feedback", "entry", _fitted(_ENTRY, feedback=False)),
    Variant("entry at a merge", "entry", replace(_ENTRY, merge=True)),
    Variant("entry whose link fails", "entry", _ENTRY, frozenset({"link"})),
    Variant("entry with other devices", "entry", _ENTRY, frozenset({"emergency", "maintenance"}), "others"),
    Variant("entry for a convoy", "entry", _ENTRY, frozenset({"convoy"})),
    Variant("entry of other corridors", "entry", _ENTRY, frozenset({"corridors"})),
    Variant("entry under orders", "entry", _ENTRY, frozenset({"orders"})),
    Variant("exit", "exit", _EXIT, _CLOSING | {"emergency", "maintenance", "breakdown"}),
    Variant("exit by hand", "exit", _EXIT, frozenset({"attended"})),
    Variant("exit with photo-eye and exit loop", "exit", _fitted(_EXIT, Detector.PHOTO_EYE, Detector.EXIT)),
)

_DUTIES = _CLOSING | {"emergency", "maintenance", "breakdown", "attended", "convoy", "corridors", "orders"}


def _with_all(config: PointConfig) -> PointConfig:
    return replace(_fitted(config, *Detector, *Contact), merge=True)


EVERYTHING: tuple[Variant, ...] = (
    Variant("entry with everything", "entry", _with_all(_ENTRY), _DUTIES),
    Variant("exit with everything", "exit", _with_all(_EXIT), _DUTIES),
)
"""All features at once: too many states to walk, so these are wandered through."""
