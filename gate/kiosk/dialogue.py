"""What a keypad terminal shows when: the kiosk page's dialogue, on two lines of twenty letters.

A plain state machine: keys, notices and board messages go in with their time, the screen comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from gate.kiosk.lettering import in_ascii
from gate.kiosk.next_steps import SAID_NEXT, next_steps
from gate.kiosk.ports import KEYPAD_COLUMNS, Beep, Key, Screen
from gate.kiosk.speech import Tongue, with_length
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.views import KioskView
from gate.model import Corridor, NumberFormats

IDLE_SECONDS = 60.0
"""A number somebody left half typed is on nobody's display for longer."""
NOTICE_SECONDS = 45.0
TURN_SECONDS = 4.0
"""A lane, and each of what its driver must know next, stands for so long; then round again."""

WELCOME = "Type your number\n13 digits"
TYPING = "Your number"
SLIP = "Number has a slip\nPlease check it"
OFTEN = "Please wait a little\nthen try again"
THANKS = "Thank you\nPlease wait"
CALLED = "Officer called\nPlease wait here"
WAIT = "Please wait here\nOfficer is coming"
LANE = "Go to lane {lane}"
REFER = "Go to the\ngeneral lane"
GO = "You may go"
CLOSED = "Closed, please use\nanother point"
SAID = (WELCOME, TYPING, SLIP, OFTEN, THANKS, CALLED, WAIT, LANE, REFER, GO, CLOSED, *SAID_NEXT)
"""Everything a keypad says; the names of corridors come from the page's words."""
CORRIDORS = {
    Corridor.GREEN: "Green corridor",
    Corridor.BLUE: "Blue corridor",
    Corridor.YELLOW: "Yellow corridor",
    Corridor.RED: "Red corridor",
}

_ANSWERS = (MessageKind.DIRECT, MessageKind.REFER, MessageKind.GO, MessageKind.CLOSED)


class Notice(Enum):
    """What the gate has just said to this driver."""

    NONE = auto()
    SLIP = auto()
    OFTEN = auto()
    THANKS = auto()
    CALLED = auto()


_NOTICES = {
    Notice.SLIP: (SLIP, Beep.WRONG),
    Notice.OFTEN: (OFTEN, Beep.WRONG),
    Notice.THANKS: (THANKS, Beep.TAKEN),
    Notice.CALLED: (CALLED, Beep.TAKEN),
}


@dataclass(frozen=True, slots=True)
class Give:
    """The driver pressed enter: this is what was typed, right or wrong."""

    typed: str


@dataclass(frozen=True, slots=True)
class CallHelp:
    """The driver wants an officer."""


class Dialogue:
    """One keypad's. `first` is the language while nobody has chosen; times are monotonic seconds."""

    def __init__(
        self,
        words: Mapping[str, Tongue],
        page_words: Mapping[str, Tongue],
        first: str,
        formats: NumberFormats = NumberFormats(),  # noqa: B008 - frozen
    ) -> None:
        self._formats = formats
        self._words = words
        self._page_words = page_words
        self._first = self.tongue = first
        self._typed = ""
        self._notice = Notice.NONE
        self._last = 0.0
        self._view = KioskView(BoardMessage(MessageKind.BLANK))
        self._since = 0.0
        self._turn = 0

    @property
    def _message(self) -> BoardMessage:
        return self._view.message

    @property
    def chosen(self) -> str | None:
        """The language the driver chose at this keypad."""
        return None if self.tongue == self._first else self.tongue

    def press(self, key: Key, now: float) -> Give | CallHelp | None:
        """Take one key; what the driver asks for with it, if anything.

        While a direction stands on the display only help and language are heard: the next driver's
        digits must not mix with it.
        """
        self._last = now
        if key is Key.HELP:
            return CallHelp()
        if key is Key.LANGUAGE:
            codes = list(self._words)
            self.tongue = codes[(codes.index(self.tongue) + 1) % len(codes)]
            return None
        if self._message.kind in _ANSWERS:
            return None
        if key is Key.ENTER:
            return Give(self._typed) if self._typed else None
        if key is Key.CLEAR:
            self._typed = self._typed[:-1]
        elif len(self._typed) < self._formats.longest:
            self._typed += key.value
        self._notice = Notice.NONE
        return None

    def note(self, notice: Notice, now: float) -> None:
        """Say what became of a number or a call."""
        self._last, self._notice = now, notice
        if notice in (Notice.THANKS, Notice.CALLED):
            self._typed = ""

    def take(self, view: KioskView, now: float) -> None:
        """What the point says has changed. Blank after an answer is the next driver's start."""
        message = view.message
        if message.kind is MessageKind.BLANK and self._message.kind is not MessageKind.BLANK:
            self._start()
        elif message.kind in _ANSWERS:
            self._typed, self._notice = "", Notice.NONE
        self._view, self._since, self._turn = view, now, 0

    def tick(self, now: float) -> None:
        """Time has passed: what nobody goes on with is forgotten, and an answer goes on to its next part."""
        self._turn = int((now - self._since) / TURN_SECONDS)
        busy = self._typed or self._notice is not Notice.NONE or self.chosen is not None
        limit = NOTICE_SECONDS if self._notice in (Notice.THANKS, Notice.CALLED) else IDLE_SECONDS
        if busy and now - self._last >= limit:
            self._start()

    def _start(self) -> None:
        self.tongue, self._typed, self._notice = self._first, "", Notice.NONE

    def screen(self) -> Screen:
        """What stands on the display now."""
        kind = self._message.kind
        if kind in _ANSWERS:
            return self._answer()
        # The neutral text takes neither a number half typed nor a correction off the display.
        if self._notice in (Notice.SLIP, Notice.OFTEN):
            return self._said(*_NOTICES[self._notice])
        if self._typed:
            grouped = self._formats.notification.printed(self._typed)
            return _lines((self._say(TYPING), grouped), Beep.NONE)
        if kind is MessageKind.WAIT:
            return self._said(WAIT, Beep.NONE)
        if self._notice is not Notice.NONE:
            return self._said(*_NOTICES[self._notice])
        return self._said(WELCOME, Beep.NONE)

    def _answer(self) -> Screen:
        match self._message.kind:
            case MessageKind.DIRECT:
                lane = self._say(LANE).format(lane=self._message.lane)
                corridor = self._message.corridor
                named = "" if corridor is None else self._page_words[self.tongue].say(CORRIDORS[corridor])
                parts = [(lane, named), *next_steps(corridor, self._view.onward, self._say)]
                return _lines(parts[self._turn % len(parts)], Beep.NONE if self._turn else Beep.TAKEN)
            case MessageKind.REFER:
                return self._said(REFER, Beep.TAKEN)
            case MessageKind.GO:
                return self._said(GO, Beep.TAKEN)
            case _:
                return self._said(CLOSED, Beep.NONE)

    def _said(self, text: str, beep: Beep) -> Screen:
        return _lines(self._say(text).split("\n"), beep)

    def _say(self, text: str) -> str:
        return with_length(self._words[self.tongue].say(text), self._formats)


def _lines(lines: Sequence[str], beep: Beep) -> Screen:
    first, second = (*lines, "")[:2]
    return Screen((in_ascii(first)[:KEYPAD_COLUMNS], in_ascii(second)[:KEYPAD_COLUMNS]), beep)
