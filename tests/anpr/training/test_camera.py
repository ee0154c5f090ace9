"""Photographs of drawn plates: their shape, that a seed makes them again, and that they can be read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.anpr.training import camera, weather
from gate.anpr.training.camera import legibility, photograph
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.surroundings import Plane
from hardware.emulators.scene_plates import draw_plate

PLATE = DrawnPlate(draw_plate("10AB123", "AZ"), tuple("10AB123"), "AZ", 1)


def _flat_view(width: int = 120) -> tuple[Plane, camera.View]:
    flat = cv2.cvtColor(PLATE.image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    height = round(width * flat.shape[0] / flat.shape[1])
    corners = np.array([(10, 10), (10 + width, 10), (10 + width, 10 + height), (10, 10 + height)], np.float32)
    return flat, camera.View(corners, (width + 20, height + 20), width * 0.8 / 7)


def _straight(flat: Plane, view: camera.View) -> camera.Gray:
    """The plate in its view, unspoilt, on gray."""
    picture = np.full((view.size[1], view.size[0]), 90, dtype=np.uint8)
    (left, top), (right, bottom) = view.corners[0].astype(int), view.corners[2].astype(int)
    picture[top:bottom, left:right] = cv2.resize(
        flat, (right - left, bottom - top), interpolation=cv2.INTER_AREA
    )
    return picture


def test_a_photograph_is_a_strip_and_its_seed_makes_it_again() -> None:
    """What the net is shown has the strip's shape; the same seed gives the same pixels."""
    once = [photograph(PLATE, np.random.default_rng(seed)) for seed in range(40)]
    again = [photograph(PLATE, np.random.default_rng(seed)) for seed in range(40)]
    assert all(strip.shape == (HEIGHT, WIDTH) and strip.dtype == np.uint8 for strip in once)
    assert all(np.array_equal(one, other) for one, other in zip(once, again, strict=True))
    assert len({strip.tobytes() for strip in once}) == 40


@pytest.mark.parametrize("shape", [(96, 430), (200, 270), (110, 520), (190, 96)])
def test_plates_of_any_shape_are_photographed(shape: tuple[int, int]) -> None:
    """One line or two, long or nearly square."""
    image = cv2.resize(PLATE.image, shape[::-1], interpolation=cv2.INTER_AREA)
    plate = DrawnPlate(np.asarray(image, dtype=np.uint8), PLATE.signs, "AZ", 2 if shape[0] > 150 else 1)
    rng = np.random.default_rng(5)
    assert all(photograph(plate, rng).shape == (HEIGHT, WIDTH) for _ in range(30))


def test_photographs_vary_as_roads_do() -> None:
    """By day and night, sharp and blurred, straight and aslant: no single look makes the training set."""
    rng = np.random.default_rng(11)
    strips = [photograph(PLATE, rng).astype(np.float32) for _ in range(150)]
    brightness = np.array([strip.mean() for strip in strips])
    sharpness = np.array([cv2.Laplacian(strip, cv2.CV_32F).std() / (strip.std() + 1) for strip in strips])
    assert np.percentile(brightness, 90) - np.percentile(brightness, 10) > 60
    assert np.percentile(sharpness, 90) > 2 * np.percentile(sharpness, 10)


def test_hardly_any_photograph_is_beyond_reading() -> None:
    """What noise, blur or glare made illegible is not handed to the trainer."""
    rng = np.random.default_rng(2)
    left = [
        legibility(picture, flat, view)
        for picture, view, flat in (camera.taken(PLATE, rng) for _ in range(250))
    ]
    assert min(left) > 0.55
    assert sum(each < camera.TOLD for each in left) <= 5


def test_legibility_falls_with_blur_noise_and_a_hidden_part_but_not_with_contrast() -> None:
    """It follows what hinders a reader, and only that."""
    flat, view = _flat_view()
    clean = _straight(flat, view)
    rng = np.random.default_rng(0)
    faint = (clean // 5 + 100).astype(np.uint8)
    blurred = cv2.GaussianBlur(clean, (0, 0), view.pitch * 0.4)
    noisy = np.clip(clean + rng.normal(0, 260, clean.shape), 0, 255).astype(np.uint8)
    hidden = clean.copy()
    hidden[:, 90:] = 255
    assert legibility(clean, flat, view) > 0.97
    assert legibility(faint, flat, view) > 0.95
    for spoilt in (np.asarray(blurred, dtype=np.uint8), noisy, hidden):
        assert legibility(spoilt, flat, view) < 0.6


@pytest.mark.parametrize("severity", [0, 1, 2])
def test_blur_keeps_within_what_it_is_allowed(severity: int) -> None:
    """A point of light is spread no wider than the deviation asked for, whatever its causes."""
    most = 0.8 + severity
    rng = np.random.default_rng(severity)
    for _ in range(60):
        tile = np.zeros((61, 61), dtype=np.float32)
        tile[30, 30] = 1000.0
        seen = weather.optics(tile, rng, most)
        ys, xs = np.mgrid[-30:31, -30:31]
        mass = float(seen.sum())
        spread = float((seen * (xs**2 + ys**2)).sum()) / mass
        assert mass == pytest.approx(1000.0, rel=0.01)
        # A blur of deviation s alike in both directions spreads by 2 s squared; a lens may be astigmatic,
        # and the path of a motion is drawn in whole pixels.
        assert spread <= 2 * (most * 1.2) ** 2 + 0.6


def test_the_camera_looks_from_where_lanes_put_it() -> None:
    """Corners stay in order and inside the tile, signs stay as large as a human needs."""
    rng = np.random.default_rng(9)
    widths = []
    for _ in range(300):
        view = camera._look(PLATE, PLATE.image.shape, rng)
        x, y = view.corners.T
        assert x.min() >= 0
        assert x.max() <= view.size[0]
        assert y.min() >= 0
        assert y.max() <= view.size[1]
        area = 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
        assert area > 0, "mirrored"
        assert view.pitch >= 3
        widths.append(float(np.ptp(x)))
    assert min(widths) >= camera.NARROWEST
    assert np.median(widths) < 160
