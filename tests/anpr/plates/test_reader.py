"""The reader's shipped weights: they read rendered plates, and what is wrong with a file is said."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gate.anpr.plates.alphabet import BLANK, SIGNS, STATES
from gate.anpr.plates.reader import READER, STEPS, WEIGHTS, PlateReader
from gate.anpr.training.shards import marks
from gate.errors import DeviceError
from tests.anpr.plates.rendered import rendered_plates

_LEAST_READ = 0.7
"""Of plates that a camera model has spoilt, some beyond reading; without any grammar."""
_LEAST_PLACED = 0.7


def _greedy(steps: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> tuple[int, ...]:
    best = [BLANK, *steps.argmax(1).tolist()]
    return tuple(now for last, now in pairwise(best) if now not in (BLANK, last))


def test_the_shipped_weights_read_rendered_plates() -> None:
    """Of 110 plates of the border's states, most marks are right to the letter, and most states."""
    shard = rendered_plates(110, seed=2027)
    read = PlateReader(WEIGHTS, 1).read(np.ascontiguousarray(shard["strip"]))
    signs, states = read.signs, read.states
    np.testing.assert_allclose(np.exp(signs).sum(2), 1.0, atol=1e-3)
    np.testing.assert_allclose(np.exp(states).sum(1), 1.0, atol=1e-3)
    right = [_greedy(steps) == mark for steps, mark in zip(signs, marks(shard), strict=True)]
    placed = states.argmax(1) == shard["state"]
    assert np.mean(right) >= _LEAST_READ
    assert np.mean(placed) >= _LEAST_PLACED
    two_lines = shard["lines"] == 2
    assert two_lines.sum() >= 5
    assert np.mean(np.array(right)[two_lines]) >= _LEAST_READ / 2


def test_no_plates_make_no_reads() -> None:
    """An empty batch is answered in shape, a picture of another size is refused."""
    reader = PlateReader(WEIGHTS, 1)
    read = reader.read(np.zeros((0, 64, 192), np.uint8))
    assert read.signs.shape == (0, STEPS, len(SIGNS))
    assert (read.states.shape, read.plate.shape) == ((0, len(STATES)), (0,))
    with pytest.raises(ValueError, match="64 x 192"):
        reader.read(np.zeros((1, 32, 128), np.uint8))


def test_an_even_strip_says_nothing() -> None:
    """Black, white and grey strips are blank throughout, finite, and told alike."""
    even = np.array([0, 255, 90], np.uint8)[:, None, None].repeat(64, 1).repeat(192, 2)
    signs = PlateReader(WEIGHTS, 1).read(even).signs
    assert np.isfinite(signs).all()
    np.testing.assert_allclose(signs[0], signs[1], atol=1e-3)
    np.testing.assert_allclose(signs[0], signs[2], atol=1e-3)


def test_weights_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """Missing, broken and foreign files are told apart, each with what to do."""
    with pytest.raises(DeviceError, match=r"reader\.onnx is missing; install gate again"):
        PlateReader(tmp_path, 1)
    (tmp_path / READER).write_bytes(b"not a net")
    with pytest.raises(DeviceError, match=r"cannot be loaded.*install gate again"):
        PlateReader(tmp_path, 1)
