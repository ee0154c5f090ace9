"""The reading loop: turns between points, deadlines, bounded memory. Time is told, not awaited."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.evidence import EvidenceFolder
from gate.anpr.recogniser import Image
from gate.anpr.watch import MOST_PASSAGES, Watch
from gate.model import PlateCandidate, PlateRead, RegistrationMark
from gate.settings import AnprSettings

SETTINGS = AnprSettings(frames=2, give_up_seconds=4, accept_confidence=0.8)


@dataclass
class Shot:
    """A frame."""

    image: Image
    captured: float
    sequence: int


@dataclass
class Reel:
    """A camera whose every frame is known."""

    shots: list[Shot] = field(default_factory=list)

    def film(self, captured: float, shade: int = 90) -> None:
        """Add a frame."""
        image = np.full((60, 200, 3), shade, dtype=np.uint8)
        self.shots.append(Shot(image, captured, len(self.shots) + 1))

    def latest(self, after: int) -> Shot | None:
        """The newest frame, if newer."""
        return self.shots[-1] if self.shots and self.shots[-1].sequence > after else None


class ByShade:
    """Reads a mark off the picture's brightness; trips over black ones."""

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """A mark of the shade."""
        shade = int(image[0, 0, 0])
        if shade == 0:
            raise ValueError("black")
        mark = RegistrationMark(f"{shade:02d}AA019")
        return (PlateCandidate(mark, "AZ", 0.95, (10, 10, 100, 20), mark),)


@dataclass
class Bench:
    """A watch, what feeds it and what it answered."""

    watch: Watch
    reels: dict[str, Reel]
    answers: list[tuple[str, str, PlateRead | None]]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A watch over two points."""
    reels = {"approach": Reel(), "lane-1": Reel()}
    answers: list[tuple[str, str, PlateRead | None]] = []
    watch = Watch(
        SETTINGS, ByShade(), reels, EvidenceFolder(tmp_path), lambda p, i, r: answers.append((p, i, r))
    )
    return Bench(watch, reels, answers)


def test_two_fresh_frames_answer_once(bench: Bench) -> None:
    """A frame from before the passage is read in vain; two fresh ones answer, with evidence on disk."""
    bench.reels["lane-1"].film(9.0, shade=11)
    bench.watch.start("lane-1", "p1", began=10.0, seconds=4)
    assert bench.watch.turn()
    assert not bench.watch.turn()
    for captured in (10.2, 10.4):
        bench.reels["lane-1"].film(captured, shade=34)
        assert bench.watch.turn()
    ((point, passage, read),) = bench.answers
    assert (point, passage) == ("lane-1", "p1")
    assert read is not None
    assert read.sure
    assert read.mark == "34AA019"
    assert len(read.evidence) == 2
    assert bench.watch.passages == 0
    bench.watch.expire(99.0)
    assert len(bench.answers) == 1


def test_points_take_turns(bench: Bench) -> None:
    """A camera that is never out of new frames does not starve the other point."""
    for point in bench.reels:
        bench.watch.start(point, "p", began=0.0, seconds=4)
    for tick in range(1, 5):
        for reel in bench.reels.values():
            reel.film(float(tick))
        bench.watch.turn()
        # Two frames make an answer: after two turns the greedy point would have its own.
        assert len(bench.answers) == max(0, tick - 2)
    assert {point for point, _, _ in bench.answers} == {"approach", "lane-1"}


def test_time_over_gives_the_unsure_read_or_none(bench: Bench) -> None:
    """At the deadline one frame is an unsure read, no frame is None; before it nothing is said."""
    bench.watch.start("approach", "seen", began=10.0, seconds=4)
    bench.watch.start("lane-1", "unseen", began=10.0, seconds=4)
    bench.reels["approach"].film(10.5, shade=22)
    bench.watch.turn()
    bench.watch.expire(13.9)
    assert bench.answers == []
    bench.watch.expire(14.0)
    seen, unseen = sorted(bench.answers)
    assert seen[2] is not None
    assert (seen[2].mark, seen[2].sure) == ("22AA019", False)
    assert unseen == ("lane-1", "unseen", None)


def test_a_stopped_passage_is_silent(bench: Bench) -> None:
    """No answer follows a stop, and stopping what never was is harmless."""
    bench.watch.start("lane-1", "p1", began=0.0, seconds=4)
    bench.watch.stop("lane-1", "p1")
    bench.watch.stop("nowhere", "p9")
    bench.watch.expire(99.0)
    assert bench.answers == []


def test_a_frame_the_engine_trips_over_is_passed(bench: Bench) -> None:
    """An exception out of the recogniser costs its frame only."""
    bench.watch.start("lane-1", "p1", began=0.0, seconds=4)
    bench.reels["lane-1"].film(0.5, shade=0)
    assert bench.watch.turn()
    for captured in (1.0, 2.0):
        bench.reels["lane-1"].film(captured, shade=77)
        bench.watch.turn()
    assert [answer[1] for answer in bench.answers] == ["p1"]


def test_forgotten_passages_do_not_pile_up(bench: Bench) -> None:
    """Beyond the limit at one point the oldest is answered and let go."""
    for number in range(MOST_PASSAGES + 2):
        bench.watch.start("lane-1", f"p{number}", began=0.0, seconds=3600)
    assert bench.watch.passages == MOST_PASSAGES
    assert [answer[1] for answer in bench.answers] == ["p0", "p1"]
    bench.watch.start("elsewhere", "p", began=0.0, seconds=1)
    bench.watch.expire(2.0)
    assert bench.answers[-1] == ("elsewhere", "p", None)
