"""A point's whole state as frozen data; what is snapshotted, explored and shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import BarrierPosition, Detector, DeviceRole, Occupancy
from gate.model import Corridor, IdentifiedBy, NotificationNumber, RegistrationMark


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
    RAISING = "raising"
    PASSING = "passing"
    LOWERING = "lowering"
    HELD = "held"
    CLOSED = "closed"


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


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the devices last said. Everything starts unknown, and unknown is not safe (law 3)."""

    arming: Occupancy = Occupancy.UNKNOWN
    safety: Occupancy = Occupancy.UNKNOWN
    photo_eye: Occupancy = Occupancy.UNKNOWN
    exit: Occupancy = Occupancy.UNKNOWN
    barrier: BarrierPosition = BarrierPosition.UNKNOWN

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

    @property
    def known(self) -> bool:
        """Every input of a barrier lane is known."""
        return (
            self.arming is not Occupancy.UNKNOWN
            and self.safety is not Occupancy.UNKNOWN
            and self.barrier is not BarrierPosition.UNKNOWN
        )


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
    evidence: tuple[str, ...] = ()
    number: NotificationNumber | None = None
    by: frozenset[IdentifiedBy] = frozenset()
    trailer: RegistrationMark | None = None  # surely read by the rear camera
    officer: str | None = None
    """Who confirmed the plate or entered the number."""
    corridor: Corridor | None = None
    release_id: str | None = None
    entered: bool = False
    """The safety detector has been occupied since the barrier was raised."""
    attempts: int = 0
    """Closing pulses asked for in this passage: each is a decision of its own."""


@dataclass(frozen=True, slots=True)
class PointState:
    """Everything a point remembers between events."""

    phase: Phase = Phase.RECOVERY
    inputs: Inputs = field(default_factory=Inputs)
    boot_id: str = ""
    count: int = 0
    """Passages and calls begun since this boot; makes their ids."""
    passage: Passage | None = None
    deadline: float | None = None
    """Monotonic second by which something must have happened."""
    faults: frozenset[DeviceRole] = frozenset()
    message: BoardMessage = field(default_factory=lambda: BoardMessage(MessageKind.BLANK))
    closing: bool = False
    """Close as soon as the passage in progress is over."""
    closed_by: str | None = None
    """The officer who closed it; survives restarts."""
