"""Saying no over HTTP: every refusal tells what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from starlette.exceptions import HTTPException

log = structlog.get_logger()

REFUSED = Counter("gate_central_refused_total", "Requests central refused", ["status"])


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing wrong with a form: the same three answers as every refusal."""

    error: str
    where: str
    do: str


class RefusalError(Exception):
    """A request is refused; the message says what, `do` says what to do about it."""

    def __init__(
        self,
        status: HTTPStatus,
        error: str,
        *,
        do: str,
        where: str | None = None,
        reasons: Sequence[Reason] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.do = do
        self.where = where
        self.reasons = tuple(reasons)
        self.headers = headers


def install(app: FastAPI) -> None:
    """Make `app` answer every refusal, its own and the framework's, in one shape."""

    @app.exception_handler(RefusalError)
    async def _refused(request: Request, error: RefusalError) -> JSONResponse:
        return _answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _query(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors()]
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        do = "give after (0 or more) and limit (1 to 500) as whole numbers"
        return _answer(request, RefusalError(status, "; ".join(problems)[:500], do=do))

    @app.exception_handler(HTTPException)
    async def _framework(request: Request, error: HTTPException) -> JSONResponse:
        do = {
            HTTPStatus.NOT_FOUND: "check the address against central's documentation; paths begin with /v1",
            HTTPStatus.METHOD_NOT_ALLOWED: "use the method this address takes",
        }.get(HTTPStatus(error.status_code), "correct the request and send it again")
        status = HTTPStatus(error.status_code)
        return _answer(request, RefusalError(status, str(error.detail), do=do, headers=error.headers))

    @app.exception_handler(Exception)
    async def _broken(request: Request, error: Exception) -> JSONResponse:
        log.error("central.broken", method=request.method, path=request.url.path, error=repr(error))
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        do = "try again later; central's operator finds the cause in its log"
        return _answer(request, RefusalError(status, "Central failed to answer", do=do))


def _answer(request: Request, refusal: RefusalError) -> JSONResponse:
    where = refusal.where or f"{request.method} {request.url.path}"
    REFUSED.labels(str(int(refusal.status))).inc()
    log.warning(
        "central.refused",
        status=int(refusal.status),
        error=str(refusal),
        where=where,
        source=request.client.host if request.client else None,
        reasons=[f"{reason.where}: {reason.error}" for reason in refusal.reasons],
    )
    body: dict[str, object] = {"error": str(refusal), "where": where, "do": refusal.do}
    if refusal.reasons:
        body["result"] = "refused"
        body["reasons"] = [asdict(reason) for reason in refusal.reasons]
    return JSONResponse(body, status_code=int(refusal.status), headers=dict(refusal.headers or {}))
