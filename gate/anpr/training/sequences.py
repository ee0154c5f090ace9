"""Vehicle after vehicle before the whole of plate reading: how many are told right, and how many wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.passage.watch import Watch
from gate.anpr.recogniser import Image, Recogniser
from gate.anpr.training.filming import Film, Studio
from gate.model import PlateRead
from gate.settings import AnprSettings

BORDER: Final = ("AZ", "GE", "TR", "RU", "IR", "KZ")
"""Whose vehicles come, in turn."""
Outcome = Literal["right", "unsure", "wrong", "none"]
"""Sure and right; not sure, whatever it read; sure and not right; no plate seen."""
OUTCOMES: Final[tuple[Outcome, ...]] = ("right", "unsure", "wrong", "none")
_DOUBT: Final = 0.05
_POINT, _PASSAGE = "lane", "vehicle"


@dataclass(frozen=True, slots=True)
class Judged:
    """One vehicle and what was told of it. `frames` is how many had come when it was told."""

    number: int
    film: Film
    read: PlateRead | None
    frames: int

    @property
    def outcome(self) -> Outcome:
        """See Outcome."""
        if self.read is None:
            return "none"
        if not self.read.sure:
            return "unsure"
        return "right" if self.read.mark == self.film.mark else "wrong"


@dataclass(frozen=True, slots=True)
class _Frame:
    image: Image
    captured: float
    sequence: int


class _Camera:
    """Shows the newest frame, as a lane's camera does."""

    def __init__(self) -> None:
        self.newest: _Frame | None = None

    def latest(self, after: int) -> _Frame | None:
        newest = self.newest
        return newest if newest is not None and newest.sequence > after else None


class _NoEvidence:
    def keep(self, scene: Image, box: tuple[int, int, int, int]) -> tuple[str, ...]:
        del scene, box
        return ()


def judge(number: int, film: Film, recogniser: Recogniser, settings: AnprSettings) -> Judged:
    """The film shown to the reading loop of a lane, frame by frame, until it is sure or the film is over."""
    camera, told = _Camera(), list[PlateRead | None]()
    watch = Watch(
        settings,
        recogniser,
        {_POINT: camera},
        _NoEvidence(),
        lambda point, passage, read: told.append(read),  # noqa: ARG005 - one point, one passage
    )
    watch.start(_POINT, _PASSAGE, 0.0, settings.give_up_seconds)
    shown = 0
    for shown, (image, time) in enumerate(zip(film.frames, film.times, strict=True), start=1):
        camera.newest = _Frame(image, time, shown)
        watch.turn(time)
        if told:
            break
    watch.give_up(_POINT, _PASSAGE)
    return Judged(number, film, told[0], shown)


def try_vehicles(
    studio: Studio,
    recogniser: Recogniser,
    settings: AnprSettings,
    vehicles: int,
    seed: int,
    states: tuple[str, ...] = BORDER,
) -> Iterator[Judged]:
    """So many vehicles, each by its own number and the seed, so that one can be looked at again."""
    for number in range(vehicles):
        film = studio.film(states[number % len(states)], np.random.default_rng((seed, number)))
        yield judge(number, film, recogniser, settings)


class Score:
    """Counts vehicles, of one state or of all."""

    def __init__(self) -> None:
        self.counts: Counter[Outcome] = Counter()
        self.unsure_but_right = 0
        self._frames = 0

    def add(self, judged: Judged) -> None:
        """One more."""
        self.counts[judged.outcome] += 1
        self._frames += judged.frames
        if judged.outcome == "unsure" and judged.read is not None:
            self.unsure_but_right += judged.read.mark == judged.film.mark

    @property
    def vehicles(self) -> int:
        """How many."""
        return self.counts.total()

    def percent(self, outcome: Outcome) -> float:
        """Share of all vehicles."""
        return 100 * self.counts[outcome] / max(1, self.vehicles)

    @property
    def wrong_at_most(self) -> float:
        """Percent that are wrong at most, by 95 % certainty: few vehicles cannot show that it is rare."""
        return 100 * _at_most(self.counts["wrong"], self.vehicles)

    def line(self, state: str | None) -> dict[str, Any]:
        """For programs; `state` is None for all."""
        return {
            "state": state,
            "vehicles": self.vehicles,
            **{outcome: self.counts[outcome] for outcome in OUTCOMES},
            "unsure_but_right": self.unsure_but_right,
            "right_percent": round(self.percent("right"), 2),
            "wrong_percent": round(self.percent("wrong"), 2),
            "wrong_percent_at_most": round(self.wrong_at_most, 3),
            "frames": round(self._frames / max(1, self.vehicles), 1),
        }


def sheet(judged: Judged) -> NDArray[np.uint8]:
    """The frames, small, and the plate of each, large: to see what the reader saw. BGR."""
    cells = []
    for frame, corners in zip(judged.film.frames, judged.film.corners, strict=True):
        left, top = np.maximum(corners.min(axis=0) - 8, 0).astype(int)
        right, bottom = (corners.max(axis=0) + 8).astype(int)
        part = frame[top:bottom, left:right]
        scale = min(320 / part.shape[1], 180 / part.shape[0])
        plate = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        cell = np.zeros((360, 320, 3), dtype=np.uint8)
        cell[:180] = cv2.resize(frame, (320, 180), interpolation=cv2.INTER_AREA)
        cell[180 : 180 + plate.shape[0], : plate.shape[1]] = plate
        cells.append(cell)
    cells += [np.zeros_like(cells[0])] * (-len(cells) % 5)
    return np.vstack([np.hstack(cells[start : start + 5]) for start in range(0, len(cells), 5)])


def _at_most(wrong: int, of: int) -> float:
    """The share at which so few wrong ones come by one chance in twenty (Clopper, Pearson)."""
    if wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    while high - low > 1e-7:
        share = (low + high) / 2
        chance = math.fsum(
            math.comb(of, count) * share**count * (1 - share) ** (of - count) for count in range(wrong + 1)
        )
        low, high = (share, high) if chance > _DOUBT else (low, share)
    return high
