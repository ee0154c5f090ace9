"""The thin shell around one point's machine: take an event, step, commit, then act (law 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from gate.clock import Clock
from gate.errors import StoreError
from gate.lanes.actuation import Actuation
from gate.lanes.commands import (
    ClaimWay,
    Command,
    FindVisit,
    Identify,
    LowerBarrier,
    OpenInEmergency,
    RaiseBarrier,
    RaiseOnce,
    RegisterPassage,
    SetSignal,
    ShowMessage,
    StartReading,
    StopBarrier,
    StopReading,
)
from gate.lanes.desk import Desk
from gate.lanes.events import (
    Aspect,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    Event,
    RegistrationCommitted,
    Started,
    TimeElapsed,
)
from gate.lanes.interlocks import may_lower
from gate.lanes.machine import Machine, Step
from gate.lanes.merging import Member, Merge
from gate.lanes.ports import LaneIo, Ledger, PlateReader, Signboard
from gate.lanes.record import Beginning, load_state, step_record
from gate.lanes.state import Phase, PointState

log = structlog.get_logger()

OnStep = Callable[[str, Step], None]
"""Told after each committed step: (point, step). For queues and the glass."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one point's shell works with. `kind` is approach, terminal, entry or exit."""

    kind: str
    ledger: Ledger
    desk: Desk
    reader: PlateReader | None
    io: LaneIo | None
    board: Signboard | None
    clock: Clock
    on_step: OnStep
    merge: Merge | None = None
    """The conflict group this lane belongs to."""
    on_shown: Callable[[], None] = lambda: None
    """Told when the board has been read back. For the glass."""


class PointRuntime:
    """One point, alive. `post` may be called from anywhere on the loop; `run` does the rest."""

    def __init__(self, machine: Machine, boot_id: str, around: Surroundings) -> None:
        self.machine = machine
        self.around = around
        self.state = PointState()
        self.fault_reasons: dict[str, str] = {}
        self.settled = asyncio.Event()
        """Set once the snapshot is restored and the devices are being listened to."""
        self._waiting_since: float | None = None
        self._day: date | None = None
        """Of the last step on record; each day's first says where a replay may take up."""
        self._boot_id = boot_id
        self._events: asyncio.Queue[tuple[Event, asyncio.Future[Step] | None]] = asyncio.Queue()
        self.due: datetime | None = None
        """When the deadline of the state falls, by this box's clock; for people to look at."""
        self._due_of: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._requests: asyncio.TaskGroup | None = None
        self._actuation = Actuation(
            machine.config.name,
            around.io,
            around.board,
            around.clock,
            self.post,
            lambda: may_lower(machine.config, self.state, around.clock.now().mono),
            lambda: self.state.message,
            around.on_shown,
        )
        self._devices: list[asyncio.Task[None]] = []
        if around.merge is not None:
            feedback = machine.config.fitted.feedback
            around.merge.join(self.name, Member(lambda: self.state, feedback, self.post))

    @property
    def name(self) -> str:
        """The point's name."""
        return self.machine.config.name

    def post(self, event: Event) -> None:
        """Queue an event."""
        self._note_fault(event)
        self._put(event, None)

    def _put(self, event: Event, answer: asyncio.Future[Step] | None) -> None:
        if self._waiting_since is None:
            self._waiting_since = event.at.mono
        self._events.put_nowait((event, answer))

    def has_waited(self, now: float) -> float:
        """Tell for how many seconds events have waited without a single step."""
        return 0.0 if self._waiting_since is None else now - self._waiting_since

    async def tell(self, event: Event) -> Step:
        """Queue an event and wait for the step it caused to be committed."""
        answer: asyncio.Future[Step] = asyncio.get_running_loop().create_future()
        self._put(event, answer)
        return await answer

    async def orders_done(self) -> None:
        """Return once every device command so far has been carried out, withdrawn or refused."""
        await self._actuation.done()

    async def run(self) -> None:
        """Restore, start in RECOVERY, and step until cancelled. A database that refuses ends it."""
        self.state = await self._restore()
        try:
            async with asyncio.TaskGroup() as group:
                self._requests = group
                await self._take(Started(at=self.around.clock.now(), boot_id=self._boot_id))
                self._actuation.refresh_board()  # a sign keeps the text of before
                self._take_devices(group)
                group.create_task(self._actuation.run())
                group.create_task(self._step_on())
                self.settled.set()
        finally:
            self._answer_nobody()

    def _take_devices(self, group: asyncio.TaskGroup) -> None:
        """Hold the devices' links - unless they are an engineer's."""
        if self.state.phase is Phase.MAINTENANCE:
            return
        devices = (self.around.io, self.around.board)
        self._devices = [group.create_task(device.run(self.post)) for device in devices if device is not None]

    async def _let_go(self) -> None:
        """Leave the devices to the engineer, once they have been told what to show meanwhile."""
        await self._actuation.done()
        if self.state.phase is Phase.MAINTENANCE:
            await self._release_devices()

    async def _take_back(self, group: asyncio.TaskGroup) -> None:
        """Begin anew with every device: what was last told of its inputs no longer counts."""
        await self._release_devices()
        self._take_devices(group)

    async def _release_devices(self) -> None:
        devices, self._devices = self._devices, []
        for device in devices:
            device.cancel()
        await asyncio.gather(*devices, return_exceptions=True)
        for role in (DeviceRole.IO, DeviceRole.BOARD):
            self.fault_reasons.pop(role.value, None)

    async def _restore(self) -> PointState:
        snapshot = await self.around.ledger.snapshot(self.name)
        if snapshot is None:
            return PointState()
        try:
            return load_state(snapshot)
        except ValueError as error:
            raise StoreError(f"the snapshot of {self.name} in journal.db cannot be read: {error}") from error

    async def _step_on(self) -> None:
        while True:
            event, answer = await self._events.get()
            try:
                step = await self._take(event)
            except BaseException as error:
                if answer is not None and not answer.done():
                    answer.set_exception(
                        StoreError(f"{self.name} stopped: {error}")
                        if isinstance(error, asyncio.CancelledError)
                        else error
                    )
                raise
            if answer is not None and not answer.done():
                answer.set_result(step)
            self._waiting_since = None if self._events.empty() else self.around.clock.now().mono

    def _answer_nobody(self) -> None:
        """Whoever still waits for a step learns that there will be none."""
        while not self._events.empty():
            _, answer = self._events.get_nowait()
            if answer is not None and not answer.done():
                answer.set_exception(StoreError(f"{self.name} has stopped"))

    async def _take(self, event: Event) -> Step:
        """Step, commit, act. A stop is sent before the commit: it never waits for a disk."""
        before = self.state
        step = self.machine.step(before, event)
        if step.state == before and not step.commands:
            return step
        if any(isinstance(command, StopBarrier) for command in step.commands):
            await self._actuation.stop_barrier()
        day = event.at.utc.date()
        begins = None if day == self._day else Beginning(self.around.kind, self.machine.config, before)
        await self.around.ledger.commit(step_record(self.name, before, event, step, begins))
        self.state, self._day = step.state, day
        if before.phase is not step.state.phase:
            self._actuation.withdraw_pulse()
            self._hand_over(before.phase, step.state.phase)
            log.info(
                "lane.phase",
                point=self.name,
                was=before.phase.value,
                now=step.state.phase.value,
                on=type(event).__name__,
            )
        for command in step.commands:
            self._dispatch(command)
        self._set_timer()
        if self.around.merge is not None:
            self.around.merge.note()
        self.around.on_step(self.name, step)
        return step

    def _hand_over(self, before: Phase, after: Phase) -> None:
        if self._requests is None:
            return
        if after is Phase.MAINTENANCE:
            self._requests.create_task(self._let_go())
        elif before is Phase.MAINTENANCE:
            self._requests.create_task(self._take_back(self._requests))

    def _dispatch(self, command: Command) -> None:
        match command:
            case (
                RaiseBarrier()
                | RaiseOnce()
                | OpenInEmergency()
                | LowerBarrier()
                | SetSignal()
                | ShowMessage()
            ):
                self._actuation.order(command)
            case StartReading(passage_id=passage_id) if self.around.reader is not None:
                self.around.reader.start_reading(self.name, passage_id)
            case StopReading(passage_id=passage_id) if self.around.reader is not None:
                self.around.reader.stop_reading(self.name, passage_id)
            case ClaimWay(passage_id=passage_id) if self.around.merge is not None:
                self.around.merge.claim(self.name, passage_id)
            case Identify() | FindVisit() | RegisterPassage() if self._requests is not None:
                self._requests.create_task(self._ask(command))
            case _:
                pass  # records are in the journal already; a stop was sent before it

    async def _ask(self, request: Identify | FindVisit | RegisterPassage) -> None:
        around = self.around
        match request:
            case Identify():
                terminal = around.kind == "terminal"
                self.post(await around.desk.identify(self.name, request, at_terminal=terminal))
            case FindVisit():
                self.post(await around.desk.find_visit(request, leaving=around.kind == "exit"))
            case RegisterPassage(visit_id=visit_id):
                now = await around.ledger.register(visit_id, self.name, around.clock.now().utc)
                self.post(
                    RegistrationCommitted(
                        at=around.clock.now(),
                        visit_id=visit_id,
                        check_ordered=now.check_ordered,
                        held=now.held,
                    )
                )

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due_of != self.state.deadline:
            # Once for each deadline: told anew with every step it would seem to move.
            self._due_of, self.due = self.state.deadline, self._utc_of(self.state.deadline)
        if self.state.deadline is not None:
            wait = max(0.0, self.state.deadline - self.around.clock.now().mono)
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait, self._time_elapsed)

    def _utc_of(self, mono: float | None) -> datetime | None:
        now = self.around.clock.now()
        return None if mono is None else now.utc + timedelta(seconds=mono - now.mono)

    def _time_elapsed(self) -> None:
        now = self.around.clock.now()
        if self.state.deadline is not None and now.mono < self.state.deadline:
            self._set_timer()  # the loop's timer fired a hair early
            return
        self.post(TimeElapsed(at=now))

    def _note_fault(self, event: Event) -> None:
        if isinstance(event, DeviceFaulted):
            self.fault_reasons[event.device.value] = event.reason
            log.warning("device.faulted", point=self.name, device=event.device.value, reason=event.reason)
        elif isinstance(event, DeviceRecovered):
            self.fault_reasons.pop(event.device.value, None)
            log.info("device.recovered", point=self.name, device=event.device.value)
            if event.device is DeviceRole.BOARD:
                self._actuation.refresh_board()
            elif self._has_signal(event.device) and self.state.phase is not Phase.PASSING:
                # The red of the moment its link broke did not reach it.
                self._actuation.order(SetSignal(Aspect.RED))

    def _has_signal(self, device: DeviceRole) -> bool:
        return device is DeviceRole.IO and self.around.kind in ("entry", "exit")
