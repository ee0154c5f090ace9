"""Notification numbers (Rules 3.3) and registration marks: how they are written and compared."""

from __future__ import annotations

import re
import unicodedata
from typing import NewType

NotificationNumber = NewType("NotificationNumber", str)
"""13 digits: 12 random and a Damm check digit."""

RegistrationMark = NewType("RegistrationMark", str)
"""A vehicle's registration mark, normalised: upper case, letters and digits only."""

NUMBER_LENGTH = 13

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


def damm_digit(digits: str) -> str:
    """The check digit that makes `digits + result` valid. `digits` must be decimal."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def parse_number(text: str) -> NotificationNumber | None:
    """The notification number in `text` (spaces and dashes allowed), or None if it is not one."""
    digits = re.sub(r"[\s\-]", "", text)
    if len(digits) != NUMBER_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    return NotificationNumber(digits) if damm_digit(digits) == "0" else None


def group_number(number: NotificationNumber) -> str:
    """`number` as printed on the notice: 4-3-3-3 digits."""
    return f"{number[:4]} {number[4:7]} {number[7:10]} {number[10:]}"


def normalise_mark(text: str) -> RegistrationMark:
    """`text` as a comparable mark: NFKC, upper case, separators dropped. May be empty."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return RegistrationMark("".join(ch for ch in folded if ch.isalnum()))
