"""One answer for a passage out of the gate's own read and the camera's: agreeing, surer than alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog
from prometheus_client import Counter

from gate.clock import Clock
from gate.lanes.ports import OnRead, PlateReader
from gate.model import PlateRead
from gate.model.syntax import countries_of

log = structlog.get_logger()

MERGED = Counter("gate_anpr_merged_total", "Answers to passages at points where cameras push", ["kind"])

_MARGIN_SECONDS = 1.25
"""Beyond the give-up time, where the gate reads too: its own answer comes by then, if only to say nothing."""

_Key = tuple[str, str]


class Patience(Protocol):
    """What merging needs of a point's push settings."""

    @property
    def agree_confidence(self) -> float:
        """Two unsure reads that agree are sure when both reach this."""
        ...

    @property
    def wait_seconds(self) -> float:
        """How long a sure read waits for the other reader."""
        ...


def merge(own: PlateRead | None, pushed: Sequence[PlateRead], agree: float) -> PlateRead | None:
    """The passage's read out of the gate's own and the camera's; None when neither has one.

    Alone, a read is as sure as it is. The two disagreeing, or two sure reads of different marks, are not
    sure, whatever each says of itself. Agreeing they are sure when one is, or when both reach `agree` and
    the mark is written as some state writes its marks.
    """
    reads = [*([own] if own is not None else []), *pushed]
    if not reads:
        return None
    best = max(reads, key=lambda read: (read.sure, read.confidence))
    same = [read for read in pushed if read.mark == best.mark]
    rivalled = any(read.sure and read.mark != best.mark for read in reads)
    rivals = tuple(dict.fromkeys(read.mark for read in reads if read.mark != best.mark))
    if own is None or not pushed:
        frames = own.frames if own is not None else len(same)
        return replace(best, frames=frames, sure=best.sure and not rivalled, rivals=rivals)
    agreed = own.mark == best.mark and bool(same)
    strongest = max(same, key=lambda read: (read.sure, read.confidence), default=None)
    shown = [own, *([strongest] if strongest is not None else pushed[:1])]
    enough = (
        agreed
        and strongest is not None
        and min(own.confidence, strongest.confidence) >= agree
        and bool(countries_of(best.mark))
    )
    return PlateRead(
        best.mark,
        best.country,
        best.confidence,
        (own.frames if own.mark == best.mark else 0) + len(same),
        sure=agreed and not rivalled and (best.sure or enough),
        evidence=tuple(dict.fromkeys(name for read in shown for name in read.evidence)),
        rivals=rivals,
    )


@dataclass(slots=True)
class _Passage:
    passage_id: str
    began: float
    own_expected: bool
    deadline: asyncio.Task[None]
    own_answered: bool = False
    own: PlateRead | None = None
    trailer: PlateRead | None = None
    pushed: list[PlateRead] = field(default_factory=list)
    waiting: asyncio.Task[None] | None = None


class MergedReaders:
    """The PlateReader of all points: pushed reads are offered to it, the gate's own reader answers to it.

    Where no camera pushes, the own reader's answer is the answer. `own` must be set before the first
    passage, and `close` called at the end.
    """

    def __init__(
        self,
        cameras: Collection[str],
        pushes: Mapping[str, Patience],
        give_up_seconds: float,
        clock: Clock,
        on_read: OnRead,
    ) -> None:
        self.own: PlateReader | None = None
        self._cameras = frozenset(cameras)
        self._pushes = dict(pushes)
        self._give_up_seconds = give_up_seconds
        self._clock = clock
        self._on_read = on_read
        self._wanted: dict[_Key, _Passage] = {}

    def start_reading(self, point: str, passage_id: str) -> None:
        """Begin reading for this passage; exactly one answer follows unless stopped."""
        key = (point, passage_id)
        own_expected = point in self._cameras
        if point in self._pushes and key not in self._wanted:
            # Wanted before the own reader starts: it may answer at once.
            seconds = self._give_up_seconds + (_MARGIN_SECONDS if own_expected else 0.0)
            deadline = self._later(key, seconds, f"push deadline {point}")
            began = self._clock.now().mono
            self._wanted[key] = _Passage(passage_id, began, own_expected, deadline)
        if own_expected and self.own is not None:
            self.own.start_reading(point, passage_id)

    def stop_reading(self, point: str, passage_id: str) -> None:
        """Forget the passage; no answer after this, and no pushed read is taken for it."""
        self._forget((point, passage_id))
        if point in self._cameras and self.own is not None:
            self.own.stop_reading(point, passage_id)

    def own_answered(
        self, point: str, passage_id: str, read: PlateRead | None, trailer: PlateRead | None
    ) -> None:
        """The gate's own reader's one answer: an OnRead. A rear camera's read goes on as it is."""
        if point not in self._pushes:
            self._on_read(point, passage_id, read, trailer)
            return
        passage = self._wanted.get((point, passage_id))
        if passage is not None:
            passage.own_answered, passage.own, passage.trailer = True, read, trailer
            self._consider((point, passage_id), passage)

    def standing(self, point: str) -> _Passage | None:
        """The passage whose plate is wanted at this point now: of several the one that began last."""
        here = [passage for (at, _), passage in self._wanted.items() if at == point]
        return max(here, key=lambda passage: passage.began, default=None)

    def offer(self, point: str, passage_id: str, read: PlateRead | None) -> bool:
        """A camera's read, or None when it read no plate; False when the passage is not wanted any more."""
        passage = self._wanted.get((point, passage_id))
        if passage is None:
            return False
        if read is not None:
            passage.pushed.append(read)
            self._consider((point, passage_id), passage)
        return True

    def close(self) -> None:
        """Forget every passage."""
        for key in list(self._wanted):
            self._forget(key)

    def _consider(self, key: _Key, passage: _Passage) -> None:
        """Answer now if nothing that may still come would be waited for."""
        settings = self._pushes[key[0]]
        merged = merge(passage.own, passage.pushed, settings.agree_confidence)
        if passage.own_expected:
            sure = merged is not None and merged.sure and passage.own is not None and bool(passage.pushed)
            # The own reader gives up only when its time is over, and the camera's is over with it.
            done = sure or (passage.own_answered and (passage.own is None or not passage.own.sure))
        else:
            done = merged is not None and merged.sure
        if done:
            self._answer(key)
        elif passage.waiting is None and any(read.sure for read in (passage.own, *passage.pushed) if read):
            passage.waiting = self._later(key, settings.wait_seconds, f"push wait {key[0]}")

    def _answer(self, key: _Key) -> None:
        passage = self._forget(key)
        if passage is None:
            return
        point, passage_id = key
        read = merge(passage.own, passage.pushed, self._pushes[point].agree_confidence)
        kind = _kind_of(passage, read)
        MERGED.labels(kind).inc()
        if kind == "disagreed":
            # Not the marks: the log is no second journal of who came.
            log.warning("anpr.readers_disagree", point=point, passage=passage_id)
        if passage.own_expected and not passage.own_answered and self.own is not None:
            self.own.stop_reading(point, passage_id)
        self._on_read(point, passage_id, read, passage.trailer)

    def _later(self, key: _Key, seconds: float, name: str) -> asyncio.Task[None]:
        async def end() -> None:
            await self._clock.sleep(seconds)
            self._answer(key)

        return asyncio.get_running_loop().create_task(end(), name=name)

    def _forget(self, key: _Key) -> _Passage | None:
        passage = self._wanted.pop(key, None)
        if passage is not None:
            for task in (passage.deadline, passage.waiting):
                # Whoever answers because its time is over ends by itself.
                if task is not None and task is not asyncio.current_task():
                    task.cancel()
        return passage


def _kind_of(passage: _Passage, read: PlateRead | None) -> str:
    if read is None:
        return "none"
    if passage.own is None:
        return "pushed"
    if not passage.pushed:
        return "own"
    return (
        "agreed"
        if any(pushed.mark == passage.own.mark == read.mark for pushed in passage.pushed)
        else "disagreed"
    )
