"""The forms of the duties at a lane, the lane's own page, and the hand on hold-to-run."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview
from gate.console.duty_offers import DUTIES_AT_LANE, page_offers
from gate.console.looking import look
from gate.console.sessions import CSRF_HEADER, LoggedIn, Session, Watching, check_csrf, may
from gate.lanes.attended import FALLIBLE
from gate.lanes.checks import CHECKLISTS, ORDERED, SEEN_BY_HAND
from gate.lanes.duty_acts import EndEmergencies, HoldToRun, OpenForEmergency
from gate.lanes.views import Overview, PointView
from gate.model import Corridor

router = APIRouter()

TITLES = {act.__name__: duty.title for act, duty in DUTIES_AT_LANE.items()}
"""The duties that have a form, with what it is called."""
_EVERY_LANE = (OpenForEmergency.__name__, EndEmergencies.__name__)


@router.get("/lanes/{name}")
async def lane_page(name: str, request: Request, session: LoggedIn) -> Response:
    """One lane: everything its devices say, and every duty that can be done there now."""
    desk = desk_of(request)
    overview = disclosed_overview(await desk.checkpoint.overview())
    point = _lane(overview, name)
    if point is None:
        raise HTTPException(404, "There is no such lane.")
    return desk.render(
        "lane_page.html",
        point=point,
        groups=page_offers(point, session.officer),
        session=session,
        whole_page="hx-request" not in request.headers,
    )


@router.post("/api/hold/{point}")
async def keep_hold(point: str, request: Request, session: Watching) -> Response:
    """The hand is still on the button. Says nothing: what the lane does is on the live screen."""
    check_csrf(session, request.headers.get(CSRF_HEADER))
    if not may(session.officer.role, HoldToRun):
        raise HTTPException(403, f"The role {session.officer.role.value} may not do this.")
    desk_of(request).checkpoint.keep_hold(point, session.officer.name)
    return Response(status_code=204)


async def duty_sheet(
    desk: Desk,
    session: Session,
    kind: str,
    fields: dict[str, Any],
    request: Request,
    status: int = 200,
    problem: str | None = None,
) -> Response:
    """The form of one duty, at the lane that `fields` name; an emergency's may be for every lane."""
    overview = disclosed_overview(await desk.checkpoint.overview())
    named = _named(fields)
    point = _lane(overview, named)
    if point is None and (named or kind not in _EVERY_LANE):
        raise HTTPException(404, "There is no such lane.")
    lanes = [one for one in overview.points if one.kind in ("entry", "exit")]
    # An emergency's form is never too old; a lane's others are about the lane as it was when they were shown.
    shown = None if point is None else await look(desk, session, None, point.name)
    return desk.render(
        "duty_sheet.html",
        status,
        seen="" if shown is None else shown.seen,
        kind=kind,
        title=TITLES[kind],
        point=point,
        lanes=lanes,
        checklist=_checklist_here(overview, point),
        fallible=sorted(FALLIBLE),
        corridors=list(Corridor),
        values=fields,
        problem=problem,
        session=session,
        whole_page="hx-request" not in request.headers,
    )


def _named(fields: dict[str, Any]) -> str:
    """The lane's name: a form that was refused brings it back as one of `points`."""
    several = fields.get("points")
    if isinstance(several, list):
        return str(several[0]) if several else ""
    return str(fields.get("point") or "")


def _lane(overview: Overview, name: str) -> PointView | None:
    return next((one for one in overview.points if one.name == name and one.kind in ("entry", "exit")), None)


def _checklist_here(overview: Overview, point: PointView | None) -> tuple[str, ...]:
    """What to look at: by the corridor of who stands here, or because a check was ordered."""
    for visit in overview.visits:
        if point is not None and visit.visit_id == point.visit_id and visit.corridor is not None:
            return CHECKLISTS.get(visit.corridor, ORDERED if visit.check_ordered else SEEN_BY_HAND)
    return SEEN_BY_HAND
