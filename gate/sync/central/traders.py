"""What traders and the administration ask of central: declarations (Rules 3), risk groups (6)."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gate.model import group_number, parse_number
from gate.sync.central.access import allow, bearer_of
from gate.sync.central.bodies import MAX_FORM_BYTES, read_body
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.filing import ImporterId, Text, reasons_of
from gate.sync.central.refusals import RefusalError
from gate.sync.central.registration import Registered
from gate.sync.central.system import Central


class RiskDecision(BaseModel):
    """An administrator's decision on an importer's risk group (6.9)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    risk_group: RiskGroup
    reason: Annotated[Text, Field(max_length=500)]


def router(central: Central) -> APIRouter:
    """The trader's and the administrator's addresses. Tokens are checked before a body is read."""
    routes = APIRouter(prefix="/v1")

    @routes.post("/declarations", status_code=HTTPStatus.CREATED)
    async def file(request: Request) -> dict[str, object]:
        allow(await central.caller(bearer_of(request)), "trader", "admin")
        return _notice(await central.file(await read_body(request, MAX_FORM_BYTES)))

    @routes.put("/declarations/{number}")
    async def amend(number: str, request: Request) -> dict[str, object]:
        allow(await central.caller(bearer_of(request)), "trader", "admin")
        body = await read_body(request, MAX_FORM_BYTES)
        return _notice(await central.amend(_number(number), body))

    @routes.post("/declarations/{number}/withdraw")
    async def withdraw(number: str, request: Request) -> dict[str, object]:
        allow(await central.caller(bearer_of(request)), "trader", "admin")
        return _notice(await central.withdraw(_number(number)))

    @routes.put("/importers/{importer}")
    async def decide(importer: str, request: Request) -> dict[str, object]:
        # The administration's alone: a risk group is nobody else's to see (6.4, 6.8).
        allow(await central.caller(bearer_of(request)), "admin")
        body = await read_body(request, MAX_FORM_BYTES)
        try:
            TypeAdapter(ImporterId).validate_python(importer)
            decision = RiskDecision.model_validate_json(body)
        except ValidationError as error:
            raise RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "The decision was refused",
                do="name the importer (letters, digits, dashes), risk_group (LOW, MEDIUM or HIGH) and reason",
                reasons=reasons_of(error),
            ) from error
        return asdict(await central.decide_group(importer, decision.risk_group, decision.reason))

    return routes


def _number(text: str) -> str:
    number = parse_number(text)
    if number is None:
        raise RefusalError(
            HTTPStatus.NOT_FOUND,
            "This is not a notification number",
            do="give the 13 digits on the notice; the last one is a check digit",
        )
    return number


def _notice(registered: Registered) -> dict[str, object]:
    """The notice of Rules 3.3: accepted, and what keeps it from conforming, if anything (3.5)."""
    number = parse_number(registered.number)
    return {
        "result": "accepted",
        "notification_number": registered.number,
        "printed_number": group_number(number) if number else registered.number,
        "version": registered.version,
        "status": registered.status.value,
        "registered_at": registered.registered_at.isoformat(),
        "conforming": not registered.remarks,
        "remarks": [asdict(remark) for remark in registered.remarks],
    }
