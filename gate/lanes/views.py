"""What the glass may show. A corridor appears only in a visit whose verdict has been opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gate.lanes.acts import ActResult, AnyAct
from gate.lanes.commands import BoardMessage
from gate.lanes.duty_acts import DutyAct
from gate.lanes.places import PlaceView
from gate.lanes.ports import Call, Declared, ReviewLine, RollCallLine, StoryLine
from gate.lanes.sight import Sight
from gate.lanes.wanted import Wanted
from gate.model import Corridor, Finding, NotificationNumber, Onward, RegistrationMark, Visit


@dataclass(frozen=True, slots=True)
class ReadView:
    """What the readers made of the plate that stands here, for officers' eyes."""

    mark: str
    confidence: float | None
    """0 to 1, of the least sure letter."""
    sure: bool
    """Sure enough to identify the vehicle by; an unsure read opens nothing."""
    rivals: tuple[str, ...] = ()
    """What another reader made of the same plate."""


@dataclass(frozen=True, slots=True)
class SightedView:
    """The vehicle that was last read by motion: somebody comes, nobody is known to stand there."""

    mark: str
    confidence: float
    sure: bool
    at: datetime
    evidence: tuple[str, ...]
    """SHA-256 names of its JPEGs."""


@dataclass(frozen=True, slots=True)
class BoardView:
    """What an information board really shows (9.2)."""

    shows: tuple[str, ...] | None
    """Its lines as read back from it; None while nobody knows."""
    confirmed: bool
    """They are the message it should show."""


@dataclass(frozen=True, slots=True)
class PointView:
    """One point as it stands now."""

    name: str
    label: str
    kind: str
    """approach, entry, exit or terminal."""
    corridors: tuple[Corridor, ...]
    phase: str
    arming: str
    safety: str
    barrier: str
    faults: tuple[str, ...]
    """Devices that do not answer, with why."""
    message: BoardMessage
    """What its board was last told to show."""
    visit_id: str | None
    plate: str | None
    """As read or confirmed in this passage, or None."""
    evidence: tuple[str, ...]
    """SHA-256 names of this passage's JPEGs."""
    attended: bool
    queue: int
    """Vehicles directed here that have not come yet."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Every other fitted input and its state, in words."""
    attended_by: str | None = None
    """The officer who works this lane by hand."""
    failed: tuple[str, ...] = ()
    """The inputs he answers for."""
    convoy: tuple[str, ...] = ()
    """Marks of a listed convoy still to come."""
    crossings: int = 0
    """Vehicles that passed in the emergency that lasts here."""
    read: ReadView | None = None
    confirmed_by: tuple[str, ...] = ()
    """The officers who compared the plate by sight."""
    board: BoardView | None = None
    """None where no board is fitted."""
    began: datetime | None = None
    """When the vehicle that stands here came here."""
    due: datetime | None = None
    """When the lane gives up waiting for what its phase waits for."""
    by_motion: bool = False
    """It has no presence detector and only tells who comes."""
    sighted: SightedView | None = None
    """Who was last read there by motion."""


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit with what officers may know of it."""

    visit: Visit
    findings: tuple[Finding, ...]
    evidence: tuple[str, ...]
    story: tuple[StoryLine, ...]


@dataclass(frozen=True, slots=True)
class ClockView:
    """Whether this box knows central's time (2.2), and what people can do about it."""

    state: Literal["trusted", "unknown", "skewed"] = "unknown"
    """Only "trusted" lets anybody be directed."""
    basis: str = "unknown"
    """Against what: "central", or "kernel" while central was not reached and a time server keeps UTC."""
    offset_seconds: float | None = None
    """Central's clock minus this box's."""
    uncertainty_seconds: float | None = None
    measured_at: datetime | None = None
    says: str = "unknown"
    do: str = ""
    """Advice, unless it is trusted."""


@dataclass(frozen=True, slots=True)
class CertificateView:
    """One certificate the glass depends on: when it ends, and what people can do about it."""

    what: str
    """In words: "authority", "console", "kiosk", or "kiosk at approach" for the one that kiosk shows."""
    state: Literal["good", "ending", "broken"]
    until: datetime | None
    """When it ends; None for one that cannot be read."""
    says: str
    do: str = ""
    """Advice, unless it is good."""


@dataclass(frozen=True, slots=True)
class SystemView:
    """The daemon's own health."""

    site: str
    started: datetime
    central: str
    """One of "connected", "away since ...", or "not configured"."""
    cache_cursor: int
    cache_fetched_at: datetime | None
    outbox_waiting: int
    broker: str
    anpr: str
    safe_mode: str | None
    """Why the gate runs in safe mode, or None."""
    holding_bay: str = "H"
    """What boards and people call the place where held vehicles wait."""
    evidence: str = "ok"
    """Whether pictures are kept: "ok", or what keeps them from it."""
    clock: ClockView = ClockView()
    certificates: tuple[CertificateView, ...] = ()
    """Of the web faces, their authority and the kiosks; none where both faces speak plain HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A request as officers are shown it."""

    request_id: str
    officer: str
    """Who asks."""
    act: str
    asked: str
    """The plate or number asked."""
    why: str
    """Why one officer is not enough."""
    asked_at: datetime
    seconds_left: int
    sight: Sight
    """What he saw."""
    answer: str = ""
    """What became of it; empty while it waits."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole checkpoint at one moment. `version` grows with every change."""

    version: int
    points: tuple[PointView, ...]
    visits: tuple[Visit, ...]
    """Open visits, oldest first."""
    calls: tuple[Call, ...]
    """Calls nobody has acknowledged, alarms first."""
    system: SystemView
    roll_call: tuple[RollCallLine, ...] = ()
    """Vehicles not released when an emergency ended, and not answered for yet."""
    places: tuple[PlaceView, ...] = ()
    """Where held vehicles wait."""
    requests: tuple[RequestView, ...] = ()
    """What officers ask other officers to agree to, and what just became of it."""
    reviews: tuple[ReviewLine, ...] = ()
    """Emergencies that nobody has looked back at yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. A declaration has no corridor here, before arrival or after: a visit has."""

    visits: tuple[Visit, ...]
    """Newest first, those that are over included."""
    declarations: tuple[Declared, ...]
    more: bool
    """There is more than is shown: a longer plate or the whole number finds less."""


@dataclass(frozen=True, slots=True)
class KioskView:
    """What a point's kiosk may show now: what its board shows, and with a direction the way on.

    Of a vehicle that waits there is nothing here but the neutral text, whatever the cause.
    """

    message: BoardMessage
    visit_id: str | None = None
    """Of whoever was sent on, to a lane or to the general lane."""
    onward: Onward | None = None
    """Only with a direction, and so only after arrival (3.6)."""


class Checkpoint(Protocol):
    """The running gate as the glass sees it: read, follow, act. The only door for people."""

    async def overview(self) -> Overview:
        """The checkpoint now."""
        ...

    def changes(self) -> AsyncIterator[int]:
        """The overview version, each time it has changed (missed versions are skipped)."""
        ...

    async def visit(self, visit_id: str) -> VisitView | None:
        """One visit with its story."""
        ...

    async def search(self, wanted: Wanted) -> Found:
        """Visits and cached declarations by plate or number. Reads only, and nothing sealed."""
        ...

    @property
    def version(self) -> int:
        """The overview's, as of now."""
        ...

    async def look(self, visit_id: str | None, point: str | None) -> Sight | None:
        """The visit's vehicle wherever it is, or with no visit whoever stands at the point, or None."""
        ...

    async def candidates(self, sight: Sight) -> tuple[RegistrationMark, ...]:
        """Plates the vehicle may have besides what was read of it: to be compared by sight."""
        ...

    async def declared_as(self, numbers: Sequence[NotificationNumber]) -> Sequence[Declared]:
        """What was declared under these numbers, as central signed it. Reads only, and nothing sealed."""
        ...

    async def act(self, act: AnyAct | DutyAct) -> ActResult:
        """Do what an officer asks, if what he saw is still so and state and interlocks allow; journalled
        either way.
        """
        ...

    async def note_refusal(self, act: AnyAct | DutyAct, why: str) -> None:
        """Put on record an act that the glass refused before it came here."""
        ...

    def keep_hold(self, point: str, officer: str) -> None:
        """The attending officer's hand is still on the button; said a few times a second."""
        ...

    def kiosk_view(self, point: str) -> KioskView | None:
        """What the point's kiosk shows now; None when there is no such kiosk."""
        ...

    async def give_number(self, point: str, number: NotificationNumber) -> None:
        """A driver typed a well-formed number. Says nothing back: no terminal is an oracle."""
        ...

    async def ask_help(self, point: str, reason: str) -> None:
        """A driver pressed "I have no number" ("no-number") or "call an officer" ("call")."""
        ...
