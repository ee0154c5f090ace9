"""What somebody looks for: a notification number, or the beginning of a plate."""

from __future__ import annotations

from dataclasses import dataclass

from gate.model import NotificationNumber, RegistrationMark, normalise_mark, parse_number

LEAST_OF_A_MARK = 3
"""Fewer letters and digits than these would list half the border."""
MOST_TYPED = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the two, never both. `mark` may be a plate's beginning, `number` is whole."""

    mark: RegistrationMark | None = None
    number: NotificationNumber | None = None


def understand(text: str) -> Wanted | None:
    """What `text` asks for; None when it is neither a whole number nor enough of a plate."""
    if len(text) > MOST_TYPED:
        return None
    number = parse_number(text)
    if number is not None:
        return Wanted(number=number)
    mark = normalise_mark(text)
    return Wanted(mark=mark) if len(mark) >= LEAST_OF_A_MARK else None
