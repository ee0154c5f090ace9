"""What needs a person: everything at the checkpoint that does not mend itself, each with what to do.

One pure function from what is known to what is wrong. Nothing here tells a visit, a plate or a corridor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gate.console.repairs import lanes, site
from gate.console.repairs.facts import Ending, Facts, Gravity, Repair

__all__ = ["Ending", "Facts", "Gravity", "Repair", "repairs"]

_LOOKS: tuple[Callable[[Facts], Iterator[Repair]], ...] = (
    lanes.devices,
    lanes.inputs,
    lanes.rest,
    lanes.lanes,
    lanes.cameras,
    lanes.sights,
    site.reading,
    site.clock,
    site.central,
    site.broker,
    site.disk,
    site.record,
    site.retention,
    site.endings,
    site.certificates,
    site.reviews,
)


def repairs(facts: Facts) -> tuple[Repair, ...]:
    """Everything that needs a person, the gravest first."""
    found = [repair for look in _LOOKS for repair in look(facts)]
    return tuple(sorted(found, key=lambda repair: (repair.gravity, repair.where, repair.key)))
