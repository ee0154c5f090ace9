"""Asking for the site's link without loading the library behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.errors import ConfigError

if TYPE_CHECKING:
    from hardware.links.mqtt import MqttLink


def link_for(link: MqttLink | None, point: str) -> MqttLink:
    """The site's MQTT link; ConfigError where a device wants one and the site has none."""
    if link is None:
        raise ConfigError(f"{point} uses driver mqtt, but the site has no mqtt: section")
    return link
