"""Conflict groups: lanes that run into one another behind their barriers, of which one may be open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gate.clock import Clock
from gate.lanes.events import BarrierPosition, WayGranted
from gate.lanes.state import Phase, PointState

_SHUT = frozenset(
    {
        Phase.FREE,
        Phase.READING,
        Phase.MATCHING,
        Phase.REGISTERING,
        Phase.CONTROL,
        Phase.WAITING,
        Phase.HELD,
    }
)
"""Phases in which nothing comes out of a lane whose boom nobody sees elsewhere than down."""


def is_shut(state: PointState, *, feedback: bool) -> bool:
    """Whether nothing can come out of this lane. A boom nobody knows to be down may be up (law 3)."""
    if state.phase is Phase.MAINTENANCE:
        return True  # fenced off
    if not feedback:
        return state.phase in _SHUT
    # HELD alone says little: so is a lane whose opening pulse was lost on the way, or came late.
    out = (Phase.CLOSED, Phase.BLOCKED, Phase.DISARMED, Phase.RECOVERY)
    return state.inputs.barrier is BarrierPosition.DOWN and state.phase in (*_SHUT, *out)


@dataclass(frozen=True, slots=True)
class Member:
    """One lane of a group."""

    state: Callable[[], PointState]
    feedback: bool
    tell: Callable[[WayGranted], None]


class Merge:
    """Grants the merge to one lane at a time, first come, first served. Emergencies ask nobody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._members: dict[str, Member] = {}
        self._waiting: list[tuple[str, str]] = []
        self._granted: tuple[str, str] | None = None

    def join(self, name: str, member: Member) -> None:
        """Make a lane part of the group."""
        self._members[name] = member

    def claim(self, name: str, passage_id: str) -> None:
        """Ask for the merge; WayGranted follows once every other lane is shut."""
        self._waiting = [claim for claim in self._waiting if claim[0] != name]
        self._waiting.append((name, passage_id))
        if self._granted is not None and self._granted[0] == name:
            self._granted = None  # or its new claim would wait for its old grant
        self.note()

    def note(self) -> None:
        """Look again after any lane's step: who holds the merge, and who may have it."""
        if self._granted is not None and not self._still_wanted(self._granted):
            self._granted = None
        self._waiting = [claim for claim in self._waiting if self._still_wanted(claim)]
        for claim in self._waiting:
            if self._granted is not None:
                return
            name, passage_id = claim
            others = (member for other, member in self._members.items() if other != name)
            if all(is_shut(member.state(), feedback=member.feedback) for member in others):
                self._granted = claim
                self._waiting = [other for other in self._waiting if other != claim]
                self._members[name].tell(WayGranted(at=self._clock.now(), passage_id=passage_id))
                return

    def _still_wanted(self, claim: tuple[str, str]) -> bool:
        """The vehicle is still there and has not been through, or its lane is still open."""
        name, passage_id = claim
        member = self._members[name]
        state = member.state()
        here = state.passage is not None and state.passage.passage_id == passage_id
        waits = here and state.phase in (Phase.WAITING, Phase.ATTENDED)
        return waits or not is_shut(state, feedback=member.feedback)
