"""The running gate as the glass sees it: overview, changes, and the one door for officers' acts."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from gate.clock import Clock
from gate.lanes import acting, looking, on_duty, seconding, staleness
from gate.lanes.acts import ActResult, AnyAct
from gate.lanes.balancing import Balancer
from gate.lanes.commands import CallOfficer, MessageKind, Record, Report
from gate.lanes.desk import LaneChoice, Standing
from gate.lanes.duties import HoldKept
from gate.lanes.duty_acts import DutyAct
from gate.lanes.events import Contact, Detector, HelpRequested, NumberGiven
from gate.lanes.holding import HoldingBay
from gate.lanes.hub import Hub, Queues
from gate.lanes.places import HoldingPlaces
from gate.lanes.ports import Declarations, Declared, History, Ledger, StepRecord
from gate.lanes.record import canonical
from gate.lanes.runtime import PointRuntime
from gate.lanes.seconding import Requests
from gate.lanes.sight import Sight
from gate.lanes.state import Passage, Phase, serves
from gate.lanes.turns import Turns
from gate.lanes.views import (
    BoardView,
    Found,
    KioskView,
    Overview,
    PointView,
    ReadView,
    SightedView,
    SystemView,
    VisitView,
)
from gate.lanes.wanted import Wanted
from gate.model import Corridor, IdentifiedBy, NotificationNumber, RegistrationMark

log = structlog.get_logger()

MOST_FOUND = 50
"""Of visits, and of declarations, that one search shows."""


@dataclass(frozen=True, slots=True)
class LiveCheckpoint:
    """Implements views.Checkpoint over the runtimes and the journal."""

    points: Mapping[str, PointRuntime]
    kiosks: frozenset[str]
    ledger: Ledger
    history: History
    bay: HoldingBay
    hub: Hub
    queues: Queues
    clock: Clock
    system: Callable[[], SystemView]
    places: HoldingPlaces
    declarations: Declarations
    turns: Turns = field(default_factory=Turns)
    requests: Requests = field(default_factory=Requests)
    sighted: Mapping[str, SightedView | None] = field(default_factory=dict)
    """The points read by motion, with who was last read there: for eyes alone, no act asks it."""

    async def overview(self) -> Overview:
        """Show the checkpoint now."""
        version = self.hub.version
        visits = tuple(await self.history.open_visits())
        calls = tuple(await self.history.open_calls())
        points = tuple(self._view(runtime) for runtime in self.points.values())
        roll_call = tuple(await self.history.roll_call())
        reviews = tuple(await self.history.reviews())
        places = self.places.view()
        requests = self.requests.view(self.clock.now().mono)
        return Overview(version, points, visits, calls, self.system(), roll_call, places, requests, reviews)

    def _view(self, runtime: PointRuntime) -> PointView:
        state, config = runtime.state, runtime.machine.config
        passage = state.passage
        return PointView(
            name=config.name,
            label=config.label,
            kind=runtime.around.kind,
            corridors=serves(config, state),
            phase=state.phase.value,
            arming=state.inputs.arming.value,
            safety=state.inputs.safety.value,
            barrier=state.inputs.barrier.value,
            faults=tuple(f"{device}: {why}" for device, why in sorted(runtime.fault_reasons.items())),
            message=state.message,
            visit_id=passage.visit_id if passage else None,
            plate=(passage.mark or passage.seen) if passage else None,
            evidence=passage.evidence if passage else (),
            attended=runtime.around.kind == "terminal" and state.inputs.arming.value == "occupied",
            queue=self.queues.length(config.name),
            inputs=_other_inputs(runtime),
            attended_by=state.attended_by,
            failed=tuple(sorted(state.failed)),
            convoy=tuple(sorted(state.convoy.marks)) if state.convoy else (),
            crossings=state.crossings,
            read=_read_of(passage),
            confirmed_by=_seen_by(passage),
            board=_board_of(runtime),
            began=datetime.fromisoformat(passage.began_utc) if passage else None,
            due=runtime.due,
            by_motion=config.name in self.sighted,
            sighted=self.sighted.get(config.name),
        )

    def changes(self) -> AsyncIterator[int]:
        """Follow the overview's version."""
        return self.hub.changes()

    async def visit(self, visit_id: str) -> VisitView | None:
        """Show one visit with its story."""
        visit = await self.ledger.visit(visit_id)
        if visit is None:
            return None
        return VisitView(
            visit,
            visit.findings,
            tuple(await self.history.evidence(visit_id)),
            tuple(await self.history.story(visit_id)),
        )

    async def search(self, wanted: Wanted) -> Found:
        """Find visits and cached declarations."""
        visits = await self.history.find_visits(wanted.mark, wanted.number, MOST_FOUND + 1)
        declared = await self.declarations.find_declared(wanted.mark, wanted.number, MOST_FOUND + 1)
        more = max(len(visits), len(declared)) > MOST_FOUND
        return Found(tuple(visits[:MOST_FOUND]), tuple(declared[:MOST_FOUND]), more)

    async def declared_as(self, numbers: Sequence[NotificationNumber]) -> Sequence[Declared]:
        """Tell what was declared under these numbers."""
        return await self.declarations.declared_as(numbers)

    @property
    def version(self) -> int:
        """The overview's, as of now."""
        return self.hub.version

    async def look(self, visit_id: str | None, point: str | None) -> Sight | None:
        """Look at one vehicle, before acting on it."""
        return await looking.look(self, visit_id, point)

    async def candidates(self, sight: Sight) -> tuple[RegistrationMark, ...]:
        """Name the plates a vehicle may have, to be compared by sight."""
        return await looking.candidates(self, sight)

    async def act(self, act: AnyAct | DutyAct, *, anew: bool = True) -> ActResult:
        """Do what an officer asks, if state and interlocks allow; journalled either way.

        `anew` unless a second officer has agreed to it meanwhile: then the first one's look may be older.
        """
        async with self.turns.of(act):
            result = await self._if_still_so(act, anew=anew)
            if result.done:
                self.turns.note(act, self.clock.now().utc)
                await self._answer_calls(act)
            await self._record(act, result)
        return result

    async def _answer_calls(self, act: AnyAct | DutyAct) -> None:
        """Calls from where its officer saw the vehicle: he has come. An alarm wants its own word."""
        seen = act.seen
        if seen is None or seen.sight is None or not isinstance(act, staleness.ANSWERING):
            return
        for call in await self.history.open_calls():
            # A later one is of what the act itself led to.
            asked_before = seen.shown_at is not None and call.since <= seen.shown_at
            if call.point == seen.sight.point and not call.alarm and asked_before:
                await self.ledger.acknowledge_call(call.call_id, act.officer, self.clock.now().utc)

    async def _if_still_so(self, act: AnyAct | DutyAct, *, anew: bool) -> ActResult:
        """Carry the act out, unless what its officer saw is no longer so."""
        if anew and (old := staleness.too_old(act)) is not None:
            return ActResult(False, old, stale=True)
        then = act.seen.sight if act.seen is not None else None
        if then is not None and isinstance(act, staleness.COMPARED):
            now = await self.look(then.visit_id, then.point)
            if (why := staleness.changed(act, then, now)) is not None:
                return ActResult(False, f"{why}: look again", stale=True, earlier=self.turns.earlier(act))
        result = (
            await on_duty.carry_out(self, act)
            if isinstance(act, DutyAct)
            else await acting.carry_out(self, act)
        )
        if result.done or result.earlier is not None:
            return result
        return replace(result, earlier=self.turns.earlier(act))

    async def note_refusal(self, act: AnyAct | DutyAct, why: str) -> None:
        """Put on record what was asked and not done, where it never came to state and interlocks."""
        await self._record(act, ActResult(False, why))

    async def _record(self, act: AnyAct | DutyAct, result: ActResult) -> None:
        body = canonical({"act": act, "done": result.done, "message": result.message})
        point = getattr(act, "point", None) or "console"
        await self.ledger.record_act(point, self.clock.now().utc, body)
        log.info("officer.act", act=type(act).__name__, officer=act.officer, done=result.done)
        self.hub.change()

    async def watch_requests(self) -> None:
        """End what no second officer may agree to any more, until cancelled."""
        await seconding.watch(self)

    def kiosk_view(self, point: str) -> KioskView | None:
        """Tell what the point's kiosk shows now."""
        if point not in self.kiosks:
            return None
        state = self.points[point].state
        sent_on = state.message.kind in (MessageKind.DIRECT, MessageKind.REFER)
        if state.passage is None or not sent_on:
            return KioskView(state.message)
        directed = state.message.kind is MessageKind.DIRECT
        onward = state.passage.onward if directed else None
        return KioskView(state.message, state.passage.visit_id, onward)

    async def give_number(self, point: str, number: NotificationNumber) -> None:
        """Pass a driver's number on. Nothing is said back: no terminal is an oracle."""
        if point in self.kiosks:
            self.points[point].post(NumberGiven(at=self.clock.now(), number=number, officer=None))

    async def ask_help(self, point: str, reason: str) -> None:
        """Pass a driver's call on; "I have no number" and "call an officer" are each on record as that.

        Where the point's machine expects nobody (no vehicle was felt, or it is closed), an officer is
        called all the same: somebody pressed.
        """
        if point not in self.kiosks:
            return
        runtime, at = self.points[point], self.clock.now()
        passage = runtime.state.passage
        visit_id = passage.visit_id if passage else None
        what = {"no-number": "the driver has no notification number"}.get(
            reason, "the driver wants an officer"
        )
        body = {"point": point, "at": at.utc.isoformat(), "visit": visit_id, "reason": reason}
        records: list[Record] = [Report("help.no-number" if reason == "no-number" else "help.call", body)]
        if (runtime.state.phase, HelpRequested) not in runtime.machine.table:
            called = f"{what}; the {runtime.around.kind} is {runtime.state.phase.value}"
            records.append(CallOfficer(f"{point}-help-{secrets.token_hex(6)}", visit_id, called))
        entry = canonical({"visit": visit_id, "what": what, "reason": reason, "commands": records})
        await self.ledger.commit(StepRecord(point, at.utc, "Help", entry, None, tuple(records), ()))
        runtime.post(HelpRequested(at=at, reason=reason))
        self.hub.change()

    def keep_hold(self, point: str, officer: str) -> None:
        """The attending officer's hand is still on the button; said a few times a second."""
        if point in self.points:
            self.points[point].post(HoldKept(at=self.clock.now(), officer=officer))

    def another_lane(self, corridor: Corridor, than: str) -> LaneChoice | None:
        """Choose an open lane of the corridor that is not this one, by queue."""
        return Balancer(self.points, self.queues).another(corridor, than)

    def standing_at(self, visit_id: str) -> PointRuntime | None:
        """Find the point where this visit's vehicle stands now."""
        for runtime in self.points.values():
            state = runtime.state
            here = state.passage is not None and state.passage.visit_id == visit_id
            if here and state.phase is not Phase.CLOSED:
                return runtime
        return None


def _read_of(passage: Passage | None) -> ReadView | None:
    """What the readers made of the plate, and whether that alone tells who it is."""
    if passage is None or passage.seen is None:
        return None
    # "By the plate" stays in `by` only while what was read is what the vehicle counts as.
    sure = IdentifiedBy.PLATE in passage.by and passage.mark == passage.seen
    return ReadView(passage.seen, passage.confidence, sure, tuple(passage.rivals))


def _seen_by(passage: Passage | None) -> tuple[str, ...]:
    """Who compared the plate by sight, the second officer included."""
    if passage is None or IdentifiedBy.SIGHT not in passage.by:
        return ()
    return tuple(name for name in (passage.officer, passage.plate_second) if name is not None)


def _board_of(runtime: PointRuntime) -> BoardView | None:
    """What the board shows by its own answer. A text ordered a moment ago is not on it before it says so."""
    board = runtime.around.board
    if board is None:
        return None
    shown = board.readback
    if shown is None:
        return BoardView(None, confirmed=False)
    return BoardView(shown.lines, confirmed=shown.message == runtime.state.message)


def _other_inputs(runtime: PointRuntime) -> tuple[tuple[str, str], ...]:
    """Every fitted input beyond arming, safety and barrier, with its state in a word."""
    fitted, inputs = runtime.machine.config.fitted, runtime.state.inputs
    told = [
        (detector.value, inputs.detector(detector).value)
        for detector in (Detector.PHOTO_EYE, Detector.EXIT)
        if detector in fitted.detectors
    ]
    told += [
        (contact.value, inputs.contact(contact).value) for contact in Contact if contact in fitted.contacts
    ]
    return tuple(told)


def who_stands(points: Mapping[str, PointRuntime]) -> tuple[Standing, ...]:
    """Every vehicle that stands at a point now; one in RECOVERY may still stand there (law 3)."""
    return tuple(
        Standing(
            runtime.name,
            runtime.state.passage.passage_id,
            runtime.state.passage.visit_id,
            runtime.around.kind in ("entry", "exit"),
        )
        for runtime in points.values()
        if runtime.state.passage is not None
        and runtime.state.phase is not Phase.CLOSED
        and runtime.around.kind != "terminal"
    )
