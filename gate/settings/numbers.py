"""How this checkpoint's numbers are written: the spaces people type from, their check digits and groups."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from gate.model import Check, NumberFormat, NumberFormats
from gate.settings.types import Section

_AS_PRINTED = {13: (4, 3, 3, 3)}


class NumberFormatSettings(Section):
    """One space of numbers."""

    length: int = Field(default=13, ge=6, le=18, description="digits, the check digit among them")
    check: Check = Field(default=Check.DAMM, description="what the last digit proves: damm, luhn or none")
    groups: tuple[Annotated[int, Field(ge=1, le=18)], ...] = Field(
        default=(), max_length=9, description="how the notice prints it; left out: 4-3-3-3, else in one piece"
    )

    @field_validator("groups")
    @classmethod
    def _add_up(cls, groups: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        length = info.data.get("length")
        if groups and length is not None and sum(groups) != length:
            raise ValueError(f"groups of {' + '.join(map(str, groups))} digits do not make {length}")
        return groups

    def format(self) -> NumberFormat:
        """The format as the model knows it."""
        groups = self.groups or _AS_PRINTED.get(self.length, (self.length,))
        return NumberFormat(self.length, self.check, groups)


class NumberSettings(Section):
    """Both spaces: what central issues, and the preliminary-informing service's codes."""

    notification: NumberFormatSettings = NumberFormatSettings()
    preliminary: NumberFormatSettings = NumberFormatSettings()

    def formats(self) -> NumberFormats:
        """The one door from a text to a number, for kiosk, scanner, console and feed."""
        return NumberFormats(self.notification.format(), self.preliminary.format())
