"""What checkpoints ask of central: the feed, a place for their events, countersigned heads."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import JsonValue, ValidationError
from pydantic_core import to_json

from gate.sync.central.access import Role, allow, bearer_of
from gate.sync.central.bodies import read_body
from gate.sync.central.filing import reasons_of
from gate.sync.central.refusals import RefusalError
from gate.sync.central.system import Central
from gate.sync.wire import MAX_BATCH_BYTES, MAX_HEADS_BYTES, PAGE_LIMIT, EventBatch, HeadBatch, feed_path

After = Annotated[int, Query(ge=0, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]


def router(central: Central) -> APIRouter:
    """The checkpoints' addresses. A site's token opens its own alone."""
    routes = APIRouter(prefix="/v1/sites/{site}")
    signed_feed = APIRouter()

    async def admit(request: Request, site: str, *roles: Role) -> None:
        allow(await central.caller(bearer_of(request)), *roles, site=site)
        if not central.knows_site(site):
            raise RefusalError(
                HTTPStatus.NOT_FOUND,
                "There is no such border checkpoint",
                do="register it: start central with --site NAME=PUBLIC_KEY_FILE",
            )

    @signed_feed.get(feed_path("{site}"))
    async def feed(request: Request, site: str, after: After = 0, limit: Limit = PAGE_LIMIT) -> Response:
        await admit(request, site, "site")
        now = central.now_text()  # before the feed is read: what is answered is at least as new
        return _json(await central.feed(site, after, limit) | {"now": now})

    @routes.post("/events")
    async def keep(request: Request, site: str) -> Response:
        await admit(request, site, "site")
        batch = _batch(await read_body(request, MAX_BATCH_BYTES))
        _refuse_foreign(batch.site, site)
        now = central.now_text()
        return _json({"acknowledged": await central.keep_events(batch), "now": now})

    @routes.get("/events")
    async def events(request: Request, site: str, after: After = 0, limit: Limit = PAGE_LIMIT) -> Response:
        await admit(request, site, "admin", "site")
        return _json(await central.events(site, after, limit))

    @routes.post("/heads")
    async def countersign(request: Request, site: str) -> Response:
        await admit(request, site, "site")
        batch = _heads(await read_body(request, MAX_HEADS_BYTES))
        _refuse_foreign(batch.site, site)
        countersigned = await central.countersign(batch)
        return Response(countersigned.model_dump_json(), media_type="application/json")

    both = APIRouter()
    both.include_router(routes)
    both.include_router(signed_feed)
    return both


def _refuse_foreign(of: str, at: str) -> None:
    if of != at:
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"The batch is of site {of}",
            where="site",
            do="send what is each site's to its own address",
        )


def _batch(body: bytes) -> EventBatch:
    try:
        return EventBatch.model_validate_json(body)
    except ValidationError as error:
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This is not a batch of events",
            do="send site, epoch and events (seq, kind, at, body), numbered one after the other",
            reasons=reasons_of(error)[:20],
        ) from error


def _heads(body: bytes) -> HeadBatch:
    try:
        return HeadBatch.model_validate_json(body)
    except ValidationError as error:
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "These are not heads of a journal",
            do="send site, epoch and heads (seq, hash, previous, at, signature), oldest first",
            reasons=reasons_of(error)[:20],
        ) from error


def _json(content: dict[str, JsonValue]) -> Response:
    # A page that a cache between us gives out again would tell an old time, and an old feed.
    return Response(to_json(content), media_type="application/json", headers={"Cache-Control": "no-store"})
