"""What officers look at: the live checkpoint, a visit's story, pictures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, HTTPException
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview, disclosed_view
from gate.console.duty_offers import card_offers, checkpoint_offers
from gate.console.offers import Offer, is_closed, point_offers, standing_at, visit_offers
from gate.console.sessions import LoggedIn, Session, Watching, may, still_logged_in
from gate.console.timeline import shown_in, timeline, told_by
from gate.lanes.acts import AcknowledgeCall, AttendTerminal
from gate.lanes.duty_acts import AnswerRollCall
from gate.lanes.places import PlaceView
from gate.lanes.ports import Call, RollCallLine
from gate.lanes.views import Overview, PointView
from gate.model import Visit, VisitStatus
from gate.store.officers import Role

router = APIRouter()

MOST_STREAMS = 64
_BETWEEN_CHANGES_SECONDS = 0.25
"""A busy checkpoint changes many times a second; eyes do not."""
_LOGIN_CHECK_SECONDS = 15.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


async def _picture(desk: Desk, session: Session) -> dict[str, Any]:
    overview = disclosed_overview(await desk.checkpoint.overview())
    role = session.officer.role
    held = [visit for visit in overview.visits if visit.status is VisitStatus.HELD]
    return {
        "overview": overview,
        "session": session,
        "points": {
            kind: [point for point in overview.points if point.kind == kind]
            for kind in ("approach", "entry", "exit", "terminal")
        },
        "labels": _labels(overview),
        "places": [(place, _parked(place, held, overview)) for place in _places(overview, held)],
        "twins": twins_of(overview),
        "visits": [
            (visit, standing_at(visit, overview), visit_offers(visit, overview, role))
            for visit in _most_wanted_first(overview, session)
        ],
        "point_offers": {point.name: _offers_at(point, overview, role) for point in overview.points},
        "duty_offers": {point.name: card_offers(point, session.officer) for point in overview.points},
        "emergency_offers": checkpoint_offers(overview, role),
        "roll_call": roll_call_of(overview),
        "may_answer": may(role, AnswerRollCall),
        "closed": {point.name for point in overview.points if is_closed(point)},
        "calls": sorted(
            overview.calls,
            key=lambda call: (call.acknowledged_by is not None, -call.level, not call.alarm, call.since),
        ),
        "may_acknowledge": may(role, AcknowledgeCall),
        "may_attend": may(role, AttendTerminal),
    }


def _places(overview: Overview, held: list[Visit]) -> tuple[PlaceView, ...]:
    """The holding places; a gate that names none has one that nobody counts."""
    here = sum(standing_at(visit, overview) is None for visit in held)
    return overview.places or (PlaceView(overview.system.holding_bay, None, here, overfull=False),)


def _parked(place: PlaceView, held: list[Visit], overview: Overview) -> list[Visit]:
    """Held visits that stand at no point any more; without a place of their own they are in the first."""
    places = [its.label for its in overview.places] or [place.label]
    own = [(visit, visit.lane if visit.lane in places else places[0]) for visit in held]
    return [visit for visit, label in own if label == place.label and standing_at(visit, overview) is None]


def twins_of(overview: Overview) -> dict[str, list[Visit]]:
    """For each visit whose plate came twice, the other open visits of that plate."""
    doubled = [visit for visit in overview.visits if any(f.code == "cloned-plate" for f in visit.findings)]
    return {
        visit.visit_id: [
            other
            for other in overview.visits
            if other.mark == visit.mark and other.visit_id != visit.visit_id
        ]
        for visit in doubled
    }


def escalated(overview: Overview) -> list[Call]:
    """Calls that nobody came to: shown at the top of every page until somebody says they are coming."""
    up = [call for call in overview.calls if call.level > 1 and call.acknowledged_by is None]
    return sorted(up, key=lambda call: (-call.level, call.since))


def roll_call_of(overview: Overview) -> list[tuple[RollCallLine, Visit | None]]:
    """Who must be answered for, each with its visit."""
    open_visits = {visit.visit_id: visit for visit in overview.visits}
    return [(line, open_visits.get(line.visit_id)) for line in overview.roll_call]


def _labels(overview: Overview) -> dict[str, str]:
    """What boards call each point: officers and drivers say "lane 2", not "lane-2"."""
    return {point.name: point.label for point in overview.points}


def _offers_at(point: PointView, overview: Overview, role: Role) -> tuple[Offer, ...]:
    # The vehicle's own main act is offered where it stands, too: that is where an officer looks.
    standing = [visit for visit in overview.visits if visit.visit_id == point.visit_id]
    main = [
        offer for visit in standing for offer in visit_offers(visit, overview, role) if offer.weight == "main"
    ]
    return (*main, *point_offers(point, role))


def _most_wanted_first(overview: Overview, session: Session) -> list[Visit]:
    # Those that an officer can do something about come first; within, who came first.
    return sorted(
        overview.visits,
        key=lambda visit: (not visit_offers(visit, overview, session.officer.role), visit.first_presence),
    )


@router.get("/")
async def checkpoint_page(request: Request, session: LoggedIn) -> Response:
    """The checkpoint, live."""
    desk = desk_of(request)
    return desk.render("live.html", **await _picture(desk, session))


@router.get("/fragments/checkpoint")
async def checkpoint_fragment(request: Request, session: Watching) -> Response:
    """The checkpoint's part of the page, fetched again after each change."""
    desk = desk_of(request)
    return desk.render("checkpoint.html", **await _picture(desk, session))


@router.get("/fragments/banner")
async def banner_fragment(request: Request, session: Watching) -> Response:
    """The calls nobody came to, for pages that show no other calls."""
    desk = desk_of(request)
    overview = disclosed_overview(await desk.checkpoint.overview())
    return desk.render("banner.html", **_banner(overview, session))


def _banner(overview: Overview, session: Session) -> dict[str, Any]:
    may_acknowledge = may(session.officer.role, AcknowledgeCall)
    return {"escalated": escalated(overview), "may_acknowledge": may_acknowledge, "session": session}


@router.get("/visits/{visit_id}")
async def visit_page(visit_id: str, request: Request, session: LoggedIn) -> Response:
    """One visit's story, as the journal has it."""
    desk = desk_of(request)
    view = await desk.checkpoint.visit(visit_id)
    if view is None:
        raise HTTPException(404, "There is no such visit.")
    overview = disclosed_overview(await desk.checkpoint.overview())
    view = disclosed_view(view)
    current = next((visit for visit in overview.visits if visit.visit_id == visit_id), None)
    offers = visit_offers(current, overview, session.officer.role) if current else ()
    entries = await desk.archive.entries(visit_id) if desk.archive is not None else ()
    story = timeline(entries) if entries else told_by(view.story)
    pictures = {*view.evidence, *shown_in(story)}
    return desk.render(
        "visit.html",
        view=view,
        story=story,
        zone=desk.zone,
        offers=offers,
        overview=overview,
        labels=_labels(overview),
        twins=twins_of(overview).get(visit_id, []),
        absent={name: await desk.why_absent(name) for name in pictures},
        **_banner(overview, session),
    )


@router.get("/evidence/{name}.jpg")
async def evidence(name: str, request: Request, session: Watching) -> Response:  # noqa: ARG001 - being logged in is the point
    """A picture, by the SHA-256 the journal knows it by. Nothing else can be named."""
    desk = desk_of(request)
    if not _SHA256.fullmatch(name):
        raise HTTPException(404, "There is no such picture.")
    path = desk.holds(name)
    if path is None:
        at = await desk.when_erased(name)
        if at is not None:
            raise HTTPException(410, f"Erased on {at.date().isoformat()} by retention.")
        raise HTTPException(404, "There is no such picture.")
    # Content-addressed, so it never changes; kept a few minutes so that a live page need not flicker.
    return FileResponse(
        path, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600, immutable"}
    )


@router.get("/events")
async def events(request: Request, session: Watching) -> Response:
    """Server-sent events: `changed` with the version, and `logged-out` once the login is over."""
    desk = desk_of(request)
    if desk.streams >= MOST_STREAMS:
        raise HTTPException(503, "Too many open screens. Close one and load the page again.")
    return EventSourceResponse(_changes(desk, session), ping=15, send_timeout=20)


async def _changes(desk: Desk, session: Session) -> AsyncIterator[dict[str, str]]:
    desk.streams += 1
    versions = desk.checkpoint.changes()
    coming = asyncio.create_task(_next(versions))
    try:
        # Follow first, then tell the present version: a change in between is told twice, not lost.
        await asyncio.sleep(0)
        yield {"event": "changed", "data": str((await desk.checkpoint.overview()).version)}
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_LOGIN_CHECK_SECONDS)
            if not await still_logged_in(desk, session):
                yield {"event": "logged-out", "data": ""}
                return
            if not done:
                continue
            version = coming.result()
            if version is None:
                return
            coming = asyncio.create_task(_next(versions))
            yield {"event": "changed", "data": str(version)}
            await desk.clock.sleep(_BETWEEN_CHANGES_SECONDS)
    finally:
        desk.streams -= 1
        coming.cancel()


async def _next(versions: AsyncIterator[int]) -> int | None:
    return await anext(versions, None)
