"""The rendered camera scenes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.emulators.scene_plates import LAYOUTS, draw_plate, split_mark
from hardware.emulators.scenes import COUNTRIES, empty_road, random_mark, render_scene


def test_same_seed_same_picture() -> None:
    """A scene is told wholly by its arguments."""
    first = render_scene("10AA019", country="AZ", seed=7, night=True, dirt=0.3, blur=0.2)
    assert np.array_equal(
        first, render_scene("10AA019", country="AZ", seed=7, night=True, dirt=0.3, blur=0.2)
    )
    assert not np.array_equal(
        first, render_scene("10AA019", country="AZ", seed=8, night=True, dirt=0.3, blur=0.2)
    )


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (1920, 1080)])
def test_size_is_as_asked(size: tuple[int, int]) -> None:
    """Pictures are BGR bytes of the asked size, by night darker than by day."""
    day, night = (render_scene("34ABC123", country="TR", seed=1, night=n, size=size) for n in (False, True))
    assert day.shape == night.shape == (size[1], size[0], 3)
    assert day.dtype == np.uint8
    assert night.mean() < day.mean()
    assert empty_road(seed=1, size=size).shape == day.shape


@settings(max_examples=40, deadline=None)
@given(st.text("0123456789ABCXYZOI- ", max_size=14), st.sampled_from((*COUNTRIES, "XX", "")))
def test_any_mark_can_be_drawn(mark: str, country: str) -> None:
    """Marks outside a state's syntax, unknown states and even an empty mark give a plate."""
    plate = draw_plate(mark, country)
    assert plate.shape[0] == 112
    assert plate.shape[1] >= 520


def test_marks_split_into_the_states_groups() -> None:
    """Random marks are written in the groups of their state's layout."""
    rng = random.Random(2)  # noqa: S311 - plates, not secrets
    for country, layout in LAYOUTS.items():
        groups, found = split_mark(random_mark(country, rng), country)
        assert found is layout
        assert [len(group) for group in groups] == [len(group) for group in layout.groups]


def test_russian_letters_are_lower_than_digits() -> None:
    """As their standard wants it, and standing on the same line: no O can be taken for a zero."""
    plate = draw_plate("O000OO77", "RU")[10:-10, 10:390]
    ink = np.asarray(plate.max(axis=2) < 100, dtype=np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(ink)
    across = sorted(boxes[1:].tolist())
    heights = [height for _, _, _, height, _ in across]
    assert len(heights) == 6
    assert max(heights[0], *heights[4:]) < 0.8 * min(heights[1:4])
    assert len({top + height for _, top, _, height, _ in across}) == 1


def test_plates_are_lettered_without_torch_and_without_fonts() -> None:
    """A machine that only shows the demo has neither, and gathers none."""
    code = (
        "import sys; from hardware.emulators.scenes import render_scene;"
        "render_scene('10AA019', country='AZ', seed=1);"
        "print([name for name in ('torch', 'PIL', 'gate.anpr.training.fonts') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert told.stdout.strip() == "[]"


def test_a_frame_is_cheap() -> None:
    """The demo renders for six cameras: a frame takes tens of milliseconds of processor time."""
    render_scene("10AA019", country="AZ", seed=1, night=True, dirt=0.5, blur=0.5)
    began = time.process_time()
    for seed in range(5):
        render_scene("10AA019", country="AZ", seed=seed, night=True, dirt=0.5, blur=0.5)
    assert (time.process_time() - began) / 5 < 0.2
