"""Looking for a vehicle or a declaration: by plate, or by notification number.

A declaration is shown as declared and never with a corridor. A visit is shown as everywhere else: with
its corridor once its verdict was opened, which is after arrival (3.6).
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, HTTPException
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed, disclosed_overview
from gate.console.sessions import LoggedIn, Session, Watching
from gate.lanes.views import Found
from gate.lanes.wanted import LEAST_OF_A_MARK, understand

router = APIRouter()

_FOUND = TypeAdapter(Found)
_UNCLEAR = (
    f"Type at least {LEAST_OF_A_MARK} letters or digits of a plate, or a whole notification number: "
    "13 digits, the last one a check digit."
)


async def _find(desk: Desk, session: Session, query: str) -> Found | None:
    """What was found; None for words that ask for nothing. 403 for a role that may not search."""
    if not session.may_search:
        raise HTTPException(403, f"The role {session.officer.role.value} may not look for declarations.")
    wanted = understand(query)
    if wanted is None:
        return None
    found = await desk.checkpoint.search(wanted)
    return replace(found, visits=tuple(disclosed(visit) for visit in found.visits))


@router.get("/search")
async def search_page(request: Request, session: LoggedIn, q: str = "") -> Response:
    """What was found, or what to type."""
    desk = desk_of(request)
    found = await _find(desk, session, q)
    problem = _UNCLEAR if found is None and q.strip() else None
    return desk.render(
        "search.html",
        422 if problem else 200,
        query=q,
        found=found,
        problem=problem,
        overview=disclosed_overview(await desk.checkpoint.overview()),
        session=session,
    )


@router.get("/api/search")
async def api_search(request: Request, session: Watching, q: str = "") -> Response:
    """The same for programs."""
    found = await _find(desk_of(request), session, q)
    if found is None:
        raise HTTPException(422, _UNCLEAR)
    return JSONResponse(_FOUND.dump_python(found, mode="json"))
