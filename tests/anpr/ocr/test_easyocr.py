"""EasyOCR for real, with the gate's own net for recognition: torch on the processor."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

import gate.anpr.ocr.easyocr_network as network
from gate.anpr.ocr.easyocr_engine import NETWORK, EasyOcr, mark_of
from gate.anpr.plates.alphabet import BLANK, SIGNS, to_mark
from gate.anpr.plates.reader import WEIGHTS, PlateReader
from hardware.emulators.scenes import render_scene
from tests.anpr.plates.rendered import rendered_plates


@pytest.fixture(scope="module")
def engine() -> EasyOcr:
    """Loaded once: it takes seconds."""
    return EasyOcr(1)


def test_it_reads_a_plate_and_survives_bad_pictures(engine: EasyOcr) -> None:
    """A rendered vehicle's plate is found and read in a whole frame; what shows nothing gives nothing."""
    (read, *_) = engine.read(render_scene("34HKE472", country="TR", seed=7))
    assert (read.mark, read.country) == ("34HKE472", "TR")
    assert 0.0 < read.confidence <= 1.0
    assert len(read.corners) == 4
    for shape in ((1, 1, 3), (16, 900, 3), (0, 0, 3), (64, 64, 3), (64, 64), (16, 40_000, 3)):
        assert engine.read(np.zeros(shape, dtype=np.uint8)) == ()
        assert engine.read(np.full(shape, 255, dtype=np.uint8)) == ()


def test_both_run_times_read_the_same(engine: EasyOcr) -> None:
    """Of every rendered plate torch behind EasyOCR writes the very text that onnxruntime's greedy read is."""
    strips = np.ascontiguousarray(rendered_plates(22, seed=6)["strip"])
    signs = PlateReader(WEIGHTS, 1).read(strips).signs
    texts = [mark_of(engine.read_strip(strip)[0]) for strip in strips]
    assert texts == [_greedy(steps) for steps in signs]
    assert len(set(texts)) > 15


def test_its_network_lists_the_readers_signs() -> None:
    """EasyOCR's list of characters has one letter for each of the net's classes, in their order."""
    described = YAML(typ="safe").load(Path(network.__path__[0]) / f"{NETWORK}.yaml")
    letters = described["character_list"]
    assert [letter if len(sign) == 1 else sign for letter, sign in zip(letters, SIGNS[1:], strict=True)] == [
        *SIGNS[1:]
    ]
    assert len(set(letters)) == len(letters)


def _greedy(steps: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> str:
    best = [BLANK, *steps.argmax(1).tolist()]
    told = [now for last, now in pairwise(best) if now not in (BLANK, last)]
    return to_mark(tuple(SIGNS[index] for index in told))
