"""What officers and engineers ask of a lane beyond one visit, as it is sent; see gate.lanes.duty_acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from gate.console.asking_orders import AskedOrder
from gate.console.fields import Asked, Checked, Id, Marks, Text, TextOrNothing
from gate.lanes.attended import FALLIBLE
from gate.lanes.duty_acts import DutyAct
from gate.model import Corridor

DUTIES: tuple[type[DutyAct], ...] = get_args(DutyAct)

_FALLIBLE_WORDS = ", ".join(sorted(FALLIBLE))


def _fallible(names: Sequence[str]) -> frozenset[str]:
    """Nobody's eyes replace the other inputs."""
    if not names:
        raise ValueError("inputs are not named: tick those that have failed")
    if not FALLIBLE.issuperset(names):
        raise ValueError(f"inputs may only be of {_FALLIBLE_WORDS}: nobody's eyes replace the others")
    return frozenset(names)


def _corridor(name: str) -> Corridor:
    try:
        return Corridor(name)
    except ValueError as error:
        raise ValueError(f"must be of {', '.join(Corridor)}") from error


def _each_once(corridors: Sequence[Corridor]) -> tuple[Corridor, ...]:
    return tuple(dict.fromkeys(corridors))


Points = Annotated[tuple[Id, ...], Field(max_length=50)]
"""Lanes by name; an empty list means every lane, and must be sent as such: leaving it out opens nothing."""
Failed = Annotated[tuple[str, ...], Field(max_length=20), AfterValidator(_fallible)]
Corridors = Annotated[
    tuple[Annotated[str, AfterValidator(_corridor)], ...], Field(max_length=20), AfterValidator(_each_once)
]


class _Open(Asked):
    act: Literal["OpenForEmergency"]
    points: Points
    reason: Text


class _End(Asked):
    act: Literal["EndEmergencies"]
    points: Points


class _Answer(Asked):
    act: Literal["AnswerRollCall"]
    visit_id: Id
    present: bool


class _Maintain(Asked):
    act: Literal["BeginMaintenance"]
    point: Id
    reason: Text


class _AttendLane(Asked):
    act: Literal["AttendLane"]
    point: Id
    failed: Failed = Field(default=(), validate_default=True)  # a form with nothing ticked sends none
    reason: Text


class _Hold(Asked):
    act: Literal["HoldToRun"]
    point: Id
    visit_id: Id
    checked: Checked


class _AtLane(Asked):
    act: Literal[
        "EndMaintenance", "ArmLane", "LeaveLane", "LetGo", "SayPassed", "DeclareBreakdown", "ClearBreakdown"
    ]
    point: Id


class _Convoy(Asked):
    act: Literal["ListConvoy"]
    point: Id
    marks: Marks
    reason: TextOrNothing = ""

    @model_validator(mode="after")
    def _says_whose(self) -> Self:
        if self.marks and not self.reason:
            raise ValueError("needs a reason: say whose convoy it is")
        return self


class _Assign(Asked):
    act: Literal["AssignCorridors"]
    point: Id
    corridors: Corridors = ()


AskedDuty = (
    _Open | _End | _Answer | _Maintain | _AttendLane | _Hold | _AtLane | _Convoy | _Assign | AskedOrder
)
