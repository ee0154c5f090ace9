"""What of a lane's configuration is its devices: a change of that, and of nothing else, disarms it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gate.app.fingerprint import fingerprint
from gate.model import Corridor
from gate.settings import MjpegCamera, ModbusRtu, MqttBoard, MqttIo, MqttSettings, PointSettings

BROKER = MqttSettings(host="10.20.0.1")
IO = ModbusRtu(driver="modbus-rtu", port=Path("/dev/lane-1"))
CAMERA = MjpegCamera(driver="http-mjpeg", url="http://10.20.0.11/video")
LANE: dict[str, Any] = {
    "name": "lane-1",
    "label": "1",
    "kind": "entry",
    "corridors": (Corridor.GREEN,),
    "io": IO,
    "hard_wired": ("safety",),
    "camera": CAMERA,
}


def lane(**changes: Any) -> str:
    """The fingerprint of a lane on its own serial line, with these changes."""
    return fingerprint(PointSettings(**{**LANE, **changes}), BROKER)


DEVICES: dict[str, dict[str, Any]] = {
    "another unit": {"io": IO.model_copy(update={"unit": 2})},
    "another terminal": {"io": IO.model_copy(update={"inputs": {"arming": 1, "safety": 0}})},
    "another driver": {"io": MqttIo(driver="mqtt")},
    "a board": {"board": MqttBoard(driver="mqtt")},
    "a camera that looks elsewhere": {"camera": CAMERA.model_copy(update={"url": "http://10.20.0.12/video"})},
    "no camera": {"camera": None},
    "a rear camera": {"rear": CAMERA},
    "less wired to the barrier": {"hard_wired": ()},
}


@pytest.mark.parametrize("what", DEVICES)
def test_a_changed_device_is_another_fingerprint(what: str) -> None:
    """Whoever exchanges, moves or rewires something must see the lane work again."""
    assert lane(**DEVICES[what]) != lane()


@pytest.mark.parametrize("said", [{"corridors": (Corridor.RED,)}, {"takes_oversize": True}, {"merge": "m"}])
def test_what_is_no_device_disarms_nothing(said: dict[str, Any]) -> None:
    """Corridors are reassigned every day."""
    assert lane(**said) == lane()


def test_a_demo_started_again_at_other_ports_is_the_same() -> None:
    """Its emulators are wherever a port was free; another driver is another device all the same."""
    plain, elsewhere = PointSettings(**LANE), PointSettings(**{**LANE, "camera": None})
    assert fingerprint(plain, BROKER, emulated=True) == fingerprint(elsewhere, None, emulated=True)
    other = PointSettings(**{**LANE, "io": MqttIo(driver="mqtt")})
    assert fingerprint(other, BROKER, emulated=True) != fingerprint(plain, BROKER, emulated=True)


def test_the_broker_counts_for_those_who_speak_over_it() -> None:
    """Another broker is another device at its far end; a serial lane has nothing to do with it."""
    other = MqttSettings(host="10.20.0.2")
    spoken = PointSettings(**{**LANE, "io": MqttIo(driver="mqtt")})
    assert fingerprint(spoken, BROKER) != fingerprint(spoken, other)
    wired = PointSettings(**LANE)
    assert fingerprint(wired, BROKER) == fingerprint(wired, other)
    assert fingerprint(wired, BROKER) == fingerprint(PointSettings(**LANE), None)
