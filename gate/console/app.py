"""The console as one web application."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from gate.clock import Clock
from gate.console import (
    account,
    acting,
    agreeing,
    api,
    day,
    door,
    duty_sheets,
    health,
    looking,
    looking_back,
    looks,
    refusals,
    repairs_page,
    searching,
    showing,
)
from gate.console.desk import (
    HERE,
    Desk,
    RecordAccounts,
    WhenErased,
    desk_of,
    never_erased,
    record_nowhere,
)
from gate.console.ground import Ground
from gate.console.repairs.workshop import Workshop
from gate.console.sessions import FreshTokens, NotLoggedInError
from gate.glass import BoundedBody, SafeHeaders
from gate.lanes.views import Checkpoint
from gate.model import NumberFormats
from gate.origins import KnownHere
from gate.store.archive import Archive
from gate.store.officers import Officers

MOST_BODY_BYTES = 32 * 1024
UTC = ZoneInfo("UTC")

_PROGRAMS = ("/api/", "/healthz", "/metrics", "/events", "/evidence/", "/static/")


def create_console(
    checkpoint: Checkpoint,
    officers: Officers,
    evidence: Path,
    clock: Clock,
    formats: NumberFormats = NumberFormats(),  # noqa: B008 - frozen
    *,
    secure_cookies: bool = False,
    when_erased: WhenErased = never_erased,
    archive: Archive | None = None,
    zone: ZoneInfo = UTC,
    workshop: Workshop | None = None,
    names: Iterable[str] = (),
    record_accounts: RecordAccounts = record_nowhere,
) -> FastAPI:
    """The officers' console over `checkpoint`. `evidence` holds JPEGs as `ab/ab....jpg`.

    `archive` is what it looks back in, `zone` whose days and hours that speaks of, `workshop` what it
    knows of repairs: without them those pages say that there is nothing to show. `names` are those it is
    asked for by, beside this machine's own name and every address. `record_accounts` carries what
    happened to accounts into the journal.

    `secure_cookies` when it is served over TLS. Serve it with
    `timeout_graceful_shutdown` set: an open screen's event stream does not end by itself.
    """
    # No generated API pages: they would load scripts from elsewhere, and nobody asked for a map.
    app = FastAPI(title="Gate console", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = Desk(
        *(checkpoint, officers, evidence, clock, secure_cookies, formats),
        *(when_erased, archive, zone, workshop),
        record_accounts=record_accounts,
    )
    app.state.ground = Ground(app.state.desk)
    rooms = (door, account, looks, showing, searching, looking_back, day, repairs_page, looking, acting)
    for room in (*rooms, agreeing, duty_sheets, refusals, api, health):
        app.include_router(room.router)
    # Files alone are made smaller: of a page its length would tell what stands in it beside a guess.
    app.mount("/static", GZipMiddleware(StaticFiles(directory=HERE / "static")), name="static")
    app.add_exception_handler(NotLoggedInError, _ask_to_log_in)
    app.add_exception_handler(HTTPException, _say)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_middleware(FreshTokens, desk=app.state.desk)
    app.add_middleware(BoundedBody, face="console", limit=MOST_BODY_BYTES)
    app.add_middleware(KnownHere, face="console", names=tuple(names))
    app.add_middleware(SafeHeaders)
    return app


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith(_PROGRAMS)


async def _ask_to_log_in(request: Request, _error: Exception) -> Response:
    # Who sent a form is told that nothing came of it: he may have looked away while his login ended.
    where = "/login#undone" if request.method == "POST" else "/login"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": where})
    if _for_programs(request):
        return JSONResponse({"error": "Log in first."}, 401)
    return RedirectResponse(where, 303)


async def _say(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    headers = error.headers if isinstance(error, HTTPException) else None
    if _for_programs(request):
        return JSONResponse({"error": detail}, status, headers)
    by_htmx = "hx-request" in request.headers
    response = desk_of(request).render("refused.html", status, message=detail, whole_page=not by_htmx)
    response.headers.update(headers or {})
    return response


async def _unreadable(request: Request, _error: Exception) -> Response:
    return await _say(request, HTTPException(422, "The request cannot be understood."))
