"""How sure a read may say it is: what speaks for it, and how often reads with as much for them were right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from gate.errors import DeviceError

CALIBRATION: Final = "calibration.json"
"""Beside the nets whose word it weighs: others want it fitted again."""
_SURE: Final = 1e-6
"""The net's probabilities are told apart up to one in a million of doubt."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a mark. Of each the more the better; none is a probability yet."""

    whole: float
    """Log-odds of the mark as the grammar has it."""
    least: float
    """Log-odds of its least sure character."""
    margin: float
    """Natural logarithm of how many times likelier it is than the next mark."""
    fits: float
    """1 where a state writes marks so, else 0."""
    state: float
    """Probability of that state by the net's own word."""
    as_read: float
    """1 where the net by itself read the same, else 0."""
    found: float
    """Log-odds that a plate is there at all, as the finder has it."""
    plate: float
    """The same as the reader has it: a plate, rather than lettering that is none."""
    width: float
    """Binary logarithm of the plate's width in the picture, in pixels, up to the strip's own."""
    contrast: float
    """Standard deviation of the strip's gray, of 255."""
    agreed: float
    """Share of the looks at it that saw the same mark; 1 where one look was enough."""


NAMES: Final = tuple(field.name for field in fields(Evidence))


def log_odds(probability: float) -> float:
    """Of a probability, kept finite."""
    kept = min(max(probability, _SURE), 1 - _SURE)
    return float(np.log(kept / (1 - kept)))


@dataclass(frozen=True, slots=True)
class Sureness:
    """A logistic curve over evidence. `weights` by name, none below 0: more evidence makes no less sure."""

    weights: dict[str, float]
    bias: float

    def of(self, evidence: Evidence) -> float:
        """Probability that the whole mark is right."""
        total = self.bias + sum(
            self.weights[name] * value for name, value in zip(NAMES, astuple(evidence), strict=True)
        )
        return _logistic(total)


@dataclass(frozen=True, slots=True)
class Calibration:
    """From evidence to how often it holds.

    Whole marks: `first` for plates looked at once, `again` for several looks.
    """

    first: Sureness
    again: Sureness
    plate: Sureness
    """That there is a plate at all, and no lettering."""
    slope: float
    """Of a character's log-odds, 0 or more; with `shift` they make its probability, given a plate."""
    shift: float

    def mark(self, evidence: Evidence, *, looks: int) -> float:
        """Probability that the whole mark is right, 0..1; never above what the grammar itself gives the mark.

        However well a plate is seen, one sign that may as well be another is a doubt about the mark.
        """
        return min((self.first if looks == 1 else self.again).of(evidence), _logistic(evidence.whole))

    def characters(self, probabilities: Sequence[float], evidence: Evidence) -> list[float]:
        """Probability of each character to be right, that there is a plate included, from the grammar's."""
        plate = self.plate.of(evidence)
        return [plate * _logistic(self.slope * log_odds(one) + self.shift) for one in probabilities]

    def to_json(self) -> str:
        """As it is kept beside the weights."""
        whole = {
            "first": asdict(self.first),
            "again": asdict(self.again),
            "plate": asdict(self.plate),
            "characters": {"slope": self.slope, "shift": self.shift},
        }
        return json.dumps(whole, indent=2) + "\n"


def load_calibration(weights: Path) -> Calibration:
    """What is kept in the folder `weights`. DeviceError says what is wrong with it."""
    path = weights / CALIBRATION
    try:
        whole = json.loads(path.read_text("utf-8"))
        return Calibration(
            _sureness(whole["first"]),
            _sureness(whole["again"]),
            _sureness(whole["plate"]),
            _not_below_zero(whole["characters"]["slope"]),
            float(whole["characters"]["shift"]),
        )
    except OSError as error:
        raise DeviceError(
            f"plate reading: {path} cannot be read: {error.strerror}; install gate again"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise DeviceError(
            f"plate reading: {path} is no calibration: {error!r}; install gate again,"
            " or fit it: python -m gate.anpr.training"
        ) from error


def _sureness(kept: Any) -> Sureness:
    return Sureness({name: _not_below_zero(kept["weights"][name]) for name in NAMES}, float(kept["bias"]))


def _not_below_zero(value: Any) -> float:
    if not float(value) >= 0:
        raise ValueError(f"{value} is below 0: more evidence would make less sure")
    return float(value)


def _logistic(total: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(total, -40.0, 40.0))))
