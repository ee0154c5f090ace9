"""An officer's call that nobody acknowledges goes up: an alarm, then a word to central."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from prometheus_client import Counter

from gate.clock import Clock
from gate.lanes.ports import Call, History, Ledger

log = structlog.get_logger()

# Labelled by the level only: where and why would tell corridors.
ESCALATED = Counter("gate_calls_escalated_total", "Calls nobody acknowledged in time", ["level"])

HIGHEST_LEVEL = 3
"""1: an officer is called. 2: an alarm at the top of every console page. 3: central is told."""
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How long a call may wait, in seconds, before it goes up one level; the same again for the next."""

    escalate_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call nobody has acknowledged. `since` is on the same monotonic clock as `escalate`'s now."""

    call_id: str
    level: int
    since: float


@dataclass(frozen=True, slots=True)
class Escalation:
    """A call that goes up, and to which level."""

    call_id: str
    level: int


def escalate(calls: Iterable[WaitingCall], now: float, policy: CallPolicy) -> tuple[Escalation, ...]:
    """Tell which calls have waited long enough for their next level.

    One level at a time, so that each is journalled: a call found old after a restart goes up again at
    the next look. A level is never taken back.
    """
    return tuple(
        Escalation(call.call_id, call.level + 1)
        for call in calls
        if call.level < HIGHEST_LEVEL and now - call.since >= call.level * policy.escalate_seconds
    )


class CallWatch:
    """Looks at the open calls every second, and commits what `escalate` says.

    A call's age is its stored `since` against the wall clock once, when this process first sees it, and
    monotonic from then on: a clock that is set neither hurries a call nor makes it wait.
    """

    def __init__(
        self,
        ledger: Ledger,
        history: History,
        clock: Clock,
        policy: CallPolicy,
        on_change: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._history = history
        self._clock = clock
        self._policy = policy
        self._on_change = on_change
        self._since: dict[str, float] = {}

    async def run(self) -> None:
        """Look until cancelled. A database that refuses ends it, and with it the daemon (law 2)."""
        while True:
            await self.look()
            await self._clock.sleep(min(LOOK_SECONDS, self._policy.escalate_seconds / 4))

    async def look(self) -> tuple[Escalation, ...]:
        """Raise what is due now; those raised."""
        calls = await self._history.open_calls()
        now = self._clock.now()
        known = {call.call_id: self._began(call) for call in calls}
        self._since = known
        waiting = [WaitingCall(call.call_id, call.level, known[call.call_id]) for call in calls]
        raised = []
        for escalation in escalate(waiting, now.mono, self._policy):
            # Between the look and this an officer may have said "I am coming": then nothing is raised.
            if await self._ledger.escalate_call(escalation.call_id, escalation.level, now.utc):
                ESCALATED.labels(str(escalation.level)).inc()
                log.warning("call.escalated", call=escalation.call_id, level=escalation.level)
                raised.append(escalation)
        if raised:
            self._on_change()
        return tuple(raised)

    def _began(self, call: Call) -> float:
        known = self._since.get(call.call_id)
        if known is not None:
            return known
        now = self._clock.now()
        return now.mono - max(0.0, (now.utc - call.since).total_seconds())
