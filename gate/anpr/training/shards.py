"""Rendered plates in files: renderers fill a ring of them while a trainer learns from what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import BLANK, SIGNS, STATES
from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.anpr.training.drawn import DrawnPlate

LONGEST: Final = 12
"""Signs of a mark, at most."""
PLATE: Final = np.dtype([
    ("strip", np.uint8, (HEIGHT, WIDTH)),
    ("signs", np.uint8, (LONGEST,)),
    ("state", np.uint8),
    ("lines", np.uint8),
])  # fmt: skip
"""One row of a shard: the strip, its signs' classes (BLANK where the mark has ended), its state's class.

Without any sign it is no plate.
"""
Shard = NDArray[np.void]

_SIGN: Final = {sign: index for index, sign in enumerate(SIGNS)}
_STATE: Final = {state: index for index, state in enumerate(STATES)}

Draw = Callable[[np.random.Generator], tuple[DrawnPlate, NDArray[np.uint8]]]
"""A drawn plate, and HEIGHT x WIDTH of what a camera made of it."""


def render(draw: Draw, plates: int, seed: tuple[int, ...]) -> Shard:
    """`plates` plates, the same for the same seed. ValueError for a plate that no shard can hold."""
    rng = np.random.default_rng(seed)
    shard = np.zeros(plates, PLATE)
    for row in range(plates):
        drawn, strip = draw(rng)
        if len(drawn.signs) > LONGEST:
            raise ValueError(f"a mark of {len(drawn.signs)} signs; a shard holds {LONGEST} at most")
        shard["strip"][row] = strip
        shard["signs"][row, : len(drawn.signs)] = [_SIGN[sign] for sign in drawn.signs]
        shard["state"][row] = _STATE[drawn.state]
        shard["lines"][row] = drawn.lines
    return shard


def marks(shard: Shard) -> list[tuple[int, ...]]:
    """The classes of each row's signs."""
    return [tuple(row[row != BLANK].tolist()) for row in shard["signs"]]


class Ring:
    """A folder with each renderer's newest `keep` shards. One renderer a `lane`, any number of readers."""

    def __init__(self, folder: Path, keep: int, lane: int = 0) -> None:
        self._folder, self._keep, self._lane = folder, keep, lane
        folder.mkdir(parents=True, exist_ok=True)

    def paths(self) -> list[Path]:
        """Of every lane, the oldest first."""
        return sorted(self._folder.glob("shard-*.npy"), key=_age)

    def add(self, shard: Shard) -> Path:
        """Put a shard in, and take out this lane's oldest beyond `keep`. Readers never see half a file."""
        mine = [path for path in self.paths() if _lane(path) == self._lane]
        number = _age(mine[-1])[0] + 1 if mine else 0
        path = self._folder / f"shard-{number:06d}-{self._lane}.npy"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, shard)
        part.replace(path)
        for old in [*mine, path][: -self._keep]:
            old.unlink()
        return path

    def fill(self, draw: Draw, plates: int, seed: int) -> Iterator[Path]:
        """Render for ever, a shard of new plates each time: a run that goes on sees none of the old again."""
        mine = [_age(path)[0] for path in self.paths() if _lane(path) == self._lane]
        for number in count(max(mine, default=-1) + 1):
            yield self.add(render(draw, plates, (seed, self._lane, number)))


def load(path: Path) -> Shard:
    """A shard's rows, mapped rather than copied. ValueError for a file of another layout."""
    shard = np.load(path, mmap_mode="r", allow_pickle=False)
    if shard.dtype != PLATE:
        raise ValueError(f"{path}: not a shard of this version; render it again")
    return np.asarray(shard)


def _age(path: Path) -> tuple[int, int]:
    return int(path.stem.split("-")[1]), _lane(path)


def _lane(path: Path) -> int:
    return int(path.stem.split("-")[2])
