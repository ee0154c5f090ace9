"""Changes of view, sharpness, light: what is measured of frames, on rendered scenes and drawn ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gate.anpr.camera.measuring import measure, sharpness_of
from gate.anpr.camera.quality import FEWEST, REMEMBERED, Qualities, Quality
from gate.anpr.camera.view import View
from gate.anpr.recogniser import Image
from hardware.emulators.scenes import empty_road, render_scene

PLATE = (597, 478, 150, 52)
"""Where the plate of the scene with seed 9 is."""


@pytest.fixture(scope="module")
def lorry() -> Image:
    """A lorry by day."""
    return render_scene("10AA019", country="AZ", seed=9)


def lit(picture: Image, gain: float, lift: float) -> Image:
    """The same in another light."""
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain, beta=lift), dtype=np.uint8)


def noisy(picture: Image, seed: int) -> Image:
    """The same view, taken again by a sensor that trembles by three levels."""
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_noise_and_clouds_change_no_view(lorry: Image) -> None:
    """The first picture is news; taken again with noise, or a tenth brighter, it is none."""
    view = View()
    assert view.changed(lorry)
    view.keep()
    for seed in range(3):
        assert not view.changed(noisy(lorry, seed))
    assert not view.changed(lit(lorry, 1.0, 20))


def test_a_vehicle_that_rolls_a_little_changes_it(lorry: Image) -> None:
    """Half a plate's height is seen; so is a vehicle on an empty road, by night as well."""
    view = View()
    view.changed(lorry)
    view.keep()
    assert view.changed(noisy(np.roll(lorry, 20, axis=0), 1))
    for night in (False, True):
        view = View()
        view.changed(empty_road(seed=9, night=night))
        view.keep()
        assert view.changed(render_scene("10AA019", country="AZ", seed=9, night=night))


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (90, 160), (4000, 3000)])
def test_pictures_of_any_size_are_compared(size: tuple[int, int]) -> None:
    """Down to one pixel, and when the size changes."""
    view = View()
    view.changed(np.zeros((720, 1280, 3), dtype=np.uint8))
    view.keep()
    assert view.dark == 1.0
    assert not view.changed(np.zeros((*size, 3), dtype=np.uint8))


def test_blur_lowers_sharpness_step_by_step(lorry: Image) -> None:
    """Both measures fall with every blur; only the one for people is the same at half the contrast."""
    blurred = (cv2.GaussianBlur(lorry, (0, 0), blur) for blur in (1.0, 2.0, 4.0))
    steps = [lorry, *(np.asarray(picture, dtype=np.uint8) for picture in blurred)]
    people = [measure(picture, PLATE, 0.0, 0.0).sharpness for picture in steps]
    frames = [sharpness_of(picture, PLATE) for picture in steps]
    assert people == sorted(people, key=lambda one: -(one or 0.0))
    assert frames == sorted(frames, reverse=True)
    pale = measure(lit(lorry, 0.5, 60), PLATE, 0.0, 0.0).sharpness
    assert pale == pytest.approx(people[0], rel=0.1)


def test_light_is_told_by_its_figures(lorry: Image) -> None:
    """Burnt out, dim and black plates differ in what they lack."""
    shown = {
        name: measure(lit(lorry, gain, lift), PLATE, 0.0, 0.0)
        for name, gain, lift in (("good", 1.0, 0), ("burnt", 2.2, 80), ("dim", 0.12, 0))
    }
    contrast = {name: one.contrast for name, one in shown.items() if one.contrast is not None}
    burnt = {name: one.burnt for name, one in shown.items() if one.burnt is not None}
    assert burnt["good"] < 0.1
    assert burnt["burnt"] > 0.4
    assert contrast["dim"] < 0.15
    assert contrast["good"] > 0.4


def test_a_box_outside_the_picture_measures_nothing(lorry: Image) -> None:
    """An engine may tell one; there is no plate there."""
    assert measure(lorry, (5000, 10, 80, 20), 0.1, 0.2) == Quality(None, None, None, 0.1, 0.2)
    assert sharpness_of(lorry, (5000, 10, 80, 20)) == 1.0


def test_the_usual_is_the_median_of_the_last_vehicles() -> None:
    """One muddy lorry changes nothing; what is older than twenty vehicles is forgotten."""
    few, qualities = Qualities(), Qualities()
    for _ in range(FEWEST - 1):
        few.add(Quality(0.2, 0.6, 0.0, 0.1, 0.0))
        qualities.add(Quality(0.2, 0.6, 0.0, 0.1, 0.0))
    assert few.usual is None
    qualities.add(Quality(0.01, 0.1, 0.9, 0.1, 0.0))
    assert qualities.usual == Quality(0.2, 0.6, 0.0, 0.1, 0.0)
    for _ in range(REMEMBERED):
        qualities.add(Quality(None, None, None, 1.0, 0.0))
    assert qualities.usual == Quality(None, None, None, 1.0, 0.0)
