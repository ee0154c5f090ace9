"""Vehicles filmed as they roll in, and the whole of plate reading tried on them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from gate.anpr.catalogue import build_recogniser
from gate.anpr.recogniser import Image
from gate.anpr.training.approach import SIZE, draw_approach
from gate.anpr.training.conditions import draw_conditions
from gate.anpr.training.faces import Faces
from gate.anpr.training.filming import Film, Studio
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.sequences import Judged, Score, judge, try_vehicles
from gate.anpr.training.sequences_told import Told
from gate.model import PlateCandidate, PlateRead, RegistrationMark
from gate.settings import AnprSettings

LATIN = ("AZ", "GE", "TR", "RU", "KZ")
"""States whose plates drawn strokes can letter; Persian letters want fonts."""
SETTINGS = AnprSettings()


@pytest.fixture(scope="module")
def studio() -> Studio:
    """Films without any font installed."""
    return Studio(Faces([]), Lettering([]))


@pytest.fixture(scope="module")
def film(studio: Studio) -> Film:
    """One vehicle."""
    return studio.film("AZ", np.random.default_rng(4))


def test_the_whole_goes_through(studio: Studio) -> None:
    """Half of ten vehicles at least are told right, none wrong, and all within their frames."""
    score = Score()
    for judged in try_vehicles(studio, build_recogniser("gate", 1), SETTINGS, 10, 1, LATIN):
        score.add(judged)
        assert 2 <= judged.frames <= len(judged.film.frames)
    assert score.vehicles == 10
    assert score.counts["right"] >= 5
    assert score.counts["wrong"] == 0


def test_a_vehicle_comes_again_by_its_number(studio: Studio, film: Film) -> None:
    """The same seed films the same, to the pixel, so that failures can be looked at; another does not."""
    again = studio.film("AZ", np.random.default_rng(4))
    assert again.mark == film.mark
    assert all(np.array_equal(*pair) for pair in zip(again.frames, film.frames, strict=True))
    other = studio.film("AZ", np.random.default_rng(5))
    assert other.mark != film.mark


def test_frames_are_a_camera_s(film: Film) -> None:
    """Whole BGR pictures, later and later, the plate in them where the corners say."""
    assert len(film.frames) == len(film.times) == len(film.corners) >= 6
    assert all(later > before for before, later in zip(film.times, film.times[1:], strict=False))
    for frame, corners in zip(film.frames, film.corners, strict=True):
        assert frame.shape == (SIZE[1], SIZE[0], 3)
        assert frame.dtype == np.uint8
        x, y = corners.mean(axis=0)
        assert 0 < x < SIZE[0]
        assert 0 < y < SIZE[1]


@pytest.mark.parametrize("seed", range(20))
def test_a_vehicle_rolls_in_and_stands(seed: int) -> None:
    """The plate grows to 140 to 200 pixels, smears only while it rolls, and stands still in the end."""
    approach = draw_approach(np.random.default_rng(seed))
    widths = []
    for time in np.linspace(0, approach.rolls, 6):
        left, right = approach.plane(float(time)).project([(-0.26, 0.0), (0.26, 0.0)])
        widths.append(float(np.linalg.norm(right - left)))
    assert all(later > before for before, later in itertools.pairwise(widths))
    assert widths[0] < 100
    assert 100 < widths[-1] < 210
    assert np.hypot(*approach.smear(0.0, 0.02)) > 0.1
    assert np.hypot(*approach.smear(approach.rolls + 0.1, 0.02)) < 1e-6


def test_movement_smears_and_standing_does_not() -> None:
    """What moves across loses its upright edges, and no others."""
    conditions = draw_conditions(0, np.random.default_rng(3))
    scene = np.zeros((SIZE[1], SIZE[0]), dtype=np.uint8)
    cv2.rectangle(scene, (300, 200), (500, 300), 220, -1)
    still, moved = (
        conditions.expose(scene, np.array((smear, 0.0)), 10.0, np.random.default_rng(1)) for smear in (0, 12)
    )
    across, down = (np.abs(np.diff(moved.astype(float), axis=axis)) for axis in (1, 0))
    before = np.abs(np.diff(still.astype(float), axis=1))
    assert across[250, 280:320].max() < 0.5 * before[250, 280:320].max()
    assert down[180:220, 400].max() > 0.7 * before[250, 280:320].max()


class _Always:
    """Reads the same off every picture."""

    def __init__(self, mark: str, confidence: float) -> None:
        self._mark = RegistrationMark(mark)
        self._confidence = confidence

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """One candidate."""
        del image
        each = (self._confidence,) * len(self._mark)
        return (PlateCandidate(self._mark, "AZ", self._confidence, (10, 10, 100, 20), self._mark, each),)


class _Blind:
    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """Nothing."""
        del image
        return ()


def test_what_is_right_wrong_unsure_and_none(film: Film) -> None:
    """Only a sure read can be right or wrong; a doubtful one is unsure even where it is right."""
    sure = judge(0, film, _Always(film.mark, 0.99), SETTINGS)
    assert (sure.outcome, sure.frames) == ("right", 2)
    assert judge(0, film, _Always("99ZZ999", 0.99), SETTINGS).outcome == "wrong"
    assert judge(0, film, _Always(film.mark, 0.5), SETTINGS).outcome == "unsure"
    assert judge(0, film, _Blind(), SETTINGS).outcome == "none"


def _judged(film: Film, mark: str, *, sure: bool) -> Judged:
    return Judged(7, film, PlateRead(RegistrationMark(mark), "AZ", 0.9, 2, sure=sure, evidence=()), 3)


def test_few_vehicles_prove_little(film: Film) -> None:
    """None wrong of 100 shows 3 % at most, by the rule of three; one wrong shows more."""
    score = Score()
    for _ in range(100):
        score.add(_judged(film, film.mark, sure=True))
    assert score.percent("wrong") == 0
    assert score.wrong_at_most == pytest.approx(100 * (1 - 0.05**0.01), abs=0.001)
    score.add(_judged(film, "99ZZ999", sure=True))
    assert score.wrong_at_most == pytest.approx(4.61, abs=0.05)


def test_programs_and_people_are_told(film: Film, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a state and one for all; a picture of what was not told right, and of nothing else."""
    told = Told(tmp_path / "pictures")
    told.add(_judged(film, film.mark, sure=True))
    told.add(_judged(film, film.mark, sure=False))
    told.tell(as_json=True)
    state, whole = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (state["state"], whole["state"]) == ("AZ", None)
    assert whole == {
        **whole, "vehicles": 2, "right": 1, "unsure": 1, "unsure_but_right": 1, "wrong": 0, "none": 0,
        "right_percent": 50.0, "frames": 3.0,
    }  # fmt: skip
    told.tell(as_json=False)
    assert "unsure" in capsys.readouterr().out
    (picture,) = (tmp_path / "pictures").iterdir()
    assert picture.name.startswith(f"unsure-AZ-{film.mark}-read-{film.mark}-7")
    shown = cv2.imread(str(picture))
    assert shown is not None
    assert shown.shape[1] == 1600
