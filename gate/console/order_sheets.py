"""The forms of officers' orders: on a visit, at a lane, and on an emergency that waits for its review."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gate.console.desk import Desk
from gate.console.disclosure import disclosed_overview, disclosed_view
from gate.console.looking import look
from gate.console.offers import standing_at
from gate.console.sessions import Session
from gate.lanes.views import Overview, PointView, VisitView
from gate.model import CheckSource, NoGoods

TITLES = {
    "OrderCheck": "Order a check",
    "HoldVisit": "Hold",
    "SendToBay": "Send to the holding bay",
    "OpenOnce": "Open once",
    "ReviewEmergency": "Review the emergency",
}
"""The orders that have a form, with what it is called."""


async def order_sheet(
    desk: Desk,
    session: Session,
    kind: str,
    fields: dict[str, Any],
    request: Request,
    status: int = 200,
    problem: str | None = None,
) -> Response:
    """The form of one order, on what `fields` name."""
    overview = disclosed_overview(await desk.checkpoint.overview())
    view = await _visit(desk, fields) if kind in ("OrderCheck", "HoldVisit", "SendToBay") else None
    point = _lane(overview, fields) if kind == "OpenOnce" else None
    wanted = str(fields.get("emergency_id") or "")
    line = next((one for one in overview.reviews if wanted in one.emergency_ids), None)
    if kind == "ReviewEmergency" and line is None:
        raise HTTPException(404, "No review of that emergency is wanted: somebody did it.")
    places = [place.label for place in overview.places] or [overview.system.holding_bay]
    shown = None
    if view or point:
        visit_id = view.visit.visit_id if view else None
        shown = await look(desk, session, visit_id, point.name if point else None)
    return desk.render(
        "order_sheet.html",
        status,
        kind=kind,
        title=TITLES[kind],
        view=view,
        point=standing_at(view.visit, overview) if view else point,
        look=shown,
        line=line,
        sources=list(CheckSource),
        kinds=list(NoGoods),
        places=places,
        values=fields,
        problem=problem,
        session=session,
        whole_page="hx-request" not in request.headers,
    )


async def _visit(desk: Desk, fields: dict[str, Any]) -> VisitView:
    found = await desk.checkpoint.visit(str(fields.get("visit_id") or ""))
    if found is None:
        raise HTTPException(404, "There is no such visit, or it is over.")
    return disclosed_view(found)


def _lane(overview: Overview, fields: dict[str, Any]) -> PointView:
    named = str(fields.get("point") or "")
    for point in overview.points:
        if point.name == named and point.kind == "entry":
            return point
    raise HTTPException(404, "There is no such lane.")
