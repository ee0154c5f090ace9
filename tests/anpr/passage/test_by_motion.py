"""Readings that motion starts, over the engine that ships and drawn films; time is that of the frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.camera.region import Region
from gate.anpr.catalogue import build_recogniser
from gate.anpr.passage.by_motion import ByMotion
from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.passage.pairing import Pairing
from gate.anpr.passage.watch import Watch
from gate.anpr.recogniser import Image, Recogniser
from gate.model import PlateRead
from gate.settings import AnprSettings
from tests.anpr import film

FIRST, SECOND = "10AA019", "90TB482"
SETTINGS = AnprSettings(frames=2, give_up_seconds=4, accept_confidence=0.8)


@lru_cache(maxsize=1)
def engine() -> Recogniser:
    """Loaded once."""
    return build_recogniser("gate", 1)


@dataclass
class Screen:
    """A camera that shows one frame at a time."""

    frame: film.Frame | None = None

    def latest(self, after: int) -> film.Frame | None:
        """The frame shown now, if newer."""
        return self.frame if self.frame is not None and self.frame.sequence > after else None


@dataclass
class Bench:
    """What motion started and what was told, as a film runs through the child's loop."""

    by_motion: ByMotion
    pairing: Pairing
    screen: Screen
    told: list[tuple[float, PlateRead]]
    clock: list[float] = field(default_factory=lambda: [100.0])
    started: int = 0

    def show(self, frames: Iterable[Image], *, busy: bool = False) -> Bench:
        """Run a film; a busy reader comes to none of it."""
        for image in frames:
            self.clock[0] += film.STEP
            number = round(self.clock[0] / film.STEP)
            self.screen.frame = film.Frame(film.noisy(image, number), self.clock[0], number)
            waiting = self.pairing.watch.passages
            self.by_motion.look(self.clock[0])
            self.started += self.pairing.watch.passages > waiting
            if not busy:
                self.pairing.watch.turn(self.clock[0])
            self.pairing.expire(self.clock[0])
        return self

    def later(self, seconds: float) -> Bench:
        """Nothing is filmed for a while."""
        self.clock[0] += seconds
        return self

    @property
    def marks(self) -> list[tuple[str, bool]]:
        """What was told."""
        return [(read.mark, read.sure) for _, read in self.told]

    @property
    def outcomes(self) -> dict[str, int]:
        """What came of the readings."""
        return self.by_motion.counts_of("approach")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """One point read by motion."""
    screen, told, clock = Screen(), list[tuple[float, PlateRead]](), [100.0]
    pairing = Pairing(
        (), 1.5, lambda point, _passage, read, trailer: by_motion.answered(point, read, trailer)
    )
    pairing.over(
        lambda answer: Watch(SETTINGS, engine(), {"approach": screen}, EvidenceFolder(tmp_path), answer)
    )
    by_motion = ByMotion(
        SETTINGS,
        {"approach": Region()},
        {"approach": screen},
        pairing,
        lambda _point, read, _trailer: told.append((clock[0], read)),
    )
    return Bench(by_motion, pairing, screen, told, clock)


def comes(mark: str) -> list[Image]:
    """It rolls in and stands for two seconds."""
    there = film.vehicle(mark)
    return [*film.between(film.road(), there), *[there] * 10]


def leaves(mark: str) -> list[Image]:
    """It rolls out, and the road is empty for four seconds."""
    return [*film.between(film.vehicle(mark), film.road()), *[film.road()] * 20]


EMPTY = [film.road()] * 10


def test_who_comes_is_told_once_and_again_on_the_next_visit(bench: Bench) -> None:
    """Rolls in: one sure read with its pictures. Drives off: nobody. Comes again: told again."""
    bench.show(EMPTY)
    assert bench.started == 0
    bench.show(comes(FIRST))
    assert bench.marks == [(FIRST, True)]
    assert len(bench.told[0][1].evidence) == 2
    bench.show(leaves(FIRST))
    assert bench.marks == [(FIRST, True)]
    bench.later(3).show([*EMPTY, *comes(FIRST), *[film.vehicle(FIRST)] * 20])
    assert bench.marks == [(FIRST, True)] * 2


def test_a_standing_vehicle_is_not_told_again(bench: Bench) -> None:
    """Others drive past behind it, again and again: its plate is read anew and not told."""
    there = film.vehicle(FIRST)
    bench.show([*EMPTY, *comes(FIRST)])
    for _ in range(4):
        # The upper half alone moves: whoever passes does not hide the plate.
        passing = [np.vstack((one[:200], there[200:])) for one in film.between(there, film.vehicle(SECOND))]
        bench.show([*passing, *reversed(passing), *[there] * 40]).later(60)
    assert bench.marks == [(FIRST, True)]
    assert bench.outcomes["again"] >= 3


def test_the_next_in_the_queue_is_told_by_its_own_plate(bench: Bench) -> None:
    """Bumper to bumper, without an empty road between: each once, none by the other's plate."""
    first, second = film.vehicle(FIRST), film.vehicle(SECOND)
    bench.show([*EMPTY, *comes(FIRST), *film.between(first, second), *[second] * 30, *leaves(SECOND)])
    assert bench.marks == [(FIRST, True), (SECOND, True)]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(film.rain(film.road(), 60), id="rain"),
        pytest.param(film.cloud(film.road(), 60), id="cloud"),
        pytest.param(film.headlights(film.road(night=True), 30) * 2, id="headlights"),
        pytest.param(film.shaken(film.road(), 60), id="shaken"),
        pytest.param(film.dusk(30) * 2, id="dusk"),
    ],
)
def test_weather_starts_no_reading(bench: Bench, frames: list[Image]) -> None:
    """An empty road in bad weather costs no reading at all."""
    bench.show(frames)
    assert bench.started == 0


def test_what_moves_for_ever_without_a_plate_costs_ever_less(bench: Bench) -> None:
    """A flapping tarpaulin: readings are counted as empty, told to nobody, and further and further apart."""
    starts = []
    for frame in film.tarpaulin(200):
        before = bench.started
        bench.show([frame])
        if bench.started > before:
            starts.append(bench.clock[0])
    gaps = np.diff(starts)
    assert bench.told == []
    assert bench.outcomes == {"empty": len(starts)}
    assert list(gaps) == sorted(gaps)
    assert [round(gap - SETTINGS.give_up_seconds) for gap in gaps] == [1, 2, 4, 8]


def test_a_still_picture_ends_a_reading(bench: Bench) -> None:
    """What moved is over and has no plate: nobody waits until the time is over."""
    bench.show([*EMPTY, *film.tarpaulin(6), *EMPTY])
    assert bench.outcomes == {"empty": 1}


def test_a_busy_reader_is_waited_for(bench: Bench) -> None:
    """A still picture that was not looked at yet ends nothing: it shows the plate best."""
    there = film.vehicle(FIRST)
    bench.show([*EMPTY, *film.between(film.road(), there), *[there] * 12], busy=True)
    assert (bench.started, bench.outcomes) == (1, {})
    bench.show([there] * 3)
    assert bench.marks == [(FIRST, True)]


def test_who_comes_in_a_pause_is_late_not_lost(bench: Bench) -> None:
    """After an empty reading there is a pause; a vehicle that halts within it is read when it is over."""
    there = film.vehicle(FIRST)
    bench.show([*EMPTY, *film.tarpaulin(50)])
    assert bench.outcomes == {"empty": 2}
    bench.show([*film.between(film.road(), there), there])
    assert bench.started == 2
    bench.show([there] * 15)
    assert bench.marks == [(FIRST, True)]


def test_a_stale_frame_starts_nothing(bench: Bench) -> None:
    """Frames that come too late say who was there, not who comes."""
    there = film.vehicle(FIRST)
    for image in [*EMPTY, *film.between(film.road(), there), *[there] * 10]:
        bench.clock[0] += film.STEP
        captured = bench.clock[0]
        bench.screen.frame = film.Frame(image, captured, round(captured / film.STEP))
        bench.by_motion.look(captured + SETTINGS.frame_seconds + 0.1)
        assert bench.pairing.watch.passages == 0
