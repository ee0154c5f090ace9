"""The finder with its committed weights: on rendered frames, whose corners are known, and on bad ones."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gate.anpr.plates.finder import WEIGHTS, Found, PlateFinder
from gate.anpr.plates.place import WIDTH, cut_place, move
from gate.errors import DeviceError
from hardware.emulators.scene_plates import draw_plate
from hardware.emulators.scenes import COUNTRIES, empty_road, random_mark, render_scene

Gray = NDArray[np.uint8]

_OUTLINE = np.array([(0, 0), (520, 0), (520, 112), (0, 112)], dtype=np.float32)


@pytest.fixture(scope="module")
def finder() -> PlateFinder:
    """The nets, loaded once."""
    return PlateFinder(WEIGHTS, 1)


def _likeness(picture: Gray, found: Found, plate: Gray) -> float:
    """Correlation of what lies inside the corners with the plate as drawn: 1 the same, 0 nothing alike."""
    width, height = 130, 28
    ends = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    seen = cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(found.corners, ends), (width, height), flags=cv2.INTER_AREA
    )
    drawn = cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA)
    return float(np.corrcoef(seen.ravel(), drawn.ravel())[0, 1])


def _gray(picture: Gray) -> Gray:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


@pytest.mark.parametrize("night", [False, True])
def test_rendered_plates_are_found_upright(finder: PlateFinder, night: bool) -> None:
    """A frame's likeliest find is its plate, corners in order: what lies inside is the plate as drawn."""
    rng = random.Random(4)  # noqa: S311 - plates, not secrets
    alike = []
    for country in COUNTRIES:
        mark = random_mark(country, rng)
        scene = render_scene(mark, country=country, seed=rng.randrange(10**6), night=night)
        found = finder.find(scene)
        alike.append(_likeness(_gray(scene), found[0], _gray(draw_plate(mark, country))) if found else 0.0)
    assert sorted(alike)[1] > 0.55, alike


def _set_in(picture: Gray, plate: Gray, corners: NDArray[np.float32]) -> None:
    height, width = plate.shape
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners)
    size = (picture.shape[1], picture.shape[0])
    shrunk = cv2.GaussianBlur(
        plate, (0, 0), 0.4 * width / float(np.linalg.norm(corners[1] - corners[0])) + 0.01
    )
    cover = cv2.warpPerspective(np.ones_like(plate), matrix, size)
    picture[cover > 0] = cv2.warpPerspective(shrunk, matrix, size)[cover > 0]


@pytest.mark.parametrize("width", [70, 160, 400, 800])
def test_corners_are_exact_at_every_size(finder: PlateFinder, width: int) -> None:
    """Corners of a turned plate come out near, be it small or most of the picture."""
    road = _gray(empty_road(seed=3))
    shape = (_OUTLINE - _OUTLINE.mean(axis=0)) * (width / 520)
    shape[[1, 2], 1] -= width * 0.06
    shape[[1, 2], 0] *= 0.85
    true = (shape + np.array([640, 380])).astype(np.float32)
    _set_in(road, _gray(draw_plate("10AA019", "AZ")), true)
    found = finder.find(road)
    assert found
    away = np.abs(found[0].corners - true).max()
    assert away < max(1.5, 0.1 * width * 112 / 520) * 1.5, away


def test_two_plates_of_one_frame(finder: PlateFinder) -> None:
    """A lorry and the car behind it: both plates are found, each once."""
    road = _gray(empty_road(seed=5))
    places = [np.array([400, 300]), np.array([900, 450])]
    for middle, mark in zip(places, ("10AA019", "34ABC123"), strict=True):
        corners = ((_OUTLINE - _OUTLINE.mean(axis=0)) * 0.35 + middle).astype(np.float32)
        _set_in(road, _gray(draw_plate(mark, "TR")), corners)
    found = finder.find(road)
    assert len(found) == 2
    for middle in places:
        assert min(float(np.linalg.norm(each.corners.mean(axis=0) - middle)) for each in found) < 6


def test_nothing_is_found_where_nothing_is(finder: PlateFinder) -> None:
    """Flat pictures, noise, stripes and an empty road show no plate."""
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280), dtype=np.uint8)
    stripes = np.tile(np.repeat(np.array([30, 220], dtype=np.uint8), 12), (400, 20))
    pictures = [np.full((720, 1280), tone, dtype=np.uint8) for tone in (0, 112, 255)]
    pictures += [noise, stripes, *(empty_road(seed=seed, night=bool(seed % 2)) for seed in range(4))]
    assert [len(finder.find(picture)) for picture in pictures] == [0] * len(pictures)


def test_gray_and_colour_tell_the_same(finder: PlateFinder) -> None:
    """A BGR frame and its gray copy have the same finds, every time."""
    scene = render_scene("10AA019", country="AZ", seed=4)
    for one, two in zip(finder.find(scene), finder.find(_gray(scene)), strict=True):
        assert np.array_equal(one.corners, two.corners)
        assert one.score == two.score


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(0, 300), st.integers(0, 300)),
    st.sampled_from([(), (1,), (2,), (3,), (4,)]),
    st.integers(0, 2**32 - 1),
)
def test_odd_shapes_never_raise(
    finder: PlateFinder, size: tuple[int, int], channels: tuple[int, ...], seed: int
) -> None:
    """Whatever its shape, a picture gives a list of at most eight whole finds."""
    picture = np.random.default_rng(seed).integers(0, 256, (*size, *channels), dtype=np.uint8)
    found = finder.find(picture)
    assert len(found) <= 8
    for each in found:
        assert each.corners.shape == (4, 2)
        assert each.corners.dtype == np.float32
        assert cv2.contourArea(each.corners, oriented=True) > 0
        assert 0 < each.score <= 1


def test_huge_and_slender_pictures(finder: PlateFinder) -> None:
    """Sixty-four megapixels and slivers are looked over like any other; larger ones hold no plate."""
    assert finder.find(np.full((8000, 8000), 90, dtype=np.uint8)) == []
    assert finder.find(np.full((17, 9000), 90, dtype=np.uint8)) == []
    assert finder.find(np.broadcast_to(np.zeros((1, 1), dtype=np.uint8), (30_000, 30_000))) == []


def test_a_view_of_a_picture(finder: PlateFinder) -> None:
    """A slice that is not contiguous in memory is found in like its copy."""
    scene = render_scene("10AA019", country="AZ", seed=4)[::2, ::2]
    viewed, copied = finder.find(scene), finder.find(np.ascontiguousarray(scene))
    assert viewed
    assert [each.score for each in viewed] == [each.score for each in copied]


def test_missing_weights_are_told(tmp_path: Path) -> None:
    """Weights that are not there are named, with what to do."""
    with pytest.raises(DeviceError, match=r"finder\.onnx, corners\.onnx; install the gate package again"):
        PlateFinder(tmp_path, 1)


def test_broken_weights_are_told(tmp_path: Path) -> None:
    """A file that is no net is named too, as the reader's is: the reading process ends with a sentence."""
    for name in ("finder.onnx", "corners.onnx"):
        (tmp_path / name).write_bytes(b"not a net")
    with pytest.raises(DeviceError, match=r"finder\.onnx cannot be loaded.*install gate again"):
        PlateFinder(tmp_path, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(20, 400),
    st.floats(-40, 40),
    st.floats(1.2, 5),
    st.tuples(st.floats(-50, 700), st.floats(-50, 400)),
)
def test_a_place_is_cut_where_its_way_says(
    width: float, lean: float, aspect: float, middle: tuple[float, float]
) -> None:
    """The homography that comes with a place leads the rough corners to its margins, and back."""
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, width / aspect / 2)
    half[[1, 2], 1] += lean * width / 400
    rough = (half + middle).astype(np.float32)
    place, way = cut_place(np.zeros((360, 640), dtype=np.uint8), rough)
    inside = move(rough, way)
    assert place.shape == (64, 128)
    assert np.allclose(inside, [(19.5, 16), (108.5, 16), (108.5, 48), (19.5, 48)], atol=1.0)
    assert np.allclose(move(inside, way, back=True), rough, atol=0.05)
    assert inside[:, 0].max() < WIDTH
