"""The ground itself: emulated devices at the far end of real links, and vehicles standing on them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gate.lanes.events import BarrierPosition, Detector
from gate.settings import (
    AlphaSerial,
    ModbusRtu,
    ModbusTcp,
    MqttSettings,
    NtcipBoard,
    PointSettings,
    SiteSettings,
    wired,
)
from hardware.emulators.alpha_board import AlphaBoard
from hardware.emulators.camera import CameraServer
from hardware.emulators.lane import EmulatedLane
from hardware.emulators.modbus_board import ModbusBoard
from hardware.emulators.modbus_tcp_board import ModbusTcpBoard
from hardware.emulators.mqtt_board import MqttBoard
from hardware.emulators.mqtt_io import MqttIoDevice
from hardware.emulators.ntcip_sign import NtcipSign

_LOOP_SECONDS = 0.25
PATIENCE = 90.0
"""Seconds after which a played driver gives up and says what was on the board."""


class Runnable(Protocol):
    """An emulated device that serves a link."""

    async def start(self) -> None:
        """Serve."""
        ...

    async def stop(self) -> None:
        """Stop."""
        ...


@dataclass(slots=True)
class Stay:
    """A vehicle stood at a point from `since` to `until`: the truth the plate reads are held against."""

    point: str
    mark: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Place:
    """One point on the ground."""

    name: str
    lane: EmulatedLane
    board: AlphaBoard | MqttBoard | NtcipSign | None
    room: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One vehicle at a time."""

    def lines(self) -> tuple[str, ...]:
        """Read the board, line by line."""
        return self.board.lines if self.board is not None else ()

    def sign(self) -> str:
        """Read the board's English line."""
        lines = self.lines()
        return lines[-1] if lines else ""

    async def sign_says(self, wanted: Callable[[str], bool]) -> str:
        """Wait until the board's English line satisfies `wanted`; return it."""
        if self.board is None:
            raise AssertionError(f"{self.name} has no board to read")
        await self.board.wait_until(lambda: wanted(self.sign()), PATIENCE)
        return self.sign()

    async def barrier_is(self, position: BarrierPosition) -> None:
        """Wait for the barrier."""
        await self.lane.wait_until(lambda: self.lane.barrier is position, PATIENCE)

    @property
    def is_up(self) -> bool:
        """The way is open."""
        return self.lane.barrier is BarrierPosition.UP


class Yard:
    """All places of one site, and its cameras."""

    def __init__(self, settings: SiteSettings, cameras: CameraServer) -> None:
        self.cameras = cameras
        self.stays: list[Stay] = []
        self.places: dict[str, Place] = {}
        self._devices: list[Runnable] = []
        for point in settings.points:
            if point.io is None:
                continue
            lane = EmulatedLane(point.name)
            self._devices.append(_io(settings, point, lane))
            board = _board(settings, point)
            if board is not None:
                self._devices.append(board)
            self.places[point.name] = Place(point.name, lane, board)
            cameras.show(point.name, None)

    async def start(self) -> None:
        """Power everything."""
        for device in self._devices:
            await device.start()

    async def stop(self) -> None:
        """Power everything down."""
        for device in reversed(self._devices):
            await device.stop()
        for place in self.places.values():
            place.lane.close()

    def arrive(self, point: str, mark: str, picture: NDArray[np.uint8]) -> Stay:
        """Roll up: seen by the camera, felt by the arming detector."""
        stay = Stay(point, mark, datetime.now(UTC))
        self.stays.append(stay)
        self.cameras.show(point, picture)
        self.places[point].lane.set_detector(Detector.ARMING, occupied=True)
        return stay

    def leave(self, stay: Stay) -> None:
        """Roll off the arming detector, out of the picture."""
        stay.until = datetime.now(UTC)
        self.cameras.show(stay.point, None)
        self.places[stay.point].lane.set_detector(Detector.ARMING, occupied=False)

    async def drive_through(
        self, stay: Stay, seconds: float, felt: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Pass under the open barrier: safety detector occupied before arming clears, as lorries do.

        `felt` returns once the gate has seen it under the boom: no lorry is faster than that.
        """
        # However much time is pressed together, nobody drives over a loop between two polls of a board.
        seconds = max(seconds, _LOOP_SECONDS)
        lane = self.places[stay.point].lane
        for detector in (Detector.SAFETY, Detector.PHOTO_EYE):
            lane.set_detector(detector, occupied=True)
        await asyncio.sleep(seconds)
        if felt is not None:
            await felt()
        self.leave(stay)
        lane.set_detector(Detector.EXIT, occupied=True)
        await asyncio.sleep(seconds)
        for detector in (Detector.SAFETY, Detector.PHOTO_EYE, Detector.EXIT):
            lane.set_detector(detector, occupied=False)


def _io(settings: SiteSettings, point: PointSettings, lane: EmulatedLane) -> Runnable:
    if isinstance(point.io, ModbusRtu):
        inputs = wired(point.io, barrier=point.fitted.barrier)
        return ModbusBoard(lane, Path(point.io.port), unit=point.io.unit, inputs=inputs)
    if isinstance(point.io, ModbusTcp):
        inputs = wired(point.io, barrier=point.fitted.barrier)
        return ModbusTcpBoard(lane, point.io.host, point.io.port, unit=point.io.unit, inputs=inputs)
    mqtt = _mqtt(settings)
    return MqttIoDevice(mqtt.host, mqtt.port, settings.site, lane)


def _board(settings: SiteSettings, point: PointSettings) -> AlphaBoard | MqttBoard | NtcipSign | None:
    match point.board:
        case None:
            return None
        case AlphaSerial(port=port):
            return AlphaBoard(Path(port))
        case NtcipBoard(port=port, community_file=Path() as secret):
            return NtcipSign(community=secret.read_text(encoding="utf-8").strip(), port=port)
        case NtcipBoard():
            raise AssertionError("the yard's road signs are asked by community")
    mqtt = _mqtt(settings)
    return MqttBoard(mqtt.host, mqtt.port, settings.site, point.name)


def _mqtt(settings: SiteSettings) -> MqttSettings:
    if settings.mqtt is None:
        raise AssertionError("settings with an mqtt device have an mqtt section")
    return settings.mqtt
