"""Front and rear plates of one passage: one answer, and a front that never waits long for its rear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.passage.pairing import Pairing, rear_of
from gate.anpr.passage.watch import Watch
from gate.anpr.process.wire import Answer, Ready, Settings, Start
from gate.model import PlateRead
from gate.settings import AnprSettings, FolderCamera, MjpegCamera
from hardware.emulators.scenes import empty_road, render_scene
from tests.anpr.conftest import MARK
from tests.anpr.passage.test_watch import SETTINGS, ByShade, Reel
from tests.anpr.process.readers import readers
from tests.anpr.process.test_worker import child

FRONT, REAR = "11AA019", "33AA019"
TRAILER = "20BB456"
WAIT = 1.5


@dataclass
class Bench:
    """A pairing over a lane with both cameras and one without a rear, and what was answered."""

    pairing: Pairing
    reels: dict[str, Reel]
    answers: list[tuple[str, str, PlateRead | None, PlateRead | None]]

    def films(self, source: str, shade: int, *at: float) -> None:
        """A camera delivers frames, each of which is read."""
        for captured in at:
            self.reels[source].film(captured, shade)
            self.pairing.watch.turn(captured)

    @property
    def marks(self) -> tuple[str | None, str | None]:
        """The one answer's marks."""
        ((_, _, read, trailer),) = self.answers
        return (read.mark if read else None, trailer.mark if trailer else None)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A pairing whose cameras are known frame by frame."""
    reels = {"approach": Reel(), rear_of("approach"): Reel(), "lane-1": Reel()}
    answers: list[tuple[str, str, PlateRead | None, PlateRead | None]] = []
    pairing = Pairing(["approach"], WAIT, lambda *answer: answers.append(answer))
    pairing.over(lambda take: Watch(SETTINGS, ByShade(), reels, EvidenceFolder(tmp_path), take))
    return Bench(pairing, reels, answers)


def test_both_plates_are_one_answer(bench: Bench) -> None:
    """Whichever is read first waits for the other; each keeps its own pictures."""
    bench.pairing.start("approach", "p1", began=10.0, seconds=4)
    bench.films(rear_of("approach"), 33, 10.1, 10.2)
    assert bench.answers == []
    bench.films("approach", 11, 10.3, 10.4)
    assert bench.marks == (FRONT, REAR)
    ((_, _, read, trailer),) = bench.answers
    assert read is not None
    assert trailer is not None
    assert (read.sure, trailer.sure) == (True, True)
    assert set(read.evidence).isdisjoint(trailer.evidence)


def test_a_read_front_waits_a_bounded_time_for_its_rear(bench: Bench) -> None:
    """Nothing is seen behind: the front's answer goes out after `rear_seconds`, and once."""
    bench.pairing.start("approach", "p1", began=10.0, seconds=8)
    bench.pairing.expire(10.1)
    bench.films("approach", 11, 10.1, 10.2)
    bench.pairing.expire(10.1 + WAIT - 0.01)
    assert bench.answers == []
    bench.pairing.expire(10.1 + WAIT)
    assert bench.marks == (FRONT, None)
    bench.films(rear_of("approach"), 33, 12.0, 12.1)
    bench.pairing.expire(99.0)
    assert len(bench.answers) == 1


def test_what_the_rear_half_saw_is_told_as_unsure(bench: Bench) -> None:
    """One frame of a trailer is no read: it is shown to officers and opens nothing."""
    bench.pairing.start("approach", "p1", began=10.0, seconds=8)
    bench.films(rear_of("approach"), 33, 10.1)
    bench.films("approach", 11, 10.2, 10.3)
    bench.pairing.expire(20.0)
    ((_, _, _, trailer),) = bench.answers
    assert trailer is not None
    assert (trailer.mark, trailer.sure) == (REAR, False)


def test_a_late_front_does_not_wait_past_the_passages_time(bench: Bench) -> None:
    """The supervisor's own patience must not run out on a plate that was read."""
    bench.pairing.start("approach", "p1", began=10.0, seconds=4)
    bench.pairing.expire(13.9)
    bench.films("approach", 11, 13.8, 13.9)
    bench.pairing.expire(14.0)
    assert bench.marks == (FRONT, None)


def test_an_unread_front_is_answered_with_the_trailer_that_was_read(bench: Bench) -> None:
    """The officer who confirms the front plate has the trailer's."""
    bench.pairing.start("approach", "p1", began=10.0, seconds=4)
    bench.films(rear_of("approach"), 33, 10.1, 10.2)
    bench.pairing.expire(14.0)
    assert bench.marks == (None, REAR)


def test_a_stopped_passage_is_answered_by_neither(bench: Bench) -> None:
    """And nothing of it stays behind; a point without a rear camera answers at once."""
    bench.pairing.start("approach", "p1", began=10.0, seconds=4)
    bench.films("approach", 11, 10.1, 10.2)
    bench.pairing.stop("approach", "p1")
    bench.pairing.expire(99.0)
    assert bench.answers == []
    assert bench.pairing.watch.passages == 0
    bench.pairing.start("lane-1", "p2", began=100.0, seconds=4)
    bench.films("lane-1", 11, 100.1, 100.2)
    assert bench.marks == (FRONT, None)


@pytest.fixture
def rear_photos(tmp_path: Path) -> Path:
    """A folder with two rendered frames of one trailer."""
    folder = tmp_path / "rear"
    folder.mkdir()
    for seed in (5, 8):
        cv2.imwrite(str(folder / f"{seed}.jpg"), render_scene(TRAILER, country="AZ", seed=seed))
    return folder


async def test_the_child_reads_tractor_and_trailer(tmp_path: Path, photos: Path, rear_photos: Path) -> None:
    """Rendered scenes before both cameras of an approach: one answer with two sure plates."""
    settings = Settings(
        anpr=AnprSettings(frames=2, give_up_seconds=20, rear_seconds=10),
        cameras={"approach": FolderCamera(driver="folder", path=photos, frames_per_second=10)},
        rears={"approach": FolderCamera(driver="folder", path=rear_photos, frames_per_second=10)},
        evidence=tmp_path / "evidence",
    )
    async with child() as worker:
        worker.say(settings.encode())
        await worker.hear(Ready)
        worker.say(Start(point="approach", passage="p1", seconds=20).encode())
        answer = await worker.hear(Answer)
        assert answer.read is not None
        assert answer.trailer is not None
        assert (answer.read.mark, answer.trailer.mark) == (MARK, TRAILER)
        assert (answer.read.sure, answer.trailer.sure) == (True, True)


async def test_a_dead_rear_camera_costs_the_trailer_not_the_front(tmp_path: Path, photos: Path) -> None:
    """Through the supervisor: the fault is said at the point, the front plate is read, the rear is None."""
    dead = MjpegCamera(driver="http-mjpeg", url="http://127.0.0.1:9/none.mjpeg")
    fast = AnprSettings(frames=2, give_up_seconds=20, accept_confidence=0.8, rear_seconds=0.3)
    async with readers(tmp_path, photos, settings=fast, rears={"lane-1": dead}) as (subject, told):
        subject.start_reading("lane-1", "p1")
        await told.until(lambda: len(told.reads) == 1)
        ((_, _, read),) = told.reads
        assert read is not None
        assert (read.mark, read.sure) == (MARK, True)
        assert told.trailers == [None]
        await told.until(lambda: any((fault or "").startswith("rear camera:") for _, fault in told.cameras))
        assert {point for point, _ in told.cameras} == {"lane-1"}


async def test_an_empty_road_behind_is_no_trailer(tmp_path: Path, photos: Path) -> None:
    """The supervisor hands on what the rear camera read: here nothing, in bounded time."""
    behind = tmp_path / "behind"
    behind.mkdir()
    cv2.imwrite(str(behind / "1.jpg"), empty_road(seed=3))
    fast = AnprSettings(frames=2, give_up_seconds=20, accept_confidence=0.8, rear_seconds=0.3)
    camera = FolderCamera(driver="folder", path=behind, frames_per_second=10)
    async with readers(tmp_path, photos, settings=fast, rears={"lane-1": camera}) as (subject, told):
        subject.start_reading("lane-1", "p1")
        await told.until(lambda: len(told.reads) == 1)
        assert told.trailers == [None]
