"""The console as one web application."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from gate.clock import Clock
from gate.console import acting, api, door, duty_sheets, health, refusals, searching, showing
from gate.console.desk import HERE, Desk, WhenErased, desk_of, never_erased
from gate.console.sessions import NotLoggedInError
from gate.glass import BoundedBody, SafeHeaders
from gate.lanes.views import Checkpoint
from gate.model import NumberFormats
from gate.store.officers import Officers

MOST_BODY_BYTES = 32 * 1024

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
) -> FastAPI:
    """The officers' console over `checkpoint`. `evidence` holds JPEGs as `ab/ab....jpg`.

    `secure_cookies` when it is served over TLS, directly or through a proxy. Serve it with
    `timeout_graceful_shutdown` set: an open screen's event stream does not end by itself.
    """
    # No generated API pages: they would load scripts from elsewhere, and nobody asked for a map.
    app = FastAPI(title="Gate console", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = Desk(checkpoint, officers, evidence, clock, secure_cookies, formats, when_erased)
    for room in (door, showing, searching, acting, duty_sheets, refusals, api, health):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(NotLoggedInError, _ask_to_log_in)
    app.add_exception_handler(HTTPException, _say)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_middleware(BoundedBody, face="console", limit=MOST_BODY_BYTES)
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
