"""Why a pushed read was not taken: counted always, said to the log at a bounded rate, never to the sender."""

from __future__ import annotations

from typing import Literal

import structlog
from prometheus_client import Counter

log = structlog.get_logger()

Reason = Literal[
    "source", "rate", "size", "auth", "malformed", "camera", "replay", "stale", "presence", "picture"
]
"""source: an address or path that is not ours; rate: too many; size: too long; auth: wrong credentials or
signature; malformed: not the format; camera: another camera, channel or lane than configured; replay: seen
before; stale: too far from our clock; presence: no vehicle is being read there, or it was captured before
it came; picture: the read was taken without a picture that is no sound JPEG.
"""

REFUSED = Counter("gate_anpr_push_refused_total", "Pushed reads, or pictures of them, refused", ["reason"])
CHALLENGED = Counter("gate_anpr_push_challenged_total", "Requests answered with a demand to log in")
TAKEN = Counter("gate_anpr_push_taken_total", "Messages taken of cameras that push", ["kind"])

_QUIET_SECONDS = 30.0


class RefusedError(Exception):
    """A message that is not taken. `status` is all its sender learns."""

    def __init__(self, reason: Reason, why: str, status: int = 200) -> None:
        super().__init__(why)
        self.reason: Reason = reason
        self.status = status


class Refusals:
    """Counts every refusal; logs the first of its kind and point, then one in half a minute with a tally."""

    def __init__(self) -> None:
        self._last: dict[tuple[Reason, str], float] = {}
        self._unsaid: dict[tuple[Reason, str], int] = {}

    def note(self, reason: Reason, why: str, point: str | None, source: str, now: float) -> None:
        """One refusal. `point` is one of ours or None, so that strangers cannot grow the tables."""
        REFUSED.labels(reason).inc()
        key = (reason, point or "")
        if key in self._last and now - self._last[key] < _QUIET_SECONDS:
            self._unsaid[key] = self._unsaid.get(key, 0) + 1
            return
        self._last[key] = now
        log.warning(
            "anpr.push_refused",
            reason=reason,
            why=why,
            point=point,
            source=source,
            unsaid=self._unsaid.pop(key, 0),
        )
