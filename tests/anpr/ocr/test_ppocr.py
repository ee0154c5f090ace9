"""PP-OCR on rendered plates and on pictures of every bad kind. The real weights, no torch."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import numpy as np
import pytest

from gate.anpr.catalogue import build_recogniser
from gate.anpr.recogniser import Image, Recogniser
from hardware.emulators.scenes import COUNTRIES, empty_road, random_mark, render_scene


@pytest.fixture(scope="module")
def ppocr() -> Recogniser:
    """The engine, loaded once."""
    return build_recogniser("ppocr", 1)


def _right(ppocr: Recogniser, seed: int, *, night: bool = False, dirt: float = 0, blur: float = 0) -> float:
    rng = random.Random(seed)  # noqa: S311 - plates, not secrets
    right = 0
    for country in COUNTRIES * 2:
        mark = random_mark(country, rng)
        scene = render_scene(
            mark, country=country, seed=rng.randrange(10**6), night=night, dirt=dirt, blur=blur
        )
        reads = ppocr.read(scene)
        right += bool(reads) and reads[0].mark == mark
    return right / (2 * len(COUNTRIES))


def test_clean_plates_are_read(ppocr: Recogniser) -> None:
    """Clean plates of every state by day are read, all but one in twenty."""
    assert _right(ppocr, 11) >= 0.95


def test_dirty_blurred_plates_at_night_are_mostly_read(ppocr: Recogniser) -> None:
    """Night, dirt and blur together cost some reads, not most."""
    assert _right(ppocr, 12, night=True, dirt=0.4, blur=0.4) >= 0.75


def test_a_candidate_tells_where_and_what(ppocr: Recogniser) -> None:
    """Box inside the picture, country by the template, confidence within 0 and 1."""
    (read, *_) = ppocr.read(render_scene("10AA019", country="AZ", seed=4))
    assert (read.mark, read.country) == ("10AA019", "AZ")
    x, y, w, h = read.box
    assert 0 <= x < x + w <= 1280
    assert 0 <= y < y + h <= 720
    assert w > 2 * h
    assert 0.8 < read.confidence <= 1.0


def test_an_empty_road_shows_no_plate(ppocr: Recogniser) -> None:
    """Nothing there, nothing read."""
    for seed in range(4):
        assert ppocr.read(empty_road(seed=seed, night=bool(seed % 2))) == ()


def test_a_plate_cut_by_the_edge_is_never_sure(ppocr: Recogniser) -> None:
    """A mark that runs out of the picture may go on outside: its confidence says so."""
    scene = render_scene("34ABC123", country="TR", seed=4)
    x, _, width, _ = ppocr.read(scene)[0].box
    for read in ppocr.read(np.ascontiguousarray(scene[:, : x + int(width * 0.8)])):
        assert read.confidence <= 0.5


def _bad_pictures() -> dict[str, Image]:
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    scene = render_scene("10AA019", country="AZ", seed=4)
    half = scene.copy()
    half[360:] = 128
    return {
        "empty": np.zeros((0, 0, 3), dtype=np.uint8),
        "one pixel": np.zeros((1, 1, 3), dtype=np.uint8),
        "one row": np.zeros((1, 1280, 3), dtype=np.uint8),
        "sliver": np.full((20, 4000, 3), 200, dtype=np.uint8),
        "black": np.zeros((720, 1280, 3), dtype=np.uint8),
        "white": np.full((720, 1280, 3), 255, dtype=np.uint8),
        "noise": noise,
        "gray": np.zeros((720, 1280), dtype=np.uint8),
        "four channels": np.zeros((720, 1280, 4), dtype=np.uint8),
        "half a picture": half,
        "huge": np.full((6000, 8000, 3), 90, dtype=np.uint8),
        "too huge": np.broadcast_to(np.zeros((1, 1, 3), dtype=np.uint8), (30_000, 30_000, 3)),
        "a view, not contiguous": scene[::-1, ::2],
    }


def test_bad_pictures_never_crash_it(ppocr: Recogniser) -> None:
    """Whatever a camera delivers, the answer is a tuple of candidates inside the picture."""
    for name, picture in _bad_pictures().items():
        for read in ppocr.read(picture):
            x, y, w, h = read.box
            assert x + w <= picture.shape[1], name
            assert y + h <= picture.shape[0], name


def test_it_is_quick_enough_for_a_lane(ppocr: Recogniser) -> None:
    """A 1280 x 720 frame on one thread is read in a fraction of a second even on a busy machine."""
    scene = render_scene("10AA019", country="AZ", seed=4)
    times = []
    for _ in range(5):
        began = time.process_time()
        ppocr.read(scene)
        times.append(time.process_time() - began)
    assert min(times) < 0.5


def test_no_torch_and_no_noise() -> None:
    """A process that reads with PP-OCR has imported neither torch nor rapidocr, and printed nothing."""
    code = (
        "import sys, numpy, gate.anpr.process.worker, gate.anpr.process.supervisor, gate.anpr.cli\n"
        "from gate.anpr.catalogue import build_recogniser\n"
        "build_recogniser('ppocr', 1).read(numpy.zeros((720, 1280, 3), numpy.uint8))\n"
        "sys.exit(sum(name in sys.modules for name in ('torch', 'easyocr', 'rapidocr', 'requests')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
