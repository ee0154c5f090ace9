"""Gate's own engine, with the weights that ship: whole pictures to marks."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from gate.anpr.catalogue import build_recogniser
from gate.anpr.recogniser import Image, Recogniser
from gate.anpr.stages import recorded
from hardware.emulators.scenes import COUNTRIES, empty_road, random_mark, render_scene

_AUTHORITY = 0.8
"""From here on a read may open a lane."""


@pytest.fixture(scope="module")
def engine() -> Recogniser:
    """The engine, loaded once."""
    return build_recogniser("gate", 1)


def _read_right(engine: Recogniser, seed: int, *, night: bool) -> tuple[float, float]:
    """Shares of rendered plates whose first read is right, and whose first read is sure and wrong."""
    rng = random.Random(seed)  # noqa: S311 - plates, not secrets
    right = wrong = 0
    for country in COUNTRIES * 2:
        mark = random_mark(country, rng)
        reads = engine.read(render_scene(mark, country=country, seed=rng.randrange(10**6), night=night))
        right += bool(reads) and reads[0].mark == mark
        wrong += bool(reads) and reads[0].mark != mark and reads[0].confidence >= _AUTHORITY
    return right / (2 * len(COUNTRIES)), wrong / (2 * len(COUNTRIES))


@pytest.mark.parametrize(("night", "least"), [(False, 0.9), (True, 0.85)])
def test_plates_of_every_rendered_state_are_read(engine: Recogniser, night: bool, least: float) -> None:
    """The emulator's plates, of another layout than the training's: read, and hardly ever surely wrong."""
    right, wrong = _read_right(engine, 21, night=night)
    assert right >= least
    assert wrong <= 0.05


def test_a_candidate_tells_all_it_knows(engine: Recogniser) -> None:
    """Corners in their order inside the box, a probability a character, other marks behind it."""
    (read, *_) = engine.read(render_scene("10AA019", country="AZ", seed=4))
    assert (read.mark, read.country) == ("10AA019", "AZ")
    assert read.mark not in read.alternatives
    assert len(read.characters) == len(read.mark)
    assert 0 < read.confidence <= 1
    corners = np.array(read.corners)
    x, y, w, h = read.box
    assert corners.shape == (4, 2)
    assert (corners >= (x - 1, y - 1)).all()
    assert (corners <= (x + w + 1, y + h + 1)).all()
    assert corners[0, 0] < corners[1, 0]
    assert corners[0, 1] < corners[3, 1]


def test_two_plates_in_a_picture_are_two_reads(engine: Recogniser) -> None:
    """Two vehicles side by side: both marks, each in its half."""
    left = render_scene("10AA019", country="AZ", seed=4)
    right = render_scene("34ABC123", country="TR", seed=9)
    both = np.hstack([left, right])
    marks = {str(read.mark): read.box[0] for read in engine.read(both)}
    assert {"10AA019", "34ABC123"} <= set(marks)
    assert marks["10AA019"] < left.shape[1] <= marks["34ABC123"]


def test_a_plate_cut_by_the_edge_is_never_sure(engine: Recogniser) -> None:
    """A mark that runs out of the picture may go on outside: its confidence says so."""
    scene = render_scene("34ABC123", country="TR", seed=4)
    x, _, width, _ = engine.read(scene)[0].box
    for read in engine.read(np.ascontiguousarray(scene[:, : x + int(width * 0.8)])):
        assert read.confidence <= 0.5


@pytest.mark.parametrize("text", ["+994502123456", "MEGA TRANS", "24.12.2025", "MAX 80 KM"])
def test_lettering_opens_nothing(engine: Recogniser, text: str) -> None:
    """A phone number, a haulier's name, a date or a sign on a clear ground is never surely a plate."""
    road = empty_road(seed=5)
    cv2.rectangle(road, (380, 300), (900, 400), (240, 240, 240), -1)
    cv2.putText(road, text, (395, 368), cv2.FONT_HERSHEY_SIMPLEX, 1.7, (20, 20, 20), 5, cv2.LINE_AA)
    for read in engine.read(road):
        assert read.confidence < _AUTHORITY, read


def _bad_pictures() -> dict[str, Image]:
    scene = render_scene("10AA019", country="AZ", seed=4)
    half = scene.copy()
    half[360:] = 128
    return {
        "empty": np.zeros((0, 0, 3), dtype=np.uint8),
        "one row": np.zeros((1, 1280, 3), dtype=np.uint8),
        "sliver": np.full((20, 4000, 3), 200, dtype=np.uint8),
        "longer than OpenCV warps": np.full((20, 70_000, 3), 200, dtype=np.uint8),
        "black": np.zeros((720, 1280, 3), dtype=np.uint8),
        "white": np.full((720, 1280, 3), 255, dtype=np.uint8),
        "noise": np.random.default_rng(1).integers(0, 256, (720, 1280, 3), dtype=np.uint8),
        "four channels": np.zeros((720, 1280, 4), dtype=np.uint8),
        "half a picture": half,
        "64 megapixels": np.asarray(cv2.resize(scene, (9600, 6667)), dtype=np.uint8),
        "a view, not contiguous": scene[::-1, ::2],
    }  # fmt: skip


def test_bad_pictures_never_crash_it(engine: Recogniser) -> None:
    """Whatever a camera delivers, the answer is a tuple of candidates inside the picture."""
    for name, picture in _bad_pictures().items():
        for read in engine.read(picture):
            x, y, w, h = read.box
            assert 0 <= x < x + w <= picture.shape[1], name
            assert 0 <= y < y + h <= picture.shape[0], name
            assert 0 <= read.confidence <= 1, name


def test_stages_are_told(engine: Recogniser) -> None:
    """Finding, reading and decoding, in this order, for whoever measures."""
    scene = render_scene("10AA019", country="AZ", seed=4)
    with recorded() as stages:
        engine.read(scene)
    assert list(stages) == ["finding", "reading", "decoding"]


def test_it_needs_no_torch_and_no_rapidocr() -> None:
    """A box at a lane runs it with numpy, OpenCV and onnxruntime alone."""
    code = (
        "import sys; from gate.anpr.catalogue import build_recogniser; build_recogniser('gate', 1);"
        "print([name for name in ('torch', 'rapidocr', 'gate.anpr.training') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert told.stdout.strip() == "[]"
