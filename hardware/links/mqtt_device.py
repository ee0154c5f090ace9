"""One device on the broker, as its driver sees it: known or not, commanded, acknowledged.

Known means: its present boot has spoken live (a retained message is hearsay) and its last
state is no older than the heartbeat limit. Nothing else may be believed or commanded.

A line that stalled gives out what it held all at once, the oldest first. So the word that ends a
silence is not taken alone: of what comes in the moment after it, the newest is.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.events import Aspect
from hardware.links.contract import (
    EXPIRY_SECONDS,
    HEARTBEAT_LIMIT_SECONDS,
    TTL_MS,
    Ack,
    Address,
    Availability,
    Command,
    DeviceNote,
    DeviceState,
    Kind,
    PayloadRefusedError,
    read_payload,
)
from hardware.links.mqtt import MqttLink

log = structlog.get_logger()

ACK_SECONDS = 1.0
"""A device that has not answered by then has not accepted; its command dies at the broker soon after."""
_OPEN_COMMANDS = 32

State = TypeVar("State", bound=DeviceState)
Failed = Callable[[str | None, str], None]
"""(decision_id, reason): a command was accepted and then failed."""


class _Waiting:
    """A command whose answer is awaited."""

    def __init__(self, until: Literal["accepted", "done"], decision_id: str | None) -> None:
        self.until = until
        self.decision_id = decision_id
        self.answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def settle(self, reason: str | None) -> None:
        if not self.answer.done():
            self.answer.set_result(reason)


class MqttDevice(Generic[State]):
    """`on_state` gets every live state of the present boot; `on_lost` is called at every loss.

    `on_failed` gets commands that were accepted and then failed.
    """

    def __init__(
        self,
        link: MqttLink,
        address: Address,
        model: type[State],
        clock: Clock,
        *,
        on_state: Callable[[State], None],
        on_lost: Callable[[str], None],
        on_failed: Failed,
        heartbeat_limit: float = HEARTBEAT_LIMIT_SECONDS,
    ) -> None:
        self._link = link
        self._address = address
        self._model = model
        self._clock = clock
        self._on_state = on_state
        self._on_lost = on_lost
        self._on_failed = on_failed
        self._limit = heartbeat_limit
        self._state: State | None = None
        self._heard_at = 0.0
        # The newest word since a silence, and when it is to be believed.
        self._newest: State | None = None
        self._believing: asyncio.TimerHandle | None = None
        self._lost_reason: str | None = None
        self._lane_seq = 0
        # Kept while the device is away: what was said before it went must not pass for new.
        self._boot: str | None = None
        self._seq = -1
        self._retired: deque[str] = deque(maxlen=16)
        self._waiting: dict[str, _Waiting] = {}
        self._accepted: dict[str, str | None] = {}
        self._past: dict[str, str] = {}

    @property
    def state(self) -> State | None:
        """The newest state, while the device is known."""
        return self._state

    async def run(self) -> None:
        """Attend to the device until cancelled."""
        # A silent device is found by its missing heartbeat, so the limit also is the grace at start.
        self._heard_at = self._clock.now().mono
        self._state = None
        self._lost_reason = None
        leave = self._link.attend(self._address, self._heard, self._link_changed)
        try:
            while True:
                await self._clock.sleep(self._limit / 6)
                if self._clock.now().mono - self._heard_at > self._limit:
                    away = self._link.reason
                    self._lose(
                        away or f"no heartbeat for {self._limit:g} s on {self._address.topic('state')}"
                    )
        finally:
            leave()
            self._forget_newest()
            self._give_up("the gate stops attending to it")

    async def command(
        self,
        do: Literal["raise", "lower", "stop", "signal", "show"],
        *,
        until: Literal["accepted", "done"] = "accepted",
        decision_id: str | None = None,
        aspect: Aspect | None = None,
        lines: tuple[str, str] | None = None,
        colour: str | None = None,
    ) -> None:
        """Send one command, once, and wait for its answer; DeviceError when it is not as asked."""
        state = self._state
        if state is None or self._clock.now().mono - self._heard_at > self._limit:
            raise DeviceError(f"{self._name}: {self._lost_reason or 'not heard from yet'}; {do} not sent")
        self._lane_seq = max(self._lane_seq, state.lane_seq) + 1
        command = Command(
            cmd_id=uuid.uuid4().hex,
            boot_id=state.boot_id,
            lane_seq=self._lane_seq,
            state_seq=state.seq,
            ttl_ms=TTL_MS,
            decision_id=decision_id,
            do=do,
            aspect=aspect,
            lines=lines,
            colour=colour,
        )
        waiting = self._waiting[command.cmd_id] = _Waiting(until, decision_id)
        try:
            self._link.publish(self._address.topic("cmd"), command.dump(), expiry=EXPIRY_SECONDS)
            async with asyncio.timeout(ACK_SECONDS):
                reason = await waiting.answer
        except TimeoutError:
            raise DeviceError(f"{self._name}: {do} not answered within {ACK_SECONDS:g} s") from None
        finally:
            del self._waiting[command.cmd_id]
            if command.cmd_id not in self._past:
                self._over(command.cmd_id, "late-ack")
        if reason is not None:
            raise DeviceError(f"{self._name}: {do} refused: {reason}")

    @property
    def _name(self) -> str:
        return f"{self._address.lane} {self._address.device}"

    def _heard(self, kind: Kind, payload: bytes, retained: bool) -> None:
        try:
            match kind:
                case "state":
                    state = read_payload(self._model, payload)
                    if not retained:  # a retained state is what the device said in another life
                        self._hear_state(state)
                case "availability":
                    availability = read_payload(Availability, payload)
                    if not retained:
                        self._hear_availability(availability)
                case "ack":
                    self._hear_ack(read_payload(Ack, payload), retained)
                case "event":
                    note = read_payload(DeviceNote, payload)
                    log.info("mqtt.device_note", device=self._name, what=note.what, retained=retained)
                case "cmd":
                    self._link.refuse("foreign-command", self._address.topic(kind))
        except PayloadRefusedError as refused:
            self._link.refuse(refused.reason, self._address.topic(kind), str(refused))

    def _hear_state(self, state: State) -> None:
        if state.boot_id in self._retired:
            raise PayloadRefusedError("old-boot", f"boot {state.boot_id} is over")
        if state.boot_id != self._boot:
            if self._boot is not None:
                self._retired.append(self._boot)
            if self._state is not None:
                self._lose("the device restarted")
        elif state.seq <= self._seq:
            raise PayloadRefusedError("old-sequence", f"seq {state.seq} after {self._seq}")
        self._boot, self._seq = state.boot_id, state.seq
        self._heard_at = self._clock.now().mono
        if self._state is not None:
            self._believe(state)
            return
        self._newest = state
        if self._believing is None:
            loop = asyncio.get_running_loop()
            self._believing = loop.call_later(self._limit / 6, self._believe_newest)

    def _believe(self, state: State) -> None:
        self._state = state
        self._lost_reason = None
        self._on_state(state)

    def _believe_newest(self) -> None:
        newest = self._newest
        self._forget_newest()
        if newest is not None:
            self._believe(newest)

    def _forget_newest(self) -> None:
        if self._believing is not None:
            self._believing.cancel()
        self._newest = self._believing = None

    def _hear_availability(self, availability: Availability) -> None:
        known = self._state or self._newest
        if availability.state == "offline" and known is not None and known.boot_id == availability.boot_id:
            self._lose("the device went offline")

    def _hear_ack(self, ack: Ack, retained: bool) -> None:
        if retained:
            raise PayloadRefusedError("retained-ack", "an ack must not be retained")
        if self._state is None or ack.boot_id != self._state.boot_id:
            known = ack.boot_id == self._boot or ack.boot_id in self._retired
            raise PayloadRefusedError("old-boot" if known else "unknown-boot", f"ack of boot {ack.boot_id}")
        waiting = self._waiting.get(ack.cmd_id)
        was_accepted = ack.cmd_id in self._accepted
        over = self._past.get(ack.cmd_id, "unknown-command" if waiting is None else None)
        if over is not None and not was_accepted:
            raise PayloadRefusedError(over, f"{ack.result} of {ack.cmd_id}")
        if ack.result == "accepted":
            if was_accepted:
                raise PayloadRefusedError("replayed-ack", f"accepted again of {ack.cmd_id}")
            if waiting is not None:
                self._accepted[ack.cmd_id] = waiting.decision_id
                if len(self._accepted) > _OPEN_COMMANDS:  # a device that never says done
                    del self._accepted[next(iter(self._accepted))]
                if waiting.until == "accepted":
                    waiting.settle(None)
            return
        decision_id = self._accepted.pop(ack.cmd_id, None)
        self._over(ack.cmd_id, "replayed-ack")
        if waiting is not None and not waiting.answer.done():
            waiting.settle(None if ack.result == "done" else ack.reason or ack.result)
        elif was_accepted and ack.result != "done":
            self._on_failed(decision_id, ack.reason or ack.result)

    def _over(self, cmd_id: str, reason: str) -> None:
        """Nothing more is expected of this command: what still comes is refused for `reason`."""
        self._past[cmd_id] = reason
        if len(self._past) > _OPEN_COMMANDS:
            del self._past[next(iter(self._past))]

    def _link_changed(self, available: bool, reason: str) -> None:
        if not available:
            self._lose(reason)

    def _lose(self, reason: str) -> None:
        self._state = None
        self._forget_newest()
        self._lost_reason = reason
        self._give_up(reason)
        self._on_lost(reason)

    def _give_up(self, reason: str) -> None:
        for waiting in self._waiting.values():
            waiting.settle(reason)
        self._accepted.clear()
