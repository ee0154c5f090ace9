"""What the reader can tell apart: the signs on plates, and the states that issue them."""

from __future__ import annotations

from typing import Final

BLANK: Final = 0
"""CTC's class for "nothing new here"."""

PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
PERSIAN_LETTERS: Final[dict[str, str]] = {
    "الف": "A", "ب": "B", "پ": "P", "ت": "T", "ث": "S", "ج": "J", "د": "D", "ز": "Z", "ژ": "X", "س": "S",
    "ش": "W", "ص": "S", "ط": "T", "ع": "E", "ف": "F", "ق": "Q", "ک": "K", "گ": "G", "ل": "L", "م": "M",
    "ن": "N", "و": "V", "ه": "H", "ی": "Y",  # noqa: RUF001 - Persian on purpose
}  # fmt: skip
"""The letter of an Iranian plate, and what stands for it in a registration mark."""

SIGNS: Final[tuple[str, ...]] = (
    "",
    *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    *PERSIAN_DIGITS,
    *PERSIAN_LETTERS,
)
"""The recogniser's classes in the order of its outputs, first BLANK. Cyrillic twins are their Latin."""

_LATIN: Final = {sign: str(value) for value, sign in enumerate(PERSIAN_DIGITS)} | PERSIAN_LETTERS

STATES: Final[tuple[str, ...]] = (
    "", "AZ", "GE", "TR", "RU", "IR", "KZ", "UZ", "TM", "UA", "BY",
    "AM", "KG", "TJ", "MD", "IQ",
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE",
    "IT", "LT", "LU", "LV", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK",
    "BR", "US",
)  # fmt: skip
"""States of registration, the recogniser's second output, in its order; the first is any other."""


def to_mark(signs: tuple[str, ...]) -> str:
    """The registration mark that these signs write: Latin letters and digits, one for each sign."""
    return "".join(_LATIN.get(sign, sign) for sign in signs)
