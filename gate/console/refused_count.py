"""Counting what devices sent that could not be used, over all families."""

from __future__ import annotations

from prometheus_client import REGISTRY

FAMILIES = {
    "gate_modbus_refused": "Modbus boards",
    "gate_mqtt_refused": "MQTT devices",
    "gate_board_refused": "Signboards",
    "gate_camera_frames_refused": "Cameras",
    "gate_anpr_push_refused": "Cameras that push",
    "gate_kiosk_device_refused": "Kiosk devices",
    "gate_kiosk_credentials_refused": "Kiosks without a good certificate",
}
"""Counters of bad input, and whose it is."""


def refused_by_devices() -> dict[str, dict[str, int]]:
    """Each family's refusals since the start, by reason; without those that never occurred."""
    found: dict[str, dict[str, int]] = {}
    for metric in REGISTRY.collect():
        if metric.name not in FAMILIES:
            continue
        for sample in metric.samples:
            if sample.name.endswith("_total") and sample.value:
                reasons = found.setdefault(FAMILIES[metric.name], {})
                # Points and devices stand in /metrics; here it is the reason that tells what to look for.
                reason = sample.labels["reason"]
                reasons[reason] = reasons.get(reason, 0) + int(sample.value)
    return found


def refused_in_all() -> int:
    """How much was refused since the start."""
    return sum(count for reasons in refused_by_devices().values() for count in reasons.values())
