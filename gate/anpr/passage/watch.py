"""The child's reading loop: which point's frame is read next, and what comes of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2
import structlog
from prometheus_client import Counter

from gate.anpr.camera.eye import Counts, Eye, Shown
from gate.anpr.camera.measuring import sharpness_of
from gate.anpr.camera.quality import Quality
from gate.anpr.camera.region import Region
from gate.anpr.passage.consensus import Before, Consensus, Sighting, nearest
from gate.anpr.recogniser import Image, Recogniser
from gate.errors import StoreError
from gate.model import PlateRead
from gate.settings import AnprSettings

log = structlog.get_logger()

UNREADABLE = Counter("gate_anpr_frames_failed_total", "Frames a recogniser failed on")

MOST_PASSAGES = 4
"""At one point: a lane holds one vehicle and perhaps the next. More means somebody forgot to stop."""


class FrameView(Protocol):
    """A camera's frame, as far as reading goes."""

    @property
    def image(self) -> Image:
        """BGR."""
        ...

    @property
    def captured(self) -> float:
        """Monotonic seconds."""
        ...

    @property
    def sequence(self) -> int:
        """Grows with every frame of its camera."""
        ...


class Source(Protocol):
    """A camera, as far as reading goes."""

    def latest(self, after: int) -> FrameView | None:
        """The newest frame whose sequence is greater, or None."""
        ...


class Keeper(Protocol):
    """Where evidence goes."""

    def keep(self, scene: Image, box: tuple[int, int, int, int]) -> tuple[str, ...]:
        """Write scene and crop; their names."""
        ...


@dataclass(slots=True)
class _Passage:
    consensus: Consensus
    began: float
    deadline: float
    scenes: dict[int, Image] = field(default_factory=dict)
    """The frames the consensus still cites, by sequence."""
    qualities: dict[int, Quality] = field(default_factory=dict)
    """Of those frames."""
    plateless: Quality | None = None
    """Of the newest frame that showed no plate."""


OnAnswer = Callable[[str, str, PlateRead | None], None]


class Watch:
    """Reads the newest frames of the points where a passage waits, in turn, and answers once for each."""

    def __init__(
        self,
        settings: AnprSettings,
        recogniser: Recogniser,
        sources: Mapping[str, Source],
        keeper: Keeper,
        answer: OnAnswer,
        regions: Mapping[str, Region] | None = None,
    ) -> None:
        self._settings = settings
        self._recogniser = recogniser
        self._sources = sources
        self._keeper = keeper
        self._answer = answer
        self._waiting: OrderedDict[str, OrderedDict[str, _Passage]] = OrderedDict()
        """Points in the order of their turn, passages in the order they began."""
        self._seen: dict[str, int] = {}
        self._before: dict[str, Before] = {}
        """The plate each camera read last, for whoever comes next."""
        given = regions or {}
        self._eyes = {
            # One view more than must agree: the last of them may be the first without a wiper over it.
            point: Eye(given.get(point, Region()), settings.frames + 1, settings.frame_seconds)
            for point in sources
        }

    def counts_of(self, point: str) -> Counts:
        """How many of a camera's frames were read, and how many were not worth it."""
        return self._eyes[point].counts

    def quality_of(self, point: str) -> Quality | None:
        """How well a camera has shown its last vehicles' plates; None of too few."""
        return self._eyes[point].qualities.usual

    def shown_at(self, point: str) -> Shown | None:
        """What this camera's frame that was read last showed; None before the first."""
        return self._eyes[point].shown

    @property
    def passages(self) -> int:
        """How many wait."""
        return sum(len(passages) for passages in self._waiting.values())

    def start(self, point: str, passage: str, began: float, seconds: float) -> None:
        """Read for this passage from frames captured after `began`, for at most `seconds`."""
        passages = self._waiting.setdefault(point, OrderedDict())
        if passage in passages:
            return
        while len(passages) >= MOST_PASSAGES:
            oldest = next(iter(passages))
            log.warning("anpr.passage_crowded_out", point=point, passage=oldest)
            self._finish(point, oldest, passages[oldest].consensus.give_up())
        if point in self._eyes:
            self._eyes[point].begin()
        consensus = Consensus(
            self._settings.frames, self._settings.accept_confidence, began, self._before.get(point)
        )
        passages[passage] = _Passage(consensus, began, began + seconds)

    def stop(self, point: str, passage: str) -> None:
        """Forget this passage without an answer."""
        passages = self._waiting.get(point)
        if passages is None or passage not in passages:
            return
        self._learn(point, passages.pop(passage))
        if not passages:
            del self._waiting[point]

    def expire(self, now: float) -> None:
        """Give up the passages whose time is over."""
        due = [
            (point, passage, state.consensus.give_up())
            for point, passages in self._waiting.items()
            for passage, state in passages.items()
            if now >= state.deadline
        ]
        for point, passage, read in due:
            self._finish(point, passage, read)

    def give_up(self, point: str, passage: str) -> None:
        """Answer for this passage now with what there is; nothing when it does not wait."""
        passages = self._waiting.get(point)
        if passages is not None and passage in passages:
            self._finish(point, passage, passages[passage].consensus.give_up())

    def turn(self, now: float) -> bool:
        """Read one frame: of the first waiting point that has one worth reading. False when none has."""
        for point in list(self._waiting):
            source = self._sources.get(point)
            frame = source.latest(self._seen.get(point, 0)) if source is not None else None
            if frame is None:
                continue
            self._seen[point] = frame.sequence
            if not self._eyes[point].is_worth_reading(frame.image, frame.captured, now):
                continue
            self._waiting.move_to_end(point)
            self._read(point, frame)
            return True
        return False

    def _read(self, point: str, frame: FrameView) -> None:
        eye = self._eyes[point]
        try:
            candidates = eye.read(self._recogniser, frame.image, frame.captured)
        except (cv2.error, ValueError, ArithmeticError, IndexError, RuntimeError) as error:
            # A recogniser that trips over one picture costs that picture, never the passage.
            UNREADABLE.inc()
            log.warning("anpr.frame_failed", point=point, sequence=frame.sequence, error=repr(error))
            return
        foremost = nearest(candidates)
        box = foremost.box if foremost is not None else None
        sighting = Sighting(frame.sequence, frame.captured, sharpness_of(frame.image, box), candidates)
        quality = eye.quality(frame.image, box)
        for passage, state in list(self._waiting[point].items()):
            read = state.consensus.offer(sighting)
            if frame.sequence in state.consensus.kept:
                state.scenes[frame.sequence] = frame.image
                state.qualities[frame.sequence] = quality
            elif box is None and frame.captured > state.began:
                state.plateless = quality
            for sequence in state.scenes.keys() - state.consensus.kept:
                del state.scenes[sequence]
                del state.qualities[sequence]
            if read is not None:
                self._finish(point, passage, read)

    def _finish(self, point: str, passage: str, read: PlateRead | None) -> None:
        state = self._waiting[point][passage]
        if read is not None:
            read = replace(read, evidence=self._evidence(point, state, read))
        self._measure(point, state, read)
        self.stop(point, passage)
        self._answer(point, passage, read)

    def _learn(self, point: str, over: _Passage) -> None:
        """A passage is over: its plate is not the next one's, nor theirs that wait beside it."""
        left = over.consensus.leaves
        if left is None:
            return
        self._before[point] = left
        for other in self._waiting[point].values():
            other.consensus.follows(replace(left, waits=True))

    def _measure(self, point: str, state: _Passage, read: PlateRead | None) -> None:
        best = state.consensus.best_of(read.mark) if read is not None else None
        quality = state.qualities.get(best.sequence) if best is not None else state.plateless
        if quality is not None:
            self._eyes[point].qualities.add(quality)

    def _evidence(self, point: str, state: _Passage, read: PlateRead) -> tuple[str, ...]:
        best = state.consensus.best_of(read.mark)
        if best is None or best.sequence not in state.scenes:
            return ()
        try:
            return self._keeper.keep(state.scenes[best.sequence], best.candidate.box)
        except StoreError as error:
            # A full disk must not stop the lane; the read goes out, visibly without pictures.
            log.error("anpr.evidence_lost", point=point, error=str(error))
            return ()
