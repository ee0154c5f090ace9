"""What devices sent that could not be used: refused, counted, and shown to whoever looks after the site."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gate.console.desk import desk_of
from gate.console.refused_count import refused_by_devices
from gate.console.sessions import LoggedIn

router = APIRouter()


@router.get("/refused")
async def refused_page(request: Request, _session: LoggedIn) -> Response:
    """Every reason with its count."""
    return desk_of(request).render("refusals.html", families=refused_by_devices())
