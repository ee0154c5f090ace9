"""Calibrated confidence: what it is fitted to comes out, more evidence never makes less sure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.plates.calibration import (
    CALIBRATION,
    NAMES,
    Calibration,
    Evidence,
    Sureness,
    load_calibration,
)
from gate.anpr.training.fitting import fit_characters, fit_sureness
from gate.anpr.training.reliability import bins, coverage, diagram, expected_error
from gate.errors import DeviceError

NOTHING = Evidence(**dict.fromkeys(NAMES, 0.0))


def _made_up(count: int, seed: int) -> tuple[list[Evidence], np.ndarray, np.ndarray]:
    """Evidence, how likely each is right by the law behind it, and whether it was."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(count, 3)) * (3.0, 1.0, 2.0)
    chance = 1 / (1 + np.exp(-(0.8 * table[:, 0] + 1.5 * table[:, 1] + 0.5)))
    evidence = [replace(NOTHING, whole=a, fits=b, width=c) for a, b, c in table.tolist()]
    return evidence, chance, rng.random(count) < chance


def test_fitting_finds_the_law_behind_made_up_reads() -> None:
    """Reads that are right with a known probability are told to be right with that probability."""
    evidence, _, right = _made_up(6000, 1)
    known = fit_sureness(evidence, right)
    assert known.weights["whole"] == pytest.approx(0.8, abs=0.08)
    assert known.weights["fits"] == pytest.approx(1.5, abs=0.15)
    assert known.weights["width"] == pytest.approx(0, abs=0.08)
    others, chance, happened = _made_up(6000, 2)
    said = np.array([known.of(one) for one in others])
    assert np.abs(said - chance).mean() < 0.02
    assert expected_error(said, happened) < 0.02


def test_a_net_that_is_too_sure_is_held_back() -> None:
    """Characters said to be right at 0.99 of which a tenth are wrong come out at about 0.9."""
    rng = np.random.default_rng(3)
    odds = rng.normal(4, 2, size=8000)
    said = 1 / (1 + np.exp(-odds))
    right = rng.random(8000) < 1 / (1 + np.exp(-(0.5 * odds)))
    slope, shift = fit_characters(said, right)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(0, abs=0.12)


def test_evidence_that_speaks_against_is_left_out() -> None:
    """By chance of a small sample something good may go with wrong reads: it then counts for nothing."""
    evidence, _, right = _made_up(2000, 4)
    turned = [replace(one, contrast=-one.whole) for one in evidence]
    known = fit_sureness(turned, right)
    assert min(known.weights.values()) == 0
    assert known.weights["whole"] > 0.5
    with pytest.raises(ValueError, match="some wrong"):
        fit_sureness(evidence, np.ones(len(evidence), dtype=bool))


finite = st.floats(-50, 50)


@given(
    st.lists(st.floats(0, 5), min_size=len(NAMES), max_size=len(NAMES)),
    finite,
    st.lists(finite, min_size=len(NAMES), max_size=len(NAMES)),
    st.sampled_from(NAMES),
    st.floats(0, 10),
)
def test_more_evidence_never_makes_less_sure(
    weights: list[float], bias: float, values: list[float], name: str, more: float
) -> None:
    """Whatever was fitted, confidence is within 0 and 1 and grows with each kind of evidence."""
    known = Sureness(dict(zip(NAMES, weights, strict=True)), bias)
    evidence = Evidence(*values)
    better = replace(evidence, **{name: getattr(evidence, name) + more})
    assert 0 <= known.of(evidence) <= known.of(better) <= 1


def test_a_calibration_is_kept_as_it_was(tmp_path: Path) -> None:
    """Written and read again it is the same; one that is spoilt or missing is told with its file."""
    evidence, _, right = _made_up(500, 5)
    one, ones = Sureness(dict.fromkeys(NAMES, 1.0), -3.0), Sureness(dict.fromkeys(NAMES, 0.5), -1.0)
    known = Calibration(fit_sureness(evidence, right), one, ones, 0.7, -0.1)
    with pytest.raises(DeviceError, match=CALIBRATION):
        load_calibration(tmp_path)
    path = tmp_path / CALIBRATION
    path.write_text(known.to_json(), "utf-8")
    assert load_calibration(tmp_path) == known
    kept = json.loads(path.read_text("utf-8"))
    kept["first"]["weights"]["found"] = -0.5
    for spoilt in (json.dumps(kept), "{", "[]", json.dumps({"first": {}})):
        path.write_text(spoilt, "utf-8")
        with pytest.raises(DeviceError, match="no calibration"):
            load_calibration(tmp_path)


def test_what_may_be_no_plate_is_doubted_in_each_sign() -> None:
    """However sure the signs, frames that vote sign by sign must not take lettering for a plate."""
    flat = Sureness(dict.fromkeys(NAMES, 0.0), 9.0)
    known = Calibration(flat, flat, Sureness(dict.fromkeys(NAMES, 0.0) | {"plate": 1.0}, 0.0), 1.0, 0.0)
    shares = (0.99, 0.999)
    plate, lettering = replace(NOTHING, plate=9.0), replace(NOTHING, plate=-2.0)
    assert known.characters(shares, plate) == pytest.approx(shares, abs=1e-3)
    assert max(known.characters(shares, lettering)) < 0.15


def test_the_diagram_shows_what_is_off() -> None:
    """Half of what is said at 0.9 is right: the bin says so, the disc lies far below the diagonal."""
    said = np.full(400, 0.92)
    right = np.arange(400) % 2 == 0
    (one,) = bins(said, right)
    assert (one.count, one.right) == (400, 0.5)
    assert one.said == pytest.approx(0.92)
    assert expected_error(said, right) == pytest.approx(0.42)
    assert coverage(said, right, 0.9, 400) == (0.5, 0.5)
    assert coverage(said, right, 0.95, 400) == (0, 0)
    drawn = diagram(said, right, "made up")
    blue = np.argwhere((drawn[..., 0] > 120) & (drawn[..., 2] < 60))
    # Its own place: 0.92 of the side across, half of it down.
    assert abs(np.median(blue[:, 1]) - (60 + 0.92 * 420)) < 4
    assert abs(np.median(blue[:, 0]) - (60 + 0.5 * 420)) < 8
