"""`gate anpr read`."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from gate.anpr.cli import app
from hardware.emulators.scenes import render_scene

runner = CliRunner()


def test_read_prints_a_line_an_image(photos: Path) -> None:
    """Each image gives its plates, boxes and milliseconds as one JSON line."""
    images = sorted(str(path) for path in photos.iterdir())
    done = runner.invoke(app, ["read", *images, "--json"])
    assert done.exit_code == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["image"] for line in lines] == images
    for line in lines:
        assert set(line) == {"image", "reads", "ms"}
        (first, *_) = line["reads"]
        assert (first["plate"], first["country"]) == ("10AA019", "AZ")
        assert len(first["box"]) == 4
        assert line["ms"] > 0


def test_files_that_cannot_be_used_are_named(tmp_path: Path, photos: Path) -> None:
    """Missing, empty, truncated and foreign files give an error entry and status 1; the rest is read."""
    scene = cv2.imencode(".jpg", render_scene("10AA019", country="AZ", seed=4))[1].tobytes()
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes(scene[: len(scene) // 2])
    (tmp_path / "folder.jpg").mkdir()
    bad = ["empty.jpg", "text.jpg", "cut.jpg", "folder.jpg", "missing.jpg"]
    good = str(min(photos.iterdir()))
    done = runner.invoke(app, ["read", *(str(tmp_path / name) for name in bad), good, "--json"])
    assert done.exit_code == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [("error" in line) for line in lines] == [True] * len(bad) + [False]
    for name, line in zip(bad, lines, strict=False):
        assert name in line["error"]
        assert line["reads"] == []


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (3, 2000)])
def test_tiny_images_are_read_as_nothing(tmp_path: Path, height: int, width: int) -> None:
    """However small an image, it is read, and shows no plate."""
    path = tmp_path / "tiny.png"
    cv2.imwrite(str(path), np.full((height, width), 200, dtype=np.uint8))
    done = runner.invoke(app, ["read", str(path), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["reads"] == []
