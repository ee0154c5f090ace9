"""Printing what devices say: a line for every change, the table of inputs at the start and under each."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from datetime import datetime

import typer

from gate.cli.device.alone import UNKNOWN, LaneAlone, site_link
from gate.clock import Clock, SystemClock
from gate.lanes.events import (
    BarrierMoved,
    ContactChanged,
    DetectorChanged,
    DeviceEvent,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
)
from gate.settings import PointSettings, SiteSettings

SETTLE_SECONDS = 4.0
"""For the first word of every device: an MQTT device may take three seconds until its heartbeat."""


def watch_points(settings: SiteSettings, points: tuple[PointSettings, ...], *, as_json: bool) -> None:
    """Print until SIGINT or SIGTERM, then give the links back."""
    asyncio.run(_watch(settings, points, as_json=as_json))


async def _watch(settings: SiteSettings, points: tuple[PointSettings, ...], *, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = SystemClock()
    mqtt = site_link(settings, points, clock)
    async with AsyncExitStack() as stack:
        watchers = [Watcher(point, clock, as_json=as_json) for point in points]
        lanes = [
            await stack.enter_async_context(
                LaneAlone(settings, watcher.point, mqtt, clock, told=watcher.told, note=watcher.noted)
            )
            for watcher in watchers
        ]
        if mqtt is not None:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            stack.callback(group.create_task(mqtt.run()).cancel)
        for watcher, lane in zip(watchers, lanes, strict=True):
            watcher.begin(lane)
        settled = [
            asyncio.create_task(_settle(watcher, lane)) for watcher, lane in zip(watchers, lanes, strict=True)
        ]
        await stop.wait()
        for task in settled:
            task.cancel()
        await asyncio.gather(*settled, return_exceptions=True)


async def _settle(watcher: Watcher, lane: LaneAlone) -> None:
    await lane.until(lambda: lane.known, SETTLE_SECONDS)
    watcher.table(lane)


class Watcher:
    """One point's lines."""

    def __init__(self, point: PointSettings, clock: Clock, *, as_json: bool) -> None:
        self.point = point
        self._clock = clock
        self._json = as_json
        self._inputs: dict[str, str] = {}
        self._settled = False

    def begin(self, lane: LaneAlone) -> None:
        """Say what is watched."""
        self._inputs = dict(lane.inputs)
        devices = {role.value: _driver(self.point, role) for role in lane.roles}
        if self._json:
            self._line({"event": "watching", "devices": devices})
        else:
            named = ", ".join(f"{role} {driver}" for role, driver in devices.items()) or "no devices"
            typer.echo(f"{self.point.name} ({self.point.kind} {self.point.label}): {named}. Ctrl-C ends.")

    def table(self, lane: LaneAlone) -> None:
        """Every input as it stands."""
        self._settled = True
        if self._json:
            faults = {role.value: why for role, why in lane.faults.items()}
            self._line({"event": "inputs", "inputs": lane.inputs, "faults": faults})
            return
        typer.echo(f"{self.point.name} inputs:")
        for name, state in lane.inputs.items():
            typer.echo(f"    {name:<16}{state}")
        for role, why in lane.faults.items():
            typer.echo(f"    {role.value:<16}DOES NOT ANSWER: {why}")

    def told(self, event: DeviceEvent) -> None:
        """One event of a driver."""
        at = event.at.utc
        match event:
            case DetectorChanged(detector=detector, state=state):
                self._changed(at, detector.value, state.value)
            case ContactChanged(contact=contact, state=active):
                self._changed(at, contact.value, active.value)
            case BarrierMoved(position=position):
                self._changed(at, "barrier", position.value)
            case DeviceFaulted(device=device, reason=reason):
                self._say(at, {"event": "fault", "device": device.value, "reason": reason})
            case DeviceRecovered(device=device):
                self._say(at, {"event": "recovered", "device": device.value})
            case _:
                pass  # a command that failed: we send none

    def noted(self, role: DeviceRole, what: str) -> None:
        """Something beside the lane's events."""
        self._say(self._clock.now().utc, {"event": "note", "device": role.value, "what": what})

    def _changed(self, at: datetime, name: str, state: str) -> None:
        was, self._inputs[name] = self._inputs.get(name, UNKNOWN), state
        if was != state:
            self._say(at, {"event": "input", "input": name, "was": was, "is": state, "inputs": self._inputs})

    def _say(self, at: datetime, what: dict[str, object]) -> None:
        if self._json:
            self._line(what, at)
            return
        match what:
            case {"input": name, "was": was, "is": state}:
                said = f"{name}: {was} -> {state}"
            case {"event": "fault", "device": device, "reason": reason}:
                said = f"{device} DOES NOT ANSWER: {reason}"
            case {"event": "recovered", "device": device}:
                said = f"{device} answers again"
            case {"device": device, "what": words}:
                said = f"{device}: {words}"
            case _:
                raise AssertionError(what)
        local = at.astimezone()
        typer.echo(f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}  {self.point.name}  {said}")
        if self._settled and "input" in what:
            typer.echo(
                "              " + ", ".join(f"{name} {state}" for name, state in self._inputs.items())
            )

    def _line(self, what: dict[str, object], at: datetime | None = None) -> None:
        moment = at or self._clock.now().utc
        line = {"at": moment.isoformat(timespec="milliseconds"), "point": self.point.name, **what}
        typer.echo(json.dumps(line, ensure_ascii=False))


def _driver(point: PointSettings, role: DeviceRole) -> str:
    return str(getattr(getattr(point, role.value, None), "driver", role.value))
