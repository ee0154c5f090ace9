"""From what a form or a program sent to an act, or to a sentence about what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from gate.console.asking_duties import DUTIES, AskedDuty
from gate.console.fields import Asked, Cargo, Checked, Id, Mark, Number, Text
from gate.lanes.acts import (
    AcknowledgeCall,
    AgreeAsSecond,
    AnyAct,
    AskSecond,
    AttendTerminal,
    ClosePoint,
    ConfirmPlate,
    DeclineAsSecond,
    EnterCargoNumber,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
    WithdrawAsking,
)
from gate.lanes.duty_acts import DutyAct
from gate.model import NumberFormats

ACTS: dict[str, type[AnyAct | DutyAct]] = {
    act.__name__: act
    for act in (
        ReleaseVisit,
        ConfirmPlate,
        EnterNumber,
        EnterCargoNumber,
        ReferVisit,
        TurnBack,
        AcknowledgeCall,
        ClosePoint,
        OpenPoint,
        AttendTerminal,
        AskSecond,
        AgreeAsSecond,
        DeclineAsSecond,
        WithdrawAsking,
        *DUTIES,
    )
}


class AskingError(ValueError):
    """The act cannot be understood; the message says what to correct."""


class _Release(Asked):
    act: Literal["ReleaseVisit"]
    visit_id: Id
    checked: Checked


class _Confirm(Asked):
    act: Literal["ConfirmPlate"]
    point: Id
    visit_id: Id | None = None
    mark: Mark


class _Enter(Asked):
    act: Literal["EnterNumber"]
    visit_id: Id
    number: Number


class _EnterCargo(Asked):
    act: Literal["EnterCargoNumber"]
    visit_id: Id
    cargo: Cargo


class _Reasoned(Asked):
    act: Literal["ReferVisit", "TurnBack"]
    visit_id: Id
    reason: Text


class _Call(Asked):
    act: Literal["AcknowledgeCall"]
    call_id: Id


class _Point(Asked):
    act: Literal["ClosePoint", "OpenPoint"]
    point: Id


class _Attend(Asked):
    act: Literal["AttendTerminal"]
    point: Id
    attended: bool


class _Ask(Asked):
    act: Literal["AskSecond"]
    asked: Annotated[_Confirm | _Enter | _EnterCargo, Field(discriminator="act")]


class _Answer(Asked):
    act: Literal["AgreeAsSecond", "DeclineAsSecond", "WithdrawAsking"]
    request_id: Id


_Any = (
    _Release
    | _Confirm
    | _Enter
    | _EnterCargo
    | _Reasoned
    | _Call
    | _Point
    | _Attend
    | _Ask
    | _Answer
    | AskedDuty
)
_ADAPTER: TypeAdapter[_Any] = TypeAdapter(Annotated[_Any, Field(discriminator="act")])

_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this act",
    "string_too_long": "is too long",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "is not a valid id",
    "string_type": "must be a text",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "too_long": "is too long",
}


SECONDED = (ConfirmPlate, EnterNumber, EnterCargoNumber)
"""Acts that may need a second officer. Who he is comes from his credentials, never out of the fields."""


def understand(
    fields: object,
    officer: str,
    formats: NumberFormats = NumberFormats(),  # noqa: B008 - frozen
) -> AnyAct | DutyAct:
    """The act that `fields` describe, in the officer's name; AskingError with one sentence per fault."""
    if not isinstance(fields, Mapping):
        raise AskingError("An act is an object with the field act and the act's own fields.")
    try:
        asked = _ADAPTER.validate_python(dict(fields), context=formats)
    except ValidationError as error:
        raise AskingError(_sentences(error)) from error
    if isinstance(asked, _Ask):
        inner = ACTS[asked.asked.act](officer=officer, **_values(asked.asked))
        if not isinstance(inner, SECONDED):
            raise AskingError("No second officer is wanted for this act.")
        return AskSecond(officer=officer, asked=inner, visit_id=inner.visit_id)
    return ACTS[asked.act](officer=officer, **_values(asked))


def _values(asked: Asked) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in type(asked).model_fields if name != "act"}


def _sentences(error: ValidationError) -> str:
    said = []
    for fault in error.errors(include_url=False, include_input=False):
        if fault["type"].startswith("union_tag"):
            return f"The field act must be one of {', '.join(ACTS)}."
        place = [str(part) for part in fault["loc"][1:]]
        name = place[0] if place else "act"
        if name == "checked" and fault["type"] in ("too_short", "missing"):
            said.append("Name at least one thing that was checked (Rules 5.6, 5.8).")
        elif fault["type"] == "value_error":
            said.append(f"The {name} {fault['ctx']['error']}.")
        else:
            said.append(
                f"The {name} {_SAID.get(fault['type'], fault['msg'][:1].lower() + fault['msg'][1:])}."
            )
    return " ".join(said)
