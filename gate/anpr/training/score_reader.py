"""How well a reader net reads by itself: rendered plates by state, photographs cut at their true boxes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from gate.anpr.bench.labels import load_labels
from gate.anpr.plates.alphabet import SIGNS, STATES, to_mark
from gate.anpr.plates.strip import straighten_plate
from gate.anpr.reading import load_photo
from gate.anpr.training.reader_net import ReaderNet, greedy
from gate.anpr.training.shards import Shard, marks

_BATCH = 256
_FOLD = str.maketrans("OI", "01")


@dataclass(frozen=True, slots=True)
class Share:
    """So many right out of so many."""

    right: int
    of: int

    @property
    def percent(self) -> float:
        """0 where there was nothing to read."""
        return 100.0 * self.right / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.percent:.1f}"


@dataclass(frozen=True, slots=True)
class Photographs:
    """Labelled plates of one folder, straightened."""

    name: str
    strips: NDArray[np.uint8]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GreedyRead:
    """What the net makes of a strip by itself: signs and state as classes, and whether it is a plate."""

    signs: tuple[int, ...]
    state: int
    plate: bool


def read_strips(net: ReaderNet, strips: NDArray[np.uint8]) -> list[GreedyRead]:
    """The net's greedy read of each strip."""
    net.eval()
    reads: list[GreedyRead] = []
    with torch.inference_mode():
        for start in range(0, len(strips), _BATCH):
            signs, states, plates = net(torch.from_numpy(np.array(strips[start : start + _BATCH])))
            told = zip(greedy(signs), states.argmax(1).tolist(), (plates > 0).tolist(), strict=True)
            reads += [GreedyRead(*one) for one in told]
    return reads


def score_shard(net: ReaderNet, shard: Shard) -> dict[str, Share]:
    """Whole marks right: of "all", by state, of "one line" and "two lines"; the "state" itself right.

    Plates taken for plates are "plate", lettering not taken for one "no plate".
    """
    counts: dict[str, list[bool]] = defaultdict(list)
    for row, (read, mark) in enumerate(zip(read_strips(net, shard["strip"]), marks(shard), strict=True)):
        if not mark:
            counts["no plate"].append(not read.plate)
            continue
        right = read.signs == mark
        counts["plate"].append(read.plate)
        counts["all"].append(right)
        counts["one line" if shard["lines"][row] == 1 else "two lines"].append(right)
        counts[STATES[shard["state"][row]] or "other"].append(right)
        counts["state"].append(read.state == shard["state"][row])
    return {key: Share(sum(rights), len(rights)) for key, rights in counts.items()}


def load_photographs(folder: Path) -> Photographs:
    """The labelled plates of a folder with a labels.tsv, cut at their true boxes."""
    strips, texts = [], []
    for photograph in load_labels(folder).photographs:
        gray = np.asarray(cv2.cvtColor(load_photo(photograph.path), cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        for plate in photograph.plates:
            if plate.mark is None:
                continue
            x, y, w, h = plate.box
            corners = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], dtype=np.float32)
            strips.append(straighten_plate(gray, corners))
            texts.append(str(plate.mark))
    return Photographs(folder.name, np.array(strips, dtype=np.uint8), tuple(texts))


def score_photographs(net: ReaderNet, photographs: Photographs) -> tuple[Share, Share]:
    """Greedy reads that equal the label: exactly, and with O as 0 and I as 1."""
    reads = read_strips(net, photographs.strips)
    exact = folded = 0
    for read, label in zip(reads, photographs.marks, strict=True):
        mark = to_mark(tuple(SIGNS[index] for index in read.signs))
        exact += mark == label
        folded += mark.translate(_FOLD) == label.translate(_FOLD)
    return Share(exact, len(reads)), Share(folded, len(reads))
