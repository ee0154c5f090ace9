"""Searching the passages on record: a form for people (/passages), the same for programs (/api/passages)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview
from gate.console.sessions import LoggedIn, Session, Watching
from gate.model import Corridor, NumberFormats, VisitStatus, normalise_mark
from gate.model.numbers import parse_cargo
from gate.store.archive import Archive, TooWideError
from gate.store.past_visits import Found, PastVisit, Sought

router = APIRouter()

LEAST_OF_A_MARK = 2
MOST_TYPED = 64
FIELDS = ("plate", "number", "from", "to", "point", "status", "corridor", "officer")
AFTER = "after"
_APART = "~"
"""Between the two halves of where a page ended; in no time and in no visit's id."""

Word = TypeVar("Word", VisitStatus, Corridor)

_VISITS = TypeAdapter(tuple[PastVisit, ...])


class UnclearError(ValueError):
    """A field holds what nobody can look for; says which, and what to type."""


@dataclass(frozen=True, slots=True)
class Row:
    """One visit found, and which of its pictures can be shown."""

    visit: PastVisit
    pictures: tuple[str, ...]
    """Of the plate, then of the vehicle."""
    why_none: str


def sought_in(asked: dict[str, str], formats: NumberFormats, zone: ZoneInfo) -> Sought:
    """What the filled-in fields ask for. Raises UnclearError for the first that cannot be understood."""
    given = {name: value.strip() for name, value in asked.items() if value.strip()}
    for name, value in given.items():
        if name not in (*FIELDS, AFTER):
            raise UnclearError(f"{name} is not a field of this search: there are {', '.join(FIELDS)}.")
        if len(value) > MOST_TYPED:
            raise UnclearError(f"{name}: at most {MOST_TYPED} signs.")
    sought = Sought(
        begin=_moment("from", given["from"], zone) if "from" in given else None,
        end=_moment("to", given["to"], zone) if "to" in given else None,
        point=given.get("point"),
        status=_one_of("status", VisitStatus, given.get("status")),
        corridor=_one_of("corridor", Corridor, given.get("corridor")),
        officer=given.get("officer"),
        behind=_behind(given[AFTER]) if AFTER in given else None,
    )
    if sought.begin and sought.end and sought.begin >= sought.end:
        raise UnclearError("to: must be later than from.")
    if "plate" in given:
        mark = normalise_mark(given["plate"])
        if len(mark) < LEAST_OF_A_MARK:
            raise UnclearError(f"plate: at least {LEAST_OF_A_MARK} letters or digits of it.")
        sought = replace(sought, mark=mark)
    return _with_number(sought, given["number"], formats) if "number" in given else sought


def _with_number(sought: Sought, text: str, formats: NumberFormats) -> Sought:
    if "/" in text:
        try:
            return replace(sought, cargo=parse_cargo(text))
        except ValueError as error:
            raise UnclearError(f"number: {error}.") from error
    numbers = tuple(dict.fromkeys(found for each in formats.each if (found := each.parse(text)) is not None))
    if not numbers:
        raise UnclearError(f"number: {formats.told()}, or a cargo declaration's as in box 7.")
    return replace(sought, numbers=tuple(numbers))


def _moment(field: str, text: str, zone: ZoneInfo) -> datetime:
    """A local time; a bare date is its beginning, as the end of a search the end of that day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime.combine(day + timedelta(days=field == "to"), time(), zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnclearError(f"{field}: write a day or a time as 2026-05-04 or 2026-05-04T06:30.") from error
    # An hour that comes twice is taken whole.
    return moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=int(field == "to"))


def _one_of(field: str, words: type[Word], text: str | None) -> Word | None:
    if text is None:
        return None
    for word in words:
        if word.value == text:
            return word
    raise UnclearError(f"{field}: one of {', '.join(word.value for word in words)}.")


def _behind(text: str) -> tuple[str, str]:
    at, _, visit_id = text.partition(_APART)
    try:
        datetime.fromisoformat(at)
    except ValueError as error:
        raise UnclearError("after: take it as the page before gave it.") from error
    return at, visit_id


def _archive(desk: Desk, session: Session) -> Archive:
    if not session.may_search:
        raise HTTPException(403, f"The role {session.officer.role.value} may not look for passages.")
    if desk.archive is None:
        raise HTTPException(404, "This gate keeps no journal to search in.")
    return desk.archive


async def _find(desk: Desk, session: Session, asked: dict[str, str]) -> Found:
    archive = _archive(desk, session)
    return await archive.find(sought_in(asked, desk.formats, desk.zone))


def _rows(desk: Desk, found: Found) -> list[Row]:
    """Looks at the disk: call it off the loop."""
    rows = []
    for visit in found.visits:
        names = [name for name in (visit.crop, visit.scene) if name is not None]
        held = tuple(name for name in names if desk.holds(name) is not None)
        rows.append(Row(visit, held, "picture erased" if names else "no picture"))
    return rows


def _query(asked: dict[str, str], behind: tuple[str, str]) -> str:
    kept = {name: value for name, value in asked.items() if name in FIELDS and value}
    return urlencode(kept | {AFTER: _APART.join(behind)})


@router.get("/passages")
async def passages_page(request: Request, session: LoggedIn) -> Response:
    """The form, and one page of what it finds; with nothing filled in, who came last."""
    desk, asked = desk_of(request), dict(request.query_params)
    problem, found, status = None, Found((), None), 200
    try:
        found = await _find(desk, session, asked)
    except (UnclearError, TooWideError) as error:
        problem, status = str(error), 422
    overview = disclosed_overview(await desk.checkpoint.overview())
    return desk.render(
        "passages.html",
        status,
        asked={name: asked.get(name, "") for name in FIELDS},
        later=AFTER in asked,
        rows=await asyncio.to_thread(_rows, desk, found),
        next=_query(asked, found.behind) if found.behind else None,
        problem=problem,
        zone=desk.zone,
        statuses=list(VisitStatus),
        corridors=list(Corridor),
        overview=overview,
        labels={point.name: point.label for point in overview.points},
        session=session,
    )


@router.get("/api/passages")
async def api_passages(request: Request, session: Watching) -> Response:
    """The same for programs: `passages`, and `next`, the value of `after` for the page behind it."""
    desk = desk_of(request)
    try:
        found = await _find(desk, session, dict(request.query_params))
    except (UnclearError, TooWideError) as error:
        raise HTTPException(422, str(error)) from error
    return JSONResponse(
        {
            "passages": _VISITS.dump_python(found.visits, mode="json"),
            "next": _APART.join(found.behind) if found.behind else None,
        }
    )
