"""The kiosk's own requests: a number, a call for help, and what to show."""

from __future__ import annotations

import math
from json import JSONDecodeError

import structlog
from fastapi import APIRouter
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.kiosk.booth import Asked, Booth, booth_of
from gate.kiosk.codes import code_as_svg
from gate.model import Onward

log = structlog.get_logger()
router = APIRouter(prefix="/api")

REFUSED = Counter("gate_kiosk_refused_total", "What kiosks refused", ["point", "why"])

_SLIP = "This number has a slip in it. Please compare it with your notice, digit by digit."


@router.get("/{point}")
async def message(point: str, request: Request) -> Response:
    """What the kiosk shows now: what the board shows, and with a direction the way on."""
    booth = booth_of(request)
    view = booth.checkpoint.kiosk_view(booth.known(point))
    if view is None:
        raise HTTPException(404, "There is no such kiosk.")
    shown, onward = view.message, view.onward or Onward()
    return JSONResponse(
        {
            "kind": shown.kind.value,
            "lane": shown.lane,
            "corridor": None if shown.corridor is None else shown.corridor.value,
            "routes": list(onward.routes),
            "hours": onward.hours,
            "code": booth.photographed(point),
        }
    )


@router.get("/{point}/code.svg")
async def code(point: str, request: Request) -> Response:
    """The QR code of the visit that was sent on, while it is to be photographed off the page."""
    booth = booth_of(request)
    visit_id = booth.photographed(booth.known(point))
    if visit_id is None:
        raise HTTPException(404, "There is no code to show here now.")
    return Response(code_as_svg(visit_id), media_type="image/svg+xml")


@router.post("/{point}/number")
async def give_number(point: str, request: Request) -> Response:
    """A number: accepted, and never more than that, if it is well formed."""
    booth = booth_of(request)
    body = await _body(booth, booth.known(point), "number", request)
    text = body.get("number")
    if not isinstance(text, str) or not booth.take_number(point, text):
        # Ordinary: a finger slipped. The check digit is public, so this tells nothing.
        REFUSED.labels(point, "slip").inc()
        raise HTTPException(422, _SLIP)
    return JSONResponse({"accepted": True}, 202)


@router.post("/{point}/help")
async def ask_help(point: str, request: Request) -> Response:
    """A call for an officer."""
    booth = booth_of(request)
    body = await _body(booth, booth.known(point), "help", request)
    reason = body.get("reason")
    if reason != "no-number" and reason != "call":  # noqa: PLR1714 - so that mypy sees the two words
        REFUSED.labels(point, "malformed").inc()
        raise HTTPException(422, "reason must be one of no-number, call.")
    booth.call_officer(point, reason)
    return JSONResponse({"accepted": True}, 202)


async def _body(booth: Booth, point: str, what: Asked, request: Request) -> dict[str, object]:
    source = request.client.host if request.client else "unknown"
    # JSON only: a page from elsewhere cannot send it here without asking first, and is refused then.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        REFUSED.labels(point, "malformed").inc()
        raise HTTPException(415, "Send application/json.")
    wait = booth.wait(point, what)
    if wait:
        REFUSED.labels(point, "too-often").inc()
        log.warning("kiosk.too_often", point=point, what=what, source=source, wait=wait)
        raise HTTPException(
            429, "Please wait a little before the next try.", {"Retry-After": str(math.ceil(wait))}
        )
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        REFUSED.labels(point, "malformed").inc()
        log.warning("kiosk.malformed", point=point, what=what, source=source)
        raise HTTPException(400, "The body is not JSON.") from error
    if not isinstance(body, dict):
        REFUSED.labels(point, "malformed").inc()
        log.warning("kiosk.malformed", point=point, what=what, source=source)
        raise HTTPException(422, "The body must be a JSON object.")
    return body
