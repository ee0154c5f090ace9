"""A point's whole state as frozen data; what is snapshotted, explored and shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import PlainSerializer

from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import BarrierPosition, Contact, ContactState, Detector, DeviceRole, Occupancy
from gate.lanes.fitted import LANE, Fitted
from gate.model import Corridor, IdentifiedBy, NotificationNumber, Onward, RegistrationMark, ReleaseBasis

T = TypeVar("T")
Ordered = Annotated[frozenset[T], PlainSerializer(sorted)]
"""A set whose snapshot is the same bytes in every process."""


class Phase(StrEnum):
    """Where a point's passage stands. Each machine uses its own subset."""

    RECOVERY = "recovery"
    """Inputs do not agree yet (start, lost device, barrier not where it should be)."""
    FREE = "free"
    READING = "reading"
    IDENTIFYING = "identifying"
    DIRECTED = "directed"
    MATCHING = "matching"
    CONTROL = "control"
    """YELLOW or RED: waiting for the officer's release."""
    REGISTERING = "registering"
    WAITING = "waiting"
    """A release is due; the way ahead, or the merge shared with other lanes, is not free yet."""
    RAISING = "raising"
    PASSING = "passing"
    LOWERING = "lowering"
    HELD = "held"
    CLOSED = "closed"
    BLOCKED = "blocked"
    """A vehicle has broken down in the lane."""
    EMERGENCY = "emergency"
    """Opened by the fire panel or by an officer, whatever stood against it."""
    ATTENDED = "attended"
    """An input has failed and an officer works the lane by hand."""
    HOLDING = "holding"
    """Attended, and the officer's hand is on hold-to-run."""
    MAINTENANCE = "maintenance"
    """The devices are an engineer's."""
    DISARMED = "disarmed"
    """The device configuration changed; nothing is commanded until armed at the site."""


@dataclass(frozen=True, slots=True)
class PointConfig:
    """The fixed facts of one point. Times in seconds."""

    name: str
    label: str
    site: str
    holding_bay: str
    corridors: tuple[Corridor, ...] = ()
    read_seconds: float = 10.0
    barrier_seconds: float = 15.0
    enter_seconds: float = 60.0
    answer_seconds: float = 15.0
    fitted: Fitted = LANE
    clear_seconds: float = 0.0
    """How long the area under the boom must have been known clear before it is lowered."""
    back_seconds: float = 5.0
    """How long a released vehicle may be out of every detector's sight before it has backed out."""
    under_seconds: float = 120.0
    stay_seconds: float = 900.0
    hold_seconds: float = 1.0
    """Attended: a hold-to-run that is not renewed for so long was let go."""
    takes_oversize: bool = False
    merge: bool = False
    """Shares a merge with other lanes, so that only one of them may be open."""
    devices: str = ""
    """Fingerprint of the device configuration; a changed one disarms the lane."""
    arm_first: bool = False
    """A lane that was never armed must be, before it commands anything."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the devices last said. Everything starts unknown, and unknown is not safe (law 3)."""

    arming: Occupancy = Occupancy.UNKNOWN
    safety: Occupancy = Occupancy.UNKNOWN
    photo_eye: Occupancy = Occupancy.UNKNOWN
    exit: Occupancy = Occupancy.UNKNOWN
    barrier: BarrierPosition = BarrierPosition.UNKNOWN
    normal: Ordered[Contact] = frozenset()
    active: Ordered[Contact] = frozenset()
    """A contact that is neither normal nor active is unknown."""

    def detector(self, detector: Detector) -> Occupancy:
        """One detector's state."""
        match detector:
            case Detector.ARMING:
                return self.arming
            case Detector.SAFETY:
                return self.safety
            case Detector.PHOTO_EYE:
                return self.photo_eye
            case Detector.EXIT:
                return self.exit

    def with_detector(self, detector: Detector, state: Occupancy) -> Inputs:
        """These inputs with one detector's new state."""
        match detector:
            case Detector.ARMING:
                return replace(self, arming=state)
            case Detector.SAFETY:
                return replace(self, safety=state)
            case Detector.PHOTO_EYE:
                return replace(self, photo_eye=state)
            case Detector.EXIT:
                return replace(self, exit=state)

    def contact(self, contact: Contact) -> ContactState:
        """One contact's state."""
        if contact in self.active:
            return ContactState.ACTIVE
        return ContactState.NORMAL if contact in self.normal else ContactState.UNKNOWN

    def with_contact(self, contact: Contact, state: ContactState) -> Inputs:
        """These inputs with one contact's new state."""
        alone = frozenset({contact})
        return replace(
            self,
            normal=self.normal | alone if state is ContactState.NORMAL else self.normal - alone,
            active=self.active | alone if state is ContactState.ACTIVE else self.active - alone,
        )


@dataclass(frozen=True, slots=True)
class Permit:
    """Why this vehicle may be released: kept while the way ahead is not free yet."""

    basis: ReleaseBasis
    officer: str | None = None
    checked: tuple[str, ...] = ()
    left: bool = False
    """At an exit: lets an unreleased vehicle leave; nothing was imported."""
    once: bool = False
    """Opens once for a vehicle without goods, and commits no release: `checked` is its category and why."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle at this point. `visit_id` is known from the start at an approach, by match in a lane."""

    passage_id: str
    began_utc: str
    visit_id: str | None = None
    mark: RegistrationMark | None = None
    """Read surely or confirmed by sight; an unsure read never gets here."""
    seen: str | None = None
    """What the reader made of the plate, sure or not; for officers' eyes."""
    confidence: float | None = None
    """Of what was seen."""
    rivals: tuple[RegistrationMark, ...] = ()
    """What another reader made of the same plate."""
    evidence: tuple[str, ...] = ()
    number: NotificationNumber | None = None
    by: Ordered[IdentifiedBy] = frozenset()
    trailer: RegistrationMark | None = None  # surely read by the rear camera
    oversize: bool = False  # at an approach: its height detector saw it, or could not say
    officer: str | None = None
    """Who confirmed the plate or entered the number."""
    plate_second: str | None = None
    """Who confirmed it with him, where it is not near to what was read."""
    number_second: str | None = None
    """Who entered it with him, where its declared plate is another."""
    corridor: Corridor | None = None
    permit: Permit | None = None
    way: bool = False
    """The merge shared with other lanes is this vehicle's."""
    release_id: str | None = None
    """What it was opened for by: its release, or its single opening."""
    stopped: bool = False
    """An officer holds it: nothing is released or directed until an officer has looked at it again."""
    entered: bool = False
    """The area under the boom has been occupied since the barrier was raised."""
    left: bool = False
    """Nothing stood on the arming detector when the area cleared: it went forward, not back."""
    exited: bool = False
    """The loop behind the barrier has been occupied since then."""
    over: bool = False
    """Its end has been told: what happens under the boom now is another vehicle's doing."""
    attempts: int = 0
    """Closing pulses asked for in this passage: each is a decision of its own."""
    began_mono: float | None = None
    """When it began, on the monotonic clock of the boot it began in."""
    onward: Onward | None = None
    """The way on its driver is told with the direction, out of the opened verdicts."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A released vehicle of which nobody knows whether it drove through or backed out."""

    visit_id: str
    mark: RegistrationMark | None
    release_id: str


@dataclass(frozen=True, slots=True)
class Convoy:
    """Vehicles outside these Rules (2.1) that an officer listed, still to come."""

    officer: str
    reason: str
    marks: Ordered[RegistrationMark]


@dataclass(frozen=True, slots=True)
class PointState:
    """Everything a point remembers between events."""

    phase: Phase = Phase.RECOVERY
    inputs: Inputs = field(default_factory=Inputs)
    area_clear_since: float | None = None
    """Monotonic second since which the area under the boom has been known clear."""
    boot_id: str = ""
    count: int = 0
    """Passages and calls begun since this boot; makes their ids."""
    passage: Passage | None = None
    deadline: float | None = None
    """Monotonic second by which something must have happened."""
    faults: Ordered[DeviceRole] = frozenset()
    message: BoardMessage = field(default_factory=lambda: BoardMessage(MessageKind.BLANK))
    closing: bool = False
    """Close as soon as the passage in progress is over."""
    closed_by: str | None = None
    """The officer who closed it; survives restarts."""
    tall: bool = False
    """The height detector has seen something since the last vehicle."""
    corridors: tuple[Corridor, ...] | None = None
    """Those an officer assigned; None while the configuration's hold."""
    convoy: Convoy | None = None
    unsettled: Unsettled | None = None
    emergency_id: str | None = None
    """The emergency this lane was opened in by an officer; None when it was the fire panel."""
    crossings: int = 0
    """Vehicles that passed under the boom during the emergency."""
    attended_by: str | None = None
    failed: Ordered[str] = frozenset()
    """Attended: the inputs that have failed, and that the officer answers for."""
    devices: str | None = None
    """The device configuration this lane was armed with."""


_OUT_OF_SERVICE = frozenset({Phase.CLOSED, Phase.BLOCKED, Phase.EMERGENCY, Phase.MAINTENANCE, Phase.DISARMED})


def takes_vehicles(state: PointState) -> bool:
    """Whether vehicles may be directed here: in service, and not about to close."""
    return state.phase not in _OUT_OF_SERVICE and not state.closing


def serves(config: PointConfig, state: PointState) -> tuple[Corridor, ...]:
    """The corridors of this lane now."""
    return config.corridors if state.corridors is None else state.corridors
