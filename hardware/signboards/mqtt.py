"""A board as an MQTT device, by the topic contract (hardware/links/contract)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post
from gate.lanes.signage import board_lines
from hardware.links.contract import HEARTBEAT_LIMIT_SECONDS, Address, BoardState
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_device import MqttDevice

log = structlog.get_logger()

_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Wanted:
    lines: tuple[str, str]
    colour: str


class MqttSign:
    """What was last asked for stays wanted, and is shown again when the board returns without it."""

    def __init__(
        self,
        link: MqttLink,
        address: Address,
        clock: Clock,
        *,
        heartbeat_limit: float = HEARTBEAT_LIMIT_SECONDS,
    ) -> None:
        self._clock = clock
        self._point = address.lane
        self._wanted: _Wanted | None = None
        self._fault: str | None = None
        self._post: Post | None = None
        self._turn = asyncio.Lock()
        self._orders = 0
        self._differs = asyncio.Event()
        self._device: MqttDevice[BoardState] = MqttDevice(
            link,
            address,
            BoardState,
            clock,
            on_state=self._state_heard,
            on_lost=self._lost,
            on_failed=self._failed,
            heartbeat_limit=heartbeat_limit,
        )

    async def run(self, post: Post) -> None:
        """Attend to the board until cancelled."""
        self._post = post
        self._fault = None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._device.run(), name=f"{self._point} board")
            tasks.create_task(self._mend(), name=f"{self._point} board text")

    async def show(self, message: BoardMessage) -> None:
        """Return once the board says the text is shown."""
        colour = "amber" if message.corridor is None else message.corridor.value.lower()
        self._wanted = _Wanted(board_lines(message), colour)
        self._orders += 1
        try:
            async with self._turn:
                await self._send(self._wanted)
        finally:
            self._orders -= 1

    async def _send(self, wanted: _Wanted) -> None:
        await self._device.command("show", until="done", lines=wanted.lines, colour=wanted.colour)

    async def _mend(self) -> None:
        while True:
            await self._differs.wait()
            self._differs.clear()
            async with self._turn:
                wanted = self._wanted
                # An order that waits its turn will set it right itself.
                # The board said "done" after it said what it shows: what differs now is not in progress.
                if self._orders or wanted is None or not self._shows_other(self._device.state, wanted):
                    continue
                try:
                    await self._send(wanted)
                except DeviceError as error:
                    log.warning("board.text_not_mended", point=self._point, reason=str(error))
                    await self._clock.sleep(_RETRY_SECONDS)

    def _state_heard(self, state: BoardState) -> None:
        if self._fault is not None and self._post is not None:
            self._fault = None
            log.info("board.recovered", point=self._point)
            self._post(DeviceRecovered(at=self._clock.now(), device=DeviceRole.BOARD))
        if self._wanted is not None and self._shows_other(state, self._wanted):
            self._differs.set()

    @staticmethod
    def _shows_other(state: BoardState | None, wanted: _Wanted) -> bool:
        return state is not None and (state.lines, state.colour) != (wanted.lines, wanted.colour)

    def _lost(self, reason: str) -> None:
        if self._fault is None and self._post is not None:
            self._fault = reason
            log.warning("board.faulted", point=self._point, reason=reason)
            self._post(DeviceFaulted(at=self._clock.now(), device=DeviceRole.BOARD, reason=reason))

    def _failed(self, _decision_id: str | None, reason: str) -> None:
        log.warning("board.command_failed", point=self._point, reason=reason)
