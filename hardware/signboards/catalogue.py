"""Every signboard driver. To add one: a settings model, a file, a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from gate.clock import Clock
from gate.lanes.ports import Signboard
from gate.settings import AlphaSerial, MqttBoard, NtcipBoard, PointSettings, SiteSettings
from hardware.links.wanted import link_for

if TYPE_CHECKING:
    from hardware.links.mqtt import MqttLink


def build_board(
    site: SiteSettings, point: PointSettings, mqtt: MqttLink | None, clock: Clock
) -> Signboard | None:
    """The point's board, not yet running."""
    match point.board:
        case None:
            return None
        case AlphaSerial() as settings:
            from hardware.signboards.alpha import AlphaSign

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return AlphaSign(placed, point.name, clock)
        case MqttBoard() as settings:
            from hardware.links.contract import Address
            from hardware.signboards.mqtt import MqttSign

            address = Address(site.site, point.name, "board")
            return MqttSign(link_for(mqtt, point.name), address, clock, wording=settings.wording)
        case NtcipBoard() as settings:
            from hardware.signboards.ntcip import NtcipSign

            return NtcipSign(settings, point.name, clock)
        case _:
            assert_never(point.board)
