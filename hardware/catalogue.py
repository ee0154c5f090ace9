"""One point's devices, each chosen by its settings in its family's catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate.clock import Clock
from gate.lanes.ports import LaneIo, Signboard
from gate.settings import PointSettings, SiteSettings
from hardware.barriers.catalogue import build_io
from hardware.signboards.catalogue import build_board

if TYPE_CHECKING:
    from hardware.links.mqtt import MqttLink


@dataclass(frozen=True, slots=True)
class PointDevices:
    """One point's devices, not yet running."""

    io: LaneIo | None
    board: Signboard | None


def build_point_devices(
    site: SiteSettings, point: PointSettings, mqtt: MqttLink | None, clock: Clock
) -> PointDevices:
    """The devices `point` names. Serial ports given relative lie under the site's data folder."""
    return PointDevices(build_io(site, point, mqtt, clock), build_board(site, point, mqtt, clock))
