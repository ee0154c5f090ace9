"""Acts: one function does them, whether a form or a program asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from json import JSONDecodeError
from typing import Any

import structlog
from fastapi import APIRouter, HTTPException
from prometheus_client import Counter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gate.console.asking import ACTS, SECONDED, AskingError, understand
from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview, disclosed_view
from gate.console.duty_sheets import TITLES as DUTY_TITLES
from gate.console.duty_sheets import duty_sheet
from gate.console.ground import escalated
from gate.console.offers import standing_at
from gate.console.second import SecondRefusedError, part, vouched
from gate.console.sessions import CSRF_HEADER, LoggedIn, Session, check_csrf, may
from gate.lanes.checks import CHECKLISTS
from gate.lanes.views import VisitView
from gate.store.officers import Role

log = structlog.get_logger()
router = APIRouter()

# Labelled by the result only: which acts were done would tell corridors.
ASKED = Counter("gate_console_acts_total", "Acts asked for at the console", ["result"])

_TITLES = {
    "ReleaseVisit": "Release",
    "ConfirmPlate": "Confirm the plate by sight",
    "EnterNumber": "Enter the notification number",
    "EnterCargoNumber": "Enter the cargo declaration's number",
    "ReferVisit": "Send to the general lane",
    "TurnBack": "Turn back",
    "ClosePoint": "Take out of service",
    "OpenPoint": "Put back into service",
}
_ONE_CLICK = ("AcknowledgeCall", "AttendTerminal", "AnswerRollCall")
_SEVERAL = ("points", "failed", "corridors")
"""Fields of which a form may send several, or, with an empty value, none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an act."""

    status: int
    message: str
    needs_second: bool = False
    """A second officer must agree: the form asks for his name and password."""

    @property
    def done(self) -> bool:
        """It took effect."""
        return self.status == 200  # noqa: PLR2004 - HTTP's own number


async def perform(desk: Desk, session: Session, fields: object, source: str) -> Answer:
    """Check the role, understand the fields, and ask the gate: the one way from the glass to an act."""
    kind = fields.get("act") if isinstance(fields, Mapping) else None
    known = ACTS.get(kind) if isinstance(kind, str) else None
    role = session.officer.role
    if role is Role.AUDITOR or (known is not None and not may(role, known)):
        answer = Answer(403, f"The role {role.value} may not do this. Ask an officer or the shift lead.")
    else:
        try:
            own, second = part(fields)
            act = understand(own, session.officer.name, desk.formats)
            if second is not None and isinstance(act, SECONDED):
                act = replace(act, second=await vouched(desk, session, act, second, source))
        except AskingError as error:
            answer = Answer(422, str(error))
        except SecondRefusedError as error:
            answer = Answer(error.status, str(error), needs_second=True)
        else:
            result = await desk.checkpoint.act(act)
            answer = Answer(200 if result.done else 409, result.message, result.needs_second)
    outcome = {200: "done", 409: "not-done"}.get(answer.status, "refused")
    ASKED.labels(outcome).inc()
    if outcome == "refused":
        log.warning("console.act_refused", officer=session.officer.name, source=source, why=answer.message)
    return answer


def _source(request: Request) -> str:
    return request.client.host if request.client else "unknown"


@router.post("/api/acts")
async def api_act(request: Request, session: LoggedIn) -> Response:
    """An act by a program: {"act": kind, fields...} with X-CSRF-Token."""
    check_csrf(session, request.headers.get(CSRF_HEADER))
    try:
        fields = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON.") from error
    answer = await perform(desk_of(request), session, fields, _source(request))
    if answer.status in (200, 409):
        wanted = {"needs_second": True} if answer.needs_second else {}
        return JSONResponse({"done": answer.done, "message": answer.message} | wanted, answer.status)
    return JSONResponse({"error": answer.message}, answer.status)


def _fields(kind: str, form: FormData) -> dict[str, Any]:
    fields: dict[str, Any] = {"act": kind}
    for name in form:
        values = form.getlist(name)
        if not all(isinstance(value, str) for value in values):
            raise HTTPException(422, "Files are not wanted here.")
        if name in ("checked", "also_checked"):
            fields.setdefault("checked", []).extend(value for value in values if str(value).strip())
        elif name in _SEVERAL:
            fields[name] = [value for value in values if value]
        elif name != "csrf" and not (name == "visit_id" and not values[-1]):
            fields[name] = values[-1]
    return fields


@router.post("/acts/{kind}")
async def form_act(kind: str, request: Request, session: LoggedIn) -> Response:
    """An act by a form. With htmx a fragment answers, without it a page."""
    async with request.form(max_files=0, max_fields=50) as form:
        token = form.get("csrf")
        check_csrf(session, token if isinstance(token, str) else request.headers.get(CSRF_HEADER))
        fields = _fields(kind, form)
    desk = desk_of(request)
    answer = await perform(desk, session, fields, _source(request))
    by_htmx = "hx-request" in request.headers
    if answer.done:
        if by_htmx:
            return desk.render("done.html", message=answer.message)
        return RedirectResponse("/", 303)
    in_sheet = request.headers.get("hx-target", "sheet") == "sheet"
    if kind in DUTY_TITLES and in_sheet:
        return await duty_sheet(desk, session, kind, fields, request, answer.status, answer.message)
    if kind in _TITLES and in_sheet:
        return await _sheet(desk, session, kind, fields, request, answer)
    return desk.render("refused.html", answer.status, message=answer.message, whole_page=not by_htmx)


@router.get("/acts/{kind}")
async def act_form(kind: str, request: Request, session: LoggedIn) -> Response:
    """The form for one act on one visit or point."""
    if kind not in _TITLES and kind not in DUTY_TITLES:
        raise HTTPException(404, "There is no such form.")
    if not may(session.officer.role, ACTS[kind]):
        raise HTTPException(403, f"The role {session.officer.role.value} may not do this.")
    asked = dict(request.query_params)
    if kind in DUTY_TITLES:
        return await duty_sheet(desk_of(request), session, kind, asked, request)
    return await _sheet(desk_of(request), session, kind, asked, request)


async def _sheet(
    desk: Desk,
    session: Session,
    kind: str,
    fields: dict[str, Any],
    request: Request,
    answer: Answer | None = None,
) -> Response:
    overview = disclosed_overview(await desk.checkpoint.overview())
    view: VisitView | None = None
    if fields.get("visit_id"):
        found = await desk.checkpoint.visit(str(fields["visit_id"]))
        if found is None:
            raise HTTPException(404, "There is no such visit, or it is over.")
        view = disclosed_view(found)
    named = str(fields.get("point") or "")
    point = next((point for point in overview.points if point.name == named), None)
    if view is None and point is None:
        raise HTTPException(404, "There is no such point.")
    here = point if view is None else standing_at(view.visit, overview) or point
    corridor = view.visit.corridor if view else None
    return desk.render(
        "sheet.html",
        200 if answer is None else answer.status,
        kind=kind,
        title=_TITLES[kind],
        view=view,
        point=here,
        point_name=named,
        pictures=(view.evidence if view and view.evidence else here.evidence if here else ()),
        checklist=CHECKLISTS.get(corridor, ()) if corridor else (),
        values=fields,
        needs_second=answer is not None and answer.needs_second,
        problem=None if answer is None else answer.message,
        session=session,
        whole_page="hx-request" not in request.headers,
        escalated=escalated(overview),
        may_acknowledge=may(session.officer.role, ACTS["AcknowledgeCall"]),
    )
