"""What may stand at a kiosk beside its page: a scanner, a keypad terminal, a slip printer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gate.settings.cameras import Camera, V4l2Camera
from gate.settings.types import Baud, Section

Language = Literal["az", "en", "ru", "tr", "ka", "fa"]


class SerialScanner(Section):
    """A barcode or QR scanner on a serial line: one scan, one line."""

    driver: Literal["serial"]
    port: Path
    baud: Baud = 9600
    terminator: Literal["cr", "lf"] = "cr"
    """What the scanner is set to send after each scan; without one nobody knows where a scan ends."""


class EvdevScanner(Section):
    """A scanner that types like a keyboard ("keyboard wedge"), read as a Linux input device."""

    driver: Literal["evdev"]
    device: Path
    """By id, e.g. /dev/input/by-id/usb-...-event-kbd: event numbers change with every plug."""


class CameraScanner(Section):
    """A camera before which a notice or a phone is held: QR codes, and EAN or UPC bars."""

    driver: Literal["camera"]
    camera: Camera
    """Another one than those that read plates: it looks at hands."""

    @field_validator("camera")
    @classmethod
    def _looks_everywhere(cls, value: Camera) -> Camera:
        if value.roi is not None or value.outline is not None:
            raise ValueError(
                "has a roi or an outline: those are for plates, a scanner looks at the whole picture"
            )
        if value.trigger == "motion":
            raise ValueError("has trigger: motion: a scanner's camera is looked through all the time")
        return value


Scanner = Annotated[SerialScanner | EvdevScanner | CameraScanner, Field(discriminator="driver")]


class GateKeypad(Section):
    """A keypad terminal that speaks gate-keypad/1 (hardware/kiosk/keypad_codec.py)."""

    driver: Literal["gate-keypad"]
    port: Path
    baud: Baud = 19200
    language: Language = "az"
    """Shown while nobody has chosen another."""


Keypad = GateKeypad


class EscPosPrinter(Section):
    """A slip printer that speaks ESC/POS."""

    driver: Literal["escpos"]
    link: Literal["serial", "usb"] = "serial"
    port: Path
    """The serial port, or with `link: usb` the printer's own device, e.g. /dev/usb/lp0."""
    baud: Baud = 19200
    """Of a serial link; it must be what the printer is set to."""
    turkish_page: int = Field(default=13, ge=0, le=255)
    """The printer's number for code page 857, which has the Azerbaijani letters but Ə."""
    cyrillic_page: int = Field(default=17, ge=0, le=255)
    """The printer's number for code page 866."""


Printer = EscPosPrinter


KioskDevice = SerialScanner | EvdevScanner | CameraScanner | GateKeypad | EscPosPrinter


def device_path(device: KioskDevice) -> Path | None:
    """The device file it is reached by; None when it is none of this machine's."""
    match device:
        case EvdevScanner():
            return device.device
        case CameraScanner():
            return device.camera.device if isinstance(device.camera, V4l2Camera) else None
        case _:
            return device.port
