"""Logging in and out, and proving anew that it is the same person."""

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
from gate.console.hashing import BACK_IN_SECONDS, LineFullError
from gate.console.sessions import (
    SESSION_COOKIE,
    LoggedIn,
    Session,
    check_csrf,
    find_session,
    forget_cookie,
    set_cookie,
)
from gate.store.guesses import BROWSER_KNOWN_SECONDS
from gate.store.officers import Login, LoginRefused, Officer

log = structlog.get_logger()
router = APIRouter()

LOGINS = Counter("gate_console_logins_total", "Logins tried at the console", ["result"])

BEFORE_COOKIE = "gate_login"
"""Ties the login form to the browser that asked for it; the form repeats it in its csrf field."""
BROWSER_COOKIE = "gate_browser"
"""By this a browser is known that an officer has logged in with: nobody else's mistypings count there."""

_WRONG = "The name or the password is not right."
_TWICE = "This login page is out of date. Try again."
_NAME_MAX = 64
_FORGOTTEN = '"cache", "storage"'
"""At logout. Not "cookies": the browser stays known, so that strangers' guesses delay nobody at it."""


class CredentialsRefusedError(Exception):
    """Name and password do not do, or it is too soon; `status` says how, the message what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


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
    set_cookie(desk, response, BEFORE_COOKIE, token, 3600)
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def source_of(request: Request) -> str:
    """The address a request came from; never what a header says it came from."""
    return request.client.host if request.client else "unknown"


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Open a login, always with a new token."""
    desk = desk_of(request)
    async with request.form(max_files=0, max_fields=10) as form:
        name, password, csrf = (str(form.get(field, "")) for field in ("name", "password", "csrf"))
    expected = request.cookies.get(desk.cookie(BEFORE_COOKIE), "")
    if not expected or not hmac.compare_digest(csrf.encode(), expected.encode()):
        return await _form(request, _TWICE, 403)
    source = source_of(request)
    try:
        result = await _tried(desk, request, name[:_NAME_MAX], password)
    except LineFullError:
        LOGINS.labels("refused").inc()
        log.warning("console.logins_crowded", source=source)
        said = f"Too many logins are being tried. Wait {math.ceil(BACK_IN_SECONDS)} s and try again."
        return await _form(request, said, 429, BACK_IN_SECONDS)
    await desk.record_accounts()
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
    forget_cookie(desk, response, BEFORE_COOKIE)
    set_cookie(desk, response, SESSION_COOKIE, result.token, int(desk.officers.limits.absolute_seconds))
    set_cookie(desk, response, BROWSER_COOKIE, result.browser, int(BROWSER_KNOWN_SECONDS))
    return response


async def _tried(desk: Desk, request: Request, name: str, password: str) -> Login | LoginRefused:
    """The login, hashed off the loop, when it is this browser's turn."""
    source, browser = source_of(request), browser_of(request)
    instead_of = request.cookies.get(desk.cookie(SESSION_COOKIE), "")
    known = await asyncio.to_thread(desk.officers.knows, browser)
    async with desk.hashing if known else desk.strangers.turn(source):
        return await asyncio.to_thread(desk.officers.log_in, name, password, source, browser, instead_of)


def browser_of(request: Request) -> str:
    """The cookie by which this browser may be known; anything may stand in it."""
    return request.cookies.get(desk_of(request).cookie(BROWSER_COOKIE), "")


async def vouched_for(request: Request, name: str, password: str) -> Officer | LoginRefused:
    """Whose name and password these are; no login is opened.

    Hashed in its turn, checked and delayed as a login is: by this browser, where officers log in at it.
    """
    desk = desk_of(request)
    async with desk.hashing:
        found = await asyncio.to_thread(
            desk.officers.vouch, name[:_NAME_MAX], password, source_of(request), browser_of(request)
        )
    if isinstance(found, LoginRefused):
        await desk.record_accounts()
    return found


async def reauthenticate(request: Request, session: Session, password: object) -> None:
    """Whoever asks proves anew that it is he: a colleague's unattended screen is not him.

    CredentialsRefusedError when the password is not his.
    """
    if not isinstance(password, str) or not password:
        raise CredentialsRefusedError(403, "Type your own password: this takes it again.")
    found = await vouched_for(request, session.officer.name, password)
    if isinstance(found, LoginRefused):
        raise not_his(request, session, found)


def not_his(
    request: Request, session: Session, refused: LoginRefused, said: str = "That is not your password."
) -> CredentialsRefusedError:
    """The refusal of credentials that somebody logged in has typed, logged."""
    # Whose they should be stays out of the log, as at a login: people type their password there by mistake.
    log.warning(
        "console.credentials_refused",
        officer=session.officer.name,
        source=source_of(request),
        retry_after=refused.retry_after,
    )
    if refused.retry_after:
        wait = math.ceil(refused.retry_after)
        return CredentialsRefusedError(429, f"{said} Wait {wait} s before the next try.")
    return CredentialsRefusedError(403, said)


@router.post("/logout")
async def log_out(request: Request, session: LoggedIn) -> Response:
    """End the login, here and in every window that shares it."""
    async with request.form(max_files=0, max_fields=10) as form:
        token = form.get("csrf")
    check_csrf(session, token if isinstance(token, str) else None)
    desk = desk_of(request)
    await asyncio.to_thread(desk.officers.log_out, session.token)
    await desk.record_accounts()
    log.info("console.logged_out", officer=session.officer.name)
    response = RedirectResponse("/login", 303)
    response.headers["Clear-Site-Data"] = _FORGOTTEN
    forget_cookie(desk, response, SESSION_COOKIE)
    return response
