"""Logging in and out."""

from __future__ import annotations

import asyncio
import hmac
import math
import secrets

import structlog
from fastapi import APIRouter
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.sessions import SESSION_COOKIE, LoggedIn, check_csrf, find_session
from gate.store.officers import ABSOLUTE_SECONDS, LoginRefused

log = structlog.get_logger()
router = APIRouter()

LOGINS = Counter("gate_console_logins_total", "Logins tried at the console", ["result"])

BEFORE_COOKIE = "gate_login"
"""Ties the login form to the browser that asked for it; the form repeats it in its csrf field."""

_WRONG = "The name or the password is not right."
_TWICE = "This login page is out of date. Try again."
_NAME_MAX = 64


@router.get("/login")
async def login_page(request: Request) -> Response:
    """The login form; a logged-in officer goes on to the checkpoint."""
    if await find_session(request, touch=False):
        return RedirectResponse("/", 303)
    return await _form(request)


async def _form(request: Request, problem: str | None = None, status: int = 200, wait: float = 0) -> Response:
    desk = desk_of(request)
    token = secrets.token_urlsafe(24)
    empty = await asyncio.to_thread(desk.officers.is_empty)
    response = desk.render("login.html", status, csrf=token, problem=problem, empty=empty)
    _set(desk, response, BEFORE_COOKIE, token, 3600)
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _set(desk: Desk, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        desk.cookie(name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=desk.secure_cookies,
    )


def _forget(desk: Desk, response: Response, name: str) -> None:
    # A browser takes a __Host- cookie's end, as its beginning, from a Secure cookie only.
    response.delete_cookie(
        desk.cookie(name), path="/", httponly=True, samesite="strict", secure=desk.secure_cookies
    )


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Open a login, always with a new token."""
    desk = desk_of(request)
    async with request.form(max_files=0, max_fields=10) as form:
        name, password, csrf = (str(form.get(field, "")) for field in ("name", "password", "csrf"))
    expected = request.cookies.get(desk.cookie(BEFORE_COOKIE), "")
    if not expected or not hmac.compare_digest(csrf.encode(), expected.encode()):
        return await _form(request, _TWICE, 403)
    source = request.client.host if request.client else "unknown"
    async with desk.hashing:
        result = await asyncio.to_thread(desk.officers.log_in, name[:_NAME_MAX], password, source)
    if isinstance(result, LoginRefused):
        LOGINS.labels("refused").inc()
        # The name stays out of the log: people type their password there by mistake.
        log.warning("console.login_refused", source=source, retry_after=result.retry_after)
        if result.retry_after:
            wait = math.ceil(result.retry_after)
            return await _form(request, f"{_WRONG} Wait {wait} s before you try again.", 429, wait)
        return await _form(request, _WRONG, 401)
    LOGINS.labels("opened").inc()
    log.info("console.logged_in", officer=result.officer.name, source=source)
    response = RedirectResponse("/", 303)
    _forget(desk, response, BEFORE_COOKIE)
    _set(desk, response, SESSION_COOKIE, result.token, int(ABSOLUTE_SECONDS))
    return response


@router.post("/logout")
async def log_out(request: Request, session: LoggedIn) -> Response:
    """End the login, here and in every window that shares it."""
    async with request.form(max_files=0, max_fields=10) as form:
        token = form.get("csrf")
    check_csrf(session, token if isinstance(token, str) else None)
    await asyncio.to_thread(desk_of(request).officers.log_out, session.token)
    log.info("console.logged_out", officer=session.officer.name)
    response = RedirectResponse("/login", 303)
    _forget(desk_of(request), response, SESSION_COOKIE)
    return response
