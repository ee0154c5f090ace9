"""What people may do at the glass. Every act names its officer and goes through one door (`Checkpoint.act`).

No act here makes a corridor more lenient (1.3). Two of them may need a second officer, who logs in to
nothing and vouches with his own credentials: the core refuses them without one (`gate.lanes.identifying`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gate.lanes.sight import Seen
from gate.model import NotificationNumber, RegistrationMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something an officer did, already authenticated and authorised by the console."""

    officer: str
    seen: Seen | None = field(default=None, compare=False, repr=False)
    """Where and when it was asked, and on what sight. The glass demands it of every act on a vehicle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseVisit(Act):
    """Release a YELLOW or RED visit standing in its lane (or baggage), naming what was checked (5.6, 5.8)."""

    visit_id: str
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPlate(Act):
    """The plate as seen on the vehicle, at the approach, in the holding bay or in a lane (8.0.1).

    `visit_id` names the visit standing at `point` or in the holding bay; in a lane whose vehicle is
    not yet matched it is None and `point` alone says where.
    """

    point: str
    visit_id: str | None
    mark: RegistrationMark
    second: str | None = None
    """Another officer who looked too: wanted when `mark` is not near to what was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterNumber(Act):
    """A notification number entered at the carrier's request (8.0.2), the plate having been seen."""

    visit_id: str
    number: NotificationNumber
    second: str | None = None
    """Another officer who agrees: wanted when the number is declared with another plate than was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCargoNumber(Act):
    """A cargo declaration's number (box 7), off the papers shown at the desk: it stands for EnterNumber's."""

    visit_id: str
    cargo: NotificationNumber
    second: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferVisit(Act):
    """Send to the general lane, outside these Rules (2.1)."""

    visit_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBack(Act):
    """The held vehicle leaves the checkpoint the way it came; nothing was released."""

    visit_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeCall(Act):
    """The officer is on the way."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePoint(Act):
    """Take a point out of service."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint(Act):
    """Put a point back into service."""

    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendTerminal(Act):
    """Declare a baggage terminal attended (presence, 8.0.2), or no longer."""

    point: str
    attended: bool


Seconded = ConfirmPlate | EnterNumber | EnterCargoNumber
"""Acts that may need a second officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSecond(Act):
    """Ask another officer, at his own screen, to agree to this act."""

    asked: Seconded
    visit_id: str | None = None
    """The asked act's: the journal files it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeAsSecond(Act):
    """Agree to what another officer asked; `officer` is the second one, who has proved anew that it is he."""

    request_id: str
    visit_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineAsSecond(Act):
    """Do not agree: what was asked is not done."""

    request_id: str
    visit_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAsking(Act):
    """Take back what one asked."""

    request_id: str
    visit_id: str | None = None


SecondAct = AskSecond | AgreeAsSecond | DeclineAsSecond | WithdrawAsking

AnyAct = (
    ReleaseVisit
    | ConfirmPlate
    | EnterNumber
    | EnterCargoNumber
    | ReferVisit
    | TurnBack
    | AcknowledgeCall
    | ClosePoint
    | OpenPoint
    | AttendTerminal
    | AskSecond
    | AgreeAsSecond
    | DeclineAsSecond
    | WithdrawAsking
)


@dataclass(frozen=True, slots=True)
class ActResult:
    """Whether the act took effect, and what to tell the officer if it did not."""

    done: bool
    message: str
    needs_second: bool = False
    """It was refused for want of a second officer, and may be repeated with one."""
    stale: bool = False
    """It was refused because what the officer saw is no longer so: he looks again."""
    earlier: Earlier | None = None
    """Who acted on this vehicle between this officer's look and his act."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An act that was done before."""

    officer: str
    act: str
    """Its kind."""
    at: datetime


DONE = ActResult(True, "done")


def refused(why: str, *, stale: bool = False, earlier: Earlier | None = None) -> ActResult:
    """The act did not take effect."""
    return ActResult(False, why, stale=stale, earlier=earlier)
