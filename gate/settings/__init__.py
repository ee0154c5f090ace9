"""The site configuration as frozen models, a file a family. `gate.config` reads YAML into them."""

from gate.settings.boards import AlphaSerial, Board, MqttBoard
from gate.settings.cameras import (
    Camera,
    FolderCamera,
    MjpegCamera,
    RtspCamera,
    V4l2Camera,
    VideoFileCamera,
)
from gate.settings.io import Input, Io, ModbusRtu, MqttIo, fitted, wired
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
    "Camera",
    "CentralSettings",
    "FolderCamera",
    "Input",
    "Io",
    "KeySettings",
    "Listen",
    "MjpegCamera",
    "ModbusRtu",
    "MqttBoard",
    "MqttIo",
    "MqttSettings",
    "PointKind",
    "PointSettings",
    "PolicySettings",
    "RtspCamera",
    "SiteSettings",
    "TimingSettings",
    "V4l2Camera",
    "VideoFileCamera",
    "fitted",
    "wired",
]
