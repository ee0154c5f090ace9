"""Reads of which a calibration is made, and such of which none can be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.anpr.plates.calibration import NAMES, Evidence
from gate.anpr.training.calibrate import CalibrationError, fit
from gate.anpr.training.judged import Judged

_EVIDENCE = Evidence(**dict.fromkeys(NAMES, 0.0))


def _read(mark: str, label: str, whole: float) -> Judged:
    evidence = replace(_EVIDENCE, whole=whole, plate=whole)
    return Judged(
        "vehicle", False, label, mark, evidence, evidence, mark, ((0.9, mark == label), (0.4, label == ""))
    )


def test_nets_that_read_nothing_are_sent_back_to_training() -> None:
    """Two minutes of training read no plate: what is missing is said, and how to go on."""
    with pytest.raises(CalibrationError, match=r"2 of them of plates, 0 right.*train the nets longer"):
        fit([_read("1A", "10AA019", 1.0), _read("B", "10BB019", 0.5), _read("TIR", "", 0.1)])


def test_lettering_makes_no_sign_less_sure() -> None:
    """Signs are calibrated on plates alone: as much lettering again changes nothing for them."""
    plates = [_read("10AA019", "10AA019", 3.0), _read("10AA018", "10AA019", 1.0)] * 20
    lettering = [_read("TIR", "", -1.0), _read("MAN", "", 0.0)]
    few, many = fit(plates + lettering), fit(plates + 30 * lettering)
    assert (few.slope, few.shift) == (many.slope, many.shift)
    assert few.plate.of(_EVIDENCE) > many.plate.of(_EVIDENCE)
