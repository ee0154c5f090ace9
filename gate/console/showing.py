"""What officers look at: the live checkpoint, a visit's story, pictures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, HTTPException
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.disclosure import disclosed_overview, disclosed_view
from gate.console.ground import Ground, Picture, escalated, ground_of, labels_of, twins_of
from gate.console.looks import keys_are_on
from gate.console.offers import visit_offers
from gate.console.sessions import LoggedIn, Session, Watching, may, still_logged_in
from gate.lanes.acts import AcknowledgeCall
from gate.lanes.views import Overview

router = APIRouter()

MOST_STREAMS = 64
_BETWEEN_CHANGES_SECONDS = 0.25
"""A busy checkpoint changes many times a second; eyes do not."""
_BETWEEN_DRAWINGS_SECONDS = 0.1
"""A drawing carries only what changed, and was made once for all screens."""
_LOGIN_CHECK_SECONDS = 15.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


@router.get("/")
async def checkpoint_page(request: Request, session: LoggedIn) -> Response:
    """The checkpoint, live."""
    ground = ground_of(request)
    picture = await ground.picture(session)
    page = desk_of(request).render_text(
        "live.html",
        picture=picture,
        overview=await ground.overview(picture.version),
        session=session,
        now=_clock_part(desk_of(request), picture),
        keys=keys_are_on(request),
    )
    return HTMLResponse(picture.for_session(page, session))


@router.get("/fragments/checkpoint")
async def checkpoint_fragment(request: Request, session: Watching) -> Response:
    """Every part of the first screen, each to be put where its id stands."""
    picture = await ground_of(request).picture(session)
    return HTMLResponse(_sent(desk_of(request), picture, picture.since(None), session))


def _clock_part(desk: Desk, picture: Picture) -> str:
    """What time it is here: the timers on the page count by this clock, not by the browser's."""
    now = round(desk.clock.now().utc.timestamp() * 1000)
    return f'<i id="now" data-now="{now}" data-layout="{picture.layout}" hx-swap-oob="true" hidden></i>'


def _sent(desk: Desk, picture: Picture, parts: list[str], session: Session) -> str:
    return picture.for_session("\n".join((_clock_part(desk, picture), *parts)), session)


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
    return desk.render(
        "visit.html",
        view=view,
        offers=offers,
        overview=overview,
        labels=labels_of(overview),
        twins=twins_of(overview).get(visit_id, []),
        absent={name: await desk.why_absent(name) for name in view.evidence},
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
    return _stream(desk, _changes(desk, session))


@router.get("/events/checkpoint")
async def drawn_events(request: Request, session: Watching) -> Response:
    """The first screen's own stream: `parts` with the HTML of what changed, all of it at first."""
    desk = desk_of(request)
    return _stream(desk, _drawings(desk, ground_of(request), session))


def _stream(desk: Desk, told: AsyncIterator[dict[str, str]]) -> EventSourceResponse:
    if desk.streams >= MOST_STREAMS:
        raise HTTPException(503, "Too many open screens. Close one and load the page again.")
    return EventSourceResponse(told, ping=15, send_timeout=20)


async def _changes(desk: Desk, session: Session) -> AsyncIterator[dict[str, str]]:
    async for version in _versions(desk, session, _BETWEEN_CHANGES_SECONDS):
        if version is None:
            yield {"event": "logged-out", "data": ""}
        elif version:
            yield {"event": "changed", "data": str(version)}


async def _drawings(desk: Desk, ground: Ground, session: Session) -> AsyncIterator[dict[str, str]]:
    shown: Picture | None = None
    async for version in _versions(desk, session, _BETWEEN_DRAWINGS_SECONDS):
        if version is None:
            yield {"event": "logged-out", "data": ""}
            continue
        picture = await ground.picture(session, at_least=version)
        parts = picture.since(shown)
        if parts or not version:
            yield {"event": "parts", "data": _sent(desk, picture, parts, session)}
        shown = picture


async def _versions(desk: Desk, session: Session, between: float) -> AsyncIterator[int | None]:
    """Each version of the checkpoint, 0 now and then while nothing changes, None once the login is over."""
    desk.streams += 1
    versions = desk.checkpoint.changes()
    coming = asyncio.create_task(_next(versions))
    try:
        # Follow first, then tell the present version: a change in between is told twice, not lost.
        await asyncio.sleep(0)
        yield (await desk.checkpoint.overview()).version
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_LOGIN_CHECK_SECONDS)
            if not await still_logged_in(desk, session):
                yield None
                return
            if not done:
                yield 0
                continue
            version = coming.result()
            if version is None:
                return
            coming = asyncio.create_task(_next(versions))
            yield version
            await desk.clock.sleep(between)
    finally:
        desk.streams -= 1
        coming.cancel()


async def _next(versions: AsyncIterator[int]) -> int | None:
    return await anext(versions, None)
