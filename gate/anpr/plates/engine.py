"""Gate's own recogniser: plates found, straightened and read; their marks settled; how sure, calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import PERSIAN_DIGITS
from gate.anpr.plates.calibration import Calibration, Evidence, load_calibration, log_odds
from gate.anpr.plates.finder import Found, PlateFinder
from gate.anpr.plates.grammar import Decoded, decode
from gate.anpr.plates.gray import to_gray
from gate.anpr.plates.looks import LOOKS, other_looks, put_together
from gate.anpr.plates.reader import WEIGHTS, PlateReader
from gate.anpr.plates.strip import Corners, Gray, straighten_plate
from gate.anpr.ranking import LONGEST, SHORTEST, rank
from gate.anpr.recogniser import Image
from gate.anpr.stages import stage
from gate.model import PlateCandidate, RegistrationMark

_MOST_PLATES: Final = 5
"""Read in one frame: front plates of the lane's own vehicle and of those beside and behind it."""
_MOST_AGAIN: Final = 2
"""Plates of one frame looked at again: a lane has one vehicle, and looks cost three milliseconds a plate."""
_SURE: Final = 0.97
"""Below this a plate is looked at again."""
_HOPELESS: Final = 0.02
"""Below this more looks have never helped."""
_NO_PLATE: Final = 0.02
"""A read less sure than this is not worth telling: it is seldom of a plate."""
_UNSURE: Final = 0.5
"""Never sure: a plate cut off by the picture's edge, words and numbers as lorries bear, and what no known
state writes. A lorry's lettering may look like a plate in all else, and a plate of an unknown state is for an
officer anyway."""
_DOUBTED: Final = 0.6
"""What the finder is less sure of is mostly lettering painted on a body, no plate: never sure either. Nor is
what the reader rather takes for lettering."""
_EDGE: Final = 2
_WIDEST_STRIP: Final = 192.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A plate in a picture and what it says, before anybody says how sure that is. `looks` is how often."""

    found: Found
    decoded: Decoded
    evidence: Evidence
    looks: int = 1


class GatePlates:
    """The nets and the calibration in the folder `weights`, on at most `threads` processor threads.

    Raises DeviceError where they are missing or do not fit this version.
    """

    def __init__(self, threads: int, weights: Path = WEIGHTS) -> None:
        self._finder = PlateFinder(weights, threads)
        self._reader = PlateReader(weights, threads)
        self._calibration = load_calibration(weights)

    def read(self, image: Image) -> tuple[PlateCandidate, ...]:
        """What looks like a plate, the likeliest first."""
        gray = to_gray(image)
        if gray is None:
            return ()
        with stage("finding"):
            found = self._finder.find(gray)[:_MOST_PLATES]
        seen = self._again(gray, look_at(self._reader, gray, found))
        return rank([
            candidate for one in seen if (candidate := to_candidate(one, self._calibration, gray)) is not None
        ])  # fmt: skip

    def _again(self, gray: Gray, seen: list[Seen]) -> list[Seen]:
        """Those that are unsure looked at again, the surest of them."""
        sure = [self._calibration.mark(one.evidence, looks=1) for one in seen]
        doubtful = [number for number, share in enumerate(sure) if unsure(share)]
        worth = sorted(doubtful, key=sure.__getitem__, reverse=True)[:_MOST_AGAIN]
        return [
            look_again(self._reader, gray, one) if number in worth else one for number, one in enumerate(seen)
        ]


def unsure(sure: float) -> bool:
    """Whether a plate read so surely is looked at again."""
    return _HOPELESS < sure < _SURE


def look_at(reader: PlateReader, gray: Gray, found: Sequence[Found]) -> list[Seen]:
    """The plates found, each looked at once, all in one run of the net."""
    with stage("reading"):
        strips = _strips(gray, [one.corners for one in found])
        read = reader.read(strips)
    with stage("decoding"):
        seen = []
        for row, one in enumerate(found):
            decoded = decode(read.signs[row], read.states[row])
            contrast = float(strips[row].std())
            evidence = weigh(one, contrast, decoded, float(read.plate[row]), 1.0)
            seen.append(Seen(one, decoded, evidence))
        return seen


def look_again(reader: PlateReader, gray: Gray, seen: Seen) -> Seen:
    """The same plate looked at from a little aside, and what all looks together say."""
    with stage("reading"):
        read = reader.read(_strips(gray, other_looks(seen.found.corners)))
    with stage("decoding"):
        others = [decode(sign, state) for sign, state in zip(read.signs, read.states, strict=True)]
        together, agreed = put_together([seen.decoded, *others])
        plate = (seen.evidence.plate + float(read.plate.sum())) / LOOKS
        evidence = weigh(seen.found, seen.evidence.contrast, together, plate, agreed)
        return Seen(seen.found, together, evidence, LOOKS)


def weigh(found: Found, contrast: float, decoded: Decoded, plate: float, agreed: float) -> Evidence:
    """What speaks for a read; `contrast`, `plate` and `agreed` are as in Evidence."""
    likely = [share for _, share in decoded.likely[:2]] + [0.0, 0.0]
    width = float(np.linalg.norm(found.corners[1] - found.corners[0]))
    return Evidence(
        whole=log_odds(decoded.confidence),
        least=log_odds(min(decoded.characters, default=0.0)),
        margin=float(np.log(max(likely[0], 1e-6) / max(likely[1], 1e-6))),
        fits=float(decoded.state is not None),
        state=decoded.state_seen,
        as_read=float(decoded.raw == decoded.mark),
        found=log_odds(found.score),
        plate=plate,
        width=float(np.log2(min(max(width, 1.0), _WIDEST_STRIP))),
        contrast=contrast,
        agreed=agreed,
    )


def to_candidate(seen: Seen, calibration: Calibration, gray: Gray) -> PlateCandidate | None:
    """The read as the gate knows it, None where it can be no mark."""
    decoded = seen.decoded
    if not SHORTEST <= len(decoded.mark) <= LONGEST:
        return None
    confidence = calibration.mark(seen.evidence, looks=seen.looks)
    if confidence < _NO_PLATE:
        return None
    corners = seen.found.corners
    height, width = gray.shape
    most = 1.0
    if (
        decoded.state is None
        or seen.found.score < _DOUBTED
        or seen.evidence.plate < 0
        or _leaves(corners, width, height)
        or not _written_as_a_mark(decoded)
    ):
        most = _UNSURE
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1)).tolist()
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 1, (width, height)).tolist()
    return PlateCandidate(
        mark=RegistrationMark(decoded.mark),
        country=decoded.state,
        confidence=round(min(most, confidence), 4),
        box=(left, top, max(1, right - left), max(1, bottom - top)),
        raw=decoded.raw,
        # Frames are voted for sign by sign: what is never sure must not become so by its signs.
        characters=tuple(
            round(min(most, one), 4) for one in calibration.characters(decoded.characters, seen.evidence)
        ),
        alternatives=tuple(RegistrationMark(mark) for mark in decoded.alternatives),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners),
    )


def _strips(gray: Gray, corners: list[Corners]) -> NDArray[np.uint8]:
    strips = [straighten_plate(gray, one) for one in corners]
    return np.stack(strips) if strips else np.zeros((0, 64, 192), dtype=np.uint8)


def _leaves(corners: Corners, width: int, height: int) -> bool:
    """Whether a plate leaves the picture: what lies beyond the edge may belong to its mark."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool((low < _EDGE).any() or high[0] > width - _EDGE or high[1] > height - _EDGE)


def _written_as_a_mark(decoded: Decoded) -> bool:
    """Letters and digits both, as all the states here write; an Iranian number may be of digits alone."""
    digits = [char for char in decoded.mark if char.isdigit()]
    if len(digits) == len(decoded.mark):
        return any(sign in PERSIAN_DIGITS for sign in decoded.raw)
    return bool(digits)
