"""The console for programs: the same door, the same session, the same disclosure."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.console.desk import desk_of
from gate.console.disclosure import disclosed_overview, disclosed_view
from gate.console.sessions import Watching
from gate.lanes.views import Overview, VisitView

router = APIRouter(prefix="/api")

_OVERVIEW = TypeAdapter(Overview)
_VISIT = TypeAdapter(VisitView)


@router.get("/me")
async def me(session: Watching) -> Response:
    """Who is logged in, and the token that acts must carry."""
    officer = session.officer
    return JSONResponse({"officer": officer.name, "role": officer.role.value, "csrf": session.csrf})


@router.get("/overview")
async def overview(request: Request, session: Watching) -> Response:  # noqa: ARG001 - being logged in is the point
    """The whole checkpoint."""
    seen = disclosed_overview(await desk_of(request).checkpoint.overview())
    return JSONResponse(_OVERVIEW.dump_python(seen, mode="json"))


@router.get("/visits/{visit_id}")
async def visit(visit_id: str, request: Request, session: Watching) -> Response:  # noqa: ARG001 - being logged in is the point
    """One visit with its story."""
    view = await desk_of(request).checkpoint.visit(visit_id)
    if view is None:
        raise HTTPException(404, "There is no such visit.")
    answer: dict[str, Any] = _VISIT.dump_python(disclosed_view(view), mode="json")
    return JSONResponse(answer)
