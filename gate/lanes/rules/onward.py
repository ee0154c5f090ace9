"""The way on that the opened verdicts bind a vehicle to: route and time (5.5.1; RED too, by 5.9)."""

from __future__ import annotations

from collections.abc import Sequence

from gate.model import CorridorVerdict, Onward


def onward(verdicts: Sequence[CorridorVerdict]) -> Onward | None:
    """Put the verdicts of one vehicle together: every route once, the shortest time. None when unbound."""
    routes = tuple(dict.fromkeys(verdict.route for verdict in verdicts if verdict.route))
    hours = [verdict.deadline_hours for verdict in verdicts if verdict.deadline_hours is not None]
    return Onward(routes, min(hours, default=None)) if routes or hours else None
