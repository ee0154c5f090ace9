"""Everything a lane can ask for. The shell commits the records first, then acts (law 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gate.lanes.events import Aspect
from gate.model import (
    CheckSource,
    Corridor,
    Finding,
    Identification,
    NotificationNumber,
    Opening,
    RegistrationMark,
    Release,
    VisitStatus,
)

# --- records: written in the step's transaction -----------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A vehicle (or carrier) has come: the visit begins, HELD or not."""

    visit_id: str
    first_presence_utc: str
    first_presence_mono: float | None = None
    """The same moment on the monotonic clock, which nobody sets."""


@dataclass(frozen=True, slots=True)
class UpdateVisit:
    """Change the visit's row; None leaves a column as it is."""

    visit_id: str
    status: VisitStatus | None = None
    mark: RegistrationMark | None = None
    numbers: tuple[NotificationNumber, ...] | None = None
    corridor: Corridor | None = None
    lane: str | None = None
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True, slots=True)
class GrantRelease:
    """Commit a release (law 5). Its id is the only decision id a raise may carry."""

    release: Release


@dataclass(frozen=True, slots=True)
class RevokeRelease:
    """The vehicle did not go through: its release, or its single opening, may not be used again."""

    release_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommitCheck:
    """Commit an ordered check (4.4): from now on only an officer releases the visit."""

    visit_id: str
    corridor: Corridor
    """The one assigned, which stays on record."""
    source: CheckSource
    officer: str


@dataclass(frozen=True, slots=True)
class GrantOpening:
    """Commit a single opening for a vehicle without goods (2.1). It releases nothing."""

    opening: Opening


@dataclass(frozen=True, slots=True)
class CommitReview:
    """Commit that a shift lead has looked back at these emergencies."""

    emergency_ids: tuple[str, ...]
    officer: str


@dataclass(frozen=True, slots=True)
class DeclareEmergency:
    """Commit an officer's emergency. Its id is what its opening pulse carries."""

    emergency_id: str
    officer: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndEmergency:
    """The emergency is over: its id raises nothing any more."""

    emergency_id: str


@dataclass(frozen=True, slots=True)
class CallOver:
    """These visits were not released when an emergency ended: somebody must answer for each."""

    visit_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerFor:
    """The vehicle called over is still here, or gone."""

    visit_id: str
    officer: str
    present: bool


@dataclass(frozen=True, slots=True)
class CallOfficer:
    """An officer is wanted here until somebody acknowledges."""

    call_id: str
    visit_id: str | None
    reason: str
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A message for central, through the outbox. `body` is JSON-able."""

    kind: str
    body: Mapping[str, object]


# --- requests: done after the commit, answered by an event ------------------------------------


@dataclass(frozen=True, slots=True)
class StartReading:
    """Ask the readers for this passage's plate; answered by PlateSeen."""

    passage_id: str


@dataclass(frozen=True, slots=True)
class StopReading:
    """The passage's plate is no longer wanted."""

    passage_id: str


@dataclass(frozen=True, slots=True)
class Identify:
    """Ask the desk who has come and what the Rules say; answered by Decided."""

    visit_id: str
    first_presence_utc: str
    identification: Identification
    oversize: bool = False
    """Too high for lanes that do not take oversize vehicles."""


@dataclass(frozen=True, slots=True)
class FindVisit:
    """Ask the desk whose visit this re-read vehicle belongs to; answered by Visit(Un)Matched."""

    passage_id: str
    mark: RegistrationMark


@dataclass(frozen=True, slots=True)
class RegisterPassage:
    """Registration entry and notice to the console (4.2, 5.2); answered by RegistrationCommitted."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class ClaimWay:
    """Ask for the merge this lane shares with others; answered by WayGranted when it is this lane's."""

    passage_id: str


# --- device commands: sent after the commit, answered by device events --------------------------


@dataclass(frozen=True, slots=True)
class RaiseBarrier:
    """One pulse, for one committed release. Never repeated."""

    release_id: str


@dataclass(frozen=True, slots=True)
class RaiseOnce:
    """One pulse, for one committed single opening; the interlocks hold as for a release. Never repeated."""

    opening_id: str


@dataclass(frozen=True, slots=True)
class OpenInEmergency:
    """One opening pulse for a committed emergency, whatever stands against raising. Never repeated."""

    emergency_id: str


@dataclass(frozen=True, slots=True)
class LowerBarrier:
    """Only with the area under the barrier known clear."""

    decision_id: str


@dataclass(frozen=True, slots=True)
class StopBarrier:
    """Stop moving at once. Never waits for a disk."""


class MessageKind(StrEnum):
    """What a signboard may say. WAIT is the one neutral text, the same whatever the cause."""

    BLANK = "blank"
    DIRECT = "direct"
    WAIT = "wait"
    REFER = "refer"
    GO = "go"
    FOLLOW = "follow"
    """Follow the officer: emergencies, and lanes worked by hand."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BoardMessage:
    """`lane` and `corridor` only with DIRECT (and the lane's own corridor on its BLANK board)."""

    kind: MessageKind
    lane: str | None = None
    corridor: Corridor | None = None


@dataclass(frozen=True, slots=True)
class ShowMessage:
    """Show on the point's board, and on its kiosk."""

    message: BoardMessage


@dataclass(frozen=True, slots=True)
class SetSignal:
    """Set the lane's traffic signal."""

    aspect: Aspect


Record = (
    OpenVisit
    | UpdateVisit
    | GrantRelease
    | RevokeRelease
    | CommitCheck
    | GrantOpening
    | CommitReview
    | DeclareEmergency
    | EndEmergency
    | CallOver
    | AnswerFor
    | CallOfficer
    | Report
)
Request = StartReading | StopReading | Identify | FindVisit | RegisterPassage | ClaimWay
DeviceCommand = (
    RaiseBarrier | RaiseOnce | OpenInEmergency | LowerBarrier | StopBarrier | ShowMessage | SetSignal
)
Command = Record | Request | DeviceCommand
