"""The site configuration as frozen models, a file a family. `gate.config` reads YAML into them."""

from gate.settings.boards import AlphaSerial, Board, MqttBoard
from gate.settings.cameras import Camera, FolderCamera, MjpegCamera
from gate.settings.io import BoardWatchdog, Input, Io, ModbusRtu, ModbusTcp, MqttIo, fitted, wired
from gate.settings.mqtt import MqttSettings
from gate.settings.points import PointKind, PointSettings
from gate.settings.site import (
    AnprSettings,
    CentralSettings,
    KeySettings,
    Listen,
    PolicySettings,
    SiteSettings,
    TimingSettings,
)

__all__ = [
    "AlphaSerial",
    "AnprSettings",
    "Board",
    "BoardWatchdog",
    "Camera",
    "CentralSettings",
    "FolderCamera",
    "Input",
    "Io",
    "KeySettings",
    "Listen",
    "MjpegCamera",
    "ModbusRtu",
    "ModbusTcp",
    "MqttBoard",
    "MqttIo",
    "MqttSettings",
    "PointKind",
    "PointSettings",
    "PolicySettings",
    "SiteSettings",
    "TimingSettings",
    "fitted",
    "wired",
]
