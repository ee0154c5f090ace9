"""`gate anpr bench`: recognisers on labelled photographs, scored and timed."""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gate.anpr.reading import PhotoError, load_photo
from gate.anpr.recogniser import Engine, Recogniser
from gate.errors import GateError
from gate.model import PlateCandidate, normalise_mark

LABELS = "labels.tsv"
_HIT = 0.25
"""Intersection over union that counts as found: text boxes are tighter than plates."""
_FOLD = str.maketrans("OI", "01")


class BenchError(GateError):
    """The photographs cannot be used; a folder needs a labels.tsv with file, plate (or none), x, y, w, h."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One photograph and the plates in it. `mark` is None where only boxes are known."""

    path: Path
    mark: str | None
    boxes: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """One engine on one folder. Matches are of the likeliest read of each photograph, in percent.

    `exact` and `folded` (O=0, I=1) are None where the labels have no text. `found` is the share of
    labelled boxes some candidate covers. Times are of reading alone, the first photograph left out.
    """

    engine: Engine
    folder: str
    photos: int
    unusable: int
    exact: float | None
    folded: float | None
    none: int
    found: float
    median_ms: float
    p95_ms: float

    def to_json(self) -> dict[str, Any]:
        """The line `gate anpr bench --json` prints."""
        return asdict(self)


def labelled_folders(root: Path) -> list[Path]:
    """`root` itself, or the folders in it, that have a labels file."""
    if (root / LABELS).is_file():
        return [root]
    folders = sorted(path.parent for path in root.glob(f"*/{LABELS}")) if root.is_dir() else []
    if not folders:
        raise BenchError(f"{root}: no {LABELS} in it or in a folder of it; name the folder of photographs")
    return folders


def load_labels(folder: Path) -> list[Labelled]:
    """The folder's labels, a photograph with several plates once."""
    found: dict[str, tuple[str | None, list[tuple[int, int, int, int]]]] = {}
    path = folder / LABELS
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file, delimiter="\t"), start=2):
                try:
                    box = (int(row["x"]), int(row["y"]), int(row["w"]), int(row["h"]))
                    name = row["file"]
                except (KeyError, TypeError, ValueError) as error:
                    raise BenchError(
                        f"{path}:{number}: {error!r}: a row needs file, x, y, w, h (plate if known)"
                    ) from error
                mark = normalise_mark(row["plate"]) if row.get("plate") else None
                found.setdefault(name, (mark, []))[1].append(box)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BenchError(f"{path}: {error}") from error
    return [Labelled(folder / name, mark, tuple(boxes)) for name, (mark, boxes) in found.items()]


def score_folder(
    engine: Engine,
    recogniser: Recogniser,
    folder: Path,
    limit: int | None,
    advance: Callable[[], None] = lambda: None,
) -> Score:
    """Read the folder's first `limit` photographs, calling `advance` after each."""
    labels = load_labels(folder)[:limit]
    exact = folded = none = hits = boxes = unusable = texts = 0
    times: list[float] = []
    for labelled in labels:
        try:
            image = load_photo(labelled.path)
        except PhotoError:
            unusable += 1
            continue
        finally:
            advance()
        began = time.perf_counter()
        reads = recogniser.read(image)
        times.append(1000 * (time.perf_counter() - began))
        none += not reads
        boxes += len(labelled.boxes)
        hits += sum(_covered(box, reads) for box in labelled.boxes)
        if labelled.mark is not None:
            texts += 1
            mark = reads[0].mark if reads else ""
            exact += mark == labelled.mark
            folded += mark.translate(_FOLD) == labelled.mark.translate(_FOLD)
    steady = sorted(times[1:] or times) or [0.0]
    return Score(
        engine=engine,
        folder=folder.name,
        photos=len(times),
        unusable=unusable,
        exact=_percent(exact, texts) if texts else None,
        folded=_percent(folded, texts) if texts else None,
        none=none,
        found=_percent(hits, boxes),
        median_ms=round(statistics.median(steady), 1),
        p95_ms=round(steady[min(len(steady) - 1, round(0.95 * len(steady)))], 1),
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _covered(box: tuple[int, int, int, int], reads: Sequence[PlateCandidate]) -> bool:
    return any(_overlap(box, read.box) >= _HIT for read in reads)


def _overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> float:
    across = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    down = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (one[2] * one[3] + two[2] * two[3] - both)
