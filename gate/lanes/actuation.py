"""Device commands on their way out: in order, each pulse at most once, and only while its decision stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import (
    BoardMessage,
    DeviceCommand,
    LowerBarrier,
    OpenInEmergency,
    RaiseBarrier,
    RaiseOnce,
    SetSignal,
    ShowMessage,
)
from gate.lanes.events import ActuationFailed
from gate.lanes.ports import LaneIo, Signboard

log = structlog.get_logger()

BOARD_RETRY_SECONDS = 2.0


class Actuation:
    """One point's outgoing lines. A failed pulse is told to the machine and never repeated."""

    def __init__(
        self,
        name: str,
        io: LaneIo | None,
        board: Signboard | None,
        clock: Clock,
        failed: Callable[[ActuationFailed], None],
        may_lower: Callable[[], bool],
        shown_now: Callable[[], BoardMessage],
        on_shown: Callable[[], None],
    ) -> None:
        self._name = name
        self._io = io
        self._board = board
        self._clock = clock
        self._failed = failed
        self._may_lower = may_lower
        self._shown_now = shown_now
        self._on_shown = on_shown
        # Signs have a line of their own: a dead board must not keep a barrier waiting.
        self._orders: asyncio.Queue[DeviceCommand] = asyncio.Queue()
        self._signs: asyncio.Queue[DeviceCommand] = asyncio.Queue()
        self._pulse: str | None = None
        self._board_retry: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Carry commands out until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._carry_out(self._orders))
            group.create_task(self._carry_out(self._signs))

    def order(self, command: DeviceCommand) -> None:
        """Put a command in its line. The newest pulse is the only one whose decision stands."""
        match command:
            case (
                RaiseBarrier(release_id=decision_id)
                | RaiseOnce(opening_id=decision_id)
                | OpenInEmergency(emergency_id=decision_id)
                | LowerBarrier(decision_id=decision_id)
            ):
                self._pulse = decision_id
                self._orders.put_nowait(command)
            case ShowMessage():
                self._signs.put_nowait(command)
            case _:
                self._orders.put_nowait(command)

    def withdraw_pulse(self) -> None:
        """A pulse still in line must not go out: its decision no longer stands."""
        self._pulse = None

    async def stop_barrier(self) -> None:
        """Stop now, past every line."""
        self.withdraw_pulse()  # before anything is awaited: a pulse in line must not follow the stop
        if self._io is None:
            return
        try:
            await self._io.stop_barrier()
        except DeviceError as error:
            log.error("device.stop_failed", point=self._name, why=str(error))

    def refresh_board(self) -> None:
        """Show what should stand on the board: showing again is no actuation."""
        if self._board_retry is not None:
            self._board_retry.cancel()
            self._board_retry = None
        if self._signs.empty():
            self._signs.put_nowait(ShowMessage(self._shown_now()))

    async def done(self) -> None:
        """Return once every command so far has been carried out, withdrawn or refused."""
        await self._orders.join()
        await self._signs.join()

    async def _carry_out(self, line: asyncio.Queue[DeviceCommand]) -> None:
        while True:
            command = await line.get()
            try:
                if self._is_stale(command):
                    log.warning("device.pulse_withdrawn", point=self._name, command=type(command).__name__)
                else:
                    await self._send(command)
            except DeviceError as error:
                if self._is_stale(command):
                    log.warning("device.pulse_withdrawn", point=self._name, command=type(command).__name__)
                else:
                    self._refused(command, error)
            finally:
                line.task_done()

    def _is_stale(self, command: DeviceCommand) -> bool:
        """A pulse that waited in line goes out only while its decision still stands (law 3)."""
        match command:
            case RaiseBarrier(release_id=release_id):
                return release_id != self._pulse
            case RaiseOnce(opening_id=opening_id):
                return opening_id != self._pulse
            case OpenInEmergency(emergency_id=emergency_id):
                return emergency_id != self._pulse
            case LowerBarrier(decision_id=decision_id):
                return decision_id != self._pulse or not self._may_lower()
            case _:
                return False

    async def _send(self, command: DeviceCommand) -> None:
        io, board = self._io, self._board

        def stands() -> bool:
            return not self._is_stale(command)

        match command:
            case RaiseBarrier() if io is not None:
                await io.raise_barrier(command, stands)
            case RaiseOnce(opening_id=opening_id) if io is not None:
                await io.raise_barrier(RaiseBarrier(opening_id), stands)
            case OpenInEmergency(emergency_id=emergency_id) if io is not None:
                await io.raise_barrier(RaiseBarrier(emergency_id), stands)
            case LowerBarrier() if io is not None:
                await io.lower_barrier(command, stands)
            case SetSignal(aspect=aspect) if io is not None:
                await io.set_signal(aspect)
            case ShowMessage(message=message) if board is not None:
                await board.show(message)
                self._on_shown()
            case _:
                pass  # a point without that device: its kiosk shows the message from the state

    def _refused(self, command: DeviceCommand, error: DeviceError) -> None:
        log.warning("device.refused", point=self._name, command=type(command).__name__, why=str(error))
        match command:
            case ShowMessage() if self._board_retry is None:
                loop = asyncio.get_running_loop()
                self._board_retry = loop.call_later(BOARD_RETRY_SECONDS, self.refresh_board)
            case (
                RaiseBarrier(release_id=decision_id)
                | RaiseOnce(opening_id=decision_id)
                | OpenInEmergency(emergency_id=decision_id)
                | LowerBarrier(decision_id=decision_id)
            ):
                at = self._clock.now()
                self._failed(ActuationFailed(at=at, decision_id=decision_id, reason=str(error)))
            case _:
                pass
