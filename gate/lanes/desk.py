"""The desk: looks up, asks the door, lets the Rules decide. The one way from an arrival to a corridor."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from gate.clock import Clock
from gate.clock_trust import ClockTrust
from gate.errors import GateError
from gate.lanes import orders, oversize
from gate.lanes.basis import Basis, answered, decided_on, dump_basis
from gate.lanes.commands import CallOfficer, FindVisit, Identify, Record, Report, UpdateVisit
from gate.lanes.events import Decided, VisitMatched, VisitUnmatched
from gate.lanes.ports import Ledger, Lookup, Opened, Registry, StepRecord, VerdictDoor
from gate.lanes.presence import times
from gate.lanes.record import canonical
from gate.lanes.rules.decide import screen
from gate.lanes.rules.declared import law_3_cache_is_fresh
from gate.lanes.rules.facts import Facts, Twin, hold
from gate.lanes.rules.onward import onward
from gate.lanes.rules.policy import Policy
from gate.lanes.rules.vehicle import cloned
from gate.lanes.rules.weighing import weigh
from gate.model import (
    Arrival,
    Category,
    Corridor,
    Decision,
    Identification,
    IdentifiedBy,
    Outcome,
    RegistrationMark,
    Visit,
    VisitStatus,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LaneChoice:
    """Where a vehicle may be sent: a lane's name, and its label on the boards."""

    name: str
    label: str


class ChooseLane(Protocol):
    """The open lane of a corridor with the shortest queue, or None when all are closed."""

    def __call__(self, corridor: Corridor, *, oversize: bool = False) -> LaneChoice | None:
        """`oversize`: among the lanes that take such vehicles only."""
        ...


ChooseOnFoot = Callable[[Corridor], LaneChoice | None]
"""Any lane in service, for somebody who needs no barrier."""

ChoosePlace = Callable[[], str | None]
"""The label of the holding place with room, or None where there is only one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A vehicle that stands at a point now. `in_lane`: before a barrier, not at an approach."""

    point: str
    passage_id: str
    visit_id: str | None
    in_lane: bool


WhoStands = Callable[[], Sequence[Standing]]
"""Every vehicle that stands at a point of this checkpoint now."""


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
        choose_place: ChoosePlace = lambda: None,
        who_stands: WhoStands = tuple,
        choose_on_foot: ChooseOnFoot = lambda _: None,
        *,
        trust: ClockTrust,
    ) -> None:
        self._site = site
        self._policy = policy
        self._registry = registry
        self._door = door
        self._ledger = ledger
        self._clock = clock
        self._trust = trust
        self._choose_lane = choose_lane
        self._general_lane = general_lane
        self._choose_place = choose_place
        self._who_stands = who_stands
        self._choose_on_foot = choose_on_foot

    async def identify(self, point: str, request: Identify, *, at_terminal: bool) -> Decided:
        """Decide one arrival. Verdicts are opened only when nothing at all speaks against it."""
        try:
            request = await self._measured(request)
            basis = Basis(self._policy, await self._facts(point, request, at_terminal=at_terminal))
        except GateError as error:
            log.error("desk.fault", point=point, visit=request.visit_id, error=str(error))
            basis = Basis(self._policy, None, str(error))
        decided = self._directed(request, decided_on(basis), at_terminal=at_terminal)
        facts = basis.facts
        weighed = facts.identification if facts is not None else None
        bound = onward(facts.verdicts or ()) if facts is not None and decided.lane is not None else None
        return replace(decided, basis=dump_basis(basis), identification=weighed, onward=bound)

    async def _measured(self, request: Identify) -> Identify:
        """Remember what the approach saw when its vehicle is decided again, in the holding bay or after."""
        visit = None if request.oversize else await self._ledger.visit(request.visit_id)
        return request if visit is None else replace(request, oversize=oversize.was_seen(visit.findings))

    async def _facts(self, point: str, request: Identify, *, at_terminal: bool) -> Facts:
        who, visit_id = request.identification, request.visit_id
        if at_terminal:
            twins: tuple[tuple[Visit, Twin], ...] = ()
            lookup = await self._look_up(who, visit_id)
            typed = () if who.number is None else (who.number, *(d.number for d in lookup.by_number))
            seen = await self._ledger.presences(visit_id, who.mark, typed)
        else:
            # Asked all at once: a vehicle waits, and each question by itself is a way there and back.
            lookup, twins, trailer, seen = await asyncio.gather(
                self._look_up(who, visit_id),
                self._twins(visit_id, who.mark),
                self._ledger.trailer_of(visit_id),
                self._ledger.presences(visit_id, who.mark, ()),
            )
            # In the holding bay officers confirm plates; the trailer that was read stays what it was.
            who = replace(who, trailer=who.trailer or trailer)
        at = times(seen, self._trust.reading())
        facts = Facts(
            self._site,
            at.now,
            at.first_presence,
            at_terminal,
            who,
            lookup,
            visit_id=request.visit_id,
            twins=tuple(twin for _, twin in twins),
            clock=at.clock,
        )
        if who.mark is not None and not facts.found and not at_terminal and self._policy.near_match:
            facts = replace(facts, near=tuple(await self._registry.near(who.mark)))
        facts = replace(facts, identification=weigh(facts))
        await self._mark_twins(point, request.visit_id, who.mark, twins)
        if not screen(facts, self._policy):
            # At worst: a verdict that may have run out is one that has.
            came = facts.came_latest or facts.first_presence
            arrival = Arrival(request.visit_id, self._site, point, came, facts.identification)
            opened: Opened = await self._door.open(arrival, facts.within_scope)
            facts = replace(facts, verdicts=opened.verdicts, door_findings=opened.findings)
        return facts

    async def _look_up(self, who: Identification, visit_id: str) -> Lookup:
        if IdentifiedBy.CARGO not in who.by:
            return await self._registry.look_up(who.mark, who.number, visit_id)
        lookup = await self._registry.look_up(who.mark, None, visit_id, who.number)
        # From here on a number is a number: what it finds, and whether that is one thing.
        return replace(lookup, by_number=lookup.by_cargo)

    async def declared_elsewhere(self, who: Identification, visit_id: str) -> str | None:
        """Say with which plates the number is declared, when none of it is registered with the plate."""
        lookup = await self._look_up(who, visit_id)
        registered = {d.number for d in lookup.by_mark}
        if not lookup.by_number or any(d.number in registered for d in lookup.by_number):
            return None
        return " and ".join(sorted({m for d in lookup.by_number for m in d.marks})) or "no plate"

    async def candidates(self, readings: Sequence[RegistrationMark]) -> tuple[RegistrationMark, ...]:
        """Declared marks almost like one of the readings, for eyes to compare; what was read is none."""
        if not self._policy.near_match:
            return ()
        found = [mark for reading in readings for mark in await self._registry.near(reading)]
        return tuple(dict.fromkeys(found))

    async def _twins(self, visit_id: str, mark: RegistrationMark | None) -> tuple[tuple[Visit, Twin], ...]:
        """Other visits of this plate that are not over, and where their vehicles stand."""
        if mark is None:
            return ()
        at = {here.visit_id: here.point for here in self._who_stands()}
        return tuple(
            (visit, _twin(visit, at.get(visit.visit_id)))
            for visit in await self._ledger.open_visits_of(mark)
            if visit.visit_id != visit_id
        )

    async def _mark_twins(
        self,
        point: str,
        visit_id: str,
        mark: RegistrationMark | None,
        twins: Sequence[tuple[Visit, Twin]],
        *records: Record,
    ) -> None:
        """Write the finding beside the other visits too: neither vehicle goes on by itself."""
        here = Twin(visit_id, VisitStatus.ARRIVED, point, answered=True)
        updates: list[Record] = []
        for visit, twin in twins:
            known = {(finding.code, finding.detail) for finding in visit.findings}
            finding = hold("cloned-plate", "8.0.1", cloned(mark, visit.visit_id, here))
            if twin.is_here and (finding.code, finding.detail) not in known:
                updates.append(UpdateVisit(visit.visit_id, findings=(*visit.findings, finding)))
        if not updates and not records:
            return
        at = self._clock.now().utc
        what = f"a second vehicle with the plate {mark} came to {point}"
        said = Report(
            "alarm.cloned-plate",
            {
                "point": point,
                "at": at.isoformat(),
                "visit": visit_id,
                "mark": mark,
                "visits": [visit.visit_id for visit, _ in twins],
            },
        )
        every = (*updates, *records, said)
        body = canonical({"visit": visit_id, "what": what, "commands": every})
        await self._ledger.commit(StepRecord(point, at, "ClonedPlate", body, None, every, ()))

    def _directed(self, request: Identify, decision: Decision, *, at_terminal: bool) -> Decided:
        at = self._clock.now()
        if decision.outcome is Outcome.REFER:
            label = self._general_lane
            referred = Decided(
                at=at, visit_id=request.visit_id, decision=decision, lane=None, lane_label=label
            )
            return replace(referred, oversize=request.oversize)
        if decision.corridor is None:
            return self._held(request, decision)
        lane = self._choose_lane(decision.corridor, oversize=request.oversize)
        if lane is None and at_terminal:
            # A carrier on foot needs no barrier: any lane that is in service shows the way.
            lane = self._choose_on_foot(decision.corridor)
        if lane is None:
            return self._held(request, decision)  # an officer finds the vehicle a lane
        return Decided(
            at=at,
            visit_id=request.visit_id,
            decision=decision,
            lane=lane.name,
            lane_label=lane.label,
            oversize=request.oversize,
        )

    def _held(self, request: Identify, decision: Decision) -> Decided:
        """A held vehicle has a place to wait in; where there is only one, its label need not be said."""
        place = self._choose_place()
        at = self._clock.now()
        decision = answered(decision, has_lane=False, too_high=request.oversize)
        held = Decided(at=at, visit_id=request.visit_id, decision=decision, lane=None, lane_label=place)
        return replace(held, oversize=request.oversize)

    async def find_visit(self, request: FindVisit, *, leaving: bool) -> VisitMatched | VisitUnmatched:
        """Match a re-read vehicle with the visit it belongs to; `leaving` at an exit lane."""
        try:
            visits = await self._ledger.open_visits_of(request.mark)
            doubled = await self._doubled(request, visits)
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
        visit = _sent_on(visits)
        reason = doubled or (_why_not_leave(visit) if leaving else _why_not_enter(visit))
        return VisitMatched(
            at=at,
            passage_id=request.passage_id,
            visit_id=visit.visit_id,
            corridor=None if leaving else visit.corridor,
            lane=None if leaving else visit.lane,
            may_proceed=not reason,
            reason=reason,
            stopped=not leaving and orders.is_held(visit.findings),
        )

    async def why_goods(self, mark: RegistrationMark, visit_id: str, *, by_sight: bool) -> str:
        """Say why a vehicle may have goods to release (2.1); empty when nothing speaks for it.

        What cannot be known speaks for it: a stale cache, rows that are not as signed, a plate that a
        device read and that is almost a declared one. Nothing sealed is looked at.
        """
        lookup = await self._registry.look_up(mark, None, visit_id)
        who = Identification(frozenset({IdentifiedBy.SIGHT}), mark, None)
        now = self._clock.now().utc
        facts = Facts(self._site, now, now, at_terminal=False, identification=who, lookup=lookup)
        if stale := law_3_cache_is_fresh(facts, self._policy):
            return "; ".join(finding.detail for finding in stale)
        if lookup.refused:
            return "; ".join(finding.detail for finding in lookup.refused)
        declared = [d.number for d in facts.declarations if d.category in (Category.GOODS, Category.TRANSIT)]
        if declared:
            return f"goods are declared for {mark}: {', '.join(declared)}"
        bound = [prior.number for prior in lookup.prior if not prior.completed]
        if bound:
            return f"{mark} is bound to {', '.join(bound)}, which was not released"
        near = () if by_sight else tuple(await self._registry.near(mark))
        if near:
            return f"{mark} was read, and {' and '.join(near)} is declared: confirm the plate by sight first"
        for visit in await self._ledger.open_visits_of(mark):
            if visit.opened or visit.corridor is not None:
                return f"{mark} was directed in visit {visit.visit_id}, and is not over"
        return ""

    async def _doubled(self, request: FindVisit, visits: Sequence[Visit]) -> str:
        """Say why this re-read vehicle is one of two with its plate; empty when it is not.

        A visit's own vehicle may still be seen leaving the approach; in another lane it is another's.
        """
        if not visits:
            return ""
        visit = _sent_on(visits)
        standing = self._who_stands()
        point = next((s.point for s in standing if s.passage_id == request.passage_id), request.passage_id)
        others = [s for s in standing if s.passage_id != request.passage_id]
        at = {s.visit_id: s.point for s in others}
        same = next((s.point for s in others if s.in_lane and s.visit_id == visit.visit_id), None)
        twins = [(v, _twin(v, at.get(v.visit_id))) for v in visits if v is not visit]
        if same is not None:
            twins.append((visit, _twin(visit, same)))
        twins = [(v, twin) for v, twin in twins if twin.is_here]
        if not twins:
            return ""
        why = "; ".join(cloned(request.mark, visit.visit_id, twin) for _, twin in twins)
        call = CallOfficer(f"{point}-clone-{secrets.token_hex(6)}", visit.visit_id, why, alarm=True)
        await self._mark_twins(point, visit.visit_id, request.mark, twins, call)
        return f"{why} (Rules 8.0.1)"


def _twin(visit: Visit, at: str | None) -> Twin:
    # A visit a restart cut off is HELD without a finding: nobody has told its vehicle where to go.
    answered = visit.status is not VisitStatus.HELD or bool(visit.findings)
    return Twin(visit.visit_id, visit.status, at, answered)


def _sent_on(visits: Sequence[Visit]) -> Visit:
    """Of the open visits of one plate, that which a lane may expect: sent on before held, then the newest."""
    waiting = (VisitStatus.HELD, VisitStatus.ARRIVED)
    return min(visits, key=lambda visit: visit.status in waiting)


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
