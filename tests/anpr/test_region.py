"""Regions of interest: what is cut, where what was found in it lies, and what is outside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.region import Region
from gate.config import SiteConfigError, load_site
from gate.model import PlateCandidate, RegistrationMark
from gate.settings import FolderCamera, Roi
from tests.config.test_problems import DEMO, line_of

CAMERA = FolderCamera(driver="folder", path=Path("photos"))
SHARES = st.floats(0, 1)


def found(x: int, y: int) -> PlateCandidate:
    """A plate in a cut."""
    corners = ((x, y), (x + 50.0, y), (x + 50.0, y + 10.0), (x, y + 10.0))
    return PlateCandidate(RegistrationMark("10AA019"), "AZ", 0.9, (x, y, 50, 10), "", corners=corners)


@given(SHARES, SHARES, st.floats(0.05, 1), st.floats(0.05, 1), st.integers(1, 90), st.integers(1, 90))
def test_a_cut_lies_inside_its_picture(
    x: float, y: float, w: float, h: float, width: int, height: int
) -> None:
    """Whatever the shares and however small the picture: a pixel at least, and it is the picture's own."""
    picture = np.arange(height * width, dtype=np.uint32).reshape(height, width, 1).view(np.uint8)
    part, left, top = Region(x, y, w, h).cut(picture)
    assert part.shape[0] >= 1
    assert part.shape[1] >= 1
    assert np.array_equal(part, picture[top : top + part.shape[0], left : left + part.shape[1]])
    assert np.shares_memory(part, picture)


def test_what_is_found_lies_in_the_whole_picture() -> None:
    """Box and corners are moved by where the cut begins."""
    region = Region.of(CAMERA.model_copy(update={"roi": Roi(x=0.25, y=0.5, w=0.5, h=0.5)}))
    part, left, top = region.cut(np.zeros((720, 1280, 3), dtype=np.uint8))
    assert (part.shape, left, top) == ((360, 640, 3), 320, 360)
    (plate,) = region.place([found(10, 20)], (left, top), (1280, 720))
    assert plate.box == (330, 380, 50, 10)
    assert plate.corners[2] == (380.0, 390.0)


def test_outside_the_outline_nothing_is_ours() -> None:
    """A triangle's box is cut; a plate in the box but beside the triangle is the next lane's."""
    region = Region.of(CAMERA.model_copy(update={"outline": ((0.0, 1.0), (1.0, 1.0), (0.0, 0.0))}))
    picture = np.zeros((100, 200, 3), dtype=np.uint8)
    part, left, top = region.cut(picture)
    assert part.shape == picture.shape
    below, beside = found(10, 80), found(140, 10)
    assert region.place([beside, below], (left, top), (200, 100)) == (below,)


def test_without_a_region_the_picture_is_read_as_it_is() -> None:
    """No copy, no offset."""
    picture = np.zeros((100, 200, 3), dtype=np.uint8)
    part, left, top = Region.of(CAMERA).cut(picture)
    assert (part.shape, left, top) == (picture.shape, 0, 0)
    plate = found(1, 2)
    assert Region().place([plate], (0, 0), (200, 100)) == (plate,)


@pytest.mark.parametrize(
    ("written", "key", "what"),
    [
        ("roi: {x: 0.1, y: 0.5, w: 0.95, h: 0.5}", "roi.w", "ends outside the picture"),
        ("roi: {x: 0.1, y: 0.5, w: 0.5}", "roi.h", "is missing; allowed: a number from 0.05 to 1"),
        (
            "roi: {x: 128, y: 0, w: 0.5, h: 0.5}",
            "roi.x",
            "128 cannot stand here; allowed: a number from 0 to 1",
        ),
        ("outline: [[0, 0], [1, 1]]", "outline", "has 2 corners: it needs 3 to 32"),
        (
            "outline: [[0, 0], [1, 1], [2, 0]]",
            "outline[2][0]",
            "2 cannot stand here; allowed: a number from 0",
        ),
        ("outline: [[0, 0], [1, 0.01], [1, 0]]", "outline", "is too thin along y"),
        ("roi: {x: 0, y: 0, w: 1, h: 1}, outline: [[0, 0], [1, 1], [1, 0]]", "outline", "stands beside roi"),
    ],
)
def test_a_region_that_cannot_be_is_told_with_its_line(
    tmp_path: Path, written: str, key: str, what: str
) -> None:
    """File, line, key, and what may stand there."""
    text = DEMO.replace("camera: {driver: http-mjpeg", f"camera: {{{written}, driver: http-mjpeg", 1)
    file = tmp_path / "site.yaml"
    file.write_text(text)
    with pytest.raises(SiteConfigError) as refused:
        load_site(file)
    (problem,) = refused.value.problems
    assert str(problem).startswith(f"{file}:{line_of(text, written)}: points[0].camera.{key}: ")
    assert what in str(problem)
