"""Where the bars of a day stand: plain geometry, drawn by a template. Colours are classes of the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gate.console.day_figures import KINDS, Day

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 28
_BESIDE = 0.7
"""Of an hour's width that its bar takes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A height with its value, across."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word under its hour."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template draws."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def arrivals(day: Day) -> Chart:
    """Who came each hour, stacked by what became of them."""
    top = _top(max((hour.arrivals for hour in day.hours), default=0))
    bars = []
    for at, hour in enumerate(day.hours):
        low = 0
        for kind in KINDS:
            many = hour.counts[kind]
            if many:
                bars.append(_bar(kind.lower(), day, at, low, many, top))
            low += many
    return Chart(tuple(bars), _lines(top), _marks(day))


def waiting(day: Day) -> Chart:
    """Minutes to release: the median, and behind it what nine in ten did not pass."""
    top = _top(max((hour.p90 or 0 for hour in day.hours), default=0))
    bars = []
    for at, hour in enumerate(day.hours):
        for kind, value in (("late", hour.p90), ("wait", hour.median)):
            if value is not None:
                bars.append(_bar(kind, day, at, 0, value, top))
    return Chart(tuple(bars), _lines(top), _marks(day))


def _bar(kind: str, day: Day, at: int, low: float, value: float, top: float) -> Bar:
    step, full = _step(day.hours), HEIGHT - TOP - BOTTOM
    height = value / top * full
    y = HEIGHT - BOTTOM - (low / top) * full - height
    narrow = _BESIDE * (0.6 if kind == "wait" else 1)
    x = LEFT + at * step + step * (1 - narrow) / 2
    return Bar(kind, round(x, 1), round(y, 1), round(step * narrow, 1), round(height, 1))


def _step(hours: Sequence[object]) -> float:
    return (WIDTH - LEFT - RIGHT) / len(hours)


def _lines(top: float) -> tuple[Line, ...]:
    full = HEIGHT - TOP - BOTTOM
    return tuple(
        Line(round(HEIGHT - BOTTOM - full * part / 4, 1), f"{top * part / 4:g}") for part in range(5)
    )


def _marks(day: Day) -> tuple[Mark, ...]:
    step = _step(day.hours)
    return tuple(
        Mark(round(LEFT + (at + 0.5) * step, 1), hour.label[:2]) for at, hour in enumerate(day.hours)
    )


def _top(value: float) -> float:
    """The next height whose quarters are whole: 4, 8, 12, 20, 40, 80 ..."""
    top, scale = 4.0, 1.0
    while top < value:
        for step in (4, 8, 12, 20):
            top = step * scale
            if top >= value:
                break
        scale *= 10
    return top
