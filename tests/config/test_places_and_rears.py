"""Holding places and rear cameras in the configuration: every form, and each mistake by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.config import load_site
from tests.config.test_problems import DEMO, line_of, problems_of

CAMERA = 'camera: {driver: http-mjpeg, url: "http://127.0.0.1:8444/approach.mjpeg"}'
REAR = 'rear: {driver: http-mjpeg, url: "http://127.0.0.1:8444/behind.mjpeg"}'


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("H", [("H", None)]),
        ("{label: H, places: 4}", [("H", 4)]),
        ("[{label: H1, places: 4}, {label: H2}]", [("H1", 4), ("H2", None)]),
        ("[H1, H2]", [("H1", None), ("H2", None)]),
    ],
)
def test_a_holding_bay_is_a_label_a_place_or_several(
    tmp_path: Path, text: str, places: list[tuple[str, int | None]]
) -> None:
    """The plain label of old stays valid."""
    file = tmp_path / "site.yaml"
    file.write_text(DEMO.replace("holding_bay: H", f"holding_bay: {text}"))
    assert [(place.label, place.places) for place in load_site(file).holding_bay] == places


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("HOLDING", "1 to 4 characters"),
        ("{label: H, places: 0}", "at least 1"),
        ("[]", ""),
        ("{label: H, capacity: 4}", "places"),
        ('[{label: H}, {label: "1"}]', "to lane-1 and holding_bay"),
        ("[{label: H}, {label: H}]", "holding_bay and holding_bay"),
    ],
)
def test_a_wrong_holding_bay_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    """Two places of one label would send a vehicle to either."""
    wrong = DEMO.replace("holding_bay: H", f"holding_bay: {text}")
    (problem,) = problems_of(tmp_path, wrong)
    assert says in str(problem)
    about_points = "holding_bay and" in says or "and holding_bay" in says
    assert problem.line == line_of(wrong, "points:" if about_points else "holding_bay:")


def test_a_rear_camera_stands_beside_a_front_one(tmp_path: Path) -> None:
    """Alone it identifies nobody; policy that wants trailers read wants one at every approach."""
    file = tmp_path / "site.yaml"
    file.write_text(DEMO.replace(CAMERA, f"{CAMERA}\n    {REAR}"))
    assert load_site(file).points[0].rear is not None
    (problem,) = problems_of(tmp_path, DEMO.replace(CAMERA, REAR))
    assert "no camera for the front plate" in str(problem)
    demanded = DEMO.replace("version: demo-1", "version: demo-1\n  trailer_required: true")
    (problem,) = problems_of(tmp_path, demanded)
    assert "approach has no rear camera" in str(problem)
