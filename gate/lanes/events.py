"""Everything a lane can be told. Frozen data; time arrives in `at`.

Device drivers may emit only `DeviceEvent`s; everything else comes from the shell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gate.clock import Instant
from gate.model import (
    Corridor,
    Decision,
    Identification,
    NotificationNumber,
    Onward,
    PlateRead,
    RegistrationMark,
)


class Occupancy(StrEnum):
    """A presence detector's state. UNKNOWN counts as possibly occupied."""

    OCCUPIED = "occupied"
    CLEAR = "clear"
    UNKNOWN = "unknown"


class Detector(StrEnum):
    """Which presence detector."""

    ARMING = "arming"
    """The loop before the barrier (or at the approach)."""
    SAFETY = "safety"
    """The loop under the barrier."""
    PHOTO_EYE = "photo-eye"
    """Photo-eye or light curtain under the barrier: sees the drawbars and high beds a loop loses."""
    EXIT = "exit"
    """The loop behind the barrier."""


class Contact(StrEnum):
    """A contact that is observed. What it stops or opens is wired to the barrier itself, never to us."""

    HEIGHT = "height"
    """Height detector before the barrier: active under an oversize vehicle."""
    FIRE = "fire"
    """The fire panel: active opens the barriers by wire."""
    EMERGENCY_STOP = "emergency-stop"
    """Active stops the barrier by wire."""
    KEY_SWITCH = "key-switch"
    """The barrier's own key switch: active while somebody operates it by hand."""
    MAINS = "mains"
    """Active while the mains are away and the cabinet lives on its battery."""
    UPS = "ups"
    """Active when the battery is nearly empty."""
    CABINET = "cabinet"
    """Active while the cabinet's door is open."""


class ContactState(StrEnum):
    """A contact's state. Wired so that a cut wire reads as ACTIVE; UNKNOWN when nobody answers."""

    NORMAL = "normal"
    ACTIVE = "active"
    UNKNOWN = "unknown"


class BarrierPosition(StrEnum):
    """By position feedback. UNKNOWN counts as possibly open and possibly closed."""

    UP = "up"
    DOWN = "down"
    MOVING = "moving"
    UNKNOWN = "unknown"


class DeviceRole(StrEnum):
    """A device's part at its point."""

    IO = "io"
    """Barrier and detectors (one board or one MQTT device family)."""
    BOARD = "board"
    CAMERA = "camera"
    SCANNER = "scanner"
    KEYPAD = "keypad"
    PRINTER = "printer"


class Aspect(StrEnum):
    """The lane's traffic signal."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened at `at`."""

    at: Instant


# --- from devices ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorChanged(Event):
    """A detector reports a new state (UNKNOWN when its link or board is lost)."""

    detector: Detector
    state: Occupancy


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    """A contact reports a new state (UNKNOWN when its link or board is lost)."""

    contact: Contact
    state: ContactState


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierMoved(Event):
    """The barrier's position feedback changed (UNKNOWN when its link or board is lost)."""

    position: BarrierPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFaulted(Event):
    """A device does not answer or answers wrongly. Emitted once per fault, not per poll."""

    device: DeviceRole
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecovered(Event):
    """The device answers again; its inputs follow as their own events."""

    device: DeviceRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ActuationFailed(Event):
    """A barrier command was refused, expired or not answered. It is never repeated by software."""

    decision_id: str
    reason: str


DeviceEvent = (
    DetectorChanged | ContactChanged | BarrierMoved | DeviceFaulted | DeviceRecovered | ActuationFailed
)


# --- from the readers, the glass and the desk -------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateSeen(Event):
    """The consensus of one passage's frames; `read` is None when no plate could be read."""

    passage_id: str
    read: PlateRead | None
    trailer: PlateRead | None = None  # by the rear camera


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberGiven(Event):
    """A number typed at this point's kiosk or terminal, or entered by an officer.

    `second` is the other officer, where the number's declared plate is not the plate that was seen.
    """

    number: NotificationNumber
    officer: str | None
    second: str | None = None
    cargo: bool = False
    """It is a cargo declaration's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRequested(Event):
    """The driver pressed "I have no number" or "call an officer"."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateConfirmed(Event):
    """An officer compared the plate by sight; `mark` is what is on the vehicle.

    `second` is the other officer, where that is not near to what was read.
    """

    mark: RegistrationMark
    officer: str
    second: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Event):
    """The desk's answer to Identify. `lane` is where the vehicle is directed, if it is."""

    visit_id: str
    decision: Decision
    lane: str | None
    lane_label: str | None
    identification: Identification | None = None
    """Who came, weighed; None when the desk could not look."""
    basis: str = ""
    """What it was decided on (gate.lanes.basis), for the record alone."""
    oversize: bool = False
    """Decided of a vehicle that is too high for ordinary lanes."""
    onward: Onward | None = None
    """What the opened verdicts bind it to on its way on; only with a lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMatched(Event):
    """The desk's answer to FindVisit: this vehicle belongs to this visit."""

    passage_id: str
    visit_id: str
    corridor: Corridor | None
    lane: str | None
    """Where the visit was directed; None on an exit, or when it was not directed."""
    may_proceed: bool
    """False when the visit is held, already released, or bound elsewhere."""
    reason: str
    """For officers: why it may not proceed; empty when it may."""
    stopped: bool = False
    """An officer holds it: nobody releases it before it was looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitUnmatched(Event):
    """The desk's answer to FindVisit: nobody directed this vehicle here."""

    passage_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationCommitted(Event):
    """The passage is registered and the officers' console has been told (4.2, 5.2).

    What was ordered since the visit was matched comes with it, read in the same transaction.
    """

    visit_id: str
    check_ordered: bool = False
    """An officer ordered a check (4.4)."""
    held: bool = False
    """The visit was held meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerReleased(Event):
    """A logged-in officer releases the visit, naming what was checked (5.6, 5.8)."""

    visit_id: str
    officer: str
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerReferred(Event):
    """An officer sends the vehicle to the general lane, outside these Rules (2.1)."""

    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceChanged(Event):
    """An officer attends a baggage terminal, or no longer: presence for 8.0.2."""

    officer: str
    attended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PointClosed(Event):
    """An officer closes the lane, or the daemon shuts down (`officer` None).

    A passage in progress drains first, unless `at_once`: then it is left to the officer.
    """

    officer: str | None
    at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PointOpened(Event):
    """An officer opens the lane again."""

    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """The process (re)started: every input is unknown until its device says otherwise."""

    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayGranted(Event):
    """The shell's answer to ClaimWay: no other lane of the conflict group is, or may be, open."""

    passage_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeElapsed(Event):
    """The state's deadline may have passed; harmless when it has not."""
