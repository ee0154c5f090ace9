"""`gate anpr read` and `gate anpr bench`."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from gate.anpr.bench import BenchError, labelled_folders, load_labels
from gate.anpr.cli import app
from hardware.emulators.scenes import render_scene

SHARED = Path(__file__).parents[3] / "shared" / "data"

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


def _labelled(folder: Path, rows: str) -> Path:
    folder.mkdir()
    (folder / "labels.tsv").write_text(rows)
    return folder


def test_bench_scores_what_it_reads(tmp_path: Path) -> None:
    """Exact and folded match are counted apart, and an unusable photograph is told, not scored."""
    folder = _labelled(
        tmp_path / "set",
        "file\tplate\tx\ty\tw\th\na.jpg\tAB123CD\t1\t1\t5\t5\nb.jpg\tABI23CD\t1\t1\t5\t5\n"
        "c.jpg\tXX\t1\t1\t5\t5\n",
    )
    for name in ("a.jpg", "b.jpg"):
        cv2.imwrite(str(folder / name), render_scene("AB123CD", country="GE", seed=4))
    done = runner.invoke(app, ["bench", str(tmp_path), "--json"])
    assert done.exit_code == 0
    score = json.loads(done.stdout)
    assert (score["engine"], score["folder"], score["photos"], score["unusable"]) == ("ppocr", "set", 2, 1)
    assert (score["exact"], score["folded"]) == (50.0, 100.0)
    assert 0 < score["median_ms"] <= score["p95_ms"]


def test_bench_without_text_scores_boxes_only(tmp_path: Path) -> None:
    """Labels without text: only how many boxes were found."""
    folder = _labelled(tmp_path / "set", "file\tx\ty\tw\th\na.jpg\t660\t480\t200\t80\na.jpg\t5\t5\t40\t10\n")
    cv2.imwrite(str(folder / "a.jpg"), render_scene("AB123CD", country="GE", seed=4))
    (labelled,) = load_labels(folder)
    assert len(labelled.boxes) == 2
    score = json.loads(runner.invoke(app, ["bench", str(folder), "--json"]).stdout)
    assert score["exact"] is None
    assert score["found"] == 50.0


def test_bench_without_labels_says_what_it_needs(tmp_path: Path) -> None:
    """A folder without labels, or with broken ones, ends with the place and the remedy."""
    done = runner.invoke(app, ["bench", str(tmp_path)])
    assert done.exit_code == 2
    assert "labels.tsv" in done.stderr
    folder = _labelled(tmp_path / "set", "file\tplate\tx\ty\tw\th\na.jpg\tAB\tleft\t1\t1\t1\n")
    with pytest.raises(BenchError, match=r"labels\.tsv:2"):
        load_labels(folder)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared photographs (../shared/data) are not here")
def test_bench_on_real_photographs() -> None:
    """On the first Brazilian photographs nine in ten plates are right."""
    assert len(labelled_folders(SHARED)) >= 4
    done = runner.invoke(app, ["bench", str(SHARED / "plates-br"), "--limit", "10", "--json"])
    assert done.exit_code == 0
    score = json.loads(done.stdout)
    assert score["photos"] == 10
    assert score["folded"] >= 90
