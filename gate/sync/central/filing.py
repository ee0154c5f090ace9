"""The short import declaration as filed (Rules 3.1, 3.2): the form, and everything wrong with it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from gate.model import Category, TransportMode, TravelDirection, normalise_mark
from gate.sync.central.refusals import Reason, RefusalError
from gate.sync.wire import MAX_MARK_LENGTH, MAX_MARKS, CargoNumber, Moment, PreliminaryCode


@dataclass(frozen=True, slots=True)
class FilingContext:
    """What a form is judged against."""

    sites: frozenset[str]
    now: datetime
    trust_received_at: bool
    oldest_relayed: timedelta


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("holds nothing readable, or control characters")
    return text


Text = Annotated[str, AfterValidator(_printable)]
ImporterId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,32}$")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class GoodsLine(_Form):
    """One kind of goods."""

    code: Annotated[str, Field(pattern=r"^[0-9]{4,10}$")]
    description: Annotated[Text, Field(max_length=200)]
    gross_kg: Annotated[float, Field(gt=0, le=1_000_000)]
    origin: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    documents: Annotated[tuple[Annotated[Text, Field(max_length=64)], ...], Field(max_length=20)] = ()
    """Certificates and permits already given (3.4.2), by their numbers."""


class Filing(_Form):
    """A short import declaration. Checked against a FilingContext when one is given."""

    importer: ImporterId
    mode: TransportMode
    direction: TravelDirection = TravelDirection.ENTRY
    category: Category = Category.GOODS
    site: Annotated[str, Field(max_length=32)]
    marks: Annotated[tuple[str, ...], Field(max_length=MAX_MARKS, validate_default=True)] = ()
    goods: Annotated[tuple[GoodsLine, ...], Field(max_length=100, validate_default=True)] = ()
    destination: Annotated[Text, Field(max_length=60)] | None = None
    preliminary_code: PreliminaryCode | None = None
    cargo_declaration: CargoNumber | None = None
    received_at: Moment | None = None

    @field_validator("site")
    @classmethod
    def _known_site(cls, value: str, info: ValidationInfo) -> str:
        context = info.context
        if isinstance(context, FilingContext) and value not in context.sites:
            raise ValueError(
                f"is no border checkpoint known here: {', '.join(sorted(context.sites)) or 'none'}"
            )
        return value

    @field_validator("marks")
    @classmethod
    def _fitting_marks(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        marks = tuple(dict.fromkeys(normalise_mark(mark) for mark in value))
        if not all(0 < len(mark) <= MAX_MARK_LENGTH for mark in marks):
            raise ValueError(f"holds a mark of no letters or digits, or of more than {MAX_MARK_LENGTH}")
        # Goods by vehicle are identified by its plate (8.0.1); baggage by the number alone (8.0.2).
        if not marks and info.data.get("mode") is TransportMode.ROAD:
            raise ValueError("is empty: by road the vehicle's registration mark is needed")
        return marks

    @field_validator("goods")
    @classmethod
    def _fitting_goods(cls, value: tuple[GoodsLine, ...], info: ValidationInfo) -> tuple[GoodsLine, ...]:
        if not value and info.data.get("category") is Category.GOODS:
            raise ValueError("is empty: a declaration of goods names at least one kind")
        return value

    @field_validator("received_at")
    @classmethod
    def _trusted_receipt(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        context = info.context
        if value is None or not isinstance(context, FilingContext):
            return value
        if not context.trust_received_at:
            raise ValueError("is not taken here: this central registers at the moment it receives")
        if not context.now - context.oldest_relayed <= value <= context.now:
            raise ValueError(f"lies in the future, or more than {context.oldest_relayed.days} days back")
        return value


_ADVICE: Final = {
    "importer": "give the importer's identifier: letters, digits and dashes, at most 32",
    "mode": "say road or baggage",
    "direction": "say entry or exit",
    "category": "say goods, transit, empty, passenger, diplomatic or ambulance",
    "site": "name the border checkpoint where the goods will cross",
    "marks": "list the vehicle's (and trailer's) registration marks",
    "goods": "list each kind: code (4 to 10 digits), description, gross_kg, origin (two capital letters)",
    "destination": "name the place in at most 60 readable characters, or leave it out",
    "preliminary_code": "give the 13-digit code of the preliminary-informing service, or leave it out",
    "cargo_declaration": "give the cargo declaration's number as 99999/9/99/9999 (office, last digit of "
    "the year, month, sequence), or leave it out",
    "received_at": "leave it out; only a central started with --trust-received-at takes it",
}
_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this form",
    "json_invalid": "is not JSON",
    "string_pattern_mismatch": "is not written as it should be",
}


def read_filing(body: bytes, context: FilingContext) -> Filing:
    """The form in `body`; RefusalError naming everything wrong with it at once."""
    try:
        return Filing.model_validate_json(body, context=context)
    except ValidationError as error:
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The declaration was refused",
            do="correct everything named in reasons and file it again",
            reasons=reasons_of(error),
        ) from error


def reasons_of(error: ValidationError) -> list[Reason]:
    """Each problem in plain words, with its place in the form."""
    reasons = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(map(str, problem["loc"])) or "body"
        words = _WORDS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        field = str(problem["loc"][0]) if problem["loc"] else ""
        advice = _ADVICE.get(field, "leave out what is not asked, and send a JSON object")
        reasons.append(Reason(error=words, where=where[:120], do=advice))
    return reasons
