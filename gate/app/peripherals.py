"""The kiosks' scanners, keypads and printers: built by their settings, joined to their points, run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gate.clock import Clock
from gate.kiosk.booth import Booth
from gate.kiosk.stand import Stand
from gate.lanes.events import DeviceEvent
from gate.lanes.ports import Post
from gate.lanes.runtime import PointRuntime
from gate.settings import PointSettings, SiteSettings
from hardware.kiosk.catalogue import build_kiosk_devices


def has_devices(point: PointSettings) -> bool:
    """Whether the point has a scanner, a keypad or a printer."""
    return any(device is not None for device in (point.scanner, point.keypad, point.printer))


def has_kiosk(point: PointSettings) -> bool:
    """Whether drivers are heard and answered at the point, by a page or by devices."""
    return point.kiosk or has_devices(point)


@dataclass(frozen=True, slots=True)
class Peripherals:
    """Every point's, not yet running."""

    stands: Mapping[str, Stand]
    points: Mapping[str, PointRuntime]
    told: Callable[[], None]
    """Called after each word from a device: a fault's new reason is no step, and the console shows it."""

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, stand in self.stands.items():
                group.create_task(stand.run(self._post_to(self.points[name])), name=f"{name} kiosk")

    def _post_to(self, point: PointRuntime) -> Post:
        def post(event: DeviceEvent) -> None:
            point.post(event)
            self.told()

        return post


def build_peripherals(
    settings: SiteSettings,
    booth: Booth,
    points: Mapping[str, PointRuntime],
    clock: Clock,
    told: Callable[[], None],
) -> Peripherals:
    """Make what the site's points name."""
    stands = {}
    for point in settings.points:
        if not has_devices(point):
            continue
        devices = build_kiosk_devices(settings, point, clock)
        stands[point.name] = Stand(
            booth,
            point.name,
            place=f"{settings.site} {point.label}",
            scanner=devices.scanner,
            keypad=devices.keypad,
            printer=devices.printer,
            language=point.keypad.language if point.keypad else "az",
        )
    return Peripherals(stands, points, told)
