"""The way on that opened verdicts bind a vehicle to."""

from __future__ import annotations

from gate.lanes.rules.onward import onward
from gate.model import Corridor, CorridorVerdict, NotificationNumber, Onward


def verdict(route: str | None, hours: int | None) -> CorridorVerdict:
    """One consignment's."""
    return CorridorVerdict(NotificationNumber("4829137560129"), Corridor.YELLOW, route, hours)


def test_several_consignments_are_bound_together() -> None:
    """Every route once, in their order, and the shortest time (5.5.1)."""
    several = (verdict("a - b", 48), verdict(None, None), verdict("a - c", 24), verdict("a - b", None))
    assert onward(several) == Onward(("a - b", "a - c"), 24)


def test_what_is_not_bound_has_no_way_on() -> None:
    """Green and blue; and a verdict that gives only one of the two."""
    assert onward(()) is None
    assert onward((verdict(None, None),)) is None
    assert onward((verdict(None, 24),)) == Onward((), 24)
