"""The last look before anything leaves the console: no corridor before its verdict was opened (3.6).

The core already keeps to it; a second, independent check costs nothing and fails shut.
"""

from __future__ import annotations

from dataclasses import replace

from gate.lanes.views import Overview, VisitView
from gate.model import Visit, VisitStatus


def disclosed(visit: Visit) -> Visit:
    """The visit as it may be shown. An unopened visit has no corridor, nor a lane that would tell it."""
    if visit.opened:
        return visit
    lane = visit.lane if visit.status in (VisitStatus.HELD, VisitStatus.REFERRED) else None
    return replace(visit, corridor=None, lane=lane)


def disclosed_overview(overview: Overview) -> Overview:
    """The checkpoint as it may be shown."""
    return replace(overview, visits=tuple(disclosed(visit) for visit in overview.visits))


def disclosed_view(view: VisitView) -> VisitView:
    """One visit with its story as it may be shown."""
    return replace(view, visit=disclosed(view.visit))
