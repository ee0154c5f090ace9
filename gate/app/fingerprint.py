"""What a lane's devices are, in short: another name means that somebody must arm the lane anew."""

from __future__ import annotations

import hashlib

from gate.settings import MqttSettings, PointSettings

_PART_READ = {"roi": True, "outline": True, "trigger": True}


def fingerprint(point: PointSettings, mqtt: MqttSettings | None, *, emulated: bool = False) -> str:
    """A short name for the devices of one point as configured; a changed one disarms the lane.

    What is wired to it, what it shows on, what reads its vehicles, and what is said of its wiring; the
    broker counts for those who speak over it. How long the lane waits for things is not a device, nor is
    the part of a camera's picture that is read, or what starts a reading.
    Emulated cameras and brokers are at another address with every start of a demo, and the same.
    """
    if emulated:
        return _short(point.model_dump_json(include={"io", "board"}))
    devices = point.model_dump_json(
        include={"io", "hard_wired", "board", "camera", "rear", "push"},
        exclude={"camera": _PART_READ, "rear": _PART_READ},
    )
    spoken_over = any(device is not None and device.driver == "mqtt" for device in (point.io, point.board))
    broker = f"{mqtt.host}:{mqtt.port}" if mqtt is not None and spoken_over else ""
    return _short(devices + broker)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
