"""The desk: looks up, asks the door, lets the Rules decide. The one way from an arrival to a corridor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from gate.clock import Clock
from gate.errors import GateError
from gate.lanes.commands import FindVisit, Identify
from gate.lanes.events import Decided, VisitMatched, VisitUnmatched
from gate.lanes.ports import Ledger, Opened, Registry, VerdictDoor
from gate.lanes.rules.decide import RULES_VERSION, decide, screen
from gate.lanes.rules.facts import Facts, hold
from gate.lanes.rules.policy import Policy
from gate.model import Arrival, Corridor, Decision, Outcome, Visit, VisitStatus

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LaneChoice:
    """Where a vehicle may be sent: a lane's name, and its label on the boards."""

    name: str
    label: str


ChooseLane = Callable[[Corridor], LaneChoice | None]
"""The open lane of a corridor with the shortest queue, or None when all are closed."""


class Desk:
    """Identification, decision and the matching of re-read vehicles. Never raises: a fault is HOLD."""

    def __init__(
        self,
        site: str,
        policy: Policy,
        registry: Registry,
        door: VerdictDoor,
        ledger: Ledger,
        clock: Clock,
        choose_lane: ChooseLane,
        general_lane: str,
    ) -> None:
        self._site = site
        self._policy = policy
        self._registry = registry
        self._door = door
        self._ledger = ledger
        self._clock = clock
        self._choose_lane = choose_lane
        self._general_lane = general_lane

    async def identify(self, point: str, request: Identify, *, at_terminal: bool) -> Decided:
        """Decide one arrival. Verdicts are opened only when nothing at all speaks against it."""
        try:
            decision = await self._decide(point, request, at_terminal=at_terminal)
        except GateError as error:
            log.error("desk.fault", point=point, visit=request.visit_id, error=str(error))
            fault = hold("fault", "3.3", f"the gate could not decide: {error}")
            decision = Decision(Outcome.HOLD, None, (fault,), (), RULES_VERSION, self._policy.version)
        return self._directed(request, decision)

    async def _decide(self, point: str, request: Identify, *, at_terminal: bool) -> Decision:
        who = request.identification
        lookup = await self._registry.look_up(who.mark, who.number, request.visit_id)
        first_presence = datetime.fromisoformat(request.first_presence_utc)
        facts = Facts(self._site, self._clock.now().utc, first_presence, at_terminal, who, lookup)
        if not screen(facts, self._policy):
            arrival = Arrival(request.visit_id, self._site, point, first_presence, who)
            opened: Opened = await self._door.open(arrival, facts.within_scope)
            facts = replace(facts, verdicts=opened.verdicts, door_findings=opened.findings)
        return decide(facts, self._policy)

    def _directed(self, request: Identify, decision: Decision) -> Decided:
        at = self._clock.now()
        if decision.outcome is Outcome.REFER:
            label = self._general_lane
            return Decided(at=at, visit_id=request.visit_id, decision=decision, lane=None, lane_label=label)
        if decision.corridor is None:
            return Decided(at=at, visit_id=request.visit_id, decision=decision, lane=None, lane_label=None)
        lane = self._choose_lane(decision.corridor)
        if lane is None:
            # The corridor stays on record and goes unspoken: an officer finds the vehicle a lane.
            closed = hold("no-open-lane", "9.1", "no open lane serves this vehicle's corridor")
            held = replace(decision, outcome=Outcome.HOLD, findings=(*decision.findings, closed))
            return Decided(at=at, visit_id=request.visit_id, decision=held, lane=None, lane_label=None)
        return Decided(
            at=at, visit_id=request.visit_id, decision=decision, lane=lane.name, lane_label=lane.label
        )

    async def find_visit(self, request: FindVisit, *, leaving: bool) -> VisitMatched | VisitUnmatched:
        """Match a re-read vehicle with the visit it belongs to; `leaving` at an exit lane."""
        try:
            visits = await self._ledger.open_visits_of(request.mark)
        except GateError as error:
            log.error("desk.fault", passage=request.passage_id, error=str(error))
            return VisitUnmatched(
                at=self._clock.now(),
                passage_id=request.passage_id,
                reason=f"the gate could not look: {error}",
            )
        at = self._clock.now()
        if not visits:
            return VisitUnmatched(
                at=at,
                passage_id=request.passage_id,
                reason=f"{request.mark} was not directed here (Rules 9.3)",
            )
        visit = visits[0]
        reason = _why_not_leave(visit) if leaving else _why_not_enter(visit)
        return VisitMatched(
            at=at,
            passage_id=request.passage_id,
            visit_id=visit.visit_id,
            corridor=None if leaving else visit.corridor,
            lane=None if leaving else visit.lane,
            may_proceed=not reason,
            reason=reason,
        )


def _why_not_enter(visit: Visit) -> str:
    match visit.status:
        case VisitStatus.DIRECTED:
            return ""
        case VisitStatus.RELEASED:
            return "released before, and not seen driving through: an officer decides"
        case _:
            return f"the visit is {visit.status.value}, not directed (Rules 8.0.1)"


def _why_not_leave(visit: Visit) -> str:
    """A bound vehicle that leaves unreleased raises an alarm; one that never was directed may turn round."""
    if visit.opened and visit.status is not VisitStatus.RELEASED:
        return "leaves unreleased after it was directed"
    return ""
