"""A whole checkpoint in memory: it keeps state, refuses what the gate refuses, and tells of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gate.lanes.acts import (
    AcknowledgeCall,
    ActResult,
    AnyAct,
    AttendTerminal,
    ClosePoint,
    ConfirmPlate,
    EnterCargoNumber,
    EnterNumber,
    OpenPoint,
    ReferVisit,
    ReleaseVisit,
    TurnBack,
)
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.duty_acts import (
    AnswerRollCall,
    AttendLane,
    BeginMaintenance,
    ClearBreakdown,
    DeclareBreakdown,
    DutyAct,
    EndEmergencies,
    EndMaintenance,
    HoldToRun,
    LeaveLane,
    LetGo,
    OpenForEmergency,
)
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.lanes.orders import held_by
from gate.lanes.places import PlaceView
from gate.lanes.ports import Call, Declared, ReviewLine, RollCallLine, StoryLine
from gate.lanes.sight import Sight
from gate.lanes.views import Found, KioskView, Overview, PointView, SystemView, VisitView
from gate.lanes.wanted import Wanted
from gate.model import (
    Corridor,
    Finding,
    NotificationNumber,
    Onward,
    Outcome,
    RegistrationMark,
    Visit,
    VisitStatus,
    damm_digit,
)

MORNING = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
DUTY_PHASES: dict[type[DutyAct], str] = {
    BeginMaintenance: "maintenance",
    EndMaintenance: "recovery",
    LeaveLane: "recovery",
    HoldToRun: "holding",
    LetGo: "attended",
    DeclareBreakdown: "blocked",
    ClearBreakdown: "recovery",
}
BLANK = BoardMessage(MessageKind.BLANK)
WAIT = BoardMessage(MessageKind.WAIT, "H")


def number(digits: str) -> NotificationNumber:
    """A valid notification number out of 12 digits."""
    return NotificationNumber(digits + damm_digit(digits))


def point(
    name: str, label: str, kind: str, *corridors: Corridor, message: BoardMessage | None = None
) -> PointView:
    """A free point with its devices answering."""
    own = BoardMessage(MessageKind.BLANK, label, corridors[0] if corridors else None)
    barrier = "down" if kind in ("entry", "exit") else "unknown"
    return PointView(
        name=name,
        label=label,
        kind=kind,
        corridors=corridors,
        phase="free",
        arming="clear",
        safety="clear",
        barrier=barrier,
        faults=(),
        message=message or own,
        visit_id=None,
        plate=None,
        evidence=(),
        attended=False,
        queue=0,
    )


class TinyCheckpoint:
    """See gate.lanes.views.Checkpoint. `kiosks` names the points that have one."""

    def __init__(self) -> None:
        self.held: list[tuple[str, str]] = []
        self.far: set[str] = set()
        """Visits whose plate was read as another: their identification takes two officers."""
        self.points = {
            view.name: view
            for view in (
                point("approach", "A", "approach", message=BLANK),
                point("lane-1", "1", "entry", Corridor.GREEN),
                point("lane-2", "2", "entry", Corridor.BLUE),
                point("lane-3", "3", "entry", Corridor.YELLOW),
                point("lane-4", "4", "entry", Corridor.RED),
                point("exit-1", "X", "exit"),
                point("hall-1", "T", "terminal", message=BLANK),
            )
        }
        self.kiosks = ("approach", "hall-1")
        self.onward: dict[str, Onward] = {}
        """point -> what the opened verdicts of whoever is directed there bind him to."""
        self.visits: dict[str, Visit] = {}
        self.declared: list[Declared] = []
        self.asked_for: list[tuple[NotificationNumber, ...]] = []
        self.calls: dict[str, Call] = {}
        self.roll_call: list[RollCallLine] = []
        self.reviews: list[ReviewLine] = []
        self.stories: dict[str, list[StoryLine]] = {}
        self.pictures: dict[str, tuple[str, ...]] = {}
        self.acts: list[AnyAct | DutyAct] = []
        self.almost: dict[str, tuple[RegistrationMark, ...]] = {}
        self.refusals: list[tuple[AnyAct | DutyAct, str]] = []
        self.numbers: list[tuple[str, NotificationNumber]] = []
        self.help: list[tuple[str, str]] = []
        self.system = SystemView("samur", MORNING, "connected", 41, MORNING, 0, "connected", "ok", None)
        self.places: tuple[PlaceView, ...] = ()
        self.version = 1
        self._changed = asyncio.Condition()

    # --- what the world does --------------------------------------------------------------------

    async def tell(self) -> None:
        """The overview has changed."""
        async with self._changed:
            self.version += 1
            self._changed.notify_all()

    async def heard(self, attribute: str, count: int) -> None:
        """Return once a list (numbers, help, acts) has `count` entries."""
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: len(getattr(self, attribute)) >= count)

    def change_point(self, name: str, **changes: object) -> None:
        """Something moved at a point; follow with `tell`."""
        self.points[name] = replace(self.points[name], **changes)  # type: ignore[arg-type]  # a test names its fields

    def arrive(
        self,
        visit_id: str,
        mark: str | None,
        at: str,
        *,
        corridor: Corridor | None = None,
        status: VisitStatus = VisitStatus.HELD,
        lane: str | None = None,
        minutes: int = 0,
        finding: Finding | None = None,
    ) -> Visit:
        """A vehicle (or carrier) has come; with a corridor its verdict has been opened."""
        rule = "7.0" if corridor else "8.0.1"
        outcome = Outcome.DIRECT if corridor else Outcome.HOLD
        known = finding or Finding(
            "test", rule, outcome, "corridor assigned by central" if corridor else "plate unread"
        )
        digits = f"{sum(map(ord, visit_id)) * 7919 % 10**12:012d}"
        visit = Visit(
            visit_id=visit_id,
            point=at,
            status=status,
            mark=RegistrationMark(mark) if mark else None,
            numbers=(number(digits),) if corridor else (),
            corridor=corridor,
            lane=lane,
            findings=(known,),
            first_presence=MORNING + timedelta(minutes=minutes),
            opened=corridor is not None,
        )
        self.visits[visit_id] = visit
        self.note(visit_id, at, "presence at the loop")
        return visit

    def note(self, visit_id: str, at: str, what: str) -> None:
        """One more line in a visit's story."""
        story = self.stories.setdefault(visit_id, [])
        seq = sum(map(len, self.stories.values())) + 1
        story.append(StoryLine(seq, MORNING + timedelta(seconds=7 * seq), at, what))

    def call(
        self,
        call_id: str,
        at: str,
        reason: str,
        *,
        alarm: bool = False,
        visit_id: str | None = None,
        level: int = 1,
    ) -> None:
        """An officer is wanted."""
        self.calls[call_id] = Call(call_id, at, visit_id, reason, alarm, MORNING, None, level)

    # --- Checkpoint -----------------------------------------------------------------------------

    async def overview(self) -> Overview:
        """The checkpoint now."""
        visits = tuple(visit for visit in self.visits.values() if not visit.status.is_over)
        return Overview(
            self.version,
            tuple(self.points.values()),
            visits,
            tuple(self.calls.values()),
            self.system,
            places=self.places,
            roll_call=tuple(self.roll_call),
            reviews=tuple(self.reviews),
        )

    async def changes(self) -> AsyncIterator[int]:
        """The version each time it has changed."""
        seen = self.version
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self.version != seen)  # noqa: B023 - awaited within this round
                seen = self.version
            yield seen

    async def visit(self, visit_id: str) -> VisitView | None:
        """One visit with its story."""
        visit = self.visits.get(visit_id)
        if visit is None:
            return None
        return VisitView(
            visit, visit.findings, self.pictures.get(visit_id, ()), tuple(self.stories.get(visit_id, ()))
        )

    async def look(self, visit_id: str | None, point: str | None) -> Sight | None:
        """The vehicle of the visit, or whoever stands at the point."""
        visit = self.visits.get(visit_id or "")
        if visit_id is not None and visit is None:
            return None
        here = [
            one
            for one in self.points.values()
            if (one.visit_id == visit_id if visit_id is not None else one.name == point)
        ]
        if visit is None and not here:
            return None
        return Sight(
            visit_id=visit_id,
            point=here[0].name if here else None,
            phase=here[0].phase if here else None,
            status=visit.status.value if visit else None,
            mark=visit.mark if visit else None,
            numbers=visit.numbers if visit else (),
            findings=tuple(finding.code for finding in visit.findings) if visit else (),
            plate=here[0].plate if here else (visit.mark if visit else None),
            confidence=0.61 if here and here[0].plate else None,
            evidence=self.pictures.get(visit_id or "", ()) or (here[0].evidence if here else ()),
        )

    async def candidates(self, sight: Sight) -> tuple[RegistrationMark, ...]:
        """Declared marks almost like what was read."""
        return self.almost.get(sight.visit_id or "", ())

    async def note_refusal(self, act: AnyAct | DutyAct, why: str) -> None:
        """An act that the glass refused."""
        self.refusals.append((act, why))

    async def act(self, act: AnyAct | DutyAct) -> ActResult:
        """Do it, or say why not."""
        result = self._do_duty(act) if isinstance(act, DutyAct) else self._do(act)
        self.acts.append(act)
        await self.tell()
        return result

    def keep_hold(self, point: str, officer: str) -> None:
        """A hand on hold-to-run."""
        self.held.append((point, officer))

    def _do_duty(self, act: DutyAct) -> ActResult:
        name = getattr(act, "point", None)
        if name is not None and name not in self.points:
            return ActResult(done=False, message=f"There is no point {name}.")
        if isinstance(act, OrderCheck | HoldVisit | SendToBay):
            return self._order(act)
        if isinstance(act, OpenOnce | ReviewEmergency):
            return self._open_or_review(act)
        match act:
            case OpenForEmergency(points=points) | EndEmergencies(points=points):
                phase = "emergency" if isinstance(act, OpenForEmergency) else "recovery"
                for lane in points or [
                    one.name for one in self.points.values() if one.kind in ("entry", "exit")
                ]:
                    self.change_point(lane, phase=phase)
            case AnswerRollCall(visit_id=visit_id):
                if visit_id not in [line.visit_id for line in self.roll_call]:
                    return ActResult(done=False, message="That vehicle is not on the roll-call.")
                self.roll_call = [line for line in self.roll_call if line.visit_id != visit_id]
            case HoldToRun(point=lane, officer=officer) if self.points[lane].attended_by != officer:
                return ActResult(
                    done=False, message=f"The lane is attended by {self.points[lane].attended_by}."
                )
            case AttendLane(point=lane, officer=officer, failed=failed):
                self.change_point(lane, phase="attended", attended_by=officer, failed=tuple(sorted(failed)))
            case _ if name is not None and type(act) in DUTY_PHASES:
                self.change_point(name, phase=DUTY_PHASES[type(act)])
        return ActResult(done=True, message="Done.")

    def _open_or_review(self, act: OpenOnce | ReviewEmergency) -> ActResult:
        match act:
            case OpenOnce(point=lane) if self.points[lane].phase != "held":
                return ActResult(done=False, message=f"No vehicle is held at {lane}.")
            case OpenOnce(point=lane):
                self.change_point(lane, phase="raising")
            case ReviewEmergency(emergency_id=emergency_id):
                if not any(emergency_id in line.emergency_ids for line in self.reviews):
                    return ActResult(done=False, message="No review of that emergency is wanted.")
                self.reviews = [line for line in self.reviews if emergency_id not in line.emergency_ids]
        return ActResult(done=True, message="Done.")

    def _order(self, act: OrderCheck | HoldVisit | SendToBay) -> ActResult:
        visit = self.visits.get(act.visit_id)
        if visit is None or visit.status.is_over:
            return ActResult(done=False, message="There is no such visit, or it is over.")
        match act:
            case OrderCheck():
                changed = replace(visit, check_ordered=True)
            case HoldVisit(reason=reason):
                found = (held_by(act.officer, reason),)
                changed = replace(visit, status=VisitStatus.HELD, findings=found)
            case SendToBay(place=place, reason=reason):
                found = (held_by(act.officer, reason),)
                changed = replace(visit, status=VisitStatus.HELD, lane=place, findings=found)
        self.visits[act.visit_id] = changed
        return ActResult(done=True, message="Done.")

    def _do(self, act: AnyAct) -> ActResult:
        match act:
            case AcknowledgeCall(call_id=call_id, officer=officer):
                if call_id not in self.calls:
                    return ActResult(done=False, message="This call is over.")
                self.calls[call_id] = replace(self.calls[call_id], acknowledged_by=officer)
                return ActResult(done=True, message="Acknowledged.")
            case ClosePoint(point=name) | OpenPoint(point=name) | AttendTerminal(point=name):
                return self._do_at_point(act, name)
            case ConfirmPlate(visit_id=None):
                return ActResult(done=True, message=f"{act.mark} confirmed at {act.point}.")
            case ConfirmPlate(visit_id=str(visit_id)):
                return self._do_with_visit(act, visit_id)
            case _:
                return self._do_with_visit(act, act.visit_id or "")

    def _do_at_point(self, act: AnyAct, name: str) -> ActResult:
        if name not in self.points:
            return ActResult(done=False, message=f"There is no point {name}.")
        match act:
            case ClosePoint():
                self.change_point(name, phase="closed", message=BoardMessage(MessageKind.CLOSED))
            case OpenPoint():
                self.change_point(name, phase="free", message=BLANK)
            case AttendTerminal(attended=attended):
                self.change_point(name, attended=attended)
        return ActResult(done=True, message=f"Done at {name}.")

    def _do_with_visit(self, act: AnyAct, visit_id: str) -> ActResult:
        visit = self.visits.get(visit_id)
        if visit is None or visit.status.is_over:
            return ActResult(done=False, message="There is no such visit, or it is over.")
        match act:
            case ReleaseVisit():
                if visit.status is not VisitStatus.DIRECTED or not (
                    visit.corridor and visit.corridor.needs_officer
                ):
                    return ActResult(done=False, message="This visit is not waiting for a release.")
                changed = replace(visit, status=VisitStatus.RELEASED)
                what = f"released by {act.officer}: {', '.join(act.checked)}"
            case ConfirmPlate() | EnterNumber() | EnterCargoNumber() if (
                visit_id in self.far and not act.second
            ):
                return ActResult(False, "A second officer must agree.", needs_second=True)
            case EnterCargoNumber():
                changed, what = replace(visit, numbers=(act.cargo,)), f"cargo number entered by {act.officer}"
            case ConfirmPlate():
                changed, what = replace(visit, mark=act.mark), f"plate {act.mark} confirmed by {act.officer}"
            case EnterNumber():
                changed, what = replace(visit, numbers=(act.number,)), f"number entered by {act.officer}"
            case ReferVisit():
                changed, what = replace(visit, status=VisitStatus.REFERRED), f"referred: {act.reason}"
            case TurnBack():
                changed, what = (
                    replace(visit, status=VisitStatus.LEFT_UNRELEASED),
                    f"turned back: {act.reason}",
                )
            case _:
                raise AssertionError(act)
        self.visits[visit_id] = changed
        self.note(visit_id, visit.point, what)
        return ActResult(done=True, message=what[0].upper() + what[1:])

    async def declared_as(self, numbers: Sequence[NotificationNumber]) -> Sequence[Declared]:
        """What was declared under these numbers."""
        self.asked_for.append(tuple(numbers))
        return [one for one in self.declared if one.number in numbers]

    async def search(self, wanted: Wanted) -> Found:
        """Visits and declarations by plate or number."""
        visits = [
            visit
            for visit in self.visits.values()
            if wanted.number in visit.numbers or (wanted.mark and (visit.mark or "").startswith(wanted.mark))
        ]
        declared = [
            one
            for one in self.declared
            if wanted.number == one.number
            or (wanted.mark and any(mark.startswith(wanted.mark) for mark in one.marks))
        ]
        return Found(tuple(visits), tuple(declared), more=False)

    # --- kiosks ---------------------------------------------------------------------------------

    def kiosk_view(self, point: str) -> KioskView | None:
        """What the kiosk shows now."""
        if point not in self.kiosks:
            return None
        view = self.points[point]
        if view.message.kind not in (MessageKind.DIRECT, MessageKind.REFER):
            return KioskView(view.message)
        onward = self.onward.get(point) if view.message.kind is MessageKind.DIRECT else None
        return KioskView(view.message, view.visit_id, onward)

    async def give_number(self, point: str, number: NotificationNumber) -> None:
        """A driver typed a number."""
        self.numbers.append((point, number))
        await self.tell()

    async def ask_help(self, point: str, reason: str) -> None:
        """A driver asks for an officer."""
        self.help.append((point, reason))
        await self.tell()
