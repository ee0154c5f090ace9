"""What officers order beside the Rules' own course, as it is sent; see gate.lanes.order_acts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field

from gate.console.fields import Asked, Id, Text
from gate.model import CheckSource, NoGoods

E = TypeVar("E", bound=StrEnum)


def _one_of(kind: type[E]) -> BeforeValidator:
    def known(word: object) -> E:
        try:
            return kind(str(word))
        except ValueError as error:
            raise ValueError(f"must be one of {', '.join(kind)}") from error

    return BeforeValidator(known)


Source = Annotated[CheckSource, _one_of(CheckSource)]
Kind = Annotated[NoGoods, _one_of(NoGoods)]
PlaceLabel = Annotated[str, Field(min_length=1, max_length=4, pattern=r"^[\w.\-]+$")]


class _Check(Asked):
    act: Literal["OrderCheck"]
    visit_id: Id
    source: Source
    facts: Text


class _Hold(Asked):
    act: Literal["HoldVisit"]
    visit_id: Id
    reason: Text


class _Send(Asked):
    act: Literal["SendToBay"]
    visit_id: Id
    place: PlaceLabel
    reason: Text


class _Once(Asked):
    act: Literal["OpenOnce"]
    point: Id
    category: Kind
    reason: Text


class _Review(Asked):
    act: Literal["ReviewEmergency"]
    emergency_id: Id
    finding: Text


AskedOrder = _Check | _Hold | _Send | _Once | _Review
