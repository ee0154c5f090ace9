"""Every driver of barriers and inputs. To add one: a settings model, a file, a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from gate.clock import Clock
from gate.lanes.ports import LaneIo
from gate.settings import ModbusRtu, ModbusTcp, MqttIo, PointSettings, SiteSettings
from hardware.links.wanted import link_for

if TYPE_CHECKING:
    from hardware.links.mqtt import MqttLink


def build_io(site: SiteSettings, point: PointSettings, mqtt: MqttLink | None, clock: Clock) -> LaneIo | None:
    """The point's inputs and relays, not yet running."""
    match point.io:
        case None:
            return None
        case ModbusRtu() as settings:
            from hardware.barriers.modbus_rtu import ModbusRtuIo

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return ModbusRtuIo(placed, point.name, clock, fitted=point.fitted)
        case ModbusTcp() as settings:
            from hardware.barriers.modbus_tcp import ModbusTcpIo

            return ModbusTcpIo(settings, point.name, clock, fitted=point.fitted)
        case MqttIo():
            from hardware.barriers.mqtt import MqttLaneIo
            from hardware.links.contract import Address

            address = Address(site.site, point.name, "io")
            return MqttLaneIo(link_for(mqtt, point.name), address, clock, fitted=point.fitted)
        case _:
            assert_never(point.io)
