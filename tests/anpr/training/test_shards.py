"""Rendered plates in files come back as they went in, and only the newest are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.plates.alphabet import SIGNS, STATES
from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.shards import LONGEST, PLATE, Draw, Ring, load, marks, render


def _draw_of(signs: tuple[str, ...], state: str, lines: int) -> Draw:
    face = np.zeros((1, 1, 3), np.uint8)
    return lambda rng: (
        DrawnPlate(face, signs, state, lines),
        rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8),
    )


@given(
    signs=st.lists(st.sampled_from(SIGNS[1:]), min_size=0, max_size=LONGEST),
    state=st.sampled_from(STATES),
    lines=st.sampled_from((1, 2)),
)
def test_a_shard_holds_what_was_drawn(signs: list[str], state: str, lines: int) -> None:
    """Every sign, state and number of lines is told as the renderer drew it; lettering has no signs."""
    shard = render(_draw_of(tuple(signs), state, lines), 2, (1, 2))
    assert [tuple(SIGNS[index] for index in mark) for mark in marks(shard)] == [tuple(signs)] * 2
    assert STATES[int(shard["state"][1])] == state
    assert int(shard["lines"][1]) == lines


def test_a_mark_no_shard_can_hold_is_refused() -> None:
    """A plate with more signs than fit stops the rendering."""
    with pytest.raises(ValueError, match=f"{LONGEST + 1} signs"):
        render(_draw_of(("A",) * (LONGEST + 1), "AZ", 1), 1, (1,))


def test_a_ring_keeps_the_newest(tmp_path: Path) -> None:
    """Two renderers fill one folder, each keeping its newest; a run that goes on repeats no plate."""
    draw = _draw_of(("7",), "TR", 1)
    first, second = Ring(tmp_path, 2, 0), Ring(tmp_path, 2, 1)
    filling = first.fill(draw, 3, seed=5)
    early = np.array(load(next(filling)))
    next(filling)
    newest = np.array(load(next(filling)))
    next(second.fill(draw, 3, seed=5))
    assert [path.name for path in first.paths()] == [
        "shard-000000-1.npy",
        "shard-000001-0.npy",
        "shard-000002-0.npy",
    ]
    resumed = np.array(load(next(Ring(tmp_path, 2, 0).fill(draw, 3, seed=5))))
    for other in (early, newest):
        assert not np.array_equal(resumed["strip"], other["strip"])
    assert not list(tmp_path.glob("*.part"))


def test_a_shard_of_another_layout_is_refused(tmp_path: Path) -> None:
    """A file that an older version wrote is named, not misread."""
    path = tmp_path / "shard-000000-0.npy"
    np.save(path, np.zeros(3, PLATE[["signs", "state"]]))
    with pytest.raises(ValueError, match="render it again"):
        load(path)
