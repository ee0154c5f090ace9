"""Barrier and detectors of one point as an MQTT device, by the topic contract (hardware/links/contract)."""

from __future__ import annotations

import asyncio

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import ActuationFailed, Aspect, Detector
from gate.lanes.fitted import Fitted
from gate.lanes.ports import Post, Stands, at_once
from hardware.detectors.inputs import LaneInputs
from hardware.links.contract import HEARTBEAT_LIMIT_SECONDS, Address, IoState
from hardware.links.mqtt import MqttLink
from hardware.links.mqtt_device import MqttDevice

log = structlog.get_logger()

_RETRY_SECONDS = 1.0


class MqttLaneIo:
    """The device debounces its own detectors and times its own pulses; we believe it while it is known."""

    def __init__(
        self,
        link: MqttLink,
        address: Address,
        clock: Clock,
        *,
        fitted: Fitted,
        heartbeat_limit: float = HEARTBEAT_LIMIT_SECONDS,
    ) -> None:
        self._clock = clock
        self._lane = address.lane
        self._barrier = fitted.barrier
        self._post: Post | None = None
        self._aspect: Aspect | None = None
        self._turn = asyncio.Lock()
        self._orders = 0
        self._differs = asyncio.Event()
        self._inputs = LaneInputs(clock, address.lane, fitted)
        self._device: MqttDevice[IoState] = MqttDevice(
            link,
            address,
            IoState,
            clock,
            on_state=self._state_heard,
            on_lost=self._inputs.lost,
            on_failed=self._failed,
            heartbeat_limit=heartbeat_limit,
        )

    async def run(self, post: Post) -> None:
        """Attend to the device until cancelled."""
        self._post = post
        self._inputs.bind(post)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._device.run(), name=f"{self._lane} io")
            tasks.create_task(self._mend_signal(), name=f"{self._lane} signal")

    async def raise_barrier(self, command: RaiseBarrier, stands: Stands = at_once) -> None:
        """Return once the device has accepted the opening pulse."""
        self._require_barrier("raise", stands)
        await self._device.command("raise", decision_id=command.release_id)

    async def lower_barrier(self, command: LowerBarrier, stands: Stands = at_once) -> None:
        """Return once the device has accepted the closing pulse."""
        self._require_barrier("lower", stands)
        await self._device.command("lower", decision_id=command.decision_id)

    async def stop_barrier(self) -> None:
        """Return once the device has accepted the stop. A point without a barrier has nothing to stop."""
        if self._barrier:
            await self._device.command("stop")

    async def set_signal(self, aspect: Aspect) -> None:
        """Return once the device has set it. What was asked last stays wanted: a device that returns
        with another aspect is set to it.
        """
        self._aspect = aspect
        self._orders += 1
        try:
            async with self._turn:
                await self._device.command("signal", until="done", aspect=self._aspect)
        finally:
            self._orders -= 1

    def _require_barrier(self, what: str, stands: Stands) -> None:
        if not self._barrier:
            raise DeviceError(f"{self._lane} has no barrier")
        if not stands():
            raise DeviceError(f"{self._lane} io: {what} not sent, it was withdrawn")

    def _state_heard(self, state: IoState) -> None:
        if self._shows_other(state):
            self._differs.set()
        detectors = {
            Detector.ARMING: state.arming,
            Detector.SAFETY: state.safety,
            Detector.PHOTO_EYE: state.photo_eye,
            Detector.EXIT: state.exit,
        }
        self._inputs.report(detectors, state.barrier, state.contacts)

    def _shows_other(self, state: IoState | None) -> bool:
        wanted = self._aspect
        return state is not None and wanted is not None and state.signal is not wanted

    async def _mend_signal(self) -> None:
        while True:
            await self._differs.wait()
            self._differs.clear()
            async with self._turn:
                # The device tells what it shows before it tells "done": what differs now is not under way.
                # An order that waits its turn will set it right itself.
                if self._orders or not self._shows_other(self._device.state):
                    continue
                try:
                    await self._device.command("signal", until="done", aspect=self._aspect)
                except DeviceError as error:
                    log.warning("io.signal_not_mended", lane=self._lane, reason=str(error))
                    await self._clock.sleep(_RETRY_SECONDS)

    def _failed(self, decision_id: str | None, reason: str) -> None:
        if self._post is not None and decision_id is not None:
            self._post(ActuationFailed(at=self._clock.now(), decision_id=decision_id, reason=reason))
