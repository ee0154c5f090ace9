"""Who is asking: the session cookie, the form token, and what each role may do."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate.console.desk import Desk, desk_of
from gate.lanes.acts import AcknowledgeCall, AnyAct, ClosePoint, OpenPoint
from gate.lanes.duty_acts import (
    ArmLane,
    AssignCorridors,
    BeginMaintenance,
    DutyAct,
    EndEmergencies,
    EndMaintenance,
    ListConvoy,
)
from gate.lanes.order_acts import ReviewEmergency
from gate.store.officers import Officer, OpenLogin, Role

SESSION_COOKIE = "gate_session"
CSRF_HEADER = "x-csrf-token"

_TECHNICIAN_ACTS = (ClosePoint, OpenPoint, AcknowledgeCall)
_ENGINEERING = (BeginMaintenance, EndMaintenance, ArmLane)
"""An engineer's, or the shift lead's who lets him: not an officer's alone at his lane."""
_SHIFT_LEAD_ACTS = (EndEmergencies, AssignCorridors, ListConvoy, ReviewEmergency)


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in officer. `csrf` goes into every form and into the X-CSRF-Token header."""

    officer: Officer
    csrf: str = field(repr=False)
    login: OpenLogin
    token: str = field(repr=False)

    @classmethod
    def stand_in(cls, officer: Officer, csrf: str) -> Session:
        """Nobody's login: for drawing what everybody of a role sees alike."""
        return cls(officer, csrf, OpenLogin("", officer, csrf, 0.0, 0.0, ""), "")

    @property
    def may_search(self) -> bool:
        """Whether this officer is offered the search."""
        return may_search(self.officer.role)


def may_search(role: Role) -> bool:
    """Whether the role may look for declarations: a technician has no business with them."""
    return role is not Role.TECHNICIAN


class NotLoggedInError(Exception):
    """Nobody is logged in on this request."""


async def find_session(request: Request, *, touch: bool) -> Session | None:
    """The request's session, or None. `touch`: a person did this, so the login is not idle."""
    desk = desk_of(request)
    token = request.cookies.get(desk.cookie(SESSION_COOKIE), "")
    if not token:
        return None
    login = await asyncio.to_thread(desk.officers.session, token, touch=touch)
    if login is None:
        return None
    if login.fresh_token is not None:
        request.state.fresh_token = login.fresh_token
    return Session(login.officer, login.form_key, login, login.fresh_token or token)


async def still_logged_in(desk: Desk, session: Session) -> bool:
    """Whether the login behind a long-lived stream has not ended meanwhile, whatever its token is now."""
    return await asyncio.to_thread(desk.officers.is_open, session.login.login_id)


def set_cookie(desk: Desk, response: Response, name: str, value: str, seconds: int) -> None:
    """Give the browser one of our cookies: for this origin alone, and out of reach of scripts."""
    response.set_cookie(
        desk.cookie(name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=desk.secure_cookies,
    )


def forget_cookie(desk: Desk, response: Response, name: str) -> None:
    """Take it away again."""
    # A browser takes a __Host- cookie's end, as its beginning, from a Secure cookie only.
    response.delete_cookie(
        desk.cookie(name), path="/", httponly=True, samesite="strict", secure=desk.secure_cookies
    )


class FreshTokens:
    """Sends the login's new token along with whatever answer its request gets."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_token(message: Message) -> None:
            if message["type"] == "http.response.start" and "fresh_token" in state:
                headers = MutableHeaders(scope=message)
                # An answer that sets the cookie itself (a logout) has the last word.
                ours = f"{self._desk.cookie(SESSION_COOKIE)}="
                if not any(value.startswith(ours) for value in headers.getlist("set-cookie")):
                    carrier = Response()
                    limit = int(self._desk.officers.limits.absolute_seconds)
                    set_cookie(self._desk, carrier, SESSION_COOKIE, state["fresh_token"], limit)
                    headers.append("set-cookie", carrier.headers["set-cookie"])
            await send(message)

        await self._app(scope, receive, with_token)


async def _somebody(request: Request) -> Session:
    session = await find_session(request, touch=True)
    if session is None:
        raise NotLoggedInError
    return session


async def _a_screen(request: Request) -> Session:
    # A live screen refreshes by itself: that must not keep an unattended login alive.
    session = await find_session(request, touch=False)
    if session is None:
        raise NotLoggedInError
    return session


LoggedIn = Annotated[Session, Depends(_somebody)]
"""A person's request: counts as activity."""
Watching = Annotated[Session, Depends(_a_screen)]
"""A screen's own request: does not."""


def check_csrf(session: Session, given: str | None) -> None:
    """403 unless the form or header carries this session's token."""
    if given is None or not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise HTTPException(403, "This page is out of date. Load it again and repeat what you did.")


def may(role: Role, act: type[AnyAct | DutyAct] | AnyAct | DutyAct) -> bool:
    """Whether the role may do the act. An auditor may do none."""
    kind = act if isinstance(act, type) else type(act)
    match role:
        case Role.SHIFT_LEAD:
            return True
        case Role.OFFICER:
            return kind not in (*_ENGINEERING, *_SHIFT_LEAD_ACTS)
        case Role.TECHNICIAN:
            return kind in (*_TECHNICIAN_ACTS, *_ENGINEERING)
        case Role.AUDITOR:
            return False
