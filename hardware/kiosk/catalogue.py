"""Every kiosk device's driver. To add one: a settings model, a file, a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from gate.clock import Clock
from gate.kiosk.ports import Keypad, Scanner, SlipPrinter
from gate.settings import (
    CameraScanner,
    EscPosPrinter,
    EvdevScanner,
    GateKeypad,
    PointSettings,
    SerialScanner,
    SiteSettings,
)


@dataclass(frozen=True, slots=True)
class KioskDevices:
    """One point's, not yet running."""

    scanner: Scanner | None
    keypad: Keypad | None
    printer: SlipPrinter | None


def build_kiosk_devices(site: SiteSettings, point: PointSettings, clock: Clock) -> KioskDevices:
    """The devices `point` names. Device files given relative lie under the site's data folder."""
    return KioskDevices(
        _scanner(site, point, clock), _keypad(site, point, clock), _printer(site, point, clock)
    )


def _scanner(site: SiteSettings, point: PointSettings, clock: Clock) -> Scanner | None:
    match point.scanner:
        case None:
            return None
        case SerialScanner() as settings:
            from hardware.kiosk.scanner import line_scanner

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return line_scanner(placed, point.name, clock)
        case EvdevScanner() as wedge:
            from hardware.kiosk.scanner import keyboard_scanner

            lying = wedge.model_copy(update={"device": site.data / wedge.device})
            return keyboard_scanner(lying, point.name, clock)
        case CameraScanner() as seeing:
            from hardware.kiosk.camera_scanner import CodeCamera

            return CodeCamera(seeing, point.name, clock)
        case _:
            assert_never(point.scanner)


def _keypad(site: SiteSettings, point: PointSettings, clock: Clock) -> Keypad | None:
    match point.keypad:
        case None:
            return None
        case GateKeypad() as settings:
            from hardware.kiosk.keypad import KeypadTerminal

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return KeypadTerminal(placed, point.name, clock)
        case _:
            assert_never(point.keypad)


def _printer(site: SiteSettings, point: PointSettings, clock: Clock) -> SlipPrinter | None:
    match point.printer:
        case None:
            return None
        case EscPosPrinter() as settings:
            from hardware.kiosk.escpos import EscPosSlips

            placed = settings.model_copy(update={"port": site.data / settings.port})
            return EscPosSlips(placed, point.name, clock)
        case _:
            assert_never(point.printer)
