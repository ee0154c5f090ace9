"""What a camera said, whatever it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One authenticated message. Nothing in it is believed yet.

    `plate` and `state` are the camera's own words, None where it names none. `captured` is aware, by the
    camera's clock. `ident` is the same for the same message only. `pictures` are not known to be JPEGs.
    """

    plate: str | None
    state: str | None
    confidence: float
    captured: datetime
    ident: str
    pictures: tuple[bytes, ...] = ()
    is_read: bool = True
    """False for a heartbeat or another kind of event: it only tells how the camera's clock stands."""


class MalformedError(ValueError):
    """The bytes are not the format; the message says what, for the log."""
