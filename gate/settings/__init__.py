"""The site configuration as frozen models, a file a family. `gate.config` reads YAML into them."""

from gate.settings.boards import AlphaSerial, Board, MqttBoard, NtcipBoard
from gate.settings.cameras import (
    Camera,
    FolderCamera,
    MjpegCamera,
    Roi,
    RtspCamera,
    V4l2Camera,
    VideoFileCamera,
)
from gate.settings.glass import Face, FaceTls, KioskFace, Listen
from gate.settings.io import BoardWatchdog, Input, Io, ModbusRtu, ModbusTcp, MqttIo, fitted, wired
from gate.settings.kiosk import CameraScanner, EscPosPrinter, EvdevScanner, GateKeypad, SerialScanner
from gate.settings.logins import LoginSettings
from gate.settings.mqtt import MqttSettings, MqttTls
from gate.settings.points import PointKind, PointSettings
from gate.settings.push import HikvisionPush, Push, WebhookPush
from gate.settings.retention import RetentionSettings
from gate.settings.site import (
    AnprSettings,
    CentralSettings,
    KeySettings,
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
    "CameraScanner",
    "CentralSettings",
    "EscPosPrinter",
    "EvdevScanner",
    "Face",
    "FaceTls",
    "FolderCamera",
    "GateKeypad",
    "HikvisionPush",
    "Input",
    "Io",
    "KeySettings",
    "KioskFace",
    "Listen",
    "LoginSettings",
    "MjpegCamera",
    "ModbusRtu",
    "ModbusTcp",
    "MqttBoard",
    "MqttIo",
    "MqttSettings",
    "MqttTls",
    "NtcipBoard",
    "PointKind",
    "PointSettings",
    "PolicySettings",
    "Push",
    "RetentionSettings",
    "Roi",
    "RtspCamera",
    "SerialScanner",
    "SiteSettings",
    "TimingSettings",
    "V4l2Camera",
    "VideoFileCamera",
    "WebhookPush",
    "fitted",
    "wired",
]
