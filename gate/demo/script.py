"""The scripts: what each vehicle does, and how its visit must end."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gate.model import Corridor

MarkMaker = Callable[[random.Random], tuple[str, str]]
"""Draws (country, registration mark)."""


class Kind(StrEnum):
    """What comes to the border."""

    PLAIN = "plain"
    """One declaration, the plate is read."""
    GROUPAGE = "groupage"
    """Several declarations on one vehicle: the strictest sets the lane."""
    UNREAD = "unread-plate"
    """A covered plate; the driver types the number; an officer confirms by sight (8.0.1)."""
    WRONG_LANE = "wrong-lane"
    """Drives into a lane of another corridor first."""
    BAGGAGE = "baggage"
    """A carrier types the number at the attended terminal (8.0.2)."""
    BAGGAGE_BY_OFFICER = "baggage-by-officer"
    """An officer enters the number at the carrier's request (8.0.2)."""
    UNKNOWN = "unknown-plate"
    """Nothing declared: held, then sent to the general lane by an officer."""
    LATE = "late-declaration"
    """Declared 20 minutes before (2.2): held, then turned back."""
    TRANSIT = "transit"
    """Outside the Rules by central's category (2.1): referred."""
    TURNS_ROUND = "turns-round"
    """Directed to RED, leaves by the exit, comes back: alarm, then held."""
    DEPARTURE = "departure"
    """Leaves the country by the exit lane."""


@dataclass(frozen=True, slots=True)
class Script:
    """One visit's script. `corridor` is what the strictest verdict must say, where one is opened."""

    number: int
    kind: Kind
    corridor: Corridor | None
    mark: str
    country: str
    night: bool
    dirt: float
    blur: float
    seed: int

    @property
    def expected(self) -> str:
        """How the visit must end: an outcome of `Ending`."""
        match self.kind:
            case Kind.UNKNOWN | Kind.TRANSIT:
                return "REFERRED"
            case Kind.LATE | Kind.TURNS_ROUND:
                return "TURNED_BACK"
            case Kind.DEPARTURE:
                return "DEPARTED"
            case _:
                return "RELEASED"


_WEIGHTS = {
    Kind.PLAIN: 50,
    Kind.GROUPAGE: 7,
    Kind.UNREAD: 6,
    Kind.WRONG_LANE: 4,
    Kind.BAGGAGE: 8,
    Kind.BAGGAGE_BY_OFFICER: 3,
    Kind.UNKNOWN: 5,
    Kind.LATE: 4,
    Kind.TRANSIT: 4,
    Kind.TURNS_ROUND: 3,
    Kind.DEPARTURE: 8,
}
_CORRIDOR_WEIGHTS = {Corridor.GREEN: 50, Corridor.BLUE: 12, Corridor.YELLOW: 22, Corridor.RED: 16}
_NO_CORRIDOR = (Kind.UNKNOWN, Kind.TRANSIT, Kind.LATE, Kind.DEPARTURE)
_FIRST = (
    (Kind.PLAIN, Corridor.GREEN),
    (Kind.PLAIN, Corridor.RED),
    (Kind.PLAIN, Corridor.BLUE),
    (Kind.PLAIN, Corridor.YELLOW),
    *((kind, None) for kind in Kind if kind is not Kind.PLAIN),
)
"""So that even a short run shows every corridor and every kind."""


NIGHT_SHARE = 0.3


class Scripts:
    """Writes scripts, the same for the same seed."""

    def __init__(self, rng: random.Random, make_mark: MarkMaker) -> None:
        self._rng = rng
        self._make_mark = make_mark
        self._number = 0
        self._marks: set[str] = set()

    def next(self) -> Script:
        """Write the next visit's script."""
        self._number += 1
        rng = self._rng
        kind, corridor = self._what()
        country, mark = self._fresh_mark()
        hidden = kind is Kind.UNREAD
        return Script(
            self._number,
            kind,
            corridor,
            mark,
            country,
            night=rng.random() < NIGHT_SHARE,
            dirt=1.0 if hidden else rng.random() ** 3 * 0.5,
            blur=1.0 if hidden else rng.random() ** 3 * 0.4,
            seed=rng.randrange(1 << 30),
        )

    def _what(self) -> tuple[Kind, Corridor | None]:
        rng = self._rng
        if self._number <= len(_FIRST):
            kind, corridor = _FIRST[self._number - 1]
        else:
            (kind,) = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
            corridor = None
        if kind in _NO_CORRIDOR:
            return kind, None
        if kind is Kind.TURNS_ROUND:
            return kind, Corridor.RED
        if corridor is None:
            (corridor,) = rng.choices(list(_CORRIDOR_WEIGHTS), list(_CORRIDOR_WEIGHTS.values()))
        return kind, corridor

    def _fresh_mark(self) -> tuple[str, str]:
        while True:
            country, mark = self._make_mark(self._rng)
            if mark not in self._marks:
                self._marks.add(mark)
                return country, mark
