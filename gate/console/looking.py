"""Looking before acting: what is shown of one vehicle, and the name under which an act refers to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gate.console.desk import Desk, desk_of
from gate.console.differing import differing
from gate.console.disclosure import disclosed_overview
from gate.console.duty_offers import page_offers
from gate.console.offers import point_offers, visit_offers
from gate.console.sessions import LoggedIn, Session, Watching, may
from gate.lanes.acts import AcknowledgeCall, AgreeAsSecond, ConfirmPlate
from gate.lanes.ports import Declared
from gate.lanes.sight import LASTS_SECONDS, Sight
from gate.lanes.views import RequestView
from gate.lanes.wanted import Wanted
from gate.model import RegistrationMark, Visit

router = APIRouter()

_SIGHT: TypeAdapter[Sight] = TypeAdapter(Sight)
_AMBIGUOUS = "ambiguous-number"
_PICTURES = 2
"""Shown of a look: the plate by itself, and the scene it was cut out of."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look of one officer at one vehicle."""

    seen: str
    """What an act names to say that it is about this."""
    sight: Sight
    candidates: tuple[tuple[RegistrationMark, tuple[tuple[str, bool], ...]], ...]
    """Plates it may have, each sign with whether it differs from what was read."""


async def look(desk: Desk, session: Session, visit_id: str | None, point: str | None) -> Look | None:
    """Look at the visit's vehicle, or with no visit at whoever stands at the point."""
    version = desk.checkpoint.version
    sight = await desk.checkpoint.look(visit_id, point)
    return None if sight is None else await _look_at(desk, session, sight, version)


async def look_at_request(desk: Desk, session: Session, request_id: str) -> tuple[RequestView, Look] | None:
    """A request that waits, and its vehicle as it stands now, for whoever may agree."""
    overview = await desk.checkpoint.overview()
    found = next((one for one in overview.requests if one.request_id == request_id and not one.answer), None)
    if found is None:
        return None
    sight = await desk.checkpoint.look(found.sight.visit_id, found.sight.point)
    return None if sight is None else (found, await _look_at(desk, session, sight, overview.version))


async def _look_at(desk: Desk, session: Session, sight: Sight, version: int) -> Look:
    named: tuple[RegistrationMark, ...] = ()
    if may(session.officer.role, ConfirmPlate):
        named = await desk.checkpoint.candidates(sight)
    # On record goes what can be shown: neither an erased picture, nor more than fit before an officer's eyes.
    pictures = tuple(name for name in _plate_first(sight.evidence) if desk.holds(name) is not None)
    sight = replace(sight, evidence=pictures[:_PICTURES])
    name = desk.shown.keep(session.officer.name, sight, version, desk.clock.now())
    return Look(name, sight, tuple((mark, differing(mark, sight.plate)) for mark in named))


def _plate_first(names: tuple[str, ...]) -> tuple[str, ...]:
    """The plate by itself first: a reader keeps the scene, then what it cut out of it."""
    return names if len(names) < _PICTURES else (names[1], names[0], *names[2:])


async def choices(desk: Desk, visit: Visit) -> tuple[Declared, ...]:
    """The declarations that the visit's number finds, if several: the papers name one."""
    if all(finding.code != _AMBIGUOUS for finding in visit.findings):
        return ()
    found: dict[str, Declared] = {}
    for number in visit.numbers:
        told = await desk.checkpoint.search(Wanted(number=number))
        found |= {one.number: one for one in told.declarations}
    return tuple(found.values())


def requests_for(requests: tuple[RequestView, ...], session: Session) -> list[tuple[RequestView, bool]]:
    """Those this officer is shown, each with whether it is his own; of his own he is told the answer, too."""
    if not may(session.officer.role, AgreeAsSecond):
        return []
    return [
        (one, one.officer == session.officer.name)
        for one in requests
        if not one.answer or one.officer == session.officer.name
    ]


@router.get("/api/look")
async def api_look(request: Request, session: LoggedIn) -> Response:
    """What a program sees before it acts: `visit_id`, `point` or `request_id`."""
    desk, asked = desk_of(request), request.query_params
    if asked.get("request_id"):
        found = await look_at_request(desk, session, asked["request_id"])
        if found is None:
            raise HTTPException(404, "There is no such request any more.")
        return JSONResponse(_told(found[1]))
    seen = await look(desk, session, asked.get("visit_id"), asked.get("point"))
    if seen is None:
        raise HTTPException(404, "There is nothing to look at: name a visit_id, or a point.")
    return JSONResponse(_told(seen))


def _told(seen: Look) -> Mapping[str, Any]:
    return {
        "seen": seen.seen,
        "lasts_seconds": LASTS_SECONDS,
        "sight": _SIGHT.dump_python(seen.sight, mode="json"),
        "candidates": [mark for mark, _ in seen.candidates],
    }


@router.get("/api/acts")
async def api_offers(request: Request, session: Watching) -> Response:
    """What this officer may do now: the same offers as the pages make."""
    overview = disclosed_overview(await desk_of(request).checkpoint.overview())
    role = session.officer.role
    found = [offer for visit in overview.visits for offer in visit_offers(visit, overview, role)]
    for point in overview.points:
        found += point_offers(point, role)
        found += [offer for offers in page_offers(point, session.officer).values() for offer in offers]
    plates = {visit.visit_id: visit.mark for visit in overview.visits}
    offers = [_offer(one.kind, one.label, one.point, one.visit_id, plates) for one in found]
    if may(role, AcknowledgeCall):
        offers += [
            _offer("AcknowledgeCall", "I am coming", call.point, call.visit_id, plates, call_id=call.call_id)
            for call in overview.calls
            if call.acknowledged_by is None
        ]
    offers += [
        _offer(
            "AgreeAsSecond", "Agree", one.sight.point, one.sight.visit_id, plates, request_id=one.request_id
        )
        for one, own in requests_for(overview.requests, session)
        if not own
    ]
    return JSONResponse({"offers": offers})


def _offer(
    act: str,
    label: str,
    point: str | None,
    visit_id: str | None,
    plates: Mapping[str, str | None],
    **more: str,
) -> dict[str, str | None]:
    plate = plates.get(visit_id or "")
    return {"act": act, "label": label, "point": point, "visit_id": visit_id, "plate": plate, **more}
