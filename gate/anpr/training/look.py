"""How one kind of plate looks: the words in which states' plates are described here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]
"""Blue, green, red."""

WHITE: Final[Colour] = (240, 242, 240)
YELLOW: Final[Colour] = (40, 200, 245)
BLACK: Final[Colour] = (22, 22, 24)
EU_BLUE: Final[Colour] = (150, 60, 10)
RED: Final[Colour] = (40, 30, 190)
GREEN: Final[Colour] = (60, 130, 20)

LATIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TWINS: Final = "ABEKMHOPCTYX"
"""Letters that Cyrillic and Latin share."""


@dataclass(frozen=True, slots=True)
class Band:
    """A coloured field along one side. `text` is printed small in it, on two lines
    around a `/`; `stripes` are a flag's colours.
    """

    share: float
    """Of the plate's width (left, right) or height (top)."""
    colour: Colour
    text: str = ""
    ink: Colour = (245, 245, 245)
    stripes: tuple[Colour, ...] = ()
    stars: bool = False
    crest: bool = False
    """A coat of arms above the letters, where later plates have the stars."""
    fixed: bool = False
    """Whether `text` alone stands in a band at the top, with the flag beside it; towns' names otherwise."""
    code: str = ""
    """Small letters in the corner beneath a band at the top, and a printed code above them."""


@dataclass(frozen=True, slots=True)
class Look:
    """One kind of plate of one state.

    `rows` are the lines, each written in: `D` a digit, `L` one of `letters`, `P` a Persian digit, `K` one of
    `persian`, `R` the whole of a region number, other capitals and digits themselves, `-` a dash, `.` a dot,
    ` ` a gap, `_` a wide gap, `*` a crest or stickers, `|` a line from edge to edge, `^` and `v` smaller
    and full-sized signs from here on, `=` an emblem as wide as a sign, `~` a flag over the state's letters.
    `size` is in millimetres, `high` how high signs are, as a share of their row.
    """

    state: str
    rows: tuple[str, ...]
    weight: float = 1.0
    size: tuple[int, int] = (520, 112)
    style: str = "din"
    letters: str = LATIN
    persian: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    ground: tuple[Colour, ...] = (WHITE,)
    ink: tuple[Colour, ...] = (BLACK,)
    border: float = 0.7
    """Share of plates with a line around them."""
    left: Band | None = None
    right: Band | None = None
    top: Band | None = None
    high: tuple[float, float] = (0.64, 0.74)
    small: float = 0.75
    """Height of signs after `^` as a share of the others."""
    footed: bool = False
    """Whether smaller signs stand on the foot of the larger ones, rather than at half height."""
    beneath: str = ""
    """Small print under what stands after the last `|`."""
    over: bool = False
    """Whether the state's name stands in Persian over what comes after the last `|`."""
    flag: tuple[Colour, ...] = ()
    """Stripes of the flag that `~` shows."""
    decorated: bool = False
    """Pictures and lettering as American states have them."""


def numbers(first: int, last: int, digits: int = 2) -> tuple[str, ...]:
    """Region numbers from `first` to `last`, filled up with zeros."""
    return tuple(f"{number:0{digits}d}" for number in range(first, last + 1))
