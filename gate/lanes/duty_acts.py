"""What officers and engineers may do to a lane beyond one visit. Each goes through `Checkpoint.act`."""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.acts import Act
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.model import Corridor, RegistrationMark


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForEmergency(Act):
    """Open these lanes whatever stands against it; no name means every lane."""

    points: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEmergencies(Act):
    """End the emergency in these lanes, or in every lane; a roll-call of the unreleased follows."""

    points: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRollCall(Act):
    """After an emergency: this unreleased vehicle is still here, or it is gone."""

    visit_id: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginMaintenance(Act):
    """Hand the lane's devices to an engineer."""

    point: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMaintenance(Act):
    """Take the lane's devices back."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLane(Act):
    """The changed devices were seen working at the site: let the lane command them."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendLane(Act):
    """Work a lane by hand because these inputs of it have failed."""

    point: str
    failed: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveLane(Act):
    """End working the lane by hand."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldToRun(Act):
    """Press the button that raises while it is held, for the visit that stands here."""

    point: str
    visit_id: str
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo(Act):
    """Let the button go."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayPassed(Act):
    """The vehicle is through and the boom was lowered by its key switch."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareBreakdown(Act):
    """A vehicle has broken down in this lane: those directed here are sent elsewhere."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearBreakdown(Act):
    """The vehicle was towed away."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConvoy(Act):
    """Let a convoy outside these Rules through, one listed vehicle at a time; no marks end it (2.1)."""

    point: str
    marks: frozenset[RegistrationMark]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCorridors(Act):
    """Let a lane serve other corridors; none gives it back those of the configuration."""

    point: str
    corridors: tuple[Corridor, ...]


DutyAct = (
    OpenForEmergency
    | EndEmergencies
    | AnswerRollCall
    | BeginMaintenance
    | EndMaintenance
    | ArmLane
    | AttendLane
    | LeaveLane
    | HoldToRun
    | LetGo
    | SayPassed
    | DeclareBreakdown
    | ClearBreakdown
    | ListConvoy
    | AssignCorridors
    | OrderCheck
    | HoldVisit
    | SendToBay
    | OpenOnce
    | ReviewEmergency
)
