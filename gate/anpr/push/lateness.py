"""How late a message is, though its camera's clock is wrong: each message is measured against the others."""

from __future__ import annotations

from datetime import datetime

_AGREE_SECONDS = 1.5
"""Prompt messages differ by less: a second their times may be cut by, and the camera's own work."""
_RELEARN_MESSAGES = 4
_RELEARN_SECONDS = 30.0
_WHOLE_SECOND_SLACK = 1.0
"""A time without a fraction may have been cut by this much."""
_SLACK = 0.1


class Lateness:
    """Learns a camera's clock from its own messages. Its absolute error cancels out.

    Arrival by our monotonic clock less capture by the camera's is delay plus a constant nobody knows. The
    least of them, once a second one agrees, is a prompt message's; what lies above it is delay. So the
    backlog of a camera that was cut off (every message a little less late than the one before) never
    passes for prompt. A clock that was set back is learned anew from messages that agree with each other
    for half a minute, which no backlog does.
    """

    def __init__(self) -> None:
        self._least: float | None = None
        self._agreeing = 0
        self._late: list[tuple[float, float]] = []

    def note(self, captured: datetime, arrived: float) -> float | None:
        """Seconds this message is late, at least 0; None while that is not known. `arrived` is monotonic."""
        lag = arrived - captured.timestamp()
        if self._least is None or lag < self._least - _AGREE_SECONDS:
            self._least, self._agreeing, self._late = lag, 1, []
            return None
        if lag <= self._least + _AGREE_SECONDS:
            self._least = min(self._least, lag)
            self._agreeing += 1
            self._late = []
        else:
            self._learn_anew(arrived, lag)
        return lag - self._least if self._agreeing > 1 else None

    def _learn_anew(self, arrived: float, lag: float) -> None:
        if any(abs(lag - other) > _AGREE_SECONDS for _, other in self._late):
            self._late = []
        self._late.append((arrived, lag))
        if len(self._late) >= _RELEARN_MESSAGES and arrived - self._late[0][0] >= _RELEARN_SECONDS:
            self._least = min(lag for _, lag in self._late)
            self._agreeing, self._late = len(self._late), []


def slack_of(captured: datetime) -> float:
    """By how much `captured` may be too early for the way it is written."""
    return _SLACK if captured.microsecond else _WHOLE_SECOND_SLACK
