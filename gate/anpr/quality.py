"""How well a camera shows plates: sharpness, contrast, what is burnt out, what is dark."""

from __future__ import annotations

from collections import deque
from dataclasses import astuple, dataclass
from statistics import median

REMEMBERED = 20
"""Vehicles; one dirty lorry is one measurement, however many of its frames were read."""
FEWEST = 5
"""Vehicles before anything is said."""


@dataclass(frozen=True, slots=True)
class Quality:
    """One frame, or the median of many; shares and levels as 0..1.

    `sharpness` is a thin stroke's width over the smear of its edges (gate.anpr.frame_quality): about 1 where
    strokes have edges, under 0.4 where they run together. `contrast` is from the plate's dark to its light,
    1 is black on white; `burnt` the share of the plate that is pure white. Those three are None without a
    plate. `dark` and `clipped` are the shares of the picture that are nearly black and nearly white.
    """

    sharpness: float | None
    contrast: float | None
    burnt: float | None
    dark: float
    clipped: float


class Qualities:
    """The last vehicles' before one camera."""

    def __init__(self) -> None:
        self._last: deque[Quality] = deque(maxlen=REMEMBERED)

    def add(self, quality: Quality) -> None:
        """One vehicle's, by its best frame."""
        self._last.append(quality)

    @property
    def usual(self) -> Quality | None:
        """Each figure's median; None of too few vehicles."""
        if len(self._last) < FEWEST:
            return None
        columns = zip(*map(astuple, self._last), strict=True)
        sharpness, contrast, burnt, dark, clipped = (_median(column) for column in columns)
        return Quality(sharpness, contrast, burnt, dark or 0.0, clipped or 0.0)


def _median(figures: tuple[float | None, ...]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return median(known) if len(known) >= FEWEST else None
