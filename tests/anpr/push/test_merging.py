"""The gate's own read and the camera's become one answer: a table, then the waiting in injected time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gate.anpr.passage.merging import MERGED, MergedReaders, merge
from gate.model import PlateRead, RegistrationMark
from tests.anpr.process.readers import RacingClock
from tests.anpr.push.bench import OwnReader, webhook

A, B = "10AA123", "10AA128"
AGREE = 0.6


def read(mark: str, confidence: float, *, sure: bool, evidence: tuple[str, ...] = ()) -> PlateRead:
    """A read of one frame."""
    return PlateRead(RegistrationMark(mark), "AZ", confidence, 1, sure=sure, evidence=evidence)


SURE_A, UNSURE_A, WEAK_A = read(A, 0.9, sure=True), read(A, 0.7, sure=False), read(A, 0.5, sure=False)
SURE_B, UNSURE_B = read(B, 0.95, sure=True), read(B, 0.7, sure=False)
ODD = read("XX1XX1", 0.99, sure=False)


@pytest.mark.parametrize(
    ("own", "pushed", "mark", "sure"),
    [
        (None, (), None, False),
        (SURE_A, (), A, True),
        (UNSURE_A, (), A, False),
        (None, (SURE_A,), A, True),
        (None, (UNSURE_A,), A, False),
        (SURE_A, (UNSURE_A,), A, True),
        (UNSURE_A, (SURE_A,), A, True),
        (UNSURE_A, (UNSURE_A,), A, True),
        (WEAK_A, (UNSURE_A,), A, False),
        (UNSURE_A, (WEAK_A,), A, False),
        (ODD, (ODD,), "XX1XX1", False),
        (SURE_A, (UNSURE_B,), A, False),
        (UNSURE_A, (SURE_B,), B, False),
        (SURE_A, (SURE_B,), B, False),
        (SURE_A, (UNSURE_B, UNSURE_A), A, True),
        (SURE_A, (SURE_B, SURE_A), B, False),
        (None, (SURE_A, SURE_B), B, False),
        (None, (UNSURE_B, SURE_A), A, True),
    ],
)
def test_agreement_raises_surety_and_disagreement_takes_it(
    own: PlateRead | None, pushed: tuple[PlateRead, ...], mark: str | None, sure: bool
) -> None:
    """Alone as sure as it is; together sure only in agreement; two sure reads of two marks never."""
    merged = merge(own, pushed, AGREE)
    assert (merged.mark if merged else None, merged.sure if merged else False) == (mark, sure)
    others = {read.mark for read in (own, *pushed) if read is not None and read.mark != mark}
    assert set(merged.rivals if merged else ()) == others, "officers learn what the other reader saw"


def test_the_merged_read_keeps_both_readers_pictures() -> None:
    """The officer sees what either saw; in disagreement above all."""
    own = read(A, 0.9, sure=True, evidence=("a" * 64, "b" * 64))
    same, other = (
        read(A, 0.8, sure=False, evidence=("c" * 64,)),
        read(B, 0.8, sure=False, evidence=("d" * 64,)),
    )
    agreed, differing = merge(own, (same,), AGREE), merge(own, (other,), AGREE)
    assert agreed is not None
    assert differing is not None
    assert (agreed.evidence, agreed.frames) == (("a" * 64, "b" * 64, "c" * 64), 2)
    assert differing.evidence == ("a" * 64, "b" * 64, "d" * 64)


class Stage:
    """A point where both read, in injected time."""

    def __init__(self, folder: Path, cameras: tuple[str, ...]) -> None:
        self.clock = RacingClock()
        self.answers: list[tuple[str, str, PlateRead | None]] = []
        self.own = OwnReader()
        pushes = {"lane-1": webhook(folder, wait_seconds=1.5)}
        self.readers = MergedReaders(
            cameras,
            pushes,
            8.0,
            self.clock,
            lambda point, passage, read, _trailer: self.answers.append((point, passage, read)),
        )
        self.readers.own = self.own

    def begin(self) -> None:
        """A vehicle comes."""
        self.readers.start_reading("lane-1", "p1")

    def own_reads(self, read: PlateRead | None) -> None:
        """The own reader's answer."""
        self.readers.own_answered("lane-1", "p1", read, None)

    def camera_reads(self, read: PlateRead | None) -> bool:
        """A read the camera pushed."""
        return self.readers.offer("lane-1", "p1", read)

    @property
    def said(self) -> list[tuple[str, bool] | None]:
        """The answers, as mark and surety."""
        return [(read.mark, read.sure) if read else None for _, _, read in self.answers]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Callable[..., Stage]]:
    """Makes stages, and closes them."""
    made: list[Stage] = []

    def make(*cameras: str) -> Stage:
        made.append(Stage(tmp_path, cameras))
        return made[-1]

    yield make
    for each in made:
        each.readers.close()
    await asyncio.sleep(0)


async def test_agreeing_reads_answer_at_once(stage: Callable[..., Stage]) -> None:
    """Whoever comes first, no time passes; a second answer never comes."""
    for first in ("own", "camera"):
        lane = stage("lane-1")
        lane.begin()
        assert lane.own.wanted == [("lane-1", "p1")]
        for who in ("own", "camera") if first == "own" else ("camera", "own"):
            assert lane.said == []
            if who == "own":
                lane.own_reads(SURE_A)
            else:
                lane.camera_reads(UNSURE_A)
        assert lane.said == [(A, True)]
        assert lane.camera_reads(SURE_A) is False
        await lane.clock.move(60)
        assert lane.said == [(A, True)]


async def test_a_sure_read_waits_a_little_for_the_other_and_then_stands_alone(
    stage: Callable[..., Stage],
) -> None:
    """A camera or a child that is dead costs wait_seconds, not the give-up time; the other is stopped."""
    for who in ("own", "camera"):
        lane = stage("lane-1")
        lane.begin()
        if who == "own":
            lane.own_reads(SURE_A)
        else:
            assert lane.camera_reads(SURE_A)
        await lane.clock.move(1.4)
        assert lane.said == []
        await lane.clock.move(0.2)
        assert lane.said == [(A, True)]
        assert lane.own.stopped == ([] if who == "own" else [("lane-1", "p1")])


async def test_readers_that_disagree_hold_the_vehicle(stage: Callable[..., Stage]) -> None:
    """After the wait for a better read the answer is not sure, and counted as disagreement."""
    counted = MERGED.labels("disagreed")._value.get()
    lane = stage("lane-1")
    lane.begin()
    lane.own_reads(SURE_A)
    lane.camera_reads(SURE_B)
    await lane.clock.move(2)
    assert lane.said == [(B, False)]
    assert MERGED.labels("disagreed")._value.get() == counted + 1


async def test_an_own_reader_that_gave_up_ends_the_waiting(stage: Callable[..., Stage]) -> None:
    """Its time was the camera's too: what the camera had is the answer, or nobody had one."""
    lane = stage("lane-1")
    lane.begin()
    lane.camera_reads(UNSURE_B)
    lane.own_reads(UNSURE_A)
    assert [answer is not None and answer[1] for answer in lane.said] == [False]
    other = stage("lane-1")
    other.begin()
    other.own_reads(None)
    assert other.said == [None]


async def test_every_passage_is_answered_once(stage: Callable[..., Stage]) -> None:
    """Nobody reads anything: None when the time is over, by the camera alone or by both."""
    for cameras, seconds in (((), 8.0), (("lane-1",), 9.25)):
        lane = stage(*cameras)
        lane.begin()
        lane.begin()
        await lane.clock.move(seconds - 0.1)
        assert lane.said == []
        await lane.clock.move(0.2)
        assert lane.said == [None]


async def test_a_stopped_passage_is_not_answered(stage: Callable[..., Stage]) -> None:
    """The vehicle left: no read is taken for it and no time runs out for it."""
    lane = stage("lane-1")
    lane.begin()
    lane.readers.stop_reading("lane-1", "p1")
    assert lane.own.stopped == [("lane-1", "p1")]
    assert lane.camera_reads(SURE_A) is False
    lane.own_reads(SURE_A)
    await lane.clock.move(60)
    assert lane.said == []


async def test_a_point_without_push_is_the_own_readers(stage: Callable[..., Stage]) -> None:
    """Its answers go through untouched."""
    lane = stage("lane-1", "lane-2")
    lane.readers.start_reading("lane-2", "p9")
    assert lane.own.wanted == [("lane-2", "p9")]
    assert lane.readers.standing("lane-2") is None
    lane.readers.own_answered("lane-2", "p9", UNSURE_A, None)
    assert lane.answers == [("lane-2", "p9", UNSURE_A)]
    lane.readers.stop_reading("lane-2", "p9")
    assert lane.own.stopped == [("lane-2", "p9")]
