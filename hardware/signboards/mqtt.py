"""A board as an MQTT device, by the topic contract (hardware/links/contract)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage
from gate.lanes.ports import Post, Shown
from gate.lanes.signage import DEFAULT, Wording, sign
from hardware.links.contract import HEARTBEAT_LIMIT_SECONDS, Address, BoardState
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_device import MqttDevice
from hardware.signboards.health import BoardHealth

log = structlog.get_logger()

_RETRY_SECONDS = 1.0
_CONFIRM_SECONDS = 1.0
"""A board says what it shows before it says "done"; so much later it shows something else."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    lines: tuple[str, str]
    colour: str
    message: BoardMessage


class MqttSign:
    """What was last asked for stays wanted, and is shown again when the board returns without it.

    The board's own state is the readback: one that says "done" and shows something else is a fault.
    """

    def __init__(
        self,
        link: MqttLink,
        address: Address,
        clock: Clock,
        *,
        wording: Wording = DEFAULT,
        heartbeat_limit: float = HEARTBEAT_LIMIT_SECONDS,
    ) -> None:
        self._clock = clock
        self._point = address.lane
        self._wording = wording
        self._wanted: _Wanted | None = None
        self._health = BoardHealth(address.lane, clock)
        self._turn = asyncio.Lock()
        self._orders = 0
        self._differs = asyncio.Event()
        self._said = asyncio.Event()
        self._device: MqttDevice[BoardState] = MqttDevice(
            link,
            address,
            BoardState,
            clock,
            on_state=self._state_heard,
            on_lost=self._health.fault,
            on_failed=self._failed,
            heartbeat_limit=heartbeat_limit,
        )

    @property
    def readback(self) -> Shown | None:
        """What it says it shows; nobody knows of a board that is away."""
        state, wanted = self._device.state, self._wanted
        if state is None:
            return None
        ours = wanted is not None and self._same(state, wanted)
        return Shown(state.lines, wanted.message if wanted is not None and ours else None)

    async def run(self, post: Post) -> None:
        """Attend to the board until cancelled."""
        self._health.attend(post)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._device.run(), name=f"{self._point} board")
            tasks.create_task(self._mend(), name=f"{self._point} board text")

    async def show(self, message: BoardMessage) -> None:
        """Return once the board shows the text, by its own state."""
        said = sign(message, self._wording)
        colour = "amber" if said.corridor is None else said.corridor.value.lower()
        self._wanted = _Wanted(said.lines, colour, message)
        if self._health.reason is not None:
            self._differs.set()
            raise DeviceError(self._health.reason)
        self._orders += 1
        try:
            async with self._turn:
                await self._put(self._wanted)
        except DeviceError as error:
            if self._device.state is not None:  # a board not yet heard from is not at fault before its time
                self._health.fault(str(error))
                self._differs.set()
            raise
        finally:
            self._orders -= 1

    async def _put(self, wanted: _Wanted) -> None:
        """Command it and see it shown. The caller holds the turn."""
        await self._device.command("show", until="done", lines=wanted.lines, colour=wanted.colour)
        try:
            async with asyncio.timeout(_CONFIRM_SECONDS):
                while not self._shows(wanted):
                    self._said.clear()
                    await self._said.wait()
        except TimeoutError:
            raise DeviceError(f"{self._point} board took the text and shows something else") from None

    async def _mend(self) -> None:
        while True:
            await self._differs.wait()
            self._differs.clear()
            async with self._turn:
                wanted = self._wanted
                # An order that waits its turn will set it right itself; a board that is away says so itself.
                if self._orders or wanted is None or self._device.state is None or self._shows(wanted):
                    continue
                try:
                    log.warning("board.shows_another", point=self._point, action="writing ours again")
                    await self._put(wanted)
                except DeviceError as error:
                    self._health.fault(str(error))
                    await self._clock.sleep(_RETRY_SECONDS)

    def _state_heard(self, state: BoardState) -> None:
        self._said.set()
        if self._wanted is None or self._same(state, self._wanted):
            self._health.well()
        else:
            self._differs.set()

    def _shows(self, wanted: _Wanted) -> bool:
        state = self._device.state
        return state is not None and self._same(state, wanted)

    @staticmethod
    def _same(state: BoardState, wanted: _Wanted) -> bool:
        return (state.lines, state.colour) == (wanted.lines, wanted.colour)

    def _failed(self, _decision_id: str | None, reason: str) -> None:
        log.warning("board.command_failed", point=self._point, reason=reason)
