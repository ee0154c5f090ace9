"""The notification number in a scanned code, whatever else the code holds.

Notices carry it in several shapes: the bare 13 digits, grouped with spaces or dashes, or inside a QR
text: an address, key=value pairs, a sentence. A code is foreign text: nothing in it is believed but a
number that is named as one, or the only one there is.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from gate.kiosk.ports import SCAN_MAX
from gate.model import NotificationNumber, parse_number

_NAMED = re.compile(
    r"(?<![a-z0-9])(?:number|nr|no|n|num|notification|notification[_-]?number|bildiris|nomre|nömrə)"
    r"[\"']?\s*[=:]\s*[\"']?([0-9][0-9 \-]{11,20}[0-9])(?![0-9])",
    re.IGNORECASE,
)
"""number=..., "notification": "...", No: ... - the keys traders' systems write."""

_ANYWHERE = re.compile(r"(?<![0-9])(?:[0-9]{13}|[0-9]{4}([ \-])[0-9]{3}\1[0-9]{3}\1[0-9]{3})(?![0-9])")
"""Inside other text only the plain digits and the notice's own 4-3-3-3: a looser pattern would put
dates and telephone numbers together."""


def find_number(text: str) -> NotificationNumber | None:
    """The one notification number in `text`; None when there is none, or more than one."""
    if len(text) > SCAN_MAX:
        return None
    whole = parse_number(text)
    if whole is not None:
        return whole
    # Percent-encoding may hide the separators; the text as it stands is looked at, too.
    for pattern, group in ((_NAMED, 1), (_ANYWHERE, 0)):
        found = {
            number
            for reading in (text, unquote_plus(text, errors="replace"))
            for match in pattern.finditer(reading)
            if (number := parse_number(match[group])) is not None
        }
        if found:
            return found.pop() if len(found) == 1 else None
    return None
