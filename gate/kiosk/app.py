"""The drivers' kiosks as one web application, on an address of its own."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from gate.clock import Clock
from gate.glass import BoundedBody, SafeHeaders
from gate.kiosk import asking, pages
from gate.kiosk.booth import HERE, Booth
from gate.lanes.views import Checkpoint
from gate.model import NumberFormats

MOST_BODY_BYTES = 1024
_TAKEN = ("api", "static")


def create_kiosk(
    checkpoint: Checkpoint,
    clock: Clock,
    points: Mapping[str, str],
    formats: NumberFormats = NumberFormats(),  # noqa: B008 - frozen
) -> FastAPI:
    """Kiosks for `points` (name -> kind: approach or terminal). No login: it tells what the board tells.

    A number typed here is never answered with anything that depends on it; what the kiosk shows is
    `checkpoint.kiosk_view`.
    """
    clash = sorted(set(points) & set(_TAKEN))
    if clash:
        raise ValueError(f"a point cannot be named {', '.join(clash)}: the kiosk serves other things there")
    app = FastAPI(title="Gate kiosk", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.booth = Booth(checkpoint, clock, dict(points), formats)
    # Files alone are made smaller: of a page its length would tell what stands in it beside a guess.
    app.mount("/static", GZipMiddleware(StaticFiles(directory=HERE / "static")), name="static")
    app.include_router(asking.router)
    app.include_router(pages.router)
    app.add_exception_handler(HTTPException, _say)
    app.add_middleware(BoundedBody, face="kiosk", limit=MOST_BODY_BYTES)
    app.add_middleware(SafeHeaders)
    return app


async def _say(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)
