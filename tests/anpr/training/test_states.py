"""Drawn plates say what their states write."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from gate.anpr.plates.alphabet import SIGNS, STATES, to_mark
from gate.anpr.training.faces import Faces
from gate.anpr.training.look import Look
from gate.anpr.training.marks import draw_rows, strange_rows
from gate.anpr.training.plate import LOOKS, draw_look, draw_plate
from gate.model.syntax import TEMPLATES, countries_of

_WRITTEN = {template.country for template in TEMPLATES}
_SELDOM = {
    ("RU", "LLDDDDD"), ("RU", "LLDDDLDD"), ("RU", "LLDDDLDDD"), ("RU", "DDDDLLDD"), ("RU", "DDDDLLDDD"),
    ("KZ", "LDDDLLL"), ("KZ", "LDDDLL"), ("KZ", "DDDDDLLL"), ("BY", "LDDDDLD"), ("UA", "DDDDDLL"),
    ("UZ", "DDDDDLLL"), ("IR", "DDDDDDDD"), ("RO", "LLDDDDDD"), ("PL", "LLLDDDL"), ("PL", "LLLDDDD"),
    ("CZ", "LLLDDDD"), ("IT", "LLDDDDD"), ("LV", "LLDDD"), ("FR", "DDDDLLDD"), ("FR", "DDDLLLDD"),
    ("FR", "DDDLLDD"), ("DE", "LLDDD"), ("DE", "LLLDD"), ("DE", "LLLLDD"), ("DE", "LLLLLDD"),
    ("DE", "LLLDDD"), ("DE", "LLLLLDDD"), ("DE", "LLLLLDDDD"),
}  # fmt: skip
"""Older series, trailers, short and long marks without a template in gate.model.syntax.
Uzbekistan's firms have one, which holds all five digits against the bounds of the first two."""
_WIDE = {"US": 2.01, "BR": 3.08}


@pytest.fixture(scope="module")
def faces() -> Faces:
    """Strokes alone: no font file is needed to draw a plate."""
    return Faces([])


def _marks(look: Look, rng: np.random.Generator, count: int) -> list[str]:
    return [
        to_mark(tuple(piece.sign for row in draw_rows(look, rng) for piece in row if piece.kind == "sign"))
        for _ in range(count)
    ]


def _shape(mark: str) -> str:
    return re.sub("[0-9]", "D", re.sub("[A-Z]", "L", mark))


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


def test_marks_are_written_as_the_state_writes_them() -> None:
    """Letters, regions and lengths: what is drawn for a state is read as that state's, older series apart."""
    rng = np.random.default_rng(2)
    judged = 0
    for look in LOOKS:
        if look.state not in _WRITTEN:
            continue
        for mark in _marks(look, rng, 20):
            if (look.state, _shape(mark)) not in _SELDOM:
                assert look.state in countries_of(mark), (look.rows, mark)
                judged += 1
    assert judged > 2000


@pytest.mark.parametrize("state", ["AZ", "GE", "TR", "RU", "KZ", "IR", "UA", "TM", "BY", "RO", "SK", "BR"])
def test_seldom_series_are_seldom(state: str) -> None:
    """Of a state's plates three in four at least are of its present series."""
    rng = np.random.default_rng(3)
    looks = [look for look in LOOKS if look.state == state]
    usual = sum(look.weight for look in looks if state in countries_of(_marks(look, rng, 1)[0]))
    assert usual >= 0.75 * sum(look.weight for look in looks)


def test_plates_are_as_wide_and_high_as_real_ones(faces: Faces) -> None:
    """In millimetres: single lines of Europe and Asia nearly five to one, America's two to one."""
    rng = np.random.default_rng(4)
    for state in ("AZ", "RU", "TR", "DE", "US", "BR"):
        for _ in range(8):
            plate = draw_plate(faces, rng, state)
            high, wide = plate.image.shape[:2]
            if plate.lines == 1:
                assert wide / high == pytest.approx(_WIDE.get(state, 4.68), rel=0.02)
            else:
                assert 1.1 <= wide / high <= 1.9


def test_iranian_plates_are_written_in_persian_from_left_to_right() -> None:
    """Two digits, a letter and three digits, then the region's two; motorcycles have digits alone."""
    rng = np.random.default_rng(5)
    persian = set(SIGNS[37:])
    for look in LOOKS:
        if look.state != "IR":
            continue
        signs = [piece.sign for row in draw_rows(look, rng) for piece in row if piece.kind == "sign"]
        assert set(signs) <= persian
        assert len(signs) == 8
        assert look.state in countries_of(to_mark(tuple(signs))) or len(look.rows) == 2


def test_the_same_seed_draws_the_same_plate(faces: Faces) -> None:
    """A training run can be repeated."""
    for state in ("AZ", "US", "BR", ""):
        one = draw_plate(faces, np.random.default_rng(5), state)
        other = draw_plate(faces, np.random.default_rng(5), state)
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


def test_nearly_a_fifth_of_all_plates_have_two_lines() -> None:
    """Lorries and trailers come to this border oftener than elsewhere; half are its neighbours'."""
    rng = np.random.default_rng(4)
    looks = [draw_look(rng) for _ in range(4000)]
    near = {"AZ", "GE", "TR", "RU", "IR", "KZ", "UZ", "TM", "UA", "BY"}
    shares = {
        "two lines": sum(len(look.rows) == 2 for look in looks) / len(looks),
        "near": sum(look.state in near for look in looks) / len(looks),
        "US": sum(look.state == "US" for look in looks) / len(looks),
        "no state": sum(not look.state for look in looks) / len(looks),
    }
    assert shares == pytest.approx({"two lines": 0.18, "near": 0.45, "US": 0.1, "no state": 0.11}, abs=0.025)


def test_a_row_nobody_can_draw_is_refused() -> None:
    """A slip in a table of looks is told with the state and the row."""
    look = replace(LOOKS[0], rows=("DD/LL",))
    with pytest.raises(ValueError, match="AZ: a row of a plate has no '/'"):
        draw_rows(look, np.random.default_rng(1))


def test_strings_of_no_state_are_of_every_length() -> None:
    """Four to nine signs, so that the reader learns signs and not states."""
    rng = np.random.default_rng(6)
    lengths = {sum(row.count("D") + row.count("L") for row in strange_rows(rng)) for _ in range(200)}
    assert lengths == {4, 5, 6, 7, 8, 9}
