"""Who is asking: the session cookie, the form token, and what each role may do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import Request

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
from gate.store.officers import Officer, Role

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
    token: str = field(repr=False)

    @property
    def may_search(self) -> bool:
        """Whether this officer is offered the search."""
        return may_search(self.officer.role)


def may_search(role: Role) -> bool:
    """Whether the role may look for declarations: a technician has no business with them."""
    return role is not Role.TECHNICIAN


class NotLoggedInError(Exception):
    """Nobody is logged in on this request."""


def csrf_of(token: str) -> str:
    """The form token of a login: derived, so that there is nothing to store or to leak at rest."""
    return hmac.new(token.encode(), b"gate console form", hashlib.sha256).hexdigest()


async def find_session(request: Request, *, touch: bool) -> Session | None:
    """The request's session, or None. `touch`: a person did this, so the login is not idle."""
    desk = desk_of(request)
    token = request.cookies.get(desk.cookie(SESSION_COOKIE), "")
    if not token:
        return None
    officer = await asyncio.to_thread(desk.officers.session, token, touch=touch)
    return None if officer is None else Session(officer, csrf_of(token), token)


async def still_logged_in(desk: Desk, session: Session) -> bool:
    """Whether the session behind a long-lived stream has not ended meanwhile."""
    return await asyncio.to_thread(desk.officers.session, session.token, touch=False) is not None


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
