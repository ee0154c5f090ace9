"""Which of the lines of text in a picture are plates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gate.anpr.ocr.text_detection import Quad
from gate.anpr.ocr.text_recognition import TextLine
from gate.anpr.ranking import LONGEST, SHORTEST
from gate.model import PlateCandidate, RegistrationMark
from gate.model.syntax import Parsed, parse

_LONGEST_WITH_STRIP = LONGEST + 3
_CUT_OFF = 0.5
"""Confidence of a mark at the picture's edge: what lies beyond it may belong to it."""
_EDGE = 2
_DOUBTFUL = 0.65
_LONGEST_STEM = 6
"""A 999 AA, 99 A 999, 999 AAA: what Russian, Iranian and Kazakh marks are without their region."""
_REGION_DIGITS = 2
_FOLD = str.maketrans("OIB", "018")


def size_of(quad: Quad) -> tuple[float, float]:
    """Width and height of a box, along its own sides."""
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    height = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    return width, height


def could_be_plate(quad: Quad) -> bool:
    """Whether a line of text, or a piece of one, has a shape a plate may have. Two-line plates do not."""
    width, height = size_of(quad)
    return 0.7 <= width / max(height, 1.0) <= 12 and height >= 7  # noqa: PLR2004 - see the docstring


def whole_plate(quad: Quad) -> bool:
    """Whether a box is long enough for a mark by itself."""
    width, height = size_of(quad)
    return 1.8 <= width / max(height, 1.0) <= 9  # noqa: PLR2004 - 4 narrow glyphs .. 10 wide ones and a strip


def join_pieces(quads: Sequence[Quad]) -> list[Quad]:
    """Boxes that may be one plate cut at its gaps: neighbours of like height on one line, joined."""
    joined: list[Quad] = []
    ordered = sorted(quads, key=lambda quad: float(quad[:, 0].min()))
    for start, quad in enumerate(ordered):
        run = quad
        for following in ordered[start + 1 :]:
            if _continues(run, following):
                run = np.stack([run[0], following[1], following[2], run[3]])
                if whole_plate(run):
                    joined.append(run)
    return joined


def join_lines(lines: Sequence[TextLine]) -> list[TextLine]:
    """The same for pieces already read, as far as two neighbours go: their texts one after the other."""
    joined: list[TextLine] = []
    for left in lines:
        for right in lines:
            if right is left or not _continues(left.quad, right.quad):
                continue
            run = np.stack([left.quad[0], right.quad[1], right.quad[2], left.quad[3]])
            joined.append(
                TextLine(
                    run,
                    left.text + right.text,
                    left.confidences + right.confidences,
                    f"{left.raw} {right.raw}",
                    max(left.alien, right.alien),
                )
            )
    return joined


def _continues(left: Quad, right: Quad) -> bool:
    """Whether `right` goes on where `left` ends: no further than a crest or a dash is wide."""
    left_width, left_height = size_of(left)
    right_width, right_height = size_of(right)
    if not 0.62 <= left_height / max(right_height, 1.0) <= 1.6:  # noqa: PLR2004 - one plate, one height
        return False
    if left_width + right_width > 9 * left_height:
        return False
    end, begin = (left[1] + left[2]) / 2, (right[0] + right[3]) / 2
    # Along and across the left piece's own direction: plates are seldom level in a picture.
    direction = (left[1] - left[0]) / max(left_width, 1.0)
    step = begin - end
    along = float(step @ direction)
    across = abs(float(step[0] * direction[1] - step[1] * direction[0]))
    return -0.5 * left_height <= along <= 1.3 * left_height and across <= 0.35 * left_height


def extend(quad: Quad) -> Quad:
    """`quad` with room at its right for a region field (RU, KZ, IR), which text detectors often miss."""
    width, height = size_of(quad)
    along = (quad[1] - quad[0]) / max(width, 1.0) * (1.3 * height)
    return np.stack([quad[0], quad[1] + along, quad[2] + along, quad[3]]).astype(np.float32)


def may_lack_region(candidate: PlateCandidate) -> bool:
    """Whether the mark may be the first part of a longer one: the rest was a field of its own."""
    return candidate.country is None or len(candidate.mark) <= _LONGEST_STEM


def completes(longer: PlateCandidate, shorter: PlateCandidate) -> bool:
    """Whether `longer` is `shorter` with its region: a template fits, and the stem reads the same."""
    stem = longer.mark[: len(shorter.mark)].translate(_FOLD)
    grown = len(longer.mark) - len(shorter.mark)
    return longer.country is not None and grown >= _REGION_DIGITS and stem == shorter.mark.translate(_FOLD)


def to_candidate(line: TextLine, picture: tuple[int, int]) -> PlateCandidate | None:
    """The line as a plate, or None where it cannot be one. `picture` is width, height."""
    if not SHORTEST <= len(line.text) <= _LONGEST_WITH_STRIP or not whole_plate(line.quad):
        return None
    parsed = _parse(line)
    if not SHORTEST <= len(parsed.mark) <= LONGEST or not any(char.isdigit() for char in parsed.mark):
        return None
    confidences = line.confidences
    if len(parsed.mark) < len(line.text) and len(confidences) == len(line.text):
        confidences = confidences[
            len(line.text) - len(parsed.mark) :
        ]  # the strip's letters are not the mark's
    confidence = min(confidences, default=0.0) * (1.0 - min(1.0, line.alien))
    left, top = np.floor(line.quad.min(axis=0)).astype(int)
    right, bottom = np.ceil(line.quad.max(axis=0)).astype(int)
    width, height = picture
    if left < _EDGE or right > width - _EDGE:
        confidence = min(confidence, _CUT_OFF)
    left, top = max(0, int(left)), max(0, int(top))
    box = (left, top, max(1, min(width, int(right)) - left), max(1, min(height, int(bottom)) - top))
    return PlateCandidate(
        mark=RegistrationMark(parsed.mark),
        country=parsed.country,
        confidence=round(max(0.0, min(1.0, confidence)), 4),
        box=box,
        raw=line.raw,
    )


def _parse(line: TextLine) -> Parsed:
    """The mark in the line."""
    parsed = parse(line.text)
    confidences = line.confidences
    if len(parsed.mark) < len(line.text) or len(confidences) != len(line.text) or parsed.country is not None:
        return parsed
    weakest = min(range(len(confidences)), key=confidences.__getitem__, default=0)
    if confidences and confidences[weakest] < _DOUBTFUL:
        # A strip's small print or a crest, read as one more character: without it a template fits. The doubt
        # about it stays with the rest: a muddy character must not vanish surely.
        rest = parse(line.text[:weakest] + line.text[weakest + 1 :])
        if rest.country is not None and len(rest.mark) == len(line.text) - 1:
            return rest
    return parsed
