"""The holding bay: visits that left the approach held, and what officers settle there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gate.clock import Clock
from gate.lanes.answers import visit_update
from gate.lanes.commands import (
    AnswerFor,
    CallOfficer,
    CallOver,
    CommitCheck,
    CommitReview,
    GrantRelease,
    Identify,
    Record,
    Report,
    UpdateVisit,
)
from gate.lanes.desk import Desk
from gate.lanes.events import Decided
from gate.lanes.machine import Step
from gate.lanes.places import BAY, HoldingPlaces
from gate.lanes.ports import Ledger, StepRecord
from gate.lanes.record import canonical
from gate.lanes.runtime import OnStep
from gate.lanes.state import PointState
from gate.model import (
    CheckSource,
    Finding,
    Identification,
    Outcome,
    RegistrationMark,
    Release,
    ReleaseBasis,
    Visit,
    VisitStatus,
)

POINT = BAY


def settle(visit_id: str, mark: RegistrationMark | None, event: Decided, officer: str) -> tuple[Record, ...]:
    """Write what a decision made in the bay changes, and what central is told."""
    decision = event.decision
    kind = {
        Outcome.DIRECT: "visit.directed",
        Outcome.HOLD: "visit.held",
        Outcome.REFER: "visit.referred",
    }[decision.outcome]
    body = {
        "point": POINT,
        "at": event.at.utc.isoformat(),
        "visit": visit_id,
        "mark": mark,
        "corridor": decision.corridor,
        "lane": event.lane,
        "findings": [finding.code for finding in decision.findings],
        "numbers": list(decision.numbers),
        "officer": officer,
        "rules": decision.rules_version,
        "policy": decision.policy_version,
    }
    if decision.outcome is Outcome.HOLD:
        event = replace(event, lane_label=None)  # it stands in its place already, and stays there
    return (visit_update(visit_id, event), Report(kind, body))


def baggage_release(visit: Visit, officer: str, checked: tuple[str, ...], at: datetime) -> tuple[Record, ...]:
    """Release accompanied baggage by an officer: there is no barrier, and no pulse (5.6, 5.8)."""
    release = Release(
        f"{visit.visit_id}.release",
        visit.visit_id,
        visit.point,
        visit.corridor,
        ReleaseBasis.OFFICER,
        officer,
        checked,
        at,
    )
    body = {
        "point": visit.point,
        "at": at.isoformat(),
        "visit": visit.visit_id,
        "corridor": visit.corridor,
        "basis": ReleaseBasis.OFFICER,
        "officer": officer,
        "checked": list(checked),
        "release": release.release_id,
    }
    done = UpdateVisit(visit.visit_id, VisitStatus.COMPLETED)
    return (GrantRelease(release), done, Report("visit.released", body))


class HoldingBay:
    """Commits what officers settle for visits that stand at no point any more."""

    def __init__(
        self, desk: Desk, ledger: Ledger, clock: Clock, on_step: OnStep, places: HoldingPlaces
    ) -> None:
        self.desk = desk
        self._ledger = ledger
        self._clock = clock
        self._on_step = on_step
        self._places = places

    async def run(self) -> None:
        """Call an officer for each vehicle that is one more than the holding places take."""
        while True:
            visit_id = await self._places.tipped.get()
            full = ", ".join(f"{p.label}: {p.waiting} of {p.places}" for p in self._places.view())
            reason = f"the holding bay is over-full ({full}): make room, or the approach backs up"
            call = CallOfficer(f"{POINT}-{secrets.token_hex(6)}", visit_id, reason)
            body = canonical({"visit": visit_id, "commands": (call,)})
            at = self._clock.now().utc
            await self._ledger.commit(StepRecord(POINT, at, "BayOverfull", body, None, (call,), ()))
            self._on_step(POINT, Step(PointState(), (call,)))

    async def identify(
        self, visit: Visit, who: Identification, officer: str, *, at_terminal: bool
    ) -> Decided:
        """Identify a held visit anew, by what the officer saw or entered, and settle the decision."""
        known = UpdateVisit(visit.visit_id, mark=who.mark, numbers=(who.number,) if who.number else None)
        await self._commit("Identify", visit, (known,), identification=who)
        request = Identify(visit.visit_id, visit.first_presence.isoformat(), who)
        decided = await self.desk.identify(visit.point, request, at_terminal=at_terminal)
        records = settle(visit.visit_id, visit.mark, decided, officer)
        await self._commit("Decided", visit, records, event=decided, mark=visit.mark, officer=officer)
        return decided

    async def refer(self, visit: Visit, officer: str, reason: str) -> None:
        """Send a held visit to the general lane (2.1)."""
        finding = Finding("referred-by-officer", "2.1", Outcome.REFER, reason)
        update = UpdateVisit(visit.visit_id, VisitStatus.REFERRED, findings=(finding,))
        await self._commit("Referred", visit, (update, self._say("visit.referred", visit, officer, reason)))

    async def turn_back(self, visit: Visit, officer: str, reason: str) -> None:
        """End a held visit without a release; if it was opened, its numbers stay bound to it."""
        update = UpdateVisit(visit.visit_id, VisitStatus.LEFT_UNRELEASED)
        await self._commit("TurnedBack", visit, (update, self._say("visit.left", visit, officer, reason)))

    async def release_baggage(self, visit: Visit, officer: str, checked: tuple[str, ...]) -> None:
        """Release accompanied baggage."""
        await self._commit("Released", visit, baggage_release(visit, officer, checked, self._clock.now().utc))

    async def call_over(self, visits: Sequence[Visit], officer: str) -> None:
        """Put every visit that was not released when an emergency ended on the roll-call."""
        ids = tuple(visit.visit_id for visit in visits)
        at = self._clock.now().utc
        said = Report(
            "roll-call.opened",
            {"point": POINT, "at": at.isoformat(), "visits": list(ids), "officer": officer},
        )
        records: tuple[Record, ...] = (CallOver(ids), said)
        body = canonical({"visit": None, "commands": records})
        await self._ledger.commit(StepRecord(POINT, at, "CalledOver", body, b"{}", records, ()))
        self._on_step(POINT, Step(PointState(), records))

    async def answer_roll_call(self, visit: Visit, officer: str, *, present: bool) -> None:
        """Answer for one vehicle; one that is gone left unreleased, and central is alarmed."""
        answered = AnswerFor(visit.visit_id, officer, present)
        if present:
            await self._commit("AnsweredFor", visit, (answered,))
            return
        gone = UpdateVisit(visit.visit_id, VisitStatus.LEFT_UNRELEASED)
        said = self._say("alarm.left-in-emergency", visit, officer, "not found after an emergency")
        await self._commit("AnsweredFor", visit, (answered, gone, said))

    async def order_check(self, visit: Visit, officer: str, source: CheckSource, facts: str) -> None:
        """Order a check of a GREEN or BLUE visit that stands before no barrier yet (4.4)."""
        if visit.corridor is None:
            raise AssertionError("no corridor, no check to order")
        ordered = CommitCheck(visit.visit_id, visit.corridor, source, officer)
        said = self._say("visit.check-ordered", visit, officer, facts)
        await self._commit("CheckOrdered", visit, (ordered, said), source=source, officer=officer)

    async def hold(
        self, visit: Visit, officer: str, findings: tuple[Finding, ...], place: str | None
    ) -> None:
        """Hold a visit on its way, or send one that is held to another place."""
        update = UpdateVisit(visit.visit_id, VisitStatus.HELD, lane=place, findings=findings)
        said = self._say("visit.held", visit, officer, findings[-1].detail)
        await self._commit("OfficerHeld", visit, (update, said), officer=officer)

    async def review(self, emergency_ids: tuple[str, ...], officer: str, finding: str) -> None:
        """Write down what a shift lead found who looked back at an emergency."""
        at = self._clock.now().utc
        body = {"point": POINT, "at": at.isoformat(), "emergencies": list(emergency_ids), "officer": officer}
        records: tuple[Record, ...] = (
            CommitReview(emergency_ids, officer),
            Report("emergency.reviewed", body | {"finding": finding}),
        )
        entry = canonical({"visit": None, "commands": records, "officer": officer, "finding": finding})
        await self._ledger.commit(StepRecord(POINT, at, "EmergencyReviewed", entry, b"{}", records, ()))
        self._on_step(POINT, Step(PointState(), records))

    async def redirect(self, visit: Visit, lane: str, officer: str, why: str) -> None:
        """Send a directed visit to another lane of its own corridor."""
        update = UpdateVisit(visit.visit_id, VisitStatus.DIRECTED, lane=lane)
        said = self._say("visit.redirected", visit, officer, f"to {lane}: {why}")
        await self._commit("Redirected", visit, (update, said))

    def _say(self, kind: str, visit: Visit, officer: str, reason: str) -> Report:
        body = {
            "point": POINT,
            "at": self._clock.now().utc.isoformat(),
            "visit": visit.visit_id,
            "mark": visit.mark,
            "officer": officer,
            "reason": reason,
        }
        return Report(kind, body)

    async def _commit(self, kind: str, visit: Visit, records: tuple[Record, ...], **facts: object) -> None:
        body = canonical({"visit": visit.visit_id, "commands": records} | facts)
        at = self._clock.now().utc
        await self._ledger.commit(StepRecord(POINT, at, kind, body, b"{}", records, ()))
        self._on_step(POINT, Step(PointState(), records))
