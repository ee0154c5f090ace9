"""Drawn plates say what their states write."""

from __future__ import annotations

import numpy as np
import pytest

from gate.anpr.plates.alphabet import SIGNS, STATES, to_mark
from gate.anpr.training.faces import Faces
from gate.anpr.training.marks import strange_rows
from gate.anpr.training.plate import draw_plate
from gate.model.syntax import TEMPLATES, countries_of

_WRITTEN = sorted({template.country for template in TEMPLATES} & set(STATES) - {"IR"})
"""States whose forms are known; Iran's letters want fonts."""


@pytest.fixture(scope="module")
def faces() -> Faces:
    """Strokes alone: no font file is needed to draw a plate."""
    return Faces([])


@pytest.mark.parametrize("state", [state for state in STATES if state != "IR"])
def test_every_state_has_plates_of_its_own(faces: Faces, state: str) -> None:
    """A face, signs that the reader knows, one or two lines, and the state's own name on it."""
    rng = np.random.default_rng(1)
    for _ in range(6):
        plate = draw_plate(faces, rng, state)
        assert plate.image.ndim == 3
        assert plate.image.dtype == np.uint8
        assert set(plate.signs) <= set(SIGNS[1:])
        assert 4 <= len(plate.signs) <= 10
        assert plate.state == state
        assert plate.lines in {1, 2}


@pytest.mark.parametrize("state", _WRITTEN)
def test_most_marks_are_written_as_the_state_writes_them(faces: Faces, state: str) -> None:
    """Older series apart, what is drawn for a state fits its own template."""
    rng = np.random.default_rng(2)
    marks = [to_mark(draw_plate(faces, rng, state).signs) for _ in range(30)]
    fitting = sum(state in countries_of(mark) for mark in marks)
    assert fitting >= 8, marks


def test_the_same_seed_draws_the_same_plate(faces: Faces) -> None:
    """A training run can be repeated."""
    one = draw_plate(faces, np.random.default_rng(5), "AZ")
    other = draw_plate(faces, np.random.default_rng(5), "AZ")
    assert one.signs == other.signs
    assert np.array_equal(one.image, other.image)


def test_signs_stand_out_from_their_ground(faces: Faces) -> None:
    """A plate on which nothing can be seen teaches nothing."""
    rng = np.random.default_rng(3)
    for state in ("AZ", "US", "BR", "NL", ""):
        for _ in range(20):
            gray = draw_plate(faces, rng, state).image.mean(axis=2)
            assert gray.std() > 12


def test_a_state_nobody_knows_is_refused(faces: Faces) -> None:
    """Rather than drawn as another's."""
    with pytest.raises(KeyError):
        draw_plate(faces, np.random.default_rng(1), "XX")


def test_lorries_bear_two_lines_often_enough(faces: Faces) -> None:
    """Of the plates of this border and of Europe a tenth at least."""
    rng = np.random.default_rng(4)
    states = [state for state in STATES if state not in {"IR", "US", ""}]
    lines = [draw_plate(faces, rng, states[number % len(states)]).lines for number in range(400)]
    assert 0.05 <= lines.count(2) / len(lines) <= 0.35


def test_strings_of_no_state_are_of_every_length() -> None:
    """Four to nine signs, so that the reader learns signs and not states."""
    rng = np.random.default_rng(6)
    lengths = {sum(row.count("D") + row.count("L") for row in strange_rows(rng)) for _ in range(200)}
    assert lengths == {4, 5, 6, 7, 8, 9}
