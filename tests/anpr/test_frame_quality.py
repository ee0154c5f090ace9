"""What is measured of a picture, on pictures whose answer is known."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.frame_quality import (
    Corners,
    Gray,
    measure_exposure,
    measure_smear,
    measure_tilt,
    plate_size,
    sharpness,
)
from hardware.emulators.scene_plates import draw_plate


def plate(width: int) -> Gray:
    """A drawn plate so many pixels wide, as a perfect lens shows it."""
    gray = cv2.cvtColor(draw_plate("10AA019", "AZ"), cv2.COLOR_BGR2GRAY)
    height = round(gray.shape[0] * width / gray.shape[1])
    return np.asarray(cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def test_exposure_is_that_of_the_pixels() -> None:
    """Known halves give known figures."""
    picture = np.full((10, 20), 100, dtype=np.uint8)
    picture[:, :5] = 0
    picture[:, 15:] = 255
    light = measure_exposure(picture)
    assert (light.dark_share, light.bright_share, light.contrast) == (0.25, 0.25, 255)
    assert light.mean == pytest.approx((0 * 5 + 100 * 10 + 255 * 5) / 20)
    with pytest.raises(ValueError, match="no pixel"):
        measure_exposure(np.empty((0, 5), dtype=np.uint8))


def test_a_part_of_a_picture_is_measured_alike() -> None:
    """A cut-out view, not contiguous in memory, gives what its copy gives."""
    whole = plate(200)
    part = whole[5:30, 20:90]
    assert measure_exposure(part) == measure_exposure(part.copy())


def test_the_more_blur_the_less_sharp() -> None:
    """Whether by a lens or by movement, and less than what a reader wants where strokes run together."""
    sharp = plate(160)
    lens = [sharpness(cv2.GaussianBlur(sharp, (0, 0), sigma).astype(np.uint8), 160) for sigma in (1, 2, 3, 5)]
    moved = [sharpness(cv2.blur(sharp, (length, 1)).astype(np.uint8), 160) for length in (3, 7, 11, 17)]
    for falling in (lens, moved):
        assert sharpness(sharp, 160) > 1
        assert falling[2] < 0.7
        assert falling == sorted(falling, reverse=True)


def test_sharpness_does_not_go_by_size_or_contrast() -> None:
    """Twice as near and twice as smeared is as sharp; half the contrast too."""
    near, far = cv2.GaussianBlur(plate(400), (0, 0), 4), cv2.GaussianBlur(plate(200), (0, 0), 2)
    assert sharpness(near.astype(np.uint8), 400) == pytest.approx(
        sharpness(far.astype(np.uint8), 200), rel=0.15
    )
    pale = (far // 2 + 60).astype(np.uint8)
    assert sharpness(pale, 200) == pytest.approx(sharpness(far.astype(np.uint8), 200), rel=0.05)


def test_movement_is_told_from_a_lens_out_of_focus() -> None:
    """What smears sideways alone is movement."""
    moved, soft = measure_smear(cv2.blur(plate(200), (11, 1)).astype(np.uint8)), measure_smear(
        cv2.GaussianBlur(plate(200), (0, 0), 3).astype(np.uint8)
    )  # fmt: skip
    assert moved is not None
    assert soft is not None
    assert moved.moving
    assert not soft.moving


@pytest.mark.parametrize("shape", [(3, 40), (40, 3), (0, 0), (40, 40)])
def test_where_there_is_no_edge_nothing_is_sharp(shape: tuple[int, int]) -> None:
    """Too small a part, or one of a single gray."""
    part = np.full(shape, 90, dtype=np.uint8)
    assert measure_smear(part) is None
    assert sharpness(part, 100) == 0


def seen(roll: float, aside: float, above: float, width: float = 520, height: float = 110) -> Corners:
    """The corners of a plate seen from afar, so many degrees off."""
    turn, dip, lie = (math.radians(angle) for angle in (aside, above, roll))
    flat = np.array([(-width, -height, 0), (width, -height, 0), (width, height, 0), (-width, height, 0)]) / 2
    about_y = np.array([
        [math.cos(turn), 0, math.sin(turn)], [0, 1, 0], [-math.sin(turn), 0, math.cos(turn)],
    ])  # fmt: skip
    about_x = np.array([
        [1, 0, 0], [0, math.cos(dip), -math.sin(dip)], [0, math.sin(dip), math.cos(dip)],
    ])  # fmt: skip
    about_z = np.array([
        [math.cos(lie), -math.sin(lie), 0], [math.sin(lie), math.cos(lie), 0], [0, 0, 1],
    ])  # fmt: skip
    turned = flat @ (about_z @ about_x @ about_y).T
    return np.asarray(turned[:, :2] * 0.3 + 200, dtype=np.float32)


@given(
    roll=st.floats(-40, 40),
    aside=st.floats(0, 50),
    above=st.floats(0, 50),
    shape=st.sampled_from([(520, 110), (305, 155)]),
)
def test_the_angles_come_back(roll: float, aside: float, above: float, shape: tuple[int, int]) -> None:
    """Any plate turned by known angles is measured as turned by them."""
    corners = seen(roll, aside, above, *shape)
    size = plate_size(corners)
    tilt = measure_tilt(corners)
    if (size.width >= 2.6 * size.height) is (shape == (520, 110)):
        # Aside and above are those of the plate's own sides against the line of sight.
        turn, dip = math.radians(aside), math.radians(above)
        assert tilt.aside == pytest.approx(math.degrees(math.asin(math.sin(turn) * math.cos(dip))), abs=1)
        assert tilt.above == pytest.approx(above, abs=1)


@given(roll=st.floats(-80, 80))
def test_roll_is_that_of_the_long_sides(roll: float) -> None:
    """Clockwise in the picture is positive."""
    assert measure_tilt(seen(roll, 0, 0)).roll == pytest.approx(roll, abs=0.1)


def test_corners_on_one_spot_are_no_error() -> None:
    """An engine's worst corners give figures all the same."""
    tilt = measure_tilt(np.zeros((4, 2), dtype=np.float32))
    assert (tilt.roll, tilt.aside, tilt.above) == (0, 0, 0)
