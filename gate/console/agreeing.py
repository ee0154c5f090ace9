"""The second officer at his own screen: what he is asked, and his answer."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gate.console.desk import Desk, desk_of
from gate.console.looking import look_at_request
from gate.console.sessions import LoggedIn, Session, may
from gate.lanes.acts import AgreeAsSecond

router = APIRouter()

ASKED = {
    "ConfirmPlate": "to confirm the plate",
    "EnterNumber": "to enter the number",
    "EnterCargoNumber": "to enter the cargo declaration's number",
}
OVER = (
    "This request is over: it was answered, withdrawn, or nobody answered in time. Nothing is done by it now."
)


@router.get("/requests/{request_id}")
async def request_sheet(request_id: str, request: Request, session: LoggedIn) -> Response:
    """The form of the second officer's answer."""
    if not may(session.officer.role, AgreeAsSecond):
        raise HTTPException(403, f"The role {session.officer.role.value} may not do this.")
    return await answer_sheet(desk_of(request), session, request_id, request)


async def answer_sheet(
    desk: Desk,
    session: Session,
    request_id: str,
    request: Request,
    status: int = 200,
    problem: str | None = None,
) -> Response:
    """The request as it is now, with what was wrong with the answer; or that it is over."""
    whole_page = "hx-request" not in request.headers
    found = await look_at_request(desk, session, request_id)
    if found is None:
        over = problem or OVER
        return desk.render("refused.html", max(status, 409), message=over, whole_page=whole_page)
    asked, seen = found
    return desk.render(
        "answer.html",
        status,
        asked=asked,
        look=seen,
        own=asked.officer == session.officer.name,
        to_do=ASKED.get(asked.act, asked.act),
        problem=problem,
        session=session,
        whole_page=whole_page,
    )
