"""The address cameras push to. It tells a sender next to nothing: no word of what became of a read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.push import pictures
from gate.anpr.push.camera import PushCamera, Standing
from gate.anpr.push.login import ChallengedError
from gate.anpr.push.message import MalformedError
from gate.anpr.push.pace import Pace
from gate.anpr.push.refusals import CHALLENGED, Refusals, RefusedError
from gate.anpr.push.webhook import SIGNATURE, TIMESTAMP
from gate.clock import Clock
from gate.errors import StoreError
from gate.glass import SafeHeaders
from gate.model import PlateRead
from gate.settings import Push

log = structlog.get_logger()

MOST_BODY_BYTES = 8 * 1024 * 1024
"""Scene and crop of the largest cameras; a body longer than this is refused before it is read."""
_BODY_SECONDS = 10.0


class Passages(Protocol):
    """Where taken reads go (gate.anpr.passage.merging)."""

    def standing(self, point: str) -> Standing | None:
        """The passage whose plate is wanted at this point now."""
        ...

    def offer(self, point: str, passage_id: str, read: PlateRead | None) -> bool:
        """Hand over a read; False when that passage is not wanted any more."""
        ...


def create_push(
    pushes: Mapping[str, Push], passages: Passages, evidence: Path, clock: Clock, evidence_floor: int = 0
) -> Starlette:
    """`POST /NAME` for each point with `push`. Raises ConfigError for credentials that cannot be read."""
    began = clock.now()
    cameras = {point: PushCamera(point, push, began) for point, push in pushes.items()}
    intake = _Intake(cameras, passages, EvidenceFolder(evidence, evidence_floor), clock)
    # An ASGI endpoint gets every method, so that whatever comes is counted.
    return Starlette(routes=[Route("/{path:path}", intake)], middleware=[Middleware(SafeHeaders)])


class _Intake:
    def __init__(
        self, cameras: Mapping[str, PushCamera], passages: Passages, evidence: EvidenceFolder, clock: Clock
    ) -> None:
        self._cameras = cameras
        self._passages = passages
        self._evidence = evidence
        self._clock = clock
        self._refusals = Refusals()
        # Only addresses of the configuration have one: strangers cannot grow it.
        self._paces = {source: Pace() for camera in cameras.values() for source in camera.sources}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, answered with a status and nothing else."""
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        source = request.client.host if request.client is not None else ""
        camera = self._cameras.get(request.url.path.removeprefix("/"))
        if camera is None or source not in camera.sources or request.method != "POST":
            # One answer for all three: a stranger learns not even which points there are.
            unknown = RefusedError("source", "not a camera of this path, by address", 404)
            return self._refuse(unknown, camera, source)
        pace = self._paces[source]
        if not pace.enter(self._clock.now().mono):
            return self._refuse(RefusedError("rate", "more than a camera sends", 429), camera, source)
        try:
            await self._take(camera, request, source)
        except ChallengedError as error:
            CHALLENGED.inc()
            answer = Response(status_code=401)
            for challenge in error.challenges:
                answer.headers.append("WWW-Authenticate", challenge)
            return answer
        except (RefusedError, MalformedError, ClientDisconnect, TimeoutError) as error:
            return self._refuse(error, camera, source)
        finally:
            pace.leave()
        return Response(status_code=200)

    def _refuse(self, error: Exception, camera: PushCamera | None, source: str) -> Response:
        refused = _refusal_of(error)
        point = camera.point if camera is not None else None
        self._refusals.note(refused.reason, str(refused), point, source, self._clock.now().mono)
        # What was left unread of the body must not be taken for the next request.
        headers = {"Connection": "close"} if refused.status in (404, 413, 429) else {}
        return Response(status_code=refused.status, headers=headers)

    async def _take(self, camera: PushCamera, request: Request, source: str) -> None:
        headers = request.headers
        told = headers.get("content-length", "0")
        if not (told.isascii() and told.isdigit()) or int(told[:12]) > MOST_BODY_BYTES:
            raise RefusedError("size", f"longer than {MOST_BODY_BYTES} bytes", 413)
        raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
        query: bytes = request.scope["query_string"]
        uri = (raw_path + (b"?" + query if query else b"")).decode("latin-1")
        try:
            camera.log_in(
                headers.get("authorization", ""),
                uri,
                self._clock.now().mono,
                tls=request.url.scheme == "https",
            )
        except (ChallengedError, RefusedError):
            await _read(request, keep=False)  # else the camera may never come to read the answer
            raise
        body = await _read(request, keep=True)
        now = self._clock.now()
        message = camera.understand(
            headers.get("content-type", ""), headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), body, now
        )
        taken = camera.take(message, self._passages.standing(camera.point), now)
        if taken is None:
            return
        passage_id, read = taken
        if read is not None and message.pictures:
            read = await self._with_evidence(read, message.pictures, camera.point, source)
        if not self._passages.offer(camera.point, passage_id, read):
            raise RefusedError("presence", "the vehicle was answered or left meanwhile")

    async def _with_evidence(
        self, read: PlateRead, shown: tuple[bytes, ...], point: str, source: str
    ) -> PlateRead:
        try:
            names, faults = await asyncio.to_thread(pictures.keep, self._evidence, shown)
        except StoreError as error:
            # A full disk must not stop the lane; the read goes on, visibly without pictures.
            log.error("anpr.evidence_lost", point=point, error=str(error))
            return read
        for fault in faults:
            self._refusals.note("picture", fault, point, source, self._clock.now().mono)
        return PlateRead(read.mark, read.country, read.confidence, read.frames, read.sure, names)


def _refusal_of(error: Exception) -> RefusedError:
    match error:
        case RefusedError():
            return error
        case TimeoutError():
            return RefusedError("malformed", f"the body did not come within {_BODY_SECONDS:g} s", 408)
        case ClientDisconnect():
            return RefusedError("malformed", "hung up before the body was whole", 400)
        case _:
            return RefusedError("malformed", str(error), 400)


async def _read(request: Request, *, keep: bool) -> bytes:
    """The body, within limits; with `keep` false it is only let pass."""
    body = bytearray()
    length = 0
    async with asyncio.timeout(_BODY_SECONDS):
        async for chunk in request.stream():
            length += len(chunk)
            if length > MOST_BODY_BYTES:
                raise RefusedError("size", f"longer than {MOST_BODY_BYTES} bytes", 413)
            if keep:
                body += chunk
    return bytes(body)
