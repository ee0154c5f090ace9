"""What a kiosk's devices are to the room that joins them: a scanner, a keypad terminal, a slip printer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gate.lanes.ports import Post

KEYPAD_COLUMNS = 20
"""Each of a keypad terminal's two lines has so many."""
SCAN_MAX = 512
"""Characters in one scan. The largest code a notice could carry is far shorter."""

OnScan = Callable[[str], None]
"""One scan: printable text, at most SCAN_MAX characters. Called on the loop's thread. Never log it."""


class Scanner(Protocol):
    """A barcode or QR scanner."""

    async def run(self, post: Post, scanned: OnScan) -> None:
        """Listen until cancelled; reconnect with back-off.

        Never raises for the link or for what comes over it: a lost link is DeviceFaulted once and
        DeviceRecovered when it is back; bad bytes are refused and counted.
        """
        ...


class Key(StrEnum):
    """The keys of a keypad terminal."""

    ZERO = "0"
    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"
    SIX = "6"
    SEVEN = "7"
    EIGHT = "8"
    NINE = "9"
    CLEAR = "C"
    ENTER = "E"
    HELP = "H"
    LANGUAGE = "L"


class Beep(StrEnum):
    """The sound with a screen."""

    NONE = "0"
    TAKEN = "1"
    """One short: something was taken."""
    WRONG = "2"
    """Two long: look at the display."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a keypad terminal shows: two lines of printable ASCII, KEYPAD_COLUMNS at most."""

    lines: tuple[str, str]
    beep: Beep = Beep.NONE
    """Sounded once, when this screen first appears."""


OnKey = Callable[[Key], None]
"""One key, pressed once. Called on the loop's thread."""


class Keypad(Protocol):
    """A keypad terminal with a small display."""

    async def run(self, post: Post, pressed: OnKey) -> None:
        """Hold the link until cancelled, as `Scanner.run` does."""
        ...

    def show(self, screen: Screen) -> None:
        """Want this on the display: now, or, while the terminal is away, once it is back."""
        ...


class PrinterState(StrEnum):
    """What a printer says of itself. Every one of them is ordinary: paper runs out."""

    READY = "ready"
    PAPER_LOW = "paper low"
    """It still prints."""
    PAPER_OUT = "paper out"
    COVER_OPEN = "cover open"
    OFFLINE = "offline"
    """Switched off line at its own buttons, or by an error of its own."""
    AWAY = "away"
    """Nobody answers on its link."""

    @property
    def prints(self) -> bool:
        """A slip sent now would come out."""
        return self in (PrinterState.READY, PrinterState.PAPER_LOW)


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One line of a slip. `large` is for the direction itself."""

    text: str
    large: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """What goes on paper, top to bottom. The printer writes it in letters it has."""

    lines: tuple[SlipLine, ...]
    code: tuple[tuple[bool, ...], ...] = ()
    """The rows of a QR code below the lines, each module dark or not, its quiet zone included."""
    below: tuple[SlipLine, ...] = ()


class SlipPrinter(Protocol):
    """A printer of slips."""

    @property
    def state(self) -> PrinterState:
        """As last heard; AWAY before the first word."""
        ...

    async def run(self, post: Post, changed: Callable[[], None]) -> None:
        """Hold the link and watch the paper until cancelled; `changed` is called when `state` has.

        Every state but READY is posted as DeviceFaulted saying what to do; READY as DeviceRecovered.
        """
        ...

    async def print_slip(self, slip: Slip, wanted: Callable[[], bool]) -> PrinterState:
        """Print one slip, once: READY or PAPER_LOW when it is on paper, else why it is not.

        `wanted` is asked just before the first byte goes out: finding the printer well may have taken
        longer than the slip's driver stayed. Unwanted, nothing is printed, whatever is answered.
        What was sent of a slip that did not come out is taken back as far as the printer can.
        """
        ...
