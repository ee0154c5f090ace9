"""Reads with what speaks for them, and whether they were right: what the calibration is fitted on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np

from gate.anpr.boxes import overlap
from gate.anpr.plates.alphabet import to_mark
from gate.anpr.plates.calibration import Evidence
from gate.anpr.plates.engine import look_again, look_at
from gate.anpr.plates.finder import PlateFinder
from gate.anpr.plates.reader import PlateReader
from gate.anpr.plates.strip import Gray
from gate.anpr.training.camera import taken
from gate.anpr.training.faces import Faces
from gate.anpr.training.painted import PaintedLettering
from gate.anpr.training.plate import draw_plate
from gate.anpr.training.scenes_photos import ScenesError, load_photos

Box = tuple[float, float, float, float]
"""x, y, width, height."""

_SAME = 0.3
"""Overlap (intersection over union) from which a find is a labelled plate: labels are loose."""
_MOST_FOUND = 5
_LETTERING = 0.3
"""Of the rendered frames, how many bear lettering instead of a plate."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture whose plates are known, `real` or rendered. `unread` are plates whose mark nobody could tell.

    `group` names what is not independent: frames of one video, of one vehicle.
    """

    gray: Gray
    plates: tuple[tuple[str, Box], ...]
    unread: tuple[Box, ...]
    group: str
    real: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One read, after one look and after several. `label` is empty where there is no plate at all."""

    group: str
    real: bool
    label: str
    mark: str
    first: Evidence
    again: Evidence
    again_mark: str
    characters: tuple[tuple[float, bool], ...]
    """After one look: each character's probability as the grammar has it, and whether it was right."""

    @property
    def first_right(self) -> bool:
        """Of one look."""
        return self.mark == self.label

    @property
    def again_right(self) -> bool:
        """Of several."""
        return self.again_mark == self.label


def judge(picture: Labelled, finder: PlateFinder, reader: PlateReader) -> Iterator[Judged]:
    """Every plate found in the picture that is labelled, or that is none."""
    for seen in look_at(reader, picture.gray, finder.find(picture.gray)[:_MOST_FOUND]):
        low, high = seen.found.corners.min(axis=0), seen.found.corners.max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        if not seen.decoded.mark or any(overlap(box, other) > 0 for other in picture.unread):
            continue
        label = next((mark for mark, other in picture.plates if overlap(box, other) > _SAME), "")
        if not label and any(overlap(box, other) > 0 for _, other in picture.plates):
            continue
        again = look_again(reader, picture.gray, seen)
        yield Judged(
            picture.group, picture.real, label, seen.decoded.mark, seen.evidence, again.evidence,
            again.decoded.mark,
            tuple(zip(seen.decoded.characters, right_characters(seen.decoded.mark, label), strict=True)),
        )  # fmt: skip


def right_characters(mark: str, label: str) -> tuple[bool, ...]:
    """For each character of `mark`, whether it stands in `label` in its place."""
    right = [False] * len(mark)
    for start, _, size in SequenceMatcher(None, mark, label, autojunk=False).get_matching_blocks():
        right[start : start + size] = [True] * size
    return tuple(right)


def photographs(folder: Path, marks: Path) -> Iterator[Labelled]:
    """The frames of `folder`; `marks` says what stands on the plates that can be read (file, plate, box).

    The folder's own labels.tsv has the boxes of all plates. ScenesError says which file is not so.
    """
    boxes = _rows(folder / "labels.tsv")
    read = _rows(marks)
    for name, rows in boxes.items():
        gray = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
        if gray is None:
            raise ScenesError(f"{folder / name}: named in labels.tsv, but no picture can be read there")
        known = tuple((mark, box) for mark, box in read.get(name, ()) if mark)
        unread = tuple(box for _, box in rows if not any(box == other for _, other in known))
        # A vehicle is in many frames of its video: they must not be told from themselves.
        group = known[0][0] if known else name.split("_t_")[0]
        yield Labelled(np.asarray(gray, dtype=np.uint8), known, unread, group, real=True)


def _rows(path: Path) -> dict[str, list[tuple[str, Box]]]:
    rows: dict[str, list[tuple[str, Box]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                box = (float(row["x"]), float(row["y"]), float(row["w"]), float(row["h"]))
                rows.setdefault(row["file"], []).append((row.get("plate") or "", box))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ScenesError(f"{path}: {error!r}") from error
    return rows


def rendered(
    scenes: Path, faces: Faces, painted: PaintedLettering, count: int, rng: np.random.Generator
) -> Iterator[Labelled]:
    """`count` road frames whose plates are painted out, a rendered one set in somewhere: or lettering."""
    frames = load_photos(scenes, held=False)
    for number in range(count):
        is_plate = rng.random() >= _LETTERING
        drawn = draw_plate(faces, rng) if is_plate else painted.posed(rng)[0]
        tile, view, _ = taken(drawn, rng)
        frame = frames[int(rng.integers(len(frames)))].bare.copy()
        height, width = frame.shape
        tile = tile[:height, :width]
        top = int(rng.integers(0, height - tile.shape[0] + 1))
        left = int(rng.integers(0, width - tile.shape[1] + 1))
        frame[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
        corners = view.corners + np.array((left, top), dtype=np.float32)
        low, high = corners.min(axis=0), corners.max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        plates = ((to_mark(drawn.signs), box),) if is_plate else ()
        yield Labelled(frame, plates, (), f"rendered {number}", real=False)
