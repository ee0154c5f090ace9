"""The number in a scanned code, whatever else the code holds.

Notices carry it in several shapes: the bare digits, grouped with spaces or dashes, or inside a QR text:
an address, key=value pairs, a sentence. A code is foreign text: nothing in it is believed but a number
that is named as one, or the only one there is.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import unquote_plus

from gate.kiosk.ports import SCAN_MAX
from gate.model import NotificationNumber, NumberFormat, NumberFormats

_NAMED = (
    r"(?<![a-z0-9])(?:number|nr|no|n|num|notification|notification[_-]?number|bildiris|nomre|nömrə|code|kod)"
    r"[\"']?\s*[=:]\s*[\"']?([0-9][0-9 \-]{%d,%d}[0-9])(?![0-9])"
)
"""number=..., "notification": "...", No: ... - the keys traders' systems write."""


@cache
def _patterns(formats: NumberFormats) -> tuple[tuple[re.Pattern[str], int], ...]:
    """Where numbers stand: named as one first, else anywhere."""
    lengths = [space.length for space in formats.each]
    named = re.compile(_NAMED % (min(lengths) - 2, formats.longest + 7), re.IGNORECASE)
    shapes = "|".join(shape for at, space in enumerate(formats.each) for shape in _shapes(at, space))
    # Inside other text only the plain digits and the notice's own groups: a looser pattern would put
    # dates and telephone numbers together.
    return (named, 1), (re.compile(rf"(?<![0-9])(?:{shapes})(?![0-9])"), 0)


def _shapes(at: int, space: NumberFormat) -> tuple[str, ...]:
    plain = f"[0-9]{{{space.length}}}"
    if len(space.groups) == 1:
        return (plain,)
    first, *others = space.groups
    separator = f"sep{at}"
    grouped = f"[0-9]{{{first}}}(?P<{separator}>[ \\-])" + f"(?P={separator})".join(
        f"[0-9]{{{size}}}" for size in others
    )
    return plain, grouped


def find_number(text: str, formats: NumberFormats = NumberFormats()) -> NotificationNumber | None:  # noqa: B008 - frozen
    """The one number in `text`; None when there is none, or more than one."""
    if len(text) > SCAN_MAX:
        return None
    whole = formats.parse(text)
    if whole is not None:
        return whole
    # Percent-encoding may hide the separators; the text as it stands is looked at, too.
    for pattern, group in _patterns(formats):
        found = {
            number
            for reading in (text, unquote_plus(text, errors="replace"))
            for match in pattern.finditer(reading)
            if (number := formats.parse(match[group])) is not None
        }
        if found:
            return found.pop() if len(found) == 1 else None
    return None
