"""What counts as motion before a camera: a vehicle does, weather and light do not."""

from __future__ import annotations

import numpy as np
import pytest

from gate.anpr.camera.motion import Motion
from gate.anpr.recogniser import Image
from tests.anpr import film


def seen(frames: list[Image], motion: Motion | None = None) -> list[bool]:
    """Whether each frame shows motion going on."""
    motion = motion or Motion()
    return [motion.see(film.noisy(image, n), n * film.STEP) for n, image in enumerate(frames)]


def test_a_vehicle_moves_and_then_stands() -> None:
    """Nothing on an empty road, motion while it rolls in, none once it has stood for a moment."""
    there = film.vehicle("10AA019")
    told = seen([film.road()] * 6 + film.between(film.road(), there, 8) + [there] * 8)
    assert not any(told[:7])
    assert any(told[7:14])
    assert not any(told[-5:])


def test_motion_is_kept_up_by_less_than_begins_it() -> None:
    """A slow last roll does not chop one arrival into several."""
    motion = Motion()
    there = film.vehicle("10AA019")
    seen([film.road()] * 3 + film.between(film.road(), there, 8), motion)
    assert motion.moving
    small = [np.roll(there, -10 * step, axis=1) for step in range(1, 6)]
    assert all(motion.see(image, (11 + n) * film.STEP) for n, image in enumerate(small))


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(film.cloud(film.road(), 20), id="cloud"),
        pytest.param(film.headlights(film.road(night=True), 20), id="headlights"),
        pytest.param(film.rain(film.road(), 20), id="rain"),
        pytest.param(film.shaken(film.vehicle("10AA019"), 20), id="shaken"),
        pytest.param(film.dusk(20), id="dusk"),
        pytest.param([film.road()] * 8 + [np.full_like(film.road(), 255)] + [film.road()] * 8, id="flash"),
    ],
)
def test_weather_and_light_are_no_motion(frames: list[Image]) -> None:
    """What changes the picture without anything coming starts nothing."""
    assert not any(seen(frames))


@pytest.mark.parametrize("step", [0.1, 0.2])
def test_another_picture_at_once_is_no_motion(step: float) -> None:
    """A lamp, or a camera's change to its night picture, changes everything once and nothing after."""
    motion = Motion()
    one, other = film.road(), film.vehicle("10AA019")
    assert not any(motion.see(image, n * step) for n, image in enumerate([one] * 9 + [other] * 9))


def test_after_a_gap_the_other_picture_is_no_motion() -> None:
    """A camera that was away for a while: what moved meanwhile nobody has seen."""
    motion = Motion()
    for n in range(4):
        motion.see(film.road(), n * film.STEP)
    there = film.vehicle("10AA019")
    assert not any(motion.see(there, 60 + n * film.STEP) for n in range(5))
