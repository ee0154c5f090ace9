"""From what a form or a program sent to an act, or to a sentence about what is wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gate.lanes.acts import (
    AcknowledgeCall,
    AnyAct,
    AttendTerminal,
    ClosePoint,
    ConfirmPlate,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
)
from gate.model import NotificationNumber, RegistrationMark, normalise_mark, parse_number

ACTS: dict[str, type[AnyAct]] = {
    act.__name__: act
    for act in (
        ReleaseVisit,
        ConfirmPlate,
        EnterNumber,
        ReferVisit,
        TurnBack,
        AcknowledgeCall,
        ClosePoint,
        OpenPoint,
        AttendTerminal,
    )
}
_MARK_MIN, _MARK_MAX = 3, 15


class AskingError(ValueError):
    """The act cannot be understood; the message says what to correct."""


def _plain(text: str) -> str:
    # Category C: control, format (bidi overrides), surrogate, private use. These texts go into the
    # journal and onto other people's screens.
    text = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(ch).startswith("C") for ch in text):
        raise ValueError("contains characters that cannot be printed; type it again as plain text")
    if not text:
        raise ValueError("is empty")
    return text


def _mark(text: str) -> RegistrationMark:
    mark = normalise_mark(_plain(text))
    if not _MARK_MIN <= len(mark) <= _MARK_MAX:
        raise ValueError(f"is not a registration mark: {_MARK_MIN} to {_MARK_MAX} letters and digits")
    return mark


def _number(text: str) -> NotificationNumber:
    number = parse_number(text)
    if number is None:
        raise ValueError(
            "is not a notification number: 13 digits, the last one a check digit. Compare the notice"
        )
    return number


Id = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]*$")]
Text = Annotated[str, Field(max_length=500), AfterValidator(_plain)]
Mark = Annotated[str, Field(max_length=40), AfterValidator(_mark)]
Number = Annotated[str, Field(max_length=40), AfterValidator(_number)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Release(_Asked):
    act: Literal["ReleaseVisit"]
    visit_id: Id
    checked: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class _Confirm(_Asked):
    act: Literal["ConfirmPlate"]
    point: Id
    visit_id: Id | None = None
    mark: Mark


class _Enter(_Asked):
    act: Literal["EnterNumber"]
    visit_id: Id
    number: Number


class _Reasoned(_Asked):
    act: Literal["ReferVisit", "TurnBack"]
    visit_id: Id
    reason: Text


class _Call(_Asked):
    act: Literal["AcknowledgeCall"]
    call_id: Id


class _Point(_Asked):
    act: Literal["ClosePoint", "OpenPoint"]
    point: Id


class _Attend(_Asked):
    act: Literal["AttendTerminal"]
    point: Id
    attended: bool


_Any = _Release | _Confirm | _Enter | _Reasoned | _Call | _Point | _Attend
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
}


def understand(fields: object, officer: str) -> AnyAct:
    """The act that `fields` describe, in the officer's name; AskingError with one sentence per fault."""
    if not isinstance(fields, Mapping):
        raise AskingError("An act is an object with the field act and the act's own fields.")
    try:
        asked = _ADAPTER.validate_python(dict(fields))
    except ValidationError as error:
        raise AskingError(_sentences(error)) from error
    values = {name: getattr(asked, name) for name in type(asked).model_fields if name != "act"}
    return ACTS[asked.act](officer=officer, **values)


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
