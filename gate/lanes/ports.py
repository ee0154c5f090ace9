"""What the core expects of the world: devices, readers, memory. Drivers implement these and no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from gate.lanes.commands import BoardMessage, LowerBarrier, RaiseBarrier, Record
from gate.lanes.events import Aspect, DeviceEvent
from gate.model import (
    Arrival,
    Category,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    Finding,
    NotificationNumber,
    PlateRead,
    RegistrationMark,
    TransportMode,
    Visit,
)

Post = Callable[[DeviceEvent], None]
"""How a driver tells its lane something. Call it on the loop's thread only."""


class Device(Protocol):
    """Anything with a link of its own."""

    async def run(self, post: Post) -> None:
        """Hold the link until cancelled: connect, poll or listen, reconnect with back-off.

        Never raises for a link's or device's failure: posts DeviceFaulted once, input states
        UNKNOWN, then DeviceRecovered and the inputs' true states when it is back.
        """
        ...


Stands = Callable[[], bool]
"""Whether the decision behind a pulse still stands."""


def at_once() -> bool:
    """Stand, for whoever decides at the very moment of asking: an engineer at the barrier."""
    return True


class LaneIo(Device, Protocol):
    """Barrier and detectors of one point (an approach has detectors only).

    The three barrier methods return once the device has *accepted* the command and raise
    DeviceError when it refused or did not answer; *done* is told by BarrierMoved. They send
    exactly one command on the wire and never retry a pulse. `stands` is asked last thing before the
    write, after every wait for the line: a pulse whose decision was withdrawn meanwhile is a DeviceError.
    """

    async def raise_barrier(self, command: RaiseBarrier, stands: Stands = at_once) -> None:
        """One opening pulse, timed by the device."""
        ...

    async def lower_barrier(self, command: LowerBarrier, stands: Stands = at_once) -> None:
        """One closing pulse, timed by the device."""
        ...

    async def stop_barrier(self) -> None:
        """Open the stop contact: movement ends now."""
        ...

    async def set_signal(self, aspect: Aspect) -> None:
        """Show red or green."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What a board was last seen to show, by its own answer."""

    lines: tuple[str, ...]
    message: BoardMessage | None
    """The message these lines are; None where it shows something else than it was told."""


class Signboard(Device, Protocol):
    """An information board (9.2)."""

    @property
    def readback(self) -> Shown | None:
        """What it was last read back to show; None while nobody knows: not asked yet, away, at fault."""
        ...

    async def show(self, message: BoardMessage) -> None:
        """Return once the board acknowledged the text; DeviceError when it did not."""
        ...


class PlateReader(Protocol):
    """The reading of plates, wherever it runs. Answers by `PlateSeen` through its own callback."""

    def start_reading(self, point: str, passage_id: str) -> None:
        """Begin reading for this passage; exactly one answer follows unless stopped."""
        ...

    def stop_reading(self, point: str, passage_id: str) -> None:
        """Forget the passage; no answer after this."""
        ...


OnRead = Callable[[str, str, PlateRead | None, PlateRead | None], None]
"""(point, passage_id, read, the rear camera's read) on the loop's thread."""


# --- memory ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presence:
    """A visit's first presence as it was committed with the visit; nothing moves it afterwards."""

    utc: datetime
    """By this box's clock, as it stood."""
    mono: float | None = None
    boot: str | None = None
    """The boot of the machine whose monotonic clock `mono` is of."""
    central: datetime | None = None
    """By central's clock, if the box knew it then."""
    uncertainty: timedelta = timedelta()
    """Of `central`, either way."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One barrier pulse about to go out. `release_id` is set for a raise and equals `decision_id`."""

    decision_id: str
    kind: Literal["raise", "lower", "emergency", "once"]
    release_id: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """What stood in the journal of a visit as it was registered."""

    check_ordered: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of one point, to be committed as one transaction before anything acts on it."""

    point: str
    at: datetime
    event: str
    """The event's class name."""
    body: bytes
    """Canonical JSON: the event, the phases before and after, the commands."""
    snapshot: bytes | None
    """The point's whole state after the step; None for what happened beside its machine."""
    records: tuple[Record, ...]
    pulses: tuple[Pulse, ...]


class Ledger(Protocol):
    """journal.db as the core sees it. Each method is one durable transaction or one read."""

    async def commit(self, record: StepRecord) -> None:
        """Journal entry, snapshot, pulses, and every Record's row and outbox message, or nothing.

        The database itself refuses a second pulse for one decision id, a raise without a release
        that is committed and not revoked, an emergency opening without an emergency that lasts, a single
        opening where a verdict was opened, and an automatic release where a check was ordered.
        """
        ...

    async def register(self, visit_id: str, point: str, at: datetime) -> Registered:
        """The registration entry and the notice to officers that precede a release (4.2, 5.2).

        What was ordered of the visit is read in the same transaction, so that nothing comes between.
        """
        ...

    async def record_act(self, point: str, at: datetime, body: bytes) -> None:
        """An officer's act and what came of it."""
        ...

    async def acknowledge_call(self, call_id: str, officer: str, at: datetime) -> bool:
        """True when the call was open and is acknowledged now."""
        ...

    async def escalate_call(self, call_id: str, level: int, at: datetime) -> bool:
        """Raise an open call from the level below, journalled; True when it was open and at that level.

        From level 2 it is an alarm; level 3 is reported to central (`call.escalated`).
        """
        ...

    async def snapshot(self, point: str) -> bytes | None:
        """The point's last committed state."""
        ...

    async def visit(self, visit_id: str) -> Visit | None:
        """The visit, or None."""
        ...

    async def presences(
        self, visit_id: str, mark: RegistrationMark | None, numbers: Sequence[NotificationNumber]
    ) -> Sequence[Presence]:
        """First presence of this visit, and of every open visit that nobody has answered yet and that is
        of the same mark or one of the numbers: one stay cut in two does not begin later for it.
        """
        ...

    async def open_visits_of(self, mark: RegistrationMark) -> Sequence[Visit]:
        """Visits of this vehicle that are not over, newest first."""
        ...

    async def trailer_of(self, visit_id: str) -> RegistrationMark | None:
        """The trailer that was surely read when this visit's vehicle came, or None."""
        ...

    async def released_at(self, visit_id: str) -> datetime | None:
        """When the visit's standing release was committed, or None when there is none."""
        ...

    async def plates_read(self, visit_id: str) -> PlatesRead | None:
        """What was read of this visit's front plate, or None when nothing was."""
        ...


@dataclass(frozen=True, slots=True)
class PlatesRead:
    """What the readers made of a visit's plate when its vehicle came, sure or not."""

    mark: RegistrationMark
    confidence: float
    sure: bool
    rivals: tuple[RegistrationMark, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An officer is wanted until somebody acknowledges."""

    call_id: str
    point: str
    visit_id: str | None
    reason: str
    alarm: bool
    since: datetime
    acknowledged_by: str | None
    level: int = 1
    """1 when it was made; 2 and 3 when nobody came (gate.lanes.calls)."""


@dataclass(frozen=True, slots=True)
class RollCallLine:
    """A visit that was not released when an emergency ended, and for which nobody has answered yet."""

    visit_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """Emergencies that one officer declared in one word, and that nobody has looked back at yet."""

    emergency_ids: tuple[str, ...]
    points: tuple[str, ...]
    officer: str
    reason: str
    began_at: datetime
    ended_at: datetime | None
    """None while one of them lasts."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One journal entry about a visit, in short."""

    seq: int
    at: datetime
    point: str
    what: str


class History(Protocol):
    """journal.db as the glass sees it: reads only."""

    async def open_visits(self) -> Sequence[Visit]:
        """Visits that are not over, oldest first."""
        ...

    async def open_calls(self) -> Sequence[Call]:
        """Calls nobody has acknowledged, alarms first."""
        ...

    async def roll_call(self) -> Sequence[RollCallLine]:
        """Visits called over after an emergency and not answered for, oldest first."""
        ...

    async def reviews(self) -> Sequence[ReviewLine]:
        """Emergencies that wait for a review, oldest first."""
        ...

    async def story(self, visit_id: str) -> Sequence[StoryLine]:
        """Everything the journal says of a visit, oldest first."""
        ...

    async def evidence(self, visit_id: str) -> Sequence[str]:
        """SHA-256 names of the visit's pictures."""
        ...

    async def find_visits(
        self, mark: RegistrationMark | None, number: NotificationNumber | None, limit: int
    ) -> Sequence[Visit]:
        """Visits of marks that begin with `mark`, or of this number, newest first; the over ones, too."""
        ...


@dataclass(frozen=True, slots=True)
class Declared:
    """A cached declaration as a search may show it: there is no field for anything sealed."""

    number: NotificationNumber
    version: int
    status: DeclarationStatus
    category: Category
    mode: TransportMode
    marks: tuple[RegistrationMark, ...]
    registered_at: datetime
    preliminary: NotificationNumber | None = None
    """The preliminary-informing service's code linked with it."""
    cargo: str | None = None
    """The cargo declaration's number."""


class Declarations(Protocol):
    """cache.db as the glass sees it: what was declared. Verdicts are not even read (3.6)."""

    async def declared_as(self, numbers: Sequence[NotificationNumber]) -> Sequence[Declared]:
        """What central signed under these numbers; a row it did not sign is left out.

        The seal's bytes are read for that, being signed, too: nothing of them is handed on.
        """
        ...

    async def find_declared(
        self, mark: RegistrationMark | None, number: NotificationNumber | None, limit: int
    ) -> Sequence[Declared]:
        """Declarations of marks that begin with `mark`, or of this number, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class CacheState:
    """How far the cache can be trusted. `cursor` is the feed position it was built to."""

    cursor: int
    fetched_at: datetime | None
    behind_journal: bool
    """The cache is older than the highest cursor ever applied: it holds every vehicle."""


@dataclass(frozen=True, slots=True)
class PriorOpening:
    """A declaration whose verdict was opened before, in another visit."""

    number: NotificationNumber
    visit_id: str
    left_unreleased: bool
    completed: bool
    """That visit drove through: the declaration is spent, and says nothing of a later trip."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the cache and the journal know about an identification."""

    by_mark: tuple[Declaration, ...]
    by_number: tuple[Declaration, ...]
    """More than one when the number is valid in both number spaces: HOLD."""
    prior: tuple[PriorOpening, ...]
    cache: CacheState
    by_cargo: tuple[Declaration, ...] = ()
    """Those that name the cargo declaration asked for."""
    refused: tuple[Finding, ...] = ()
    """Rows found that are not as central signed them, or older than one applied before: each a HOLD (3.6)."""


class Registry(Protocol):
    """cache.db as the core sees it."""

    async def look_up(
        self,
        mark: RegistrationMark | None,
        number: NotificationNumber | None,
        visit_id: str,
        cargo: str | None = None,
    ) -> Lookup:
        """Declarations for this mark, this notification number or preliminary code, or this cargo
        declaration; prior openings by visits other than `visit_id`.
        """
        ...

    async def near(self, mark: RegistrationMark) -> Sequence[RegistrationMark]:
        """Marks declared for entry and in force that are almost this one, the likeliest first; a few."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """The door's answer: verdicts, or findings why it stayed shut. Never both."""

    verdicts: tuple[CorridorVerdict, ...]
    findings: tuple[Finding, ...]


class VerdictDoor(Protocol):
    """The one door to a verdict (law 4)."""

    async def open(self, arrival: Arrival, declarations: Sequence[Declaration]) -> Opened:
        """Check signature, binding and validity of each sealed verdict, decrypt, and commit
        "opened" with the arrival to journal.db before returning. All or none open.
        """
        ...
