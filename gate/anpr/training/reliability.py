"""How often reads are right by how sure they say they are: in figures and as a diagram for the model card."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_BOUNDS = (0.0, 0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
_SIDE, _RIM = 420, 60
_INK, _PALE, _LINE = (40, 40, 40), (215, 215, 215), (160, 80, 20)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class Bin:
    """Reads about as sure: their number, how sure they are on the mean, and how many of them were right."""

    count: int
    said: float
    right: float


def bins(said: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Fine where it matters, near certainty; empty bins left out."""
    places = np.clip(np.searchsorted(_BOUNDS, said, side="right") - 1, 0, len(_BOUNDS) - 2)
    return [
        Bin(int(inside.sum()), float(said[inside].mean()), float(right[inside].mean()))
        for number in range(len(_BOUNDS) - 1)
        if (inside := places == number).any()
    ]


def expected_error(said: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """By how much what is said is off on the mean (expected calibration error), 0..1."""
    return sum(one.count * abs(one.said - one.right) for one in bins(said, right)) / max(1, len(said))


def coverage(
    said: NDArray[np.float64], right: NDArray[np.bool_], accept: float, plates: int
) -> tuple[float, float]:
    """Shares of `plates`: those accepted and right, and what is accepted and wrong, be it a plate or none."""
    accepted = said >= accept
    return float((accepted & right).sum()) / plates, float((accepted & ~right).sum()) / plates


def diagram(said: NDArray[np.float64], right: NDArray[np.bool_], title: str) -> NDArray[np.uint8]:
    """The diagram, BGR: right against said, a disc a bin, its bars the 95 % interval of what was seen."""
    side = _SIDE + 2 * _RIM
    picture = np.full((side, side, 3), 255, dtype=np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return _RIM + round(x * _SIDE), _RIM + round((1 - y) * _SIDE)

    for tick in np.linspace(0, 1, 6):
        cv2.line(picture, at(tick, 0), at(tick, 1), _PALE, 1)
        cv2.line(picture, at(0, tick), at(1, tick), _PALE, 1)
        cv2.putText(
            picture, f"{tick:.1f}", (at(tick, 0)[0] - 12, at(0, 0)[1] + 20), _FONT, 0.42, _INK, 1, cv2.LINE_AA
        )
        cv2.putText(
            picture, f"{tick:.1f}", (_RIM - 36, at(0, tick)[1] + 5), _FONT, 0.42, _INK, 1, cv2.LINE_AA
        )
    cv2.line(picture, at(0, 0), at(1, 1), _INK, 1, cv2.LINE_AA)
    points = []
    for one in bins(said, right):
        low, high = _interval(one)
        cv2.line(picture, at(one.said, low), at(one.said, high), _LINE, 1, cv2.LINE_AA)
        cv2.circle(
            picture, at(one.said, one.right), 3 + round(np.log10(one.count + 1) * 2), _LINE, -1, cv2.LINE_AA
        )
        points.append(at(one.said, one.right))
    cv2.polylines(picture, [np.array(points, dtype=np.int32).reshape(-1, 1, 2)], False, _LINE, 1, cv2.LINE_AA)
    error = expected_error(said, right)
    cv2.putText(
        picture,
        f"{title}: {len(said)} reads, off by {error:.3f}",
        (_RIM, 34),
        _FONT,
        0.5,
        _INK,
        1,
        cv2.LINE_AA,
    )
    cv2.putText(picture, "said", (side // 2 - 16, side - 16), _FONT, 0.48, _INK, 1, cv2.LINE_AA)
    cv2.putText(picture, "right", (8, _RIM - 16), _FONT, 0.48, _INK, 1, cv2.LINE_AA)
    return picture


def _interval(one: Bin) -> tuple[float, float]:
    """Wilson's, at 95 %: near certainty a plain one would leave the diagram."""
    z, n = 1.96, one.count
    middle = (one.right + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * float(np.sqrt(one.right * (1 - one.right) / n + z * z / (4 * n * n)))
    return max(0.0, middle - reach), min(1.0, middle + reach)
