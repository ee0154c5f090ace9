"""The fields that acts are made of, each with what is wrong with a bad one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from gate.model import NotificationNumber, NumberFormats, RegistrationMark, normalise_mark, parse_cargo

MOST_MARKS = 200
"""Vehicles of one convoy."""
_MARK_MIN, _MARK_MAX = 3, 15


def _plain(text: str) -> str:
    # Category C: control, format (bidi overrides), surrogate, private use. These texts go into the
    # journal and onto other people's screens.
    text = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(ch).startswith("C") for ch in text):
        raise ValueError("contains characters that cannot be printed; type it again as plain text")
    if not text:
        raise ValueError("is empty")
    return text


def _plain_or_nothing(text: str) -> str:
    return _plain(text) if text.strip() else ""


def _mark(text: str) -> RegistrationMark:
    mark = normalise_mark(_plain(text))
    if not _MARK_MIN <= len(mark) <= _MARK_MAX:
        raise ValueError(f"is not a registration mark: {_MARK_MIN} to {_MARK_MAX} letters and digits")
    return mark


def _number(text: str, info: ValidationInfo) -> NotificationNumber:
    formats = info.context if isinstance(info.context, NumberFormats) else NumberFormats()
    number = formats.parse(text)
    if number is None:
        raise ValueError(
            f"is neither a notification number nor a preliminary code: {formats.told()}. Compare the notice"
        )
    return number


def _lines(given: object) -> object:
    """A form sends a list as one text with a line each."""
    return [line for line in given.splitlines() if line.strip()] if isinstance(given, str) else given


def _marks(lines: Sequence[str]) -> frozenset[RegistrationMark]:
    marks: set[RegistrationMark] = set()
    for at, line in enumerate(lines, start=1):
        try:
            marks.add(_mark(line))
        except ValueError as error:
            raise ValueError(f"line {at} {error}") from error
    return frozenset(marks)


Id = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]*$")]
Text = Annotated[str, Field(max_length=500), AfterValidator(_plain)]
TextOrNothing = Annotated[str, Field(max_length=500), AfterValidator(_plain_or_nothing)]
Mark = Annotated[str, Field(max_length=40), AfterValidator(_mark)]
Marks = Annotated[
    tuple[Annotated[str, Field(max_length=40)], ...],
    Field(max_length=MOST_MARKS),
    BeforeValidator(_lines),
    AfterValidator(_marks),
]
"""Registration marks: a list, or a text with one a line. Empty lines are left out."""
Number = Annotated[str, Field(max_length=40), AfterValidator(_number)]
Cargo = Annotated[str, Field(max_length=40), AfterValidator(parse_cargo)]
Checked = Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class Asked(BaseModel):
    """One kind of act as it was sent: its own fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
