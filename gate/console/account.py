"""An officer's own account: his password, and where he is logged in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gate.console.desk import desk_of
from gate.console.door import (
    CredentialsRefusedError,
    browser_of,
    not_his,
    reauthenticate,
    source_of,
)
from gate.console.sessions import SESSION_COOKIE, LoggedIn, Session, check_csrf, set_cookie
from gate.store.officers import LoginRefused, OfficerError
from gate.store.passwords import PASSWORD_MAX, PASSWORD_MIN

log = structlog.get_logger()
router = APIRouter()

_FIELDS = ("csrf", "current", "new", "again")


@router.get("/account")
async def account_page(request: Request, session: LoggedIn, done: str = "") -> Response:
    """The account of whoever is logged in."""
    said = {"password": "Your password is changed. Your other logins have ended."}.get(
        done, "Your other logins have ended." if done == "others" else ""
    )
    return await _page(request, session, done=said)


async def _page(
    request: Request, session: Session, *, problem: str = "", done: str = "", status: int = 200
) -> Response:
    desk = desk_of(request)
    logins = await asyncio.to_thread(desk.officers.logins, session.officer.name)
    return desk.render(
        "account.html",
        status,
        session=session,
        logins=[
            (
                login,
                datetime.fromtimestamp(login.started_at, UTC),
                datetime.fromtimestamp(login.seen_at, UTC),
            )
            for login in logins
        ],
        limits=desk.officers.limits,
        least=PASSWORD_MIN,
        most=PASSWORD_MAX,
        problem=problem,
        done=done,
    )


async def _typed(request: Request, session: Session) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=10) as form:
        fields = {name: form.get(name) for name in _FIELDS}
    typed = {name: value if isinstance(value, str) else "" for name, value in fields.items()}
    check_csrf(session, typed["csrf"])
    return typed


@router.post("/account/password")
async def change_password(request: Request, session: LoggedIn) -> Response:
    """A new password, for whoever knows the present one; every other login of his ends."""
    typed = await _typed(request, session)
    if typed["new"] != typed["again"]:
        return await _page(
            request, session, problem="The new password was not typed the same twice.", status=422
        )
    desk, source = desk_of(request), source_of(request)
    try:
        async with desk.hashing:
            result = await asyncio.to_thread(
                desk.officers.change_password,
                session.login,
                typed["current"],
                typed["new"],
                source,
                browser_of(request),
            )
    except OfficerError as error:
        return await _page(request, session, problem=f"Not changed: {error}.", status=422)
    await desk.record_accounts()
    if isinstance(result, LoginRefused):
        refusal = not_his(request, session, result)
        return await _page(request, session, problem=str(refusal), status=refusal.status)
    log.info("console.password_changed", officer=session.officer.name, source=source)
    response = RedirectResponse("/account?done=password", 303)
    set_cookie(desk, response, SESSION_COOKIE, result, int(desk.officers.limits.absolute_seconds))
    return response


@router.post("/account/end-others")
async def end_others(request: Request, session: LoggedIn) -> Response:
    """End the officer's logins everywhere else, for whoever knows the password."""
    typed = await _typed(request, session)
    try:
        await reauthenticate(request, session, typed["current"])
    except CredentialsRefusedError as error:
        return await _page(request, session, problem=str(error), status=error.status)
    desk, source = desk_of(request), source_of(request)
    ended = await asyncio.to_thread(desk.officers.end_others, session.login, source)
    await desk.record_accounts()
    log.info("console.other_logins_ended", officer=session.officer.name, source=source, ended=ended)
    return RedirectResponse("/account?done=others", 303)
