"""The reading loop: turns between points, deadlines, bounded memory. Time is told, not awaited."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.evidence import EvidenceFolder
from gate.anpr.eye import Counts
from gate.anpr.quality import FEWEST
from gate.anpr.recogniser import Image
from gate.anpr.watch import MOST_PASSAGES, Watch
from gate.model import PlateCandidate, PlateRead, RegistrationMark
from gate.settings import AnprSettings

UNSURE = 66
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
        image[10:30, 10:110] = 7 * shade % 250  # the plate; all of a picture brighter is no motion
        self.shots.append(Shot(image, captured, len(self.shots) + 1))

    def latest(self, after: int) -> Shot | None:
        """The newest frame, if newer."""
        return self.shots[-1] if self.shots and self.shots[-1].sequence > after else None


class ByShade:
    """Reads a mark off the picture's brightness, unsurely off one shade; trips over black ones."""

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """A mark of the shade."""
        shade = int(image[0, 0, 0])
        if shade == 0:
            raise ValueError("black")
        mark = RegistrationMark(f"{shade:02d}AA019")
        sure = 0.5 if shade == UNSURE else 0.95
        return (PlateCandidate(mark, "AZ", sure, (10, 10, 100, 20), mark),)


@dataclass
class Bench:
    """A watch, what feeds it and what it answered."""

    watch: Watch
    reels: dict[str, Reel]
    answers: list[tuple[str, str, PlateRead | None]]

    @property
    def now(self) -> float:
        """When the newest frame of all came."""
        return max(shot.captured for reel in self.reels.values() for shot in reel.shots)


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
    assert bench.watch.turn(bench.now)
    assert not bench.watch.turn(bench.now)
    for captured in (10.2, 10.4):
        bench.reels["lane-1"].film(captured, shade=34)
        assert bench.watch.turn(bench.now)
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
        bench.watch.turn(bench.now)
        # Two frames make an answer: after two turns the greedy point would have its own.
        assert len(bench.answers) == max(0, tick - 2)
    assert {point for point, _, _ in bench.answers} == {"approach", "lane-1"}


def test_time_over_gives_the_unsure_read_or_none(bench: Bench) -> None:
    """At the deadline one frame is an unsure read, no frame is None; before it nothing is said."""
    bench.watch.start("approach", "seen", began=10.0, seconds=4)
    bench.watch.start("lane-1", "unseen", began=10.0, seconds=4)
    bench.reels["approach"].film(10.5, shade=22)
    bench.watch.turn(bench.now)
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
    assert bench.watch.turn(bench.now)
    for captured in (1.0, 2.0):
        bench.reels["lane-1"].film(captured, shade=77)
        bench.watch.turn(bench.now)
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


def test_the_plate_before_is_not_the_next_vehicles(bench: Bench) -> None:
    """It stands in the first frames of the next passage; the answer is the plate that takes its place."""
    lane = bench.reels["lane-1"]
    for passage, began, frames in (
        ("p1", 10.0, ((10.2, 34), (10.4, 34))),
        ("p2", 20.0, ((20.2, 34), (20.4, 34))),
    ):
        bench.watch.start("lane-1", passage, began=began, seconds=8)
        for captured, shade in frames:
            lane.film(captured, shade)
            bench.watch.turn(bench.now)
    assert [(passage, read.mark) for _, passage, read in bench.answers if read] == [("p1", "34AA019")]
    for captured in (22.0, 22.2):
        lane.film(captured, 77)
        bench.watch.turn(bench.now)
    assert [(passage, read.mark) for _, passage, read in bench.answers[1:] if read] == [("p2", "77AA019")]


def test_of_two_passages_that_wait_one_has_the_plate(bench: Bench) -> None:
    """The first is answered; the second never is with the same plate, however long that stands there."""
    for passage, began in (("p1", 10.0), ("p2", 10.1)):
        bench.watch.start("lane-1", passage, began=began, seconds=8)
    for frame in range(60):
        bench.reels["lane-1"].film(10.2 + frame / 10, 34)
        bench.watch.turn(bench.now)
    bench.watch.expire(18.1)
    assert [(passage, read and read.mark) for _, passage, read in bench.answers] == [
        ("p1", "34AA019"),
        ("p2", None),
    ]


def test_what_was_stopped_is_not_the_next_vehicles_either(bench: Bench) -> None:
    """One frame was read of a vehicle that turned round; its plate is not the next passage's."""
    bench.watch.start("lane-1", "p1", began=10.0, seconds=8)
    bench.reels["lane-1"].film(10.2, 34)
    bench.watch.turn(bench.now)
    bench.watch.stop("lane-1", "p1")
    bench.watch.start("lane-1", "p2", began=20.0, seconds=8)
    for captured in (20.2, 20.4):
        bench.reels["lane-1"].film(captured, 34)
        bench.watch.turn(bench.now)
    bench.watch.expire(28.0)
    assert bench.answers == [("lane-1", "p2", None)]


def test_a_picture_that_does_not_change_is_read_seldom(bench: Bench) -> None:
    """Three frames of a view that reads nothing sure, then one each half second; a change is read at once."""
    bench.watch.start("lane-1", "p1", began=0.0, seconds=60)
    lane, counts = bench.reels["lane-1"], bench.watch.counts_of("lane-1")
    for frame in range(1, 21):
        lane.film(frame / 10, UNSURE)
        bench.watch.turn(bench.now)
    assert (counts.read, counts.unchanged) == (6, 14)
    lane.film(2.1, UNSURE)
    lane.shots[-1].image[20:40, 60:160] = 240
    assert bench.watch.turn(bench.now)


def test_a_new_passage_reads_the_same_picture_anew(bench: Bench) -> None:
    """What was read for the passage before counts for nothing."""
    lane, counts = bench.reels["lane-1"], bench.watch.counts_of("lane-1")
    for passage, began in (("p1", 0.0), ("p2", 1.0)):
        bench.watch.start("lane-1", passage, began=began, seconds=60)
        for frame in range(1, 6):
            lane.film(began + frame / 100, UNSURE)
            bench.watch.turn(bench.now)
        bench.watch.stop("lane-1", passage)
    assert counts.read == 6


def test_a_frame_too_old_is_not_read(bench: Bench) -> None:
    """Whoever stood there two seconds ago may be gone: counted, not read."""
    bench.watch.start("lane-1", "p1", began=0.0, seconds=60)
    bench.reels["lane-1"].film(1.0, 34)
    assert not bench.watch.turn(1.0 + SETTINGS.frame_seconds + 0.1)
    assert bench.watch.counts_of("lane-1") == Counts(read=0, unchanged=0, old=1)
    bench.reels["lane-1"].film(4.0, 34)
    assert bench.watch.turn(4.0)


def test_the_cameras_quality_is_known_after_a_few_vehicles(bench: Bench) -> None:
    """One measurement a vehicle, by its best frame; nothing is said of fewer than five."""
    lane = bench.reels["lane-1"]
    for vehicle in range(FEWEST):
        assert bench.watch.quality_of("lane-1") is None
        bench.watch.start("lane-1", f"p{vehicle}", began=10.0 * vehicle, seconds=4)
        for frame in (1, 2):
            lane.film(10.0 * vehicle + frame / 10, 11 * (1 + vehicle % 2))
            bench.watch.turn(bench.now)
    quality = bench.watch.quality_of("lane-1")
    assert quality is not None
    assert quality.contrast == 0.0
    assert quality.burnt == 0.0
