"""Numbers and calls from a kiosk's devices, by the one path that typed numbers take.

No device is an oracle: a scan or a keyed number is answered by its form alone, and all the devices of a
point share one allowance of tries with the point's page.
"""

from __future__ import annotations

from enum import Enum, auto

from gate.kiosk.booth import Booth
from gate.kiosk.refusing import Refusals
from gate.kiosk.scanned import find_number

REPEAT_SECONDS = 4.0
"""A code that stays before a presentation scanner is read again and again: that is one scan."""


class Answer(Enum):
    """What became of a number or a call."""

    TAKEN = auto()
    SLIP = auto()
    """No number: a slip of the finger, or another code."""
    TOO_OFTEN = auto()
    REPEATED = auto()
    """The scan before, still held there: nothing new to say."""


class NumbersIn:
    """One point's devices."""

    def __init__(self, booth: Booth, point: str) -> None:
        self._booth = booth
        self._point = point
        self._scan = ""
        self._scanned_at = float("-inf")

    def scan(self, text: str, refusals: Refusals) -> Answer:
        """Take one scan."""
        now = self._now()
        if text == self._scan and now - self._scanned_at < REPEAT_SECONDS:
            self._scanned_at = now
            refusals.refuse("repeated", now)
            return Answer.REPEATED
        answer = self._give(find_number(text, self._booth.formats) or "", refusals)
        # A scan that was told to wait may come again as soon as the waiting is over.
        self._scan, self._scanned_at = ("" if answer is Answer.TOO_OFTEN else text), now
        return answer

    def typed(self, digits: str, refusals: Refusals) -> Answer:
        """Take what was keyed in."""
        return self._give(digits, refusals)

    def call(self, refusals: Refusals) -> Answer:
        """Take a call for an officer."""
        if self._booth.wait(self._point, "help"):
            refusals.refuse("too-often", self._now())
            return Answer.TOO_OFTEN
        self._booth.call_officer(self._point, "call")
        return Answer.TAKEN

    def forget(self) -> None:
        """The next vehicle: what the last one scanned is nobody's business, and no repetition."""
        self._scan = ""

    def _give(self, text: str, refusals: Refusals) -> Answer:
        # The allowance first: wrong numbers are tries as well.
        if self._booth.wait(self._point, "number"):
            refusals.refuse("too-often", self._now())
            return Answer.TOO_OFTEN
        if not self._booth.take_number(self._point, text):
            refusals.refuse("no-number", self._now())
            return Answer.SLIP
        return Answer.TAKEN

    def _now(self) -> float:
        return self._booth.clock.now().mono
