"""Several looks at one plate: where they look, and what they say together."""

from __future__ import annotations

import numpy as np
import pytest

from gate.anpr.plates.grammar import decode
from gate.anpr.plates.looks import LOOKS, other_looks, put_together
from tests.anpr.plates.nets import Cell, net_signs, net_states

PLATE = np.array([(100, 50), (300, 60), (296, 104), (98, 92)], dtype=np.float32)


def test_other_looks_stay_about_the_plate() -> None:
    """Each is about the same middle, and none further off than a sixth of the plate."""
    looks = other_looks(PLATE)
    assert len(looks) == LOOKS - 1
    middles = np.array([look.mean(axis=0) for look in looks])
    assert np.abs(middles - PLATE.mean(axis=0)).max() < 8
    for look in looks:
        assert look.dtype == np.float32
        assert 0 < np.abs(look - PLATE).max() < 200 / 6


def test_looks_outvote_a_slip() -> None:
    """One look of three saw another digit: the mark is that of the two others, less sure than theirs."""
    right = decode(net_signs("10AA019"), net_states("AZ"))
    cells: list[Cell] = ["1", "0", "A", "A", {"6": 0.7, "0": 0.25}, "1", "9"]
    slip = decode(net_signs(cells), net_states("AZ"))
    together, agreed = put_together([slip, right, right])
    assert together.mark == "10AA019"
    assert agreed == pytest.approx(2 / 3)
    assert together.confidence < right.confidence
    assert together.characters[4] < min(together.characters[:4])
    assert "10AA619" in together.alternatives
    assert together.raw == slip.raw


def test_looks_of_different_lengths_and_of_nothing() -> None:
    """A look that saw a sign more, or none at all, costs sureness and breaks nothing."""
    right = decode(net_signs("10AA019"), net_states("AZ"))
    longer = decode(net_signs("10AA0198"), net_states())
    nothing = decode(net_signs(()), net_states())
    together, agreed = put_together([right, longer, right, nothing])
    assert (together.mark, agreed) == ("10AA019", 0.5)
    assert together.confidence == pytest.approx(right.confidence / 2, abs=0.01)
    assert put_together([nothing, nothing]) == (nothing, 0.0)
