"""What camera set-up measures: each frame's light and plate, and what is usual over some frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from gate.anpr.frame_quality import (
    STROKE,
    Exposure,
    Gray,
    Smear,
    Tilt,
    measure_exposure,
    measure_smear,
    measure_tilt,
    plate_size,
)
from gate.anpr.recogniser import Image
from gate.anpr.region import Region
from gate.model import PlateCandidate

_TEXT = 0.87
"""Of a plate's width is its text's: where an engine tells no corners, its box is the text's, and loose."""
_INK, _INKED = 0.4, 0.8
"""Rows and columns are the text's from so much of the step from dark to bright that a fifth of them reach."""
_CHARACTER = 0.145
"""Of a long plate's width is a character's height: 76 mm of 520."""
_CHARACTER_OF_TWO_LINES = 0.4
"""Of a two-line plate's height."""
_TWO_LINES = 2.6
_SMALLEST = 8
_EDGE = 2
"""Pixels from the region's edge within which a plate may go on beyond it."""


@dataclass(frozen=True, slots=True)
class PlateView:
    """A plate as a camera shows it; lengths in pixels of its picture."""

    mark: str
    confidence: float
    width: float
    """Of its face; from its text's width where the engine tells no corners."""
    character: float
    """Height of a character."""
    smear: float
    """Over how many pixels its edges go from dark to bright, in the worse direction; infinite without any."""
    moving: bool
    """The smear is one of movement: much wider across than down."""
    light: Exposure
    """Of the plate alone."""
    tilt: Tilt | None
    """None where the engine tells no corners."""
    cut: bool
    """It touches the edge of the region, or of the picture."""
    place: tuple[float, float, float, float]
    """Left, top, right, bottom as shares of the picture."""

    @property
    def sharpness(self) -> float:
        """A stroke's width over the smear: see gate.anpr.frame_quality.sharpness."""
        return self.width * STROKE / self.smear


@dataclass(frozen=True, slots=True)
class FrameView:
    """One frame."""

    light: Exposure
    """Of the region."""
    plate: PlateView | None
    """The likeliest."""


@dataclass(frozen=True, slots=True)
class CameraView:
    """What is usual over some frames of one camera: medians."""

    frames: int
    read: int
    """Frames with a plate."""
    size: tuple[int, int]
    """Of the picture, width and height."""
    light: Exposure
    plate: PlateView | None
    rate: float | None
    """Frames a second; None where the camera's pace is not its own (photographs, recordings) or unknown."""
    age: float
    """Seconds from a frame's arrival until it was taken up, the worst."""
    refused: Mapping[str, int]
    """Pictures that could not be used, by reason."""
    region: Region
    """The part of the picture that is read."""


def view_frame(image: Image, candidates: Sequence[PlateCandidate], region: Region) -> FrameView:
    """Measure one frame; `candidates` are what the engine read in its region, the likeliest first."""
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    plate = view_plate(gray, candidates[0], region) if candidates else None
    part, _, _ = region.cut(gray)
    return FrameView(measure_exposure(part), plate)


def view_plate(gray: Gray, candidate: PlateCandidate, region: Region) -> PlateView:
    """Measure one plate where `candidate` says that it is, in the whole picture's pixels."""
    height, width = gray.shape[:2]
    left, top, across, down = candidate.box
    part = gray[top : top + max(1, down), left : left + max(1, across)]
    tilt = None
    if candidate.corners:
        corners = np.array(candidate.corners, dtype=np.float32)
        size = plate_size(corners)
        two_lines = size.width < _TWO_LINES * size.height
        face, tilt = size.width, measure_tilt(corners)
        character = _CHARACTER_OF_TWO_LINES * size.height if two_lines else _CHARACTER * size.width
    else:
        part = _text_of(part)
        face, character = part.shape[1] / _TEXT, float(part.shape[0])
    smear = measure_smear(part) or Smear(math.inf, math.inf)
    return PlateView(
        mark=str(candidate.mark),
        confidence=candidate.confidence,
        width=face,
        character=character,
        smear=max(smear.across, smear.down),
        moving=smear.moving,
        light=measure_exposure(part),
        tilt=tilt,
        cut=_touches(gray, candidate.box, region),
        place=(left / width, top / height, (left + across) / width, (top + down) / height),
    )


def _touches(gray: Gray, box: tuple[int, int, int, int], region: Region) -> bool:
    part, begins, starts = region.cut(gray)
    left, top = box[0] - begins, box[1] - starts
    right, bottom = part.shape[1] - left - box[2], part.shape[0] - top - box[3]
    return bool(min(left, top, right, bottom) < _EDGE)


def _text_of(part: Gray) -> Gray:
    """The rows and columns in which there are strokes: detectors of text leave room about a small one."""
    if min(part.shape) < _SMALLEST:
        return part
    steps = np.abs(np.diff(part.astype(np.float32), axis=1))
    rows = steps.mean(axis=1)
    inked = np.flatnonzero(rows >= _INK * np.quantile(rows, _INKED))
    top, bottom = inked[0], inked[-1] + 1
    columns = steps[top:bottom].max(axis=0)
    inked = np.flatnonzero(columns >= _INK * np.quantile(columns, _INKED))
    return part[top:bottom, inked[0] : inked[-1] + 2]


def summarise(
    views: Sequence[FrameView],
    size: tuple[int, int],
    *,
    rate: float | None,
    age: float,
    refused: Mapping[str, int],
    region: Region,
) -> CameraView:
    """The usual of at least one frame. The plate's mark is the surest frame's."""
    plates = [view.plate for view in views if view.plate is not None]
    return CameraView(
        frames=len(views),
        read=len(plates),
        size=size,
        light=_usual_light([view.light for view in views]),
        plate=_usual_plate(plates) if plates else None,
        rate=rate,
        age=age,
        refused=refused,
        region=region,
    )


def _usual_light(lights: Sequence[Exposure]) -> Exposure:
    return Exposure(
        mean=median(light.mean for light in lights),
        dark_share=median(light.dark_share for light in lights),
        bright_share=median(light.bright_share for light in lights),
        contrast=median(light.contrast for light in lights),
    )


def _usual_plate(plates: Sequence[PlateView]) -> PlateView:
    tilts = [plate.tilt for plate in plates if plate.tilt is not None]
    tilt = None
    if tilts:
        tilt = Tilt(
            roll=median(one.roll for one in tilts),
            aside=median(one.aside for one in tilts),
            above=median(one.above for one in tilts),
        )
    lefts, tops, rights, bottoms = zip(*(plate.place for plate in plates), strict=True)
    return PlateView(
        mark=max(plates, key=lambda plate: plate.confidence).mark,
        confidence=median(plate.confidence for plate in plates),
        width=median(plate.width for plate in plates),
        character=median(plate.character for plate in plates),
        smear=median(plate.smear for plate in plates),
        moving=sum(plate.moving for plate in plates) * 2 > len(plates),
        light=_usual_light([plate.light for plate in plates]),
        tilt=tilt,
        cut=sum(plate.cut for plate in plates) * 2 > len(plates),
        place=(min(lefts), min(tops), max(rights), max(bottoms)),
    )
