"""Front and rear plate of one passage: two readings of one watch, one answer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from gate.anpr.passage.watch import OnAnswer, Watch
from gate.model import PlateRead

OnPair = Callable[[str, str, PlateRead | None, PlateRead | None], None]
"""(point, passage, the front camera's read, the rear camera's)."""


def rear_of(point: str) -> str:
    """Name a point's rear camera among the watch's sources. Point names have no slash."""
    return f"{point}/rear"


@dataclass(slots=True)
class _Half:
    """What has been answered so far; the deadline once the front has."""

    front: PlateRead | None = None
    front_done: bool = False
    trailer: PlateRead | None = None
    trailer_done: bool = False
    deadline: float = float("inf")


class Pairing:
    """Starts both readings of a passage and answers once: when both are done, or the front has waited.

    The rear never keeps a front plate that is read waiting for longer than `rear_seconds`, nor past the
    passage's own give-up time. A point without a rear camera is answered as its watch answers.
    """

    def __init__(self, rears: Collection[str], rear_seconds: float, answer: OnPair) -> None:
        self._rears = frozenset(rears)
        self._rear_seconds = rear_seconds
        self._answer = answer
        self._halves: dict[tuple[str, str], _Half] = {}
        self._watch: Watch | None = None
        self._now = 0.0

    def over(self, make: Callable[[OnAnswer], Watch]) -> Watch:
        """Make the watch whose answers come here."""
        self._watch = make(self._take)
        return self._watch

    @property
    def watch(self) -> Watch:
        """The watch below."""
        if self._watch is None:
            raise AssertionError("over() comes first")
        return self._watch

    def start(self, point: str, passage: str, began: float, seconds: float) -> None:
        """Read for this passage, at the front and, where there is a camera, at the rear."""
        if (point, passage) in self._halves:
            return
        self._now = max(self._now, began)
        self.watch.start(point, passage, began, seconds)
        if point in self._rears:
            self._halves[point, passage] = _Half()
            self.watch.start(rear_of(point), passage, began, seconds)

    def stop(self, point: str, passage: str) -> None:
        """Forget this passage without an answer."""
        self.watch.stop(point, passage)
        if self._halves.pop((point, passage), None) is not None:
            self.watch.stop(rear_of(point), passage)

    def give_up(self, point: str, passage: str) -> None:
        """Answer for this passage now with what there is; nothing when it does not wait."""
        # Asked first: the front's answer may end the pair.
        has_rear = (point, passage) in self._halves
        self.watch.give_up(point, passage)
        if has_rear:
            self.watch.give_up(rear_of(point), passage)

    def expire(self, now: float) -> None:
        """Give up what is over: passages, and rears that a read front has waited for."""
        self._now = now
        self.watch.expire(now)
        for (point, passage), half in list(self._halves.items()):
            if now >= half.deadline:
                self.watch.give_up(rear_of(point), passage)

    def _take(self, source: str, passage: str, read: PlateRead | None) -> None:
        point = source.removesuffix("/rear")
        half = self._halves.get((point, passage))
        if half is None:
            self._answer(point, passage, read, None)
            return
        if source == point:
            half.front, half.front_done = read, True
            half.deadline = self._now + self._rear_seconds
        else:
            half.trailer, half.trailer_done = read, True
        if half.front_done and half.trailer_done:
            del self._halves[point, passage]
            self._answer(point, passage, half.front, half.trailer)
