"""Notification numbers (Rules 3.3), preliminary codes and registration marks: how they are written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

NotificationNumber = NewType("NotificationNumber", str)
"""A number that names a declaration, as given: a notification number, or another space's that finds one."""

RegistrationMark = NewType("RegistrationMark", str)
"""A vehicle's registration mark, normalised: upper case, letters and digits only."""

# Damm's totally anti-symmetric quasigroup of order 10: catches every single-digit
# error and every transposition of neighbours, the two slips tired fingers make.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_LUHN_TWICE = "0246813579"


def damm_digit(digits: str) -> str:
    """The check digit that makes `digits + result` valid. `digits` must be decimal."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def luhn_digit(digits: str) -> str:
    """The check digit of ISO/IEC 7812-1 for `digits`, which must be decimal."""
    doubled = (_LUHN_TWICE[int(digit)] for digit in digits[::-2])
    plain = digits[-2::-2]
    return str(-sum(int(digit) for digit in (*doubled, *plain)) % 10)


class Check(StrEnum):
    """What the last digit of a number proves."""

    DAMM = "damm"
    LUHN = "luhn"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One space of numbers: how many digits, what the last of them proves, and how they are printed."""

    length: int = 13
    check: Check = Check.DAMM
    groups: tuple[int, ...] = (4, 3, 3, 3)

    def parse(self, text: str) -> NotificationNumber | None:
        """The number in `text` (spaces and dashes allowed), or None if it is none of this space."""
        digits = re.sub(r"[\s\-]", "", text)
        if len(digits) != self.length or not (digits.isascii() and digits.isdigit()):
            return None
        return NotificationNumber(digits) if digits == self.complete(digits[:-1], digits[-1]) else None

    def complete(self, digits: str, unchecked: str = "0") -> NotificationNumber:
        """`digits` with their check digit; `unchecked` stands in its place where nothing is proved."""
        match self.check:
            case Check.DAMM:
                return NotificationNumber(digits + damm_digit(digits))
            case Check.LUHN:
                return NotificationNumber(digits + luhn_digit(digits))
            case Check.NONE:
                return NotificationNumber(digits + unchecked)

    def printed(self, number: str) -> str:
        """`number` in groups, as on the notice; half a number in the groups it has."""
        parts, start = [], 0
        for size in self.groups:
            parts.append(number[start : start + size])
            start += size
        return " ".join(part for part in (*parts, number[start:]) if part)


@dataclass(frozen=True, slots=True)
class NumberFormats:
    """Both spaces that people type from: the one door from a text to a number (Rules 3.3, 8.0.1, 8.0.2).

    A text may be valid in both; whether it then finds two things is for the Rules to hold.
    """

    notification: NumberFormat = NumberFormat()
    preliminary: NumberFormat = NumberFormat()

    @property
    def each(self) -> tuple[NumberFormat, ...]:
        """The spaces, a format they share once."""
        return tuple(dict.fromkeys((self.notification, self.preliminary)))

    @property
    def longest(self) -> int:
        """The most digits a number has."""
        return max(space.length for space in self.each)

    def parse(self, text: str) -> NotificationNumber | None:
        """The number in `text`, of whichever space; None when it is of none."""
        return next((number for space in self.each if (number := space.parse(text)) is not None), None)

    def printed(self, number: str) -> str:
        """`number` as the space it belongs to prints it; what belongs to none as it is."""
        return next((space.printed(number) for space in self.each if space.parse(number) == number), number)

    def told(self) -> str:
        """What is asked for, for people who typed something else."""
        lengths = " or ".join(str(length) for length in sorted({space.length for space in self.each}))
        checked = any(space.check is not Check.NONE for space in self.each)
        return f"{lengths} digits" + (", the last one a check digit" if checked else "")


def parse_number(text: str) -> NotificationNumber | None:
    """The notification number in `text` as central issues it, or None: for central, which has one format."""
    return NumberFormat().parse(text)


def group_number(number: NotificationNumber) -> str:
    """`number` as central prints it on the notice: 4-3-3-3 digits."""
    return NumberFormat().printed(number)


_CARGO = re.compile(r"([0-9]{5})/([0-9])/([0-9]{2})/([0-9]{4})")


def parse_cargo(text: str) -> NotificationNumber:
    """The cargo declaration's number in `text`: office / last digit of the year / month / sequence.

    Strict, because it has no check digit. ValueError says which part is wrong.
    """
    written = re.sub(r"\s", "", text)
    found = _CARGO.fullmatch(written)
    if found is None:
        raise ValueError(
            "is not a cargo declaration's number: write 99999/9/99/9999 (office, last digit of the year, "
            "month, sequence), as in box 7"
        )
    month, sequence = found[3], found[4]
    if not "01" <= month <= "12":
        raise ValueError(f"names month {month}: the third part is 01 to 12. Compare box 7")
    if sequence == "0000":
        raise ValueError("has the sequence 0000: numbers begin at 0001. Compare box 7")
    return NotificationNumber(written)


def normalise_mark(text: str) -> RegistrationMark:
    """`text` as a comparable mark: NFKC, upper case, separators dropped. May be empty."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return RegistrationMark("".join(ch for ch in folded if ch.isalnum()))
