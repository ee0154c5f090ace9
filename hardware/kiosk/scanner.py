"""Barcode and QR scanners: on a serial line, or typing like a keyboard."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from gate.clock import Clock
from gate.errors import DeviceError
from gate.kiosk.ports import OnScan
from gate.kiosk.refusing import Refusals
from gate.lanes.events import DeviceRole
from gate.lanes.ports import Post
from gate.settings import EvdevScanner, SerialScanner
from hardware.kiosk.evdev_codec import EventParser, KeyStrokes
from hardware.kiosk.scan_lines import BadScan, Scan, ScanLines
from hardware.kiosk.telling import Trouble
from hardware.links.backoff import Backoff
from hardware.links.character_device import CharacterDevice
from hardware.links.serial import SerialLine

_EVIOCGRAB = 0x40044590
"""linux/input.h: the device's events come to this descriptor only."""

_STEADY_SECONDS = 1.0
"""A line that holds for so long works: its next loss is a first one again."""


Take = Callable[[Scan | BadScan], None]
HungUp = Callable[[str], None]


class Line(Protocol):
    """An open line."""

    def close(self) -> None:
        """Give it back."""
        ...


OpenLine = Callable[[Take, HungUp], Line]
"""Opens the scanner's line, or raises DeviceError; what it scans is taken, its loss told once."""


class HeldScanner:
    """Holds a scanner's line, whatever kind it is. One that says nothing is well: nobody scans."""

    def __init__(self, point: str, clock: Clock, open_line: OpenLine) -> None:
        self._clock = clock
        self._open_line = open_line
        self._refusals = Refusals(point, DeviceRole.SCANNER)
        self._trouble = Trouble(DeviceRole.SCANNER, point, clock)

    async def run(self, post: Post, scanned: OnScan) -> None:
        """Listen until cancelled."""
        self._trouble.attend(post)
        backoff = Backoff()
        while True:
            try:
                await self._listen(scanned, backoff)
            except DeviceError as error:
                self._trouble.tell(str(error))
            await self._clock.sleep(backoff.next())

    async def _listen(self, scanned: OnScan, backoff: Backoff) -> None:
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(item: Scan | BadScan) -> None:
            if isinstance(item, Scan):
                scanned(item.text)
            else:
                self._refusals.refuse(item.reason, self._clock.now().mono)

        def hung_up(reason: str) -> None:
            if not lost.done():
                lost.set_result(reason)

        line = self._open_line(take, hung_up)
        try:
            self._trouble.over()
            done, _ = await asyncio.wait({lost}, timeout=_STEADY_SECONDS)
            if not done:
                backoff.reset()
            raise DeviceError(f"the scanner is gone ({await lost}): plug it in again")
        finally:
            line.close()


def line_scanner(settings: SerialScanner, point: str, clock: Clock) -> HeldScanner:
    """A scanner on a serial line."""

    def open_line(take: Take, hung_up: HungUp) -> Line:
        lines = ScanLines(settings.terminator)

        def heard(data: bytes) -> None:
            for item in lines.feed(data, clock.now().mono):
                take(item)

        return SerialLine(settings.port, settings.baud, heard, hung_up)

    return HeldScanner(point, clock, open_line)


def open_grabbed(path: Path) -> int:
    """An input device, for this process alone: what is scanned must not reach a login prompt, too."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(fd, _EVIOCGRAB, 1)
    except OSError as error:
        os.close(fd)
        if error.errno == errno.EBUSY:
            raise OSError("another program has grabbed it: end that program") from error
        raise OSError(f"it is no input device ({error.strerror})") from error
    return fd


def keyboard_scanner(
    settings: EvdevScanner, point: str, clock: Clock, *, opened: Callable[[Path], int] = open_grabbed
) -> HeldScanner:
    """A scanner that types. `opened` gives its descriptor, non-blocking and grabbed."""

    def open_line(take: Take, hung_up: HungUp) -> Line:
        events, strokes = EventParser(), KeyStrokes()

        def heard(data: bytes) -> None:
            for event in events.feed(data):
                item = strokes.feed(event, clock.now().mono)
                if item is not None:
                    take(item)

        return CharacterDevice(settings.device, heard, hung_up, opened=opened)

    return HeldScanner(point, clock, open_line)
