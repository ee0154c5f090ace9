"""The cases that failed, each with its part of the photograph, to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import cv2
import numpy as np

from gate.anpr.bench.cases import Case, Failure
from gate.anpr.bench.labels import Box
from gate.anpr.bench.marks import align, fold
from gate.anpr.bench.running import FolderRun, Run
from gate.anpr.reading import load_photo
from gate.anpr.recogniser import Engine, Image

WIDTH = 340
"""Pixels of a crop on the sheet."""
_TALLEST = 200
_NARROWEST = 90
_MOST_ENLARGED = 4.0
_LABELLED = (80, 200, 60)
_READ = (40, 140, 255)
_ORDER: tuple[Failure, ...] = get_args(Failure)


@dataclass(frozen=True, slots=True)
class Sign:
    """One place of label and read: "" where one has no sign. `confidence` is the read sign's, if told."""

    label: str
    read: str
    confidence: float | None

    @property
    def differs(self) -> bool:
        """Whether the read is wrong here, folded."""
        return fold(self.label) != fold(self.read)


@dataclass(frozen=True, slots=True)
class Failed:
    """One failure. `crop` is BGR, the label's box green and the read's orange; `read_crop` shows where
    the read came from when that is elsewhere. `signs` are empty where label or read are.
    """

    engine: Engine
    folder: str
    failure: Failure
    case: Case
    signs: tuple[Sign, ...]
    crop: Image
    read_crop: Image | None


def failures_of(runs: Iterable[Run], accept: float) -> Iterator[Failed]:
    """Every failure at the threshold, in the order of its harm; of the same harm the surest read first."""
    found = [
        (failure, run.engine, folder, case)
        for run in runs
        for folder in run.folders
        for case in folder.cases
        if (failure := case.failure(accept)) is not None
    ]
    found.sort(key=lambda one: (_ORDER.index(one[0]), -(one[3].read.confidence if one[3].read else 0.0)))
    for failure, engine, folder, case in found:
        yield _failed(engine, folder, failure, case)


def _failed(engine: Engine, run: FolderRun, failure: Failure, case: Case) -> Failed:
    picture = load_photo(case.photograph.path)
    label = case.plate.box if case.plate is not None else None
    read = case.read.box if case.read is not None else None
    where = label or read or (0, 0, picture.shape[1], picture.shape[0])
    window = _window(where, picture)
    elsewhere = read is not None and not _within(read, window)
    return Failed(
        engine=engine,
        folder=run.labels.folder.resolve().name,
        failure=failure,
        case=case,
        signs=_signs(case),
        crop=_cut(picture, window, [(label, _LABELLED), (read, _READ)]),
        read_crop=_cut(picture, _window(read, picture), [(read, _READ)]) if read and elsewhere else None,
    )


def _signs(case: Case) -> tuple[Sign, ...]:
    if case.read is None or case.mark is None:
        return ()
    told = list(case.read.characters) if len(case.read.characters) == len(case.read.mark) else []
    signs = []
    for label, read in align(case.mark, case.read.mark):
        signs.append(Sign(label, read, told.pop(0) if read and told else None))
    return tuple(signs)


def _window(box: Box, picture: Image) -> Box:
    """The box with what is around it, inside the picture."""
    x, y, w, h = box
    width = max(_NARROWEST, round(1.8 * w))
    height = max(_NARROWEST // 3, round(2.2 * h), width // 3)
    left, top = x + w // 2 - width // 2, y + h // 2 - height // 2
    right, bottom = min(left + width, picture.shape[1]), min(top + height, picture.shape[0])
    left, top = max(0, min(left, picture.shape[1] - 1)), max(0, min(top, picture.shape[0] - 1))
    return left, top, max(1, right - left), max(1, bottom - top)


def _within(box: Box, window: Box) -> bool:
    return (
        box[0] >= window[0]
        and box[1] >= window[1]
        and box[0] + box[2] <= window[0] + window[2]
        and box[1] + box[3] <= window[1] + window[3]
    )


def _cut(picture: Image, window: Box, boxes: Sequence[tuple[Box | None, tuple[int, int, int]]]) -> Image:
    left, top, width, height = window
    scale = min(WIDTH / width, _TALLEST / height, _MOST_ENLARGED)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    by = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    crop = cv2.resize(picture[top : top + height, left : left + width], size, interpolation=by)
    for box, colour in boxes:
        if box is not None:
            x, y, w, h = box
            corner = (round((x - left) * scale), round((y - top) * scale))
            end = (round((x + w - left) * scale), round((y + h - top) * scale))
            cv2.rectangle(crop, corner, end, colour, 1, cv2.LINE_AA)
    return np.asarray(crop, dtype=np.uint8)
