"""Real road frames with labelled plates: what the finder's scenes are set in, and real plates to find."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.errors import GateError

Gray = NDArray[np.uint8]

LABELS: Final = "labels.tsv"
HELD: Final[tuple[str, ...]] = ("dayride_type1_002.mp4", "dayride_type1_003.mp4")
"""Videos that are never trained on: their plates are for scores alone."""
HELD_TAIL: Final = 0.12
"""The share of every other video's end that is held back too: two short videos are few plates, all by day."""
_PAINT = 0.18


class ScenesError(GateError):
    """The road frames cannot be used; their folder needs a labels.tsv with file, x, y, w, h a row."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A road frame, gray; its plates' boxes (n x 4: x, y, width, height); and the frame without them.

    `unsure` (m x 4 x 2) are corners of what may be plates that nobody labelled.
    """

    name: str
    gray: Gray
    boxes: NDArray[np.float32]
    bare: Gray
    unsure: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 4, 2), dtype=np.float32))


def load_photos(folder: Path, *, held: bool) -> list[Photo]:
    """The frames of the videos that are held back for scores, or all the others. ScenesError says why not."""
    path = folder / LABELS
    boxes: dict[str, list[tuple[float, ...]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                boxes.setdefault(row["file"], []).append(tuple(float(row[key]) for key in "xywh"))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ScenesError(f"{path}: {error!r}") from error
    kept = held_names(sorted(boxes))
    photos = []
    for name, found in boxes.items():
        if (name in kept) is not held:
            continue
        gray = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
        if gray is None:
            raise ScenesError(f"{folder / name}: named in {LABELS}, but no picture can be read there")
        plates = np.array(found, dtype=np.float32)
        picture = np.asarray(gray, dtype=np.uint8)
        photos.append(Photo(name, picture, plates, _paint_out(picture, plates)))
    return photos


def held_names(names: list[str]) -> set[str]:
    """Which of the frames named "video_t_second.jpg" are held back: whole videos, and the others' ends."""
    held = {name for name in names if name.startswith(HELD)}
    videos: dict[str, list[str]] = {}
    for name in names:
        if name not in held:
            videos.setdefault(name.split("_t_")[0], []).append(name)
    for frames in videos.values():
        frames.sort(key=_second)
        held.update(frames[len(frames) - round(HELD_TAIL * len(frames)) :])
    return held


def _second(name: str) -> int:
    digits = Path(name).stem.split("_t_")[-1]
    return int(digits) if digits.isdigit() else 0


def _paint_out(gray: Gray, boxes: NDArray[np.float32]) -> Gray:
    """Fill plates in from their surroundings, a little beyond their boxes: labels are a pixel or two off."""
    bare = gray.copy()
    height, width = gray.shape
    for x, y, across, down in boxes:
        left, right = int(x - _PAINT * across / 2), int(x + across * (1 + _PAINT / 2)) + 1
        top, bottom = int(y - _PAINT * down), int(y + down * (1 + _PAINT)) + 1
        pad = 12
        x0, x1 = max(0, left - pad), min(width, right + pad)
        y0, y1 = max(0, top - pad), min(height, bottom + pad)
        hole = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
        hole[max(0, top) - y0 : min(height, bottom) - y0, max(0, left) - x0 : min(width, right) - x0] = 255
        bare[y0:y1, x0:x1] = cv2.inpaint(bare[y0:y1, x0:x1], hole, 5, cv2.INPAINT_TELEA)
    return bare
