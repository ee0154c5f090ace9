"""What every emulated MQTT device has: connection, last will, heartbeat, and a strict eye on commands."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import structlog

from gate.errors import DeviceError
from hardware.emulators.faults import Faults
from hardware.links.contract import (
    EXPIRY_SECONDS,
    HEARTBEAT_SECONDS,
    Ack,
    Address,
    Availability,
    Command,
    DeviceState,
    Kind,
    PayloadRefusedError,
    read_payload,
)
from hardware.links.mqtt_session import Message, MqttSession, Will
from hardware.links.mqtt_tls import ClientTls

log = structlog.get_logger()

_RECONNECT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command the device did not obey."""

    cmd_id: str
    reason: str


class EmulatedMqttDevice:
    """Serves until stopped, through broker restarts. `world` is muted, unplugged, rebooted by tests.

    `commands` are those obeyed, `refused` those not. Subclasses say what the state is (`state`)
    and do what is asked (`perform`).
    """

    def __init__(
        self, host: str, port: int, address: Address, world: Faults, *, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self._host = host
        self._port = port
        self.address = address
        self.world = world
        self._heartbeat = heartbeat
        self.account: tuple[str, str] | None = None
        """User name and password, where the broker wants them."""
        self.tls: ClientTls | None = None
        self._session: MqttSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._boot = ""
        self._seq = 0
        self._lane_seq = 0
        self._published: deque[tuple[int, float]] = deque(maxlen=64)
        self._seen: deque[str] = deque(maxlen=64)
        self.commands: list[Command] = []
        self.refused: list[RefusedCommand] = []
        world.on_change(self._wake.set)

    # --- for subclasses -----------------------------------------------------------------------------

    def state(self, boot_id: str, seq: int, lane_seq: int) -> DeviceState:
        """The state as it is now, under these numbers."""
        raise NotImplementedError

    def perform(self, command: Command) -> str | None:
        """Do it; the reason when it cannot be done."""
        raise NotImplementedError

    def acknowledge(self, command: Command, result: Literal["done", "failed"], reason: str = "") -> None:
        """Tell how an accepted command ended."""
        self._send("ack", Ack(boot_id=self._boot, cmd_id=command.cmd_id, result=result, reason=reason).dump())

    def publish_state(self) -> None:
        """Say the state now."""
        if self._session is None or self.world.muted:
            return
        self._seq += 1
        self._published.append((self._seq, time.monotonic()))
        self._send("state", self.state(self._boot, self._seq, self._lane_seq).dump(), retain=True)

    # --- life -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to serve; returns once it is on the broker, if the broker is there."""
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._serve(ready), name=f"emulated {self.address.topic('state')}")
        await ready.wait()

    async def stop(self) -> None:
        """Leave without ceremony, as devices do."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serve(self, ready: asyncio.Event) -> None:
        try:
            while True:
                if self.world.plugged:
                    try:
                        await self._stay(await self._connect(), ready)
                    except DeviceError as error:
                        log.debug("emulator.broker_away", device=self.address.topic("state"), why=str(error))
                    finally:
                        await self._disconnect()
                ready.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_RECONNECT_SECONDS):
                        await self._wake.wait()
                self._wake.clear()
        finally:
            await self._disconnect()

    async def _connect(self) -> MqttSession:
        if self._boot != self.world.boot_id:
            self._boot = self.world.boot_id
            self._seq = self._lane_seq = 0
            self._published.clear()
            self._seen.clear()
        offline = Availability(boot_id=self._boot, state="offline").dump()
        session = MqttSession(
            self._host,
            self._port,
            f"{self.address.site}-{self.address.lane}-{self.address.device}",
            self._heard,
            lambda _reason: self._wake.set(),
            username=self.account[0] if self.account else None,
            password=self.account[1] if self.account else None,
            will=Will(self.address.topic("availability"), offline),
            tls=self.tls,
        )
        await session.open([self.address.topic("cmd")])
        self._session = session
        return session

    async def _stay(self, session: MqttSession, ready: asyncio.Event) -> None:
        """Until unplugged, rebooted, or the broker is gone."""
        self._send("availability", Availability(boot_id=self._boot, state="online").dump(), retain=True)
        while session.is_open and self.world.plugged and self.world.boot_id == self._boot:
            self._wake.clear()
            self.publish_state()
            ready.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._heartbeat):
                    await self._wake.wait()

    async def _disconnect(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close(abruptly=True)

    def _send(self, kind: Kind, payload: bytes, *, retain: bool = False) -> None:
        # With the broker gone there is nobody to tell; _stay finds out by itself.
        if self._session is not None and self._session.is_open and not self.world.muted:
            self._session.publish(self.address.topic(kind), payload, retain=retain)

    # --- commands ---------------------------------------------------------------------------------------

    def _heard(self, message: Message) -> None:
        if self.world.muted:
            return
        try:
            command = read_payload(Command, message.payload)
        except PayloadRefusedError as error:
            self.refused.append(RefusedCommand("", error.reason))
            return
        reason = self._why_not(command, message)
        if reason is None:
            self._seen.append(command.cmd_id)
            self._lane_seq = max(self._lane_seq, command.lane_seq)
            self.commands.append(command)
            self._ack(command, "accepted")
            reason = self.perform(command)
            if reason is not None:
                self.acknowledge(command, "failed", reason)
            return
        self.refused.append(RefusedCommand(command.cmd_id, reason))
        self._ack(command, "refused", reason)

    def _why_not(self, command: Command, message: Message) -> str | None:
        if command.cmd_id in self._seen:
            return "repeated"
        if command.do == "stop":
            return None  # late or not, stopping is safe
        if message.retained:
            return "retained"
        if command.boot_id != self._boot:
            return "wrong-boot"
        if command.lane_seq <= self._lane_seq:
            return "old-sequence"
        return "expired" if self._is_late(command, message) else None

    def _is_late(self, command: Command, message: Message) -> bool:
        # The broker counts the expiry down in whole seconds while it holds the message.
        if message.expiry is None or not 0 < message.expiry <= EXPIRY_SECONDS:
            return True
        ttl = command.ttl_ms / 1000
        if EXPIRY_SECONDS - message.expiry > ttl:
            return True
        said_at = next((at for seq, at in self._published if seq == command.state_seq), None)
        return said_at is None or time.monotonic() - said_at > self._heartbeat + ttl

    def _ack(self, command: Command, result: Literal["accepted", "refused"], reason: str = "") -> None:
        self._send("ack", Ack(boot_id=self._boot, cmd_id=command.cmd_id, result=result, reason=reason).dump())
