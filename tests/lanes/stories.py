"""A day at the border, in words: points at rest, vehicles that roll up, and what each of them is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from gate.clock import Instant
from gate.lanes import approach, entry_lane, exit_lane, terminal
from gate.lanes.commands import Command
from gate.lanes.events import (
    AttendanceChanged,
    BarrierMoved,
    BarrierPosition,
    Decided,
    Detector,
    DetectorChanged,
    Event,
    Occupancy,
    OfficerReleased,
    PlateSeen,
    RegistrationCommitted,
    Started,
    TimeElapsed,
    VisitMatched,
)
from gate.lanes.machine import Machine, Table
from gate.lanes.record import dump_state, load_state
from gate.lanes.state import Passage, Phase, PointConfig, PointState
from gate.model import (
    Corridor,
    Decision,
    Finding,
    NotificationNumber,
    Outcome,
    PlateRead,
    RegistrationMark,
    damm_digit,
)

C = TypeVar("C")

MORNING = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
LORRY = RegistrationMark("10AA123")
VAN = RegistrationMark("77BC401")


def instant(seconds: float) -> Instant:
    """So many seconds into the morning."""
    return Instant(MORNING + timedelta(seconds=seconds), 1000.0 + seconds)


def number(digits: str) -> NotificationNumber:
    """A valid notification number out of 12 digits."""
    return NotificationNumber(digits + damm_digit(digits))


def config(name: str, label: str, *corridors: Corridor) -> PointConfig:
    """A point of the checkpoint "samur"."""
    return PointConfig(name, label, "samur", "H", corridors)


MACHINES = {
    "approach": Machine("approach", approach.TABLE, config("approach", "A")),
    "terminal": Machine("terminal", terminal.TABLE, config("hall-1", "T")),
    "green": Machine("green", entry_lane.TABLE, config("lane-1", "1", Corridor.GREEN)),
    "blue": Machine("blue", entry_lane.TABLE, config("lane-2", "2", Corridor.BLUE)),
    "yellow": Machine("yellow", entry_lane.TABLE, config("lane-3", "3", Corridor.YELLOW)),
    "red": Machine("red", entry_lane.TABLE, config("lane-4", "4", Corridor.RED)),
    "exit": Machine("exit", exit_lane.TABLE, config("exit-1", "X")),
}


def read(mark: str = LORRY, *, sure: bool = True) -> PlateRead:
    """A plate read over two frames, with two pictures."""
    return PlateRead(RegistrationMark(mark), "AZ", 0.97 if sure else 0.4, 2, sure, ("a" * 64, "b" * 64))


def decision(outcome: Outcome, corridor: Corridor | None = None) -> Decision:
    """A decision as the Rules would give it."""
    finding = Finding("test", "3.1", outcome, "as the story goes")
    return Decision(outcome, corridor, (finding,), (number("123456789012"),), "rules-1", "policy-1")


@dataclass
class Story:
    """One point and what happens to it; `told` are the last event's commands, `all` the whole story's."""

    machine: Machine
    state: PointState = field(default_factory=PointState)
    seconds: float = 0.0
    boots: int = 0
    told: tuple[Command, ...] = ()
    all: list[Command] = field(default_factory=list)

    @classmethod
    def fresh(cls, kind: str, table: Table | None = None) -> Story:
        """A point that has just started for the first time: nothing is known."""
        machine = MACHINES[kind]
        story = cls(machine if table is None else replace(machine, table=table))
        story.restarts()
        return story

    @classmethod
    def at_rest(cls, kind: str, table: Table | None = None) -> Story:
        """A point with every device answering and no vehicle anywhere near."""
        story = cls.fresh(kind, table)
        if kind == "terminal":
            return story
        story.arming(Occupancy.CLEAR)
        if kind != "approach":
            story.safety(Occupancy.CLEAR)
            story.barrier(BarrierPosition.DOWN)
        assert story.phase is Phase.FREE
        return story

    # --- looking ------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Where the point stands."""
        return self.state.phase

    @property
    def passage(self) -> Passage:
        """The vehicle at the point."""
        assert self.state.passage is not None
        return self.state.passage

    @property
    def at(self) -> Instant:
        """Now."""
        return instant(self.seconds)

    def must_be(self, phase: Phase) -> Story:
        """Fail unless the point stands there."""
        assert self.phase is phase, f"{self.machine.name} is {self.phase}, not {phase}; told {self.told}"
        return self

    def asked(self, kind: type[C]) -> list[C]:
        """The commands of one kind that the last event led to."""
        return [command for command in self.told if isinstance(command, kind)]

    def ever(self, kind: type[C]) -> list[C]:
        """The commands of one kind in the whole story."""
        return [command for command in self.all if isinstance(command, kind)]

    # --- telling ------------------------------------------------------------------------------

    def tell(self, event: Event) -> Story:
        """One event, a tenth of a second later than the last."""
        step = self.machine.step(self.state, event)
        self.state, self.told = step.state, step.commands
        self.all.extend(step.commands)
        self.seconds += 0.1
        return self

    def arming(self, state: Occupancy) -> Story:
        """The detector before the barrier, or at the approach."""
        return self.tell(DetectorChanged(at=self.at, detector=Detector.ARMING, state=state))

    def safety(self, state: Occupancy) -> Story:
        """The detector under the barrier."""
        return self.tell(DetectorChanged(at=self.at, detector=Detector.SAFETY, state=state))

    def barrier(self, position: BarrierPosition) -> Story:
        """Position feedback."""
        return self.tell(BarrierMoved(at=self.at, position=position))

    def waits(self, seconds: float) -> Story:
        """Time goes by, and the point is told so."""
        self.seconds += seconds
        return self.tell(TimeElapsed(at=self.at))

    def rolls_up(self) -> Story:
        """A vehicle comes onto the arming detector."""
        return self.arming(Occupancy.OCCUPIED)

    def is_read(self, plate: PlateRead | None = None) -> Story:
        """The readers' answer about the vehicle that stands here, sure unless told otherwise."""
        return self.tell(PlateSeen(at=self.at, passage_id=self.passage.passage_id, read=plate or read()))

    def is_not_read(self) -> Story:
        """The readers give up."""
        return self.tell(PlateSeen(at=self.at, passage_id=self.passage.passage_id, read=None))

    def is_decided(
        self, outcome: Outcome, corridor: Corridor | None = None, label: str | None = None
    ) -> Story:
        """The desk's answer about the visit that stands here."""
        lane = f"lane-{label}" if label else None
        return self.tell(
            Decided(
                at=self.at,
                visit_id=self.passage.visit_id or "",
                decision=decision(outcome, corridor),
                lane=lane,
                lane_label=label,
            )
        )

    def is_matched(
        self,
        corridor: Corridor | None,
        *,
        lane: str | None = "here",
        may: bool = True,
        visit: str = "visit-1",
    ) -> Story:
        """The desk says whose visit the re-read vehicle belongs to; `lane` "here" is this one."""
        return self.tell(
            VisitMatched(
                at=self.at,
                passage_id=self.passage.passage_id,
                visit_id=visit,
                corridor=corridor,
                lane=self.machine.config.name if lane == "here" else lane,
                may_proceed=may,
                reason="" if may else "not to proceed",
            )
        )

    def is_registered(self) -> Story:
        """Registration is committed, officers are informed."""
        return self.tell(RegistrationCommitted(at=self.at, visit_id=self.passage.visit_id or ""))

    def is_released(self, *checked: str, visit: str | None = None) -> Story:
        """An officer releases, naming what was checked."""
        visit_id = visit or self.passage.visit_id or ""
        return self.tell(OfficerReleased(at=self.at, visit_id=visit_id, officer="leyla", checked=checked))

    def drives_through(self) -> Story:
        """The vehicle goes from the arming detector over the safety detector and away."""
        self.safety(Occupancy.OCCUPIED)
        self.arming(Occupancy.CLEAR)
        return self.safety(Occupancy.CLEAR)

    def is_attended(self, *, attended: bool = True) -> Story:
        """An officer comes to the terminal, or goes."""
        return self.tell(AttendanceChanged(at=self.at, officer="leyla", attended=attended))

    def restarts(self) -> Story:
        """Power fails and returns: the state comes back out of its snapshot."""
        kept = load_state(dump_state(self.state))
        assert kept == self.state, "a snapshot must come back as the same state"
        self.state = kept
        self.boots += 1
        return self.tell(Started(at=self.at, boot_id=f"boot{self.boots}"))


def released(kind: str = "green") -> Story:
    """A vehicle whose release has just been committed: the barrier is asked to rise."""
    story = Story.at_rest(kind).rolls_up().is_read()
    if kind == "exit":
        story.is_matched(None, lane=None).is_registered()
    elif kind in ("yellow", "red"):
        story.is_matched(Corridor(kind.upper())).is_released("papers")
    else:
        story.is_matched(Corridor(kind.upper())).is_registered()
    story.must_be(Phase.RAISING)
    return story


def lowering(kind: str = "green") -> Story:
    """A vehicle has driven through and the barrier is asked to come down."""
    story = released(kind).barrier(BarrierPosition.MOVING).barrier(BarrierPosition.UP).drives_through()
    story.must_be(Phase.LOWERING)
    return story
