"""What needs a person, for people (/repairs) and for programs (/api/repairs)."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview
from gate.console.repairs import Gravity, Repair
from gate.console.sessions import LoggedIn, Watching

router = APIRouter()

_REPAIRS = TypeAdapter(tuple[Repair, ...])
_HEADINGS = (
    (Gravity.STOPS, "Vehicles are held for it"),
    (Gravity.HAMPERS, "Work is hampered"),
    (Gravity.SOON, "Before it becomes worse"),
)


async def _waiting(desk: Desk) -> tuple[Repair, ...]:
    if desk.workshop is None:
        raise HTTPException(404, "Nobody looks for repairs at this gate.")
    return await desk.workshop.look()


@router.get("/repairs")
async def repairs_page(request: Request, session: LoggedIn) -> Response:
    """Everything, the gravest first, looked up now."""
    desk = desk_of(request)
    waiting = await _waiting(desk)
    groups = [(words, [one for one in waiting if one.gravity is gravity]) for gravity, words in _HEADINGS]
    return desk.render(
        "repairs.html",
        groups=[(words, these) for words, these in groups if these],
        zone=desk.zone,
        overview=disclosed_overview(await desk.checkpoint.overview()),
        session=session,
    )


@router.get("/api/repairs")
async def api_repairs(request: Request, session: Watching) -> Response:  # noqa: ARG001 - being logged in is the point
    """The same for programs; `gravity` 0 stops, 1 hampers, 2 soon."""
    return JSONResponse({"repairs": _REPAIRS.dump_python(await _waiting(desk_of(request)), mode="json")})
