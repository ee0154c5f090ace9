"""A point's devices with nobody but us at the near end: run, listened to, remembered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from gate.clock import Clock
from gate.lanes.events import (
    ActuationFailed,
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Detector,
    DetectorChanged,
    DeviceEvent,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    Occupancy,
)
from gate.lanes.ports import Post
from gate.settings import PointSettings, SiteSettings
from hardware.cameras.catalogue import build_camera
from hardware.cameras.port import Camera
from hardware.catalogue import PointDevices, build_point_devices
from hardware.kiosk.catalogue import KioskDevices, build_kiosk_devices
from hardware.links.mqtt import MqttLink

UNKNOWN = "unknown"
_CAMERA_SECONDS = 0.5
_CAMERA_GRACE = 3.0
"""For the first picture: before it no camera has one."""

Note = Callable[[DeviceRole, str], None]
"""Something a device said that is no event of a lane: a key, a scan's length, a picture's size."""
Listen = Callable[[Post, Note], Awaitable[None]]
"""Attend to one device until cancelled."""


def site_link(site: SiteSettings, points: tuple[PointSettings, ...], clock: Clock) -> MqttLink | None:
    """A client of our own at the broker, if these points need one: the gate's must not be thrown out."""
    wanted = any(
        getattr(getattr(point, role), "driver", "") == "mqtt"
        for point in points
        for role in type(point).model_fields
    )
    if site.mqtt is None or not wanted:
        return None
    return MqttLink(site.mqtt, site.site, clock, client_id=f"gate-{site.site}-device-{os.getpid()}")


def listeners(
    point: PointSettings, devices: PointDevices, kiosk: KioskDevices, clock: Clock
) -> Mapping[DeviceRole, Listen]:
    """Every device of the point, with how to attend to it. A new family is one line here.

    Of a scan or a key only that it came is told, never what it was (3.6).
    """
    found: dict[DeviceRole, Listen] = {}
    if (io := devices.io) is not None:
        found[DeviceRole.IO] = lambda post, _note: io.run(post)
    if (board := devices.board) is not None:
        found[DeviceRole.BOARD] = lambda post, _note: board.run(post)
    if point.camera is not None:
        camera = build_camera(point.camera)
        found[DeviceRole.CAMERA] = lambda post, note: attend_camera(camera, clock, post, note)
    if (scanner := kiosk.scanner) is not None:
        found[DeviceRole.SCANNER] = lambda post, note: scanner.run(
            post, lambda text: note(DeviceRole.SCANNER, f"a scan of {len(text)} characters")
        )
    if (keypad := kiosk.keypad) is not None:
        found[DeviceRole.KEYPAD] = lambda post, note: keypad.run(
            post, lambda *_: note(DeviceRole.KEYPAD, "a key")
        )
    if (printer := kiosk.printer) is not None:
        found[DeviceRole.PRINTER] = lambda post, note: printer.run(
            post, lambda: note(DeviceRole.PRINTER, printer.state.value)
        )
    return found


class LaneAlone:
    """`async with LaneAlone(...) as lane:` - drivers and link run inside, nothing after.

    `inputs` holds every fitted input by name, "unknown" until told; `faults` every device that does
    not answer, with why; `answered` those heard from at least once.
    """

    def __init__(
        self,
        site: SiteSettings,
        point: PointSettings,
        mqtt: MqttLink | None,
        clock: Clock,
        *,
        told: Callable[[DeviceEvent], None] | None = None,
        note: Note | None = None,
    ) -> None:
        self.point = point
        self.devices = build_point_devices(site, point, mqtt, clock)
        self.inputs: dict[str, str] = dict.fromkeys(fitted_inputs(point), UNKNOWN)
        self.faults: dict[DeviceRole, str] = {}
        kiosk = build_kiosk_devices(site, point, clock)
        self.roles = listeners(point, self.devices, kiosk, clock)
        self.failed: list[ActuationFailed] = []
        self._told = told
        self._note = note
        self._notes: list[tuple[DeviceRole, str]] = []
        self._changed = asyncio.Event()
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        for role, listen in self.roles.items():
            task = self._group.create_task(_attend(listen, self.heard, self._noted), name=role.value)
            self._tasks.append(task)
        await asyncio.sleep(0)  # each attends before the link is up: else its first words are nobody's
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        if isinstance(error, asyncio.CancelledError):  # ours, or a driver's bug that the group will tell
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)

    def heard(self, event: DeviceEvent) -> None:
        """Remember what a driver posts, and pass it on."""
        match event:
            case DetectorChanged(detector=detector, state=state):
                self.inputs[detector.value] = state.value
            case ContactChanged(contact=contact, state=active):
                self.inputs[contact.value] = active.value
            case BarrierMoved(position=position):
                self.inputs["barrier"] = position.value
            case DeviceFaulted(device=role, reason=reason):
                self.faults[role] = reason
            case DeviceRecovered(device=role):
                self.faults.pop(role, None)
            case ActuationFailed():
                self.failed.append(event)
        if self._told is not None:
            self._told(event)
        self._changed.set()

    async def until(self, wanted: Callable[[], bool], seconds: float) -> bool:
        """Whether `wanted` came to hold within `seconds`; looked at after every event."""
        heed_interrupt()
        try:
            async with asyncio.timeout(seconds):
                while not wanted():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def detector(self, which: Detector) -> Occupancy:
        """What is known of it now; UNKNOWN too when it is not fitted."""
        return Occupancy(self.inputs.get(which.value, UNKNOWN))

    def contact(self, which: Contact) -> ContactState:
        """What is known of it now; UNKNOWN too when it is not fitted."""
        return ContactState(self.inputs.get(which.value, UNKNOWN))

    @property
    def barrier(self) -> BarrierPosition:
        """Where the boom is, by its limit switches."""
        return BarrierPosition(self.inputs.get("barrier", UNKNOWN))

    @property
    def known(self) -> bool:
        """Every fitted input is known."""
        return UNKNOWN not in self.inputs.values()

    def noted(self, role: DeviceRole) -> str | None:
        """The last thing this device said beside its events."""
        return next((what for whose, what in reversed(self._notes) if whose is role), None)

    def _noted(self, role: DeviceRole, what: str) -> None:
        self._notes = [*self._notes[-50:], (role, what)]
        if self._note is not None:
            self._note(role, what)
        self._changed.set()


def heed_interrupt() -> None:
    """CancelledError where Ctrl-C came and a library kept it to itself.

    Before Python 3.12 asyncio.wait_for does, pymodbus's too, when the answer comes in the same moment.
    """
    this = asyncio.current_task()
    if this is not None and this.cancelling():
        raise asyncio.CancelledError


def fitted_inputs(point: PointSettings) -> tuple[str, ...]:
    """The point's inputs by name: detectors, the boom's position, contacts."""
    if point.io is None:
        return ()
    fitted = point.fitted
    return (
        *(detector.value for detector in Detector if detector in fitted.detectors),
        *(("barrier",) if fitted.feedback else ()),
        *(contact.value for contact in Contact if contact in fitted.contacts),
    )


async def attend_camera(camera: Camera, clock: Clock, post: Post, note: Note) -> None:
    """A camera as a device: faulted while no pictures come, and a note of the first one's size."""
    camera.start()
    began, told, last = clock.now().mono, "", 0
    try:
        while True:
            fault = camera.fault or ""
            frame = camera.latest(last)
            if frame is not None and (fault or told or not last):
                height, width = frame.image.shape[:2]
                note(DeviceRole.CAMERA, f"a picture of {width}x{height}")
            last = frame.sequence if frame is not None else last
            if fault and not told and (last or clock.now().mono - began > _CAMERA_GRACE):
                told = fault
                post(DeviceFaulted(at=clock.now(), device=DeviceRole.CAMERA, reason=fault))
            elif told and not fault:
                told = ""
                post(DeviceRecovered(at=clock.now(), device=DeviceRole.CAMERA))
            await clock.sleep(_CAMERA_SECONDS)
    finally:
        await asyncio.to_thread(camera.stop)


async def _attend(listen: Listen, post: Post, note: Note) -> None:
    await listen(post, note)
