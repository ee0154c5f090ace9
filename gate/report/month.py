"""A month on the wall clock of the checkpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gate.errors import ConfigError

_WRITTEN = re.compile(r"(\d{4})-(\d{2})").fullmatch
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """From its first midnight to the next month's, where the checkpoint stands."""

    year: int
    number: int
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """YYYY-MM."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        first = date(self.year, self.number, 1)
        count = (self._next() - first).days
        return tuple(first + timedelta(days=index) for index in range(count))

    @property
    def begin(self) -> datetime:
        """Its first moment, in UTC."""
        return self._midnight(date(self.year, self.number, 1))

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return self._midnight(self._next())

    def local(self, moment: datetime) -> datetime:
        """A moment on the checkpoint's wall clock."""
        return moment.astimezone(self.zone)

    def _next(self) -> date:
        return date(self.year + self.number // _MONTHS, self.number % _MONTHS + 1, 1)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def month_of(text: str, timezone: str) -> Month:
    """Read YYYY-MM in a time zone. Raises ConfigError for what is neither."""
    matched = _WRITTEN(text)
    if matched is None or not 1 <= int(matched[2]) <= _MONTHS or not int(matched[1]):
        raise ConfigError(f"{text!r} is no month: write YYYY-MM, as in 2026-05")
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"this machine knows no time zone {timezone!r}: install tzdata") from error
    return Month(int(matched[1]), int(matched[2]), zone)
