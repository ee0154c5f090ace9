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

from gate.console.agreeing import answer_sheet
from gate.console.asking import ACTS, SECONDED, AskingError, understand
from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview, disclosed_view
from gate.console.door import CredentialsRefusedError, reauthenticate, source_of
from gate.console.duty_sheets import TITLES as DUTY_TITLES
from gate.console.duty_sheets import duty_sheet
from gate.console.ground import escalated
from gate.console.looking import Look, choices, look
from gate.console.offers import standing_at
from gate.console.order_sheets import TITLES as ORDER_TITLES
from gate.console.order_sheets import order_sheet
from gate.console.second import part, vouched
from gate.console.sessions import CSRF_HEADER, LoggedIn, Session, check_csrf, may
from gate.console.shown import FIELD, USED, NotShownError
from gate.console.words import earlier_words
from gate.lanes.acts import ActResult, AgreeAsSecond, AskSecond, DeclineAsSecond, EnterNumber
from gate.lanes.checks import CHECKLISTS, ORDERED
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
_EVERY_TITLE = _TITLES | DUTY_TITLES | ORDER_TITLES
_SEVERAL = ("points", "failed", "corridors")
"""Fields of which a form may send several, or, with an empty value, none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an act."""

    status: int
    message: str
    needs_second: bool = False
    """A second officer must agree: the form asks for his name and password."""
    stale: bool = False
    """What was shown is no longer so: it is shown anew."""

    @property
    def done(self) -> bool:
        """It took effect."""
        return self.status == 200  # noqa: PLR2004 - HTTP's own number


async def perform(request: Request, session: Session, fields: object) -> Answer:
    """Check the role, understand the fields, and ask the gate: the one way from the glass to an act."""
    desk = desk_of(request)
    kind = fields.get("act") if isinstance(fields, Mapping) else None
    known = ACTS.get(kind) if isinstance(kind, str) else None
    role = session.officer.role
    if role is Role.AUDITOR or (known is not None and not may(role, known)):
        answer = Answer(403, f"The role {role.value} may not do this. Ask an officer or the shift lead.")
        await _note_role(desk, session, fields, answer.message)
    else:
        answer = await _asked(request, session, fields)
    outcome = {200: "done", 409: "not-done"}.get(answer.status, "refused")
    ASKED.labels(outcome).inc()
    if outcome == "refused":
        log.warning(
            "console.act_refused",
            officer=session.officer.name,
            source=source_of(request),
            why=answer.message,
        )
    return answer


async def _note_role(desk: Desk, session: Session, fields: object, why: str) -> None:
    """Who tried what he may not goes on record, once it is known what."""
    try:
        own, _ = part(_own(fields))
        await desk.checkpoint.note_refusal(understand(own, session.officer.name, desk.formats), why)
    except (AskingError, CredentialsRefusedError):
        return  # it says nothing that could be kept; the log has the refusal


async def _asked(request: Request, session: Session, fields: object) -> Answer:
    desk = desk_of(request)
    given = fields if isinstance(fields, Mapping) else {}
    at = desk.clock.now()
    try:
        own, second = part(_own(fields))
        act = understand(own, session.officer.name, desk.formats)
        seen = desk.shown.take(act, given.get(FIELD), source_of(request), at)
    except AskingError as error:
        return Answer(422, str(error))
    except CredentialsRefusedError as error:
        return Answer(error.status, str(error), needs_second=True)
    except NotShownError:
        await desk.checkpoint.note_refusal(act, USED)
        return Answer(409, USED, stale=True)
    act = replace(act, seen=seen)
    try:
        if isinstance(act, AgreeAsSecond):
            await reauthenticate(request, session, given.get("password"))
        if second is not None and isinstance(act, SECONDED):
            act = replace(act, second=await vouched(request, session, act, second))
    except CredentialsRefusedError as error:
        desk.shown.give_back(act.officer, given.get(FIELD), seen, at)
        await desk.checkpoint.note_refusal(act, str(error))
        return Answer(error.status, str(error), needs_second=isinstance(act, SECONDED))
    result = await desk.checkpoint.act(act)
    if not result.done and not result.stale:
        desk.shown.give_back(act.officer, given.get(FIELD), seen, at)
    message = _told(result, session)
    return Answer(200 if result.done else 409, message, result.needs_second, result.stale)


def _told(result: ActResult, session: Session) -> str:
    """The gate's words; before them who was first, where somebody was."""
    if result.done or result.earlier is None:
        return result.message
    first = earlier_words(result.earlier, session.officer.name)
    return f"{first}. {result.message[:1].upper()}{result.message[1:]}."


def _own(fields: object) -> object:
    """The act's own fields: what was shown, and a password typed anew, go no further."""
    if not isinstance(fields, Mapping):
        return fields
    apart = {FIELD, "password"} if fields.get("act") == AgreeAsSecond.__name__ else {FIELD}
    return {name: value for name, value in fields.items() if name not in apart}


@router.post("/api/acts")
async def api_act(request: Request, session: LoggedIn) -> Response:
    """An act by a program: {"act": kind, fields...} with X-CSRF-Token."""
    check_csrf(session, request.headers.get(CSRF_HEADER))
    try:
        fields = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON.") from error
    answer = await perform(request, session, fields)
    if answer.status in (200, 409):
        wanted = {"needs_second": True} if answer.needs_second else {}
        wanted |= {"stale": True} if answer.stale else {}
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
        elif name != "csrf" and not (name in ("visit_id", FIELD) and not values[-1]):
            fields[name] = values[-1]
    return fields


def _meant(fields: dict[str, Any]) -> dict[str, Any]:
    """What the button that was pressed makes of a form that has several."""
    meant = dict(fields)
    if chosen := meant.pop("chosen", None):
        meant["number" if meant["act"] == EnterNumber.__name__ else "mark"] = chosen
    if meant.pop("decline", None):
        kept = {name: value for name, value in meant.items() if name != "password"}
        return kept | {"act": DeclineAsSecond.__name__}
    if meant.pop("ask_second", None):
        apart = (FIELD, "second", "second_password")
        asked = {name: value for name, value in meant.items() if name not in apart}
        return {"act": AskSecond.__name__, "asked": asked} | {n: meant[n] for n in (FIELD,) if n in meant}
    return meant


def _notice(kind: str, message: str) -> str:
    """What the page says of an act that was done: which it was, where the gate has nothing more to say."""
    title = _EVERY_TITLE.get(kind)
    return f"{title}: {message}" if title is not None and message == "done" else message


@router.post("/acts/{kind}")
async def form_act(kind: str, request: Request, session: LoggedIn) -> Response:
    """An act by a form. With htmx a fragment answers, without it a page."""
    async with request.form(max_files=0, max_fields=50) as form:
        token = form.get("csrf")
        check_csrf(session, token if isinstance(token, str) else request.headers.get(CSRF_HEADER))
        fields = _fields(kind, form)
    desk = desk_of(request)
    answer = await perform(request, session, _meant(fields))
    by_htmx = "hx-request" in request.headers
    if answer.done:
        if by_htmx:
            return desk.render("done.html", message=_notice(kind, answer.message))
        return RedirectResponse("/", 303)
    in_sheet = request.headers.get("hx-target", "sheet") == "sheet"
    if kind == AgreeAsSecond.__name__ and in_sheet:
        wanted = str(fields.get("request_id") or "")
        return await answer_sheet(desk, session, wanted, request, answer.status, answer.message)
    if kind in _EVERY_TITLE and in_sheet:
        return await _form_of(desk, session, kind, fields, request, answer)
    return desk.render("refused.html", answer.status, message=answer.message, whole_page=not by_htmx)


@router.get("/acts/{kind}")
async def act_form(kind: str, request: Request, session: LoggedIn) -> Response:
    """The form for one act on one visit or point."""
    if kind not in _EVERY_TITLE:
        raise HTTPException(404, "There is no such form.")
    if not may(session.officer.role, ACTS[kind]):
        raise HTTPException(403, f"The role {session.officer.role.value} may not do this.")
    return await _form_of(desk_of(request), session, kind, dict(request.query_params), request)


async def _form_of(
    desk: Desk,
    session: Session,
    kind: str,
    fields: dict[str, Any],
    request: Request,
    answer: Answer | None = None,
) -> Response:
    """The act's form: empty, or as it was filled with what was wrong with it."""
    status, problem = (200, None) if answer is None else (answer.status, answer.message)
    if kind in DUTY_TITLES:
        return await duty_sheet(desk, session, kind, fields, request, status, problem)
    if kind in ORDER_TITLES:
        return await order_sheet(desk, session, kind, fields, request, status, problem)
    return await _sheet(desk, session, kind, fields, request, answer)


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
    shown: Look | None = await look(desk, session, view.visit.visit_id if view else None, named or None)
    corridor = view.visit.corridor if view else None
    return desk.render(
        "sheet.html",
        200 if answer is None else answer.status,
        kind=kind,
        title=_TITLES[kind],
        view=view,
        point=here,
        point_name=named,
        look=shown,
        declared=await choices(desk, view.visit) if view and kind == "EnterNumber" else (),
        checklist=CHECKLISTS.get(corridor, ORDERED) if corridor else (),
        values=fields,
        needs_second=answer is not None and answer.needs_second,
        problem=None if answer is None else answer.message,
        session=session,
        whole_page="hx-request" not in request.headers,
        escalated=escalated(overview),
        may_acknowledge=may(session.officer.role, ACTS["AcknowledgeCall"]),
    )
