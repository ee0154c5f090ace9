"""Long random drives: what the world may do next to a point, likely, unlikely and impossible."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    BreakdownCleared,
    BreakdownDeclared,
    CheckOrdered,
    ConvoyListed,
    CorridorsAssigned,
    EmergencyEnded,
    EmergencyOpened,
    HoldKept,
    HoldLetGo,
    HoldPressed,
    LaneArmed,
    MaintenanceBegan,
    MaintenanceEnded,
    OfficerHeld,
    OpenedOnce,
    VehiclePassed,
)
from gate.lanes.events import (
    ActuationFailed,
    AttendanceChanged,
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Decided,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    Event,
    HelpRequested,
    NumberGiven,
    Occupancy,
    OfficerReferred,
    OfficerReleased,
    PlateConfirmed,
    PlateSeen,
    PointClosed,
    PointOpened,
    RegistrationCommitted,
    Started,
    TimeElapsed,
    VisitMatched,
    VisitUnmatched,
    WayGranted,
)
from gate.lanes.machine import Machine, Step, Table
from gate.lanes.orders import held_by
from gate.lanes.state import Phase
from gate.model import CheckSource, Corridor, NoGoods, Outcome
from tests.lanes.stories import LORRY, VAN, Story, decision, number, read
from tests.lanes.watching import Watch

KINDS = {"approach": "approach", "terminal": "terminal", "exit": "exit"}
"""The stories' points that are not entry lanes."""


@dataclass
class Drive:
    """One point under one random life. `pick` chooses among a move's variants."""

    story: Story
    watch: Watch
    phases: Counter[Phase] = field(default_factory=Counter)
    rows: Counter[tuple[Phase, type[Event]]] = field(default_factory=Counter)

    @classmethod
    def of(cls, kind: str, table: Table | None = None) -> Drive:
        """A drive of one of the stories' points; `table` when its own has been tampered with."""
        watch = Watch(KINDS.get(kind, "entry"), Story.fresh(kind).machine.config)
        drive = cls(Story.fresh(kind, table), watch)
        drive.watch.see(
            drive.story.state, Started(at=drive.story.at, boot_id="boot1"), Step(drive.story.state)
        )
        return drive

    @property
    def machine(self) -> Machine:
        """The machine that is driven."""
        return self.story.machine

    def take(self, event: Event) -> None:
        """Tell the point, and let the watch see the step."""
        before = self.story.state
        if isinstance(event, Started):
            self.story.restarts()
        else:
            self.story.tell(event)
        self.phases[self.story.phase] += 1
        self.rows[before.phase, type(event)] += 1
        self.watch.see(before, event, Step(self.story.state, self.story.told))


Move = tuple[str, int]
"""What happens next, and which variant of it."""

NAMES = (
    *("goes-on",) * 14,
    *("detector", "detector", "barrier", "fault", "pulse-failed", "read", "number", "help", "confirmed"),
    *("decided", "matched", "unmatched", "registered", "released", "ordered", "attended"),
    *("closed", "opened", "restarted", "waits", "times-out", "duty", "contact"),
)
"""`goes-on` is the one move that does what the point waits for: without it no drive gets deep."""

moves: st.SearchStrategy[list[Move]] = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 23)), min_size=25, max_size=60
)


def random_moves(seed: int, length: int) -> list[Move]:
    """The same moves for the same seed, for counting and for breaking tables on purpose."""
    dice = random.Random(seed)  # noqa: S311 - a test's dice, not a secret
    return [(dice.choice(NAMES), dice.randrange(24)) for _ in range(length)]


def drive_through(drive: Drive, chosen: Sequence[Move]) -> Drive:
    """Make every move in turn; a `LawBrokenError` or TableError comes out of the move that broke a law."""
    for name, variant in chosen:
        drive.take(_goes_on(drive, variant) if name == "goes-on" else _MOVES[name](drive, variant))
    return drive


def _passage_id(drive: Drive, variant: int) -> str:
    passage = drive.story.state.passage
    return passage.passage_id if passage is not None and variant % 5 else "another"


def _visit_id(drive: Drive, variant: int) -> str:
    passage = drive.story.state.passage
    return (passage.visit_id or "another") if passage is not None and variant % 5 else "another"


def _detector(drive: Drive, variant: int) -> Event:
    detector = tuple(Detector)[variant % 2]
    return DetectorChanged(at=drive.story.at, detector=detector, state=tuple(Occupancy)[variant // 2 % 3])


def _barrier(drive: Drive, variant: int) -> Event:
    return BarrierMoved(at=drive.story.at, position=tuple(BarrierPosition)[variant % 4])


def _fault(drive: Drive, variant: int) -> Event:
    device = tuple(DeviceRole)[variant % 3]
    if variant % 2:
        return DeviceRecovered(at=drive.story.at, device=device)
    return DeviceFaulted(at=drive.story.at, device=device, reason="does not answer")


def _pulse_failed(drive: Drive, variant: int) -> Event:
    passage = drive.story.state.passage
    released = passage.release_id if passage is not None else None
    decision_id = released if released and variant % 3 else "another"
    return ActuationFailed(at=drive.story.at, decision_id=decision_id, reason="refused")


def _read(drive: Drive, variant: int) -> Event:
    seen = (read(), read(VAN), read(sure=False), None)[variant % 4]
    return PlateSeen(at=drive.story.at, passage_id=_passage_id(drive, variant), read=seen)


def _number(drive: Drive, variant: int) -> Event:
    officer = "leyla" if variant % 2 else None
    return NumberGiven(at=drive.story.at, number=number(f"{variant:012d}"), officer=officer)


def _decided(drive: Drive, variant: int) -> Event:
    outcome = tuple(Outcome)[variant % 3]
    corridor = tuple(Corridor)[variant // 3 % 4] if outcome is Outcome.DIRECT else None
    label = {Outcome.DIRECT: "2", Outcome.REFER: "G", Outcome.HOLD: None}[outcome]
    return Decided(
        at=drive.story.at,
        visit_id=_visit_id(drive, variant + 1),
        decision=decision(outcome, corridor),
        lane=f"lane-{label}" if corridor else None,
        lane_label=label,
    )


def _matched(drive: Drive, variant: int) -> Event:
    config = drive.machine.config
    leaving = drive.watch.kind == "exit"  # at an exit the desk names neither corridor nor lane
    return VisitMatched(
        at=drive.story.at,
        passage_id=_passage_id(drive, variant),
        visit_id=f"visit-{variant}",
        corridor=None if leaving else (*Corridor, None)[variant % 5],
        lane=None if leaving else (config.name, config.name, "lane-9", None)[variant % 4],
        may_proceed=variant % 3 > 0,
        reason="" if variant % 3 > 0 else "not directed",
    )


def _unmatched(drive: Drive, variant: int) -> Event:
    return VisitUnmatched(at=drive.story.at, passage_id=_passage_id(drive, variant), reason="unknown")


def _released(drive: Drive, variant: int) -> Event:
    checked = () if variant % 4 == 0 else ("papers", "seal")
    visit_id = _visit_id(drive, variant)
    return OfficerReleased(at=drive.story.at, visit_id=visit_id, officer="leyla", checked=checked)


def _closed(drive: Drive, variant: int) -> Event:
    officer = "leyla" if variant % 2 else None
    return PointClosed(at=drive.story.at, officer=officer, at_once=variant % 4 == 0)


def _waits(drive: Drive, variant: int) -> Event:
    drive.story.seconds += variant / 10
    return TimeElapsed(at=drive.story.at)


def _times_out(drive: Drive, _variant: int) -> Event:
    drive.story.seconds += 120
    return TimeElapsed(at=drive.story.at)


def _duty(drive: Drive, variant: int) -> Event:
    """An officer or engineer takes the lane out of its ordinary service."""
    at, mark = drive.story.at, LORRY
    duties: tuple[Event, ...] = (
        EmergencyOpened(at=at, emergency_id=f"e{drive.story.seconds}", officer="leyla", reason="ambulance"),
        MaintenanceBegan(at=at, officer="leyla", reason="oil"),
        BreakdownDeclared(at=at, officer="leyla", label="2", corridor=Corridor.GREEN),
        AttendedBegan(at=at, officer="leyla", failed=frozenset({"safety", "barrier"}), reason="dead loop"),
        ConvoyListed(at=at, officer="leyla", reason="aid", marks=frozenset({mark})),
        CorridorsAssigned(at=at, officer="leyla", corridors=drive.machine.config.corridors or None),
        WayGranted(at=at, passage_id=_passage_id(drive, variant)),
        EmergencyEnded(at=at, officer="leyla"),
    )
    return duties[variant % len(duties)]


def _order(drive: Drive, variant: int) -> Event:
    """What an officer orders of whoever stands here, or of somebody else."""
    if drive.watch.kind in ("approach", "terminal") and variant % 3 == 0:
        return OfficerReferred(at=drive.story.at, officer="leyla", reason="transit")
    at, visit_id = drive.story.at, _visit_id(drive, variant)
    orders: tuple[Event, ...] = (
        CheckOrdered(
            at=at, visit_id=visit_id, officer="leyla", source=CheckSource.CANINE, facts="the dog sat down"
        ),
        OfficerHeld(at=at, visit_id=visit_id, officer="leyla", findings=(held_by("leyla", "a smell"),)),
        OpenedOnce(
            at=at,
            passage_id=_passage_id(drive, variant),
            officer="leyla",
            category=NoGoods.EMPTY,
            reason="an empty lorry",
        ),
    )
    return orders[variant % len(orders)]


def _contact(drive: Drive, variant: int) -> Event:
    contact = tuple(Contact)[variant % len(Contact)]
    return ContactChanged(at=drive.story.at, contact=contact, state=tuple(ContactState)[variant // 7 % 3])


_MOVES: dict[str, Callable[[Drive, int], Event]] = {
    "detector": _detector,
    "barrier": _barrier,
    "fault": _fault,
    "pulse-failed": _pulse_failed,
    "read": _read,
    "number": _number,
    "help": lambda drive, _: HelpRequested(at=drive.story.at, reason="call"),
    "confirmed": lambda drive, v: PlateConfirmed(
        at=drive.story.at, mark=(LORRY, VAN)[v % 2], officer="leyla"
    ),
    "decided": _decided,
    "matched": _matched,
    "unmatched": _unmatched,
    "registered": lambda drive, v: RegistrationCommitted(
        at=drive.story.at, visit_id=_visit_id(drive, v), check_ordered=v % 4 == 1, held=v % 7 == 1
    ),
    "released": _released,
    "ordered": _order,
    "attended": lambda drive, v: AttendanceChanged(at=drive.story.at, officer="leyla", attended=v % 3 > 0),
    "closed": _closed,
    "opened": lambda drive, _: PointOpened(at=drive.story.at, officer="leyla"),
    "restarted": lambda drive, _: Started(at=drive.story.at, boot_id="from the story"),
    "waits": _waits,
    "times-out": _times_out,
    "duty": _duty,
    "contact": _contact,
}


def _goes_on(drive: Drive, variant: int) -> Event:
    """What the point most likely hears next: the answer it waits for, or the vehicle moving on."""
    story, at = drive.story, drive.story.at
    match story.phase:
        case Phase.RECOVERY:
            return _settling(drive)
        case Phase.FREE if drive.watch.kind == "terminal":
            return (
                NumberGiven(at=at, number=number("123456789012"), officer=None) if variant else _attend(drive)
            )
        case Phase.FREE:
            return DetectorChanged(at=at, detector=Detector.ARMING, state=Occupancy.OCCUPIED)
        case Phase.READING | Phase.IDENTIFYING | Phase.MATCHING | Phase.REGISTERING:
            return _answer(drive, variant)
        case Phase.CONTROL | Phase.HELD:
            return _released(drive, variant)
        case Phase.RAISING:
            return BarrierMoved(at=at, position=BarrierPosition.UP)
        case Phase.PASSING:
            under = story.state.inputs.safety is Occupancy.OCCUPIED
            state = Occupancy.CLEAR if under else Occupancy.OCCUPIED
            return DetectorChanged(at=at, detector=Detector.SAFETY, state=state)
        case Phase.LOWERING:
            position = BarrierPosition.DOWN if variant % 3 else BarrierPosition.MOVING
            return BarrierMoved(at=at, position=position)
        case Phase.DIRECTED:
            return DetectorChanged(at=at, detector=Detector.ARMING, state=Occupancy.CLEAR)
        case Phase.CLOSED:
            return PointOpened(at=at, officer="leyla")
        case Phase.WAITING:
            return WayGranted(at=at, passage_id=story.passage.passage_id)
        case _:
            return _back_to_service(drive, variant)


def _back_to_service(drive: Drive, variant: int) -> Event:
    """What ends each duty, or goes on with it."""
    story, at = drive.story, drive.story.at
    match story.phase:
        case Phase.EMERGENCY:
            return EmergencyEnded(at=at, officer="leyla")
        case Phase.MAINTENANCE:
            return MaintenanceEnded(at=at, officer="leyla")
        case Phase.BLOCKED:
            return BreakdownCleared(at=at, officer="leyla")
        case Phase.DISARMED:
            return LaneArmed(at=at, officer="leyla")
        case Phase.HOLDING:
            return HoldKept(at=at, officer="leyla") if variant % 3 else HoldLetGo(at=at, officer="leyla")
        case _:
            return _by_hand(drive, variant)


def _by_hand(drive: Drive, variant: int) -> Event:
    """An attending officer's next move with whoever stands here."""
    story, at = drive.story, drive.story.at
    passage = story.state.passage
    if passage is None or variant % 7 == 0:
        return (
            AttendedEnded(at=at, officer="leyla")
            if variant % 5 == 0
            else PlateConfirmed(at=at, mark=LORRY, officer="leyla")
        )
    if passage.visit_id is None:
        return _answer(drive, variant) if variant % 4 else _unmatched(drive, variant)
    if passage.release_id is None or variant % 3 == 0:
        return HoldPressed(at=at, officer="leyla", visit_id=passage.visit_id, checked=("seal",))
    return VehiclePassed(at=at, officer="leyla")


def _answer(drive: Drive, variant: int) -> Event:
    """The reader's, the desk's or the registry's answer that the point waits for."""
    story, at = drive.story, drive.story.at
    own = drive.machine.config.corridors
    if story.phase is Phase.READING:
        return PlateSeen(at=at, passage_id=story.passage.passage_id, read=read())
    if story.phase is Phase.IDENTIFYING:
        return _decided(drive, variant - variant % 3)
    if story.phase is Phase.REGISTERING:
        return RegistrationCommitted(at=at, visit_id=story.passage.visit_id or "")
    return VisitMatched(
        at=at,
        passage_id=story.passage.passage_id,
        visit_id=f"visit-{variant}",
        corridor=own[0] if own else None,
        lane=drive.machine.config.name if own else None,
        may_proceed=True,
        reason="",
    )


def _settling(drive: Drive) -> Event:
    inputs, at = drive.story.state.inputs, drive.story.at
    if inputs.safety is not Occupancy.CLEAR:
        return DetectorChanged(at=at, detector=Detector.SAFETY, state=Occupancy.CLEAR)
    if inputs.barrier in (BarrierPosition.UNKNOWN, BarrierPosition.MOVING):
        return BarrierMoved(at=at, position=BarrierPosition.DOWN)
    return DetectorChanged(at=at, detector=Detector.ARMING, state=Occupancy.CLEAR)


def _attend(drive: Drive) -> Event:
    return AttendanceChanged(at=drive.story.at, officer="leyla", attended=True)
