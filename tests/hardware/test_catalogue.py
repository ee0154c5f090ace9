"""The catalogue builds what the site's settings say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gate.clock import SystemClock
from gate.errors import ConfigError
from gate.model import Corridor
from gate.settings import (
    AlphaSerial,
    EscPosPrinter,
    EvdevScanner,
    Face,
    GateKeypad,
    KeySettings,
    KioskFace,
    ModbusRtu,
    MqttBoard,
    MqttIo,
    MqttSettings,
    PointSettings,
    PolicySettings,
    SerialScanner,
    SiteSettings,
)
from hardware.barriers.modbus_rtu import ModbusRtuIo
from hardware.barriers.mqtt import MqttLaneIo
from hardware.catalogue import build_point_devices
from hardware.kiosk.catalogue import build_kiosk_devices
from hardware.kiosk.escpos import EscPosSlips
from hardware.kiosk.keypad import KeypadTerminal
from hardware.kiosk.scanner import HeldScanner
from hardware.links.mqtt import MqttLink
from hardware.signboards.alpha import AlphaSign
from hardware.signboards.mqtt import MqttSign

SERIAL = PointSettings(
    name="lane-1",
    label="1",
    kind="entry",
    corridors=tuple(Corridor),
    io=ModbusRtu(driver="modbus-rtu", port=Path("dev/io")),
    board=AlphaSerial(driver="alpha-serial", port=Path("dev/board")),
)
MQTT = PointSettings(
    name="exit-1", label="X", kind="exit", io=MqttIo(driver="mqtt"), board=MqttBoard(driver="mqtt")
)
BARE = PointSettings(name="hall", label="T", kind="terminal", kiosk=True)
SITE = SiteSettings(
    site="samur",
    mode="demo",
    data=Path("/srv/gate"),
    keys=KeySettings(site_private=Path("a"), central_public=Path("b")),
    mqtt=MqttSettings(),
    console=Face(port=1),
    kiosk=KioskFace(port=2),
    policy=PolicySettings(version="t"),
    points=(SERIAL, MQTT, BARE),
)


async def test_each_point_gets_the_drivers_it_names() -> None:
    """Serial, MQTT, and none."""
    clock = SystemClock()
    link = MqttLink(MqttSettings(), "samur", clock)
    serial = build_point_devices(SITE, SERIAL, link, clock)
    assert isinstance(serial.io, ModbusRtuIo)
    assert isinstance(serial.board, AlphaSign)
    assert serial.io._settings.port == Path("/srv/gate/dev/io")
    mqtt = build_point_devices(SITE, MQTT, link, clock)
    assert isinstance(mqtt.io, MqttLaneIo)
    assert isinstance(mqtt.board, MqttSign)
    bare = build_point_devices(SITE, BARE, None, clock)
    assert (bare.io, bare.board) == (None, None)


async def test_each_point_gets_the_kiosk_devices_it_names() -> None:
    """Their device files lie under the site's data folder unless they are absolute."""
    clock = SystemClock()
    scanner = SerialScanner(driver="serial", port=Path("dev/scanner"))
    wedge = EvdevScanner(driver="evdev", device=Path("/dev/input/by-id/x"))
    keypad = GateKeypad(driver="gate-keypad", port=Path("dev/keypad"))
    printer = EscPosPrinter(driver="escpos", port=Path("dev/printer"))
    full = BARE.model_copy(update={"scanner": scanner, "keypad": keypad, "printer": printer})
    devices = build_kiosk_devices(SITE, full, clock)
    assert isinstance(devices.scanner, HeldScanner)
    assert isinstance(devices.keypad, KeypadTerminal)
    assert isinstance(devices.printer, EscPosSlips)
    assert devices.keypad._settings.port == Path("/srv/gate/dev/keypad")
    assert devices.printer._settings.port == Path("/srv/gate/dev/printer")
    typing = build_kiosk_devices(SITE, BARE.model_copy(update={"scanner": wedge}), clock)
    assert isinstance(typing.scanner, HeldScanner)
    assert (typing.keypad, typing.printer) == (None, None)


async def test_mqtt_without_a_broker_is_a_config_error() -> None:
    """Said with the point's name."""
    with pytest.raises(ConfigError, match="exit-1"):
        build_point_devices(SITE, MQTT, None, SystemClock())


def test_a_driver_that_is_not_used_is_not_loaded() -> None:
    """The catalogues import no driver, and so no pymodbus, paho, pyserial or OpenCV, by themselves."""
    program = (
        "import sys, hardware.catalogue, hardware.kiosk.catalogue, hardware.cameras.catalogue as _;"
        "print([m for m in ('pymodbus', 'paho', 'serial', 'cv2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
