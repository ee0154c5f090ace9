"""Rows of a look turned into what stands on one plate: signs drawn by chance, and what is between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from gate.anpr.plates.alphabet import PERSIAN_DIGITS
from gate.anpr.training.look import LATIN, Look

Kind = Literal["sign", "gap", "dash", "dot", "crest", "line", "emblem", "flag"]
_BETWEEN: Final[dict[str, Kind]] = {
    "-": "dash",
    ".": "dot",
    "*": "crest",
    "|": "line",
    "=": "emblem",
    "~": "flag",
}
_DIGITS: Final = "0123456789"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sign, or what stands between signs. `small` pieces are lower than the rest of their row."""

    kind: Kind
    sign: str = ""
    small: bool = False
    wide: bool = False


def draw_rows(look: Look, rng: np.random.Generator) -> list[list[Piece]]:
    """Every row's pieces; no group of digits is all zeros (no state issues one)."""
    region = look.regions[int(rng.integers(len(look.regions)))] if look.regions else ""
    return [_row(row, look, region, rng) for row in look.rows]


def strange_rows(rng: np.random.Generator) -> tuple[str, ...]:
    """Rows of a plate of no state: four to nine letters and digits in groups, one line or two."""
    count = int(rng.integers(4, 10))
    share = rng.choice((0.3, 0.5, 0.8))
    signs = "".join("D" if rng.random() < share else "L" for _ in range(count))
    if rng.random() < 0.2:  # a fifth on two lines
        at = int(rng.integers(2, count - 1))
        return signs[:at], signs[at:]
    for _ in range(int(rng.integers(0, 3))):
        at = int(rng.integers(1, len(signs)))
        signs = signs[:at] + str(rng.choice((" ", "-", ".", "*", " "))) + signs[at:]
    return (signs,)


def _row(row: str, look: Look, region: str, rng: np.random.Generator) -> list[Piece]:
    pieces: list[Piece] = []
    small = False
    for group in _groups(row):
        match group[0]:
            case "^" | "v":
                small = group == "^"
            case " " | "_":
                pieces.append(Piece("gap", small=small, wide=group == "_"))
            case "D" | "P":
                pieces += [Piece("sign", sign, small) for sign in _digits(group, rng)]
            case "L":
                letters = [look.letters[int(rng.integers(len(look.letters)))] for _ in group]
                pieces += [Piece("sign", sign, small) for sign in letters]
            case "K":
                pieces.append(Piece("sign", look.persian[int(rng.integers(len(look.persian)))], small))
            case "R":
                pieces += [Piece("sign", sign, small) for sign in region]
            case between if between in _BETWEEN:
                pieces.append(Piece(_BETWEEN[between], small=small))
            case literal if literal in LATIN or literal in _DIGITS:
                pieces.append(Piece("sign", literal, small))
            case unknown:
                raise ValueError(f"{look.state}: a row of a plate has no {unknown!r}: {row}")
    return pieces


def _groups(row: str) -> list[str]:
    """Runs of D, P and L together, everything else one by one."""
    groups: list[str] = []
    for char in row:
        if groups and char in "DPL" and groups[-1][0] == char:
            groups[-1] += char
        else:
            groups.append(char)
    return groups


def _digits(group: str, rng: np.random.Generator) -> str:
    most = 10 ** len(group)
    number = f"{int(rng.integers(1 if len(group) > 1 else 0, most)):0{len(group)}d}"
    return number if group[0] == "D" else "".join(PERSIAN_DIGITS[int(digit)] for digit in number)
