"""Folders of photographs the plate reader's tests share."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from hardware.emulators.scenes import render_scene
from tests.anpr import film

MARK, COUNTRY = "10AA019", "AZ"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two rendered frames of one vehicle, for a folder camera."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in (4, 9):
        cv2.imwrite(str(folder / f"{seed}.jpg"), render_scene(MARK, country=COUNTRY, seed=seed))
    return folder


@pytest.fixture
def arrival(tmp_path: Path) -> Path:
    """The frames of a vehicle that rolls up and stands, for a folder camera at five a second."""
    folder = tmp_path / "arrival"
    film.write(folder, MARK)
    return folder
