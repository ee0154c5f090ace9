"""Lettering that is no plate, as the reader is shown it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.anpr.training.painted import PaintedLettering, filled
from gate.anpr.training.scenes_lettering import Lettering


def test_it_is_photographed_as_plates_are_and_says_that_it_is_none() -> None:
    """Strips of a plate's size, with something on them, without signs; the same for the same generator."""
    painted = PaintedLettering(Lettering([]))
    rng, again = np.random.default_rng(4), np.random.default_rng(4)
    for _ in range(12):
        drawn, strip = painted(rng)
        assert (drawn.signs, drawn.state) == ((), "")
        assert strip.shape == (HEIGHT, WIDTH)
        assert strip.std() > 1
        assert np.array_equal(strip, painted(again)[1])


@given(st.sampled_from(["TEL DDD DD DD", "LLLU DDDDDD D", "TARE DDDD", "DDG"]), st.integers(0, 99))
def test_digits_and_letters_fill_a_pattern_and_words_stay(pattern: str, seed: int) -> None:
    """A pattern keeps its length, its words and its separators."""
    text = filled(pattern, np.random.default_rng(seed))
    assert len(text) == len(pattern)
    for sign, drawn in zip(pattern, text, strict=True):
        if sign == "D":
            assert drawn.isdigit()
    if pattern.startswith(("TEL", "TARE")):
        assert text.split()[0] == pattern.split(maxsplit=1)[0]
