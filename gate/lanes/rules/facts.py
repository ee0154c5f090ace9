"""What the Rules are applied to: frozen facts, gathered by the shell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gate.lanes.ports import Lookup
from gate.model import (
    Category,
    CorridorVerdict,
    Declaration,
    Finding,
    Identification,
    Outcome,
    RegistrationMark,
    VisitStatus,
)


@dataclass(frozen=True, slots=True)
class Twin:
    """Another visit of the same plate that is not over. `at` is the point its vehicle stands at now."""

    visit_id: str
    status: VisitStatus
    at: str | None
    answered: bool
    """The gate has told its vehicle where to go: to a lane, or to a holding place."""

    @property
    def is_here(self) -> bool:
        """Its vehicle is inside: it stands somewhere, or was sent on and never left."""
        sent_on = self.status is not VisitStatus.ARRIVED and self.answered
        return self.at is not None or (sent_on and not self.status.is_over)

    @property
    def whereabouts(self) -> str:
        """Where its vehicle should be, for officers."""
        if self.at is not None:
            return f"stands at {self.at}"
        if self.status is VisitStatus.HELD:
            return "was sent to the holding bay and has not left"
        return f"was {self.status.value} and has not left"


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """How well this box knows central's time. As it stands here: not at all, which holds (law 3)."""

    offset: timedelta | None = None
    """Central's clock minus this box's, or None while nobody knows."""
    uncertainty: timedelta = timedelta()
    """Of the present moment on central's clock, either way."""
    presence_uncertainty: timedelta | None = None
    """Of first presence on central's clock, either way; None when that cannot be told any more."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One identified arrival. `verdicts` is None until the door has been asked.

    Moments are on central's clock, as well as `clock` says; by this box's own where that is unknown.
    """

    site: str
    now: datetime
    first_presence: datetime
    at_terminal: bool
    identification: Identification
    lookup: Lookup
    verdicts: tuple[CorridorVerdict, ...] | None = None
    door_findings: tuple[Finding, ...] = ()
    visit_id: str = ""
    twins: tuple[Twin, ...] = ()
    near: tuple[RegistrationMark, ...] = ()
    """Declared marks that are almost the plate, the likeliest first; looked for when none is just that."""
    clock: ClockFacts = ClockFacts()

    @property
    def came_earliest(self) -> datetime | None:
        """The earliest that central's clock can have shown at first presence; None when nobody can tell."""
        if self.clock.presence_uncertainty is None:
            return None
        return self.first_presence.astimezone(UTC) - self.clock.presence_uncertainty

    @property
    def came_latest(self) -> datetime | None:
        """The latest that central's clock can have shown at first presence; None when nobody can tell."""
        if self.clock.presence_uncertainty is None:
            return None
        return self.first_presence.astimezone(UTC) + self.clock.presence_uncertainty

    @property
    def found(self) -> tuple[Declaration, ...]:
        """What is registered: by plate every notification on it, by number at a terminal that one (8.0).

        A number that two officers entered for a vehicle declared with another plate comes beside what is
        registered with the plate that was seen, never in its place: no act makes it more lenient (1.3).
        """
        if self.at_terminal:
            return self.lookup.by_number
        who = self.identification
        if who.mark is None or who.number_second is None:
            return self.lookup.by_mark
        every = {d.number: d for d in (*self.lookup.by_mark, *self.lookup.by_number)}
        return tuple(every.values())

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """What applies: all that was found, but for what an earlier trip has used up."""
        spent = {prior.number for prior in self.lookup.prior if prior.completed}
        return tuple(d for d in self.found if d.number not in spent)

    @property
    def within_scope(self) -> tuple[Declaration, ...]:
        """Those of the declarations that these Rules govern (2.1)."""
        return tuple(d for d in self.declarations if d.category is Category.GOODS)


def hold(code: str, rule: str, detail: str) -> Finding:
    """Build a finding that holds the vehicle."""
    return Finding(code, rule, Outcome.HOLD, detail)


Findings = tuple[Finding, ...]
