"""The chart of a day: arrivals and waiting (/day?date=2026-05-04)."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gate.console.day_chart import arrivals, waiting
from gate.console.day_figures import KINDS, bounds, figures
from gate.console.desk import desk_of
from gate.console.disclosure import disclosed_overview
from gate.console.sessions import LoggedIn

router = APIRouter()

_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


@router.get("/day")
async def day_page(request: Request, session: LoggedIn) -> Response:
    """One day; today where none is named."""
    desk = desk_of(request)
    today = desk.clock.now().utc.astimezone(desk.zone).date()
    day = _day(request.query_params.get("date", ""), today)
    if desk.archive is None:
        raise HTTPException(404, "This gate keeps no journal to count in.")
    overview = disclosed_overview(await desk.checkpoint.overview())
    exits = {point.name for point in overview.points if point.kind == "exit"}
    told = figures(day, desk.zone, await desk.archive.day(*bounds(day, desk.zone)), exits)
    return desk.render(
        "day.html",
        told=told,
        charts=(
            ("Arrivals by hour", arrivals(told), "vehicles"),
            ("Waiting by hour", waiting(told), "minutes"),
        ),
        kinds=KINDS,
        zone=desk.zone,
        before=day - timedelta(days=1),
        behind=day + timedelta(days=1) if day < today else None,
        labels={point.name: point.label for point in overview.points},
        overview=overview,
        session=session,
    )


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(422, "Write the day as 2026-05-04.") from error
    if not _FIRST <= day < _LAST:
        raise HTTPException(422, f"The day lies between {_FIRST} and {_LAST}.")
    return day
