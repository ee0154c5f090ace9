"""Every device driver of a point, chosen by its settings. To add one: a settings model, a file, a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from gate.clock import Clock
from gate.errors import ConfigError
from gate.lanes.events import Detector
from gate.lanes.ports import LaneIo, Signboard
from gate.settings import AlphaSerial, ModbusRtu, MqttDevice, PointSettings, SiteSettings

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
    return PointDevices(_io(site, point, mqtt, clock), _board(site, point, mqtt, clock))


def _io(site: SiteSettings, point: PointSettings, mqtt: MqttLink | None, clock: Clock) -> LaneIo | None:
    barrier = point.kind in ("entry", "exit")
    detectors = (Detector.ARMING, Detector.SAFETY) if barrier else (Detector.ARMING,)
    match point.io:
        case None:
            return None
        case ModbusRtu() as settings:
            from hardware.barriers.modbus_rtu import ModbusRtuIo

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return ModbusRtuIo(placed, point.name, clock, detectors=detectors, barrier=barrier)
        case MqttDevice():
            from hardware.barriers.mqtt import MqttIo
            from hardware.links.contract import Address

            address = Address(site.site, point.name, "io")
            return MqttIo(_link(mqtt, point), address, clock, detectors=detectors, barrier=barrier)
        case _:
            assert_never(point.io)


def _board(site: SiteSettings, point: PointSettings, mqtt: MqttLink | None, clock: Clock) -> Signboard | None:
    match point.board:
        case None:
            return None
        case AlphaSerial() as settings:
            from hardware.signboards.alpha import AlphaSign

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return AlphaSign(placed, point.name, clock)
        case MqttDevice():
            from hardware.links.contract import Address
            from hardware.signboards.mqtt import MqttSign

            return MqttSign(_link(mqtt, point), Address(site.site, point.name, "board"), clock)
        case _:
            assert_never(point.board)


def _link(mqtt: MqttLink | None, point: PointSettings) -> MqttLink:
    if mqtt is None:
        raise ConfigError(f"{point.name} uses driver mqtt, but the site has no mqtt: section")
    return mqtt
